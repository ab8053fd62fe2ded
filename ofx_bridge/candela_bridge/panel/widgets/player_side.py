"""The middle: which view, the picture, the frames, play, and the choice between two grades."""

from __future__ import annotations

from typing import Any, Dict

from candela_bridge.panel.views import VIEWS
from candela_bridge.panel.widgets import icons
from candela_bridge.panel.widgets.canvas import Canvas
from candela_bridge.panel.widgets.qt import Qt, QtWidgets, Signal
from candela_bridge.panel.widgets.ruler import Ruler
from candela_bridge.panel.widgets.short import Short

__all__ = ["PlayerSide"]

_STEPS = (
    ("first_frame", "First frame (Home)"),
    ("previous_frame", "Frame before (Left)"),
    ("play", "Play, stop (Space)"),
    ("next_frame", "Next frame (Right)"),
    ("last_frame", "Last frame (End)"),
)


class PlayerSide(QtWidgets.QWidget):
    """act: an action of the panel's by its name. before: the view left of the wipe, by name."""

    act = Signal(str)
    before = Signal(str)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(480)  # a picture smaller than that says nothing; lists beside it can be narrower
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(6, 0, 6, 0)
        column.setSpacing(5)
        column.addLayout(self._views())
        self.canvas, self.ruler = Canvas(), Ruler()
        column.addWidget(self.canvas, 1)
        column.addWidget(self.ruler)
        column.addLayout(self._transport())
        column.addWidget(self._choices())

    def _button(self, name: str, words: str, tip: str, *, checkable: bool = False) -> Any:
        button = QtWidgets.QToolButton()
        button.setObjectName(name)
        button.setText(words)
        button.setProperty("words", words)
        button.setToolTip(tip)
        button.setCheckable(checkable)
        button.setMinimumWidth(24)  # a dock may be narrow, and a word that is cut has its tip
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda checked=False: self.act.emit(name))
        return button

    def _views(self) -> Any:
        line = QtWidgets.QHBoxLayout()
        line.setSpacing(3)
        self.views: Dict[str, Any] = {}
        for number, (name, view) in enumerate(VIEWS.items(), 1):
            button = self._button(f"view_{name}", view.label, f"{view.words} ({number})", checkable=True)
            self.views[name] = button
            line.addWidget(button)
        line.addWidget(self._menu())
        line.addStretch(1)
        self.wipe = self._button(
            "wipe", "Wipe", "The view before left of a line, to be drawn with the mouse (W)", checkable=True
        )
        line.addWidget(self.wipe)
        self.with_view = QtWidgets.QComboBox()
        self.with_view.setObjectName("before")
        self.with_view.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.with_view.setMinimumContentsLength(6)
        self.with_view.setSizeAdjustPolicy(
            QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.with_view.setToolTip("The view left of the wipe")
        for name, view in VIEWS.items():
            self.with_view.addItem(view.label, name)
        self.with_view.activated.connect(lambda place: self.before.emit(self.with_view.currentData()))
        line.addWidget(self.with_view)
        self.boxes = self._button("boxes", "Outlines", "Where the reasons are (O)", checkable=True)
        self.boxes.setChecked(True)
        line.addWidget(self.boxes)
        return line

    def _menu(self) -> Any:
        """All views in one button, where there is no room for a word each."""
        self.view_menu = QtWidgets.QToolButton()
        self.view_menu.setObjectName("view_menu")
        self.view_menu.setToolTip("What the player shows (1 to 9)")
        self.view_menu.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.view_menu.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QtWidgets.QMenu(self.view_menu)
        for name, view in VIEWS.items():
            button = self.views[name]
            action = menu.addAction(view.words)
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, name=name: self.act.emit(f"view_{name}"))
            button.toggled.connect(action.setChecked)
            button.toggled.connect(
                lambda checked, label=view.label: self.view_menu.setText(label) if checked else None
            )
        self.view_menu.setMenu(menu)
        self.view_menu.setText(next(iter(VIEWS.values())).label)
        self.view_menu.hide()
        return self.view_menu

    def resizeEvent(self, event: Any) -> None:
        """Views are a row of words, or a menu where the row would cut them."""
        super().resizeEvent(event)
        others = (self.wipe, self.with_view, self.boxes)
        row = [*self.views.values(), *others]
        room = self.width() - 12 - 3 * len(row) + 4 * len(row)  # of their margins, not of their words
        narrow = sum(widget.sizeHint().width() for widget in row) > room
        if narrow == self.view_menu.isHidden():
            for button in self.views.values():
                button.setVisible(not narrow)
            self.view_menu.setVisible(narrow)
            for button, words in ((self.compare, "A/B"), (self.left, "Left"), (self.right, "Right")):
                button.setText(words if narrow else button.property("words"))

    def _transport(self) -> Any:
        line = QtWidgets.QHBoxLayout()
        line.setSpacing(3)
        for name, tip in _STEPS:
            button = self._button(name, "", tip, checkable=name == "play")
            button.setIcon(icons.icon(name))
            button.setAccessibleName(tip)
            line.addWidget(button)
            if name == "play":
                self.play = button
        worst = self._button("worst_frame", "Worst", "The frame of the least score (M)")
        line.addWidget(worst)
        tip = "Play every frame, slower where they come slowly (E)"
        self.every = self._button("every_frame", "Every frame", tip, checkable=True)
        line.addWidget(self.every)
        for button in (worst, self.every):  # numbers beside them grow, and must not take their room
            button.setSizePolicy(QtWidgets.QSizePolicy.Policy.Fixed, QtWidgets.QSizePolicy.Policy.Fixed)
        self.place = QtWidgets.QLabel()
        self.place.setObjectName("place")
        self.about = Short()
        self.about.setProperty("dim", True)
        self.about.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addSpacing(10)
        line.addWidget(self.place)
        line.addSpacing(8)
        line.addWidget(self.about, 1)
        return line

    def _choices(self) -> Any:
        self.choices = QtWidgets.QWidget()
        line = QtWidgets.QHBoxLayout(self.choices)
        line.setContentsMargins(0, 2, 0, 4)
        line.setSpacing(5)
        self.compare = self._button(
            "compare", "Compare A and B", "Both grades with a wipe (C)", checkable=True
        )
        self.left = self._button("choose_left", "Left is better", "Kept as a choice (A)")
        self.right = self._button("choose_right", "Right is better", "Kept as a choice (D)")
        self.skip = self._button("skip", "Skip", "Next pair without a choice (Q)")
        self.undo = self._button("undo_choice", "Undo", "Take the last choice back (Ctrl+Z)")
        self.blind = QtWidgets.QCheckBox("Blind")
        self.blind.setObjectName("blind")
        self.blind.setToolTip("Names are hidden, and which side a grade is on is drawn by lot")
        self.kept = QtWidgets.QLabel()
        self.kept.setProperty("dim", True)
        for widget in (self.compare, self.left, self.right, self.skip, self.undo, self.blind):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self.kept)
        return self.choices
