"""How the panel looks: neutral greys, so that nothing beside a picture has a colour, and one accent."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from candela_bridge.panel.widgets.qt import QtGui

__all__ = [
    "ACCENT",
    "BACK",
    "DIM",
    "FAULT",
    "GOOD",
    "LINE",
    "PANEL",
    "RAISED",
    "TEXT",
    "WARN",
    "colour",
    "score_colour",
    "style",
]

BACK, PANEL, RAISED, LINE = "#161616", "#1f1f1f", "#2b2b2b", "#3a3a3a"
TEXT, DIM = "#d6d6d6", "#8c8c8c"
ACCENT, FAULT, WARN, GOOD = "#e2a33b", "#e0604f", "#d9b84a", "#7fb77a"

_STYLE = f"""
QWidget {{ background: {PANEL}; color: {TEXT}; font-size: 12px; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px; }}
QSplitter::handle {{ background: {BACK}; }}
QSplitter::handle:horizontal {{ width: 3px; }}
QSplitter::handle:vertical {{ height: 3px; }}
QPushButton, QToolButton, QComboBox {{
    background: {RAISED}; border: 1px solid {LINE}; border-radius: 3px; padding: 3px 9px; min-height: 17px;
}}
QToolButton {{ padding: 3px 7px; }}
QPushButton:hover, QToolButton:hover, QComboBox:hover {{ border-color: #5a5a5a; }}
QPushButton:pressed, QToolButton:pressed {{ background: #202020; }}
QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus {{ border-color: {ACCENT}; }}
QPushButton:disabled, QToolButton:disabled, QComboBox:disabled {{ color: #5c5c5c; border-color: #2c2c2c; }}
QPushButton:checked, QToolButton:checked {{ background: #4a3a1c; border-color: {ACCENT}; color: #f4d9a4; }}
QPushButton[strong="true"] {{ background: #3b3120; border-color: #7a5c24; }}
QPushButton[house="on"] {{ border-color: {ACCENT}; color: #f4d9a4; }}
QPushButton[house="bad"] {{ border-color: {FAULT}; color: {FAULT}; }}
QCheckBox::indicator {{ width: 12px; height: 12px; border: 1px solid #5a5a5a; border-radius: 2px;
    background: {BACK}; }}
QCheckBox::indicator:checked {{ background: {ACCENT}; border-color: {ACCENT}; }}
QComboBox {{ padding-right: 20px; }}
QComboBox::drop-down {{ border: 0; width: 18px; subcontrol-origin: border; }}
QComboBox::down-arrow {{ image: url({{ARROW}}); width: 9px; height: 6px; }}
QComboBox QAbstractItemView {{ background: {RAISED}; border: 1px solid {LINE};
    selection-background-color: #4a3a1c; }}
QLineEdit {{ background: {BACK}; border: 1px solid {LINE}; border-radius: 3px; padding: 3px 6px;
    min-height: 17px; selection-background-color: #6b5222; }}
QListView, QScrollArea {{ background: {BACK}; border: 1px solid #101010; outline: 0; }}
QScrollBar:vertical {{ background: {BACK}; width: 11px; margin: 0; }}
QScrollBar::handle:vertical {{ background: #474747; min-height: 28px; border-radius: 4px; margin: 1px; }}
QScrollBar::handle:vertical:hover {{ background: #5c5c5c; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: none; border: 0; height: 0; }}
QProgressBar {{ background: {BACK}; border: 1px solid {LINE}; border-radius: 2px; height: 6px; }}
QProgressBar::chunk {{ background: {ACCENT}; }}
QLabel[dim="true"] {{ color: {DIM}; }}
QLabel[head="true"] {{ color: {DIM}; font-size: 11px; font-weight: 600; }}
QFrame[banner="true"] {{ background: #4a2420; border: 1px solid {FAULT}; border-radius: 3px; }}
QFrame[banner="true"] QLabel {{ background: transparent; color: #ffd9d2; }}
QMenu {{ background: {RAISED}; border: 1px solid {LINE}; }}
QMenu::item:selected {{ background: #4a3a1c; }}
"""


def style() -> str:
    """The sheet of the whole panel."""
    return _STYLE.replace("{ARROW}", (Path(__file__).parent / "arrow.png").as_posix())


def colour(of: str, alpha: int = 255) -> Any:
    """A colour of these, as Qt has it."""
    found = QtGui.QColor(of)
    found.setAlpha(alpha)
    return found


def score_colour(score: Optional[float]) -> str:
    """Of a score: below the SDR's 0 it warns."""
    if score is None:
        return DIM
    return FAULT if score < 0 else WARN if score < 3 else GOOD
