"""The bars: what can be done with the list above, what goes on below, and what is in the way."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from candela_bridge.panel.pace import Progress, duration
from candela_bridge.panel.rows import Colours
from candela_bridge.panel.widgets.qt import Qt, QtWidgets, Signal
from candela_bridge.panel.widgets.short import Short

__all__ = ["Banner", "ColoursDialog", "StatusBar", "TopBar", "titled"]

_GRADE = ("", "rec2100-pq", "rec2100-hlg", "p3-pq", "linear-rec2020")
_SDR = ("", "rec709", "srgb", "display-p3", "p3-gamma26", "rec2020")
_RANGES = ("", "full", "narrow")


class TopBar(QtWidgets.QWidget):
    """Buttons, each of which is an action of the panel's by its name."""

    act = Signal(str)
    _BUTTONS: "Tuple[Tuple[str, str, str], ...]" = (
        ("open", "Open…", "Clips, stills or a timeline (OTIO, EDL)"),
        ("set_sdr", "SDR…", "The SDR version of the selected shots or of all: a file, or a folder by names"),
        ("set_other", "B…", "Another grade to compare with, likewise"),
        ("colours", "Colours…", "What the pictures' numbers mean, where their tags do not say it"),
        ("house", "Model", "Which model scores: the stock one, or a house model of candela calibrate"),
        ("", "", ""),
        ("score_all", "Score all", "All that are not judged yet; what is known already costs nothing"),
        ("score_selected", "Score selected", "The selected shots"),
        ("more", "More", "Score anew, markers, lists"),
        ("help", "?", "Keys"),
    )  # fmt: skip

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        line = QtWidgets.QHBoxLayout(self)
        line.setContentsMargins(8, 6, 8, 6)
        line.setSpacing(6)
        self.buttons: Dict[str, Any] = {}
        for name, words, tip in self._BUTTONS:
            if not name:
                line.addStretch(1)
                continue
            button = QtWidgets.QPushButton(words)
            button.setObjectName(name)
            button.setToolTip(tip)
            button.setMinimumWidth(24)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda checked=False, name=name: self.act.emit(name))
            if name == "score_all":
                button.setProperty("strong", True)
            self.buttons[name] = button
            line.addWidget(button)


class Banner(QtWidgets.QFrame):
    """What keeps all calls from working, until one works again. again: somebody wants it tried."""

    again = Signal()

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setProperty("banner", True)
        line = QtWidgets.QHBoxLayout(self)
        line.setContentsMargins(10, 5, 6, 5)
        self.label = QtWidgets.QLabel()
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        line.addWidget(self.label, 1)
        self.button = QtWidgets.QPushButton("Try again")
        self.button.clicked.connect(lambda checked=False: self.again.emit())
        line.addWidget(self.button)
        self.hide()

    def tell(self, text: str) -> None:
        """Show what is wrong; empty for nothing."""
        self.label.setText(text)
        self.setVisible(bool(text))


class StatusBar(QtWidgets.QWidget):
    """What the list holds, and how far scoring is. cancel: somebody wants it stopped."""

    cancel = Signal()

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        line = QtWidgets.QHBoxLayout(self)
        line.setContentsMargins(10, 4, 8, 5)
        self.summary = QtWidgets.QLabel()
        self.summary.setProperty("dim", True)
        self.news = Short()
        self.text = QtWidgets.QLabel()
        self.bar = QtWidgets.QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(220)
        self.button = QtWidgets.QPushButton("Cancel")
        self.button.setObjectName("cancel")
        self.button.clicked.connect(lambda checked=False: self.cancel.emit())
        line.addWidget(self.summary)
        line.addSpacing(16)
        line.addWidget(self.news, 1)
        for widget in (self.text, self.bar, self.button):
            line.addWidget(widget)
        self.setMinimumHeight(36)  # with its button, so that nothing moves when that comes
        self.moved(None)

    def moved(self, progress: Optional[Progress]) -> None:
        """How far it is; None when it has ended."""
        for widget in (self.text, self.bar, self.button):
            widget.setVisible(progress is not None)
        if progress is not None:
            self.text.setText(progress.text)
            self.bar.setValue(round(1000 * progress.fraction))
            left = progress.seconds_left
            self.bar.setToolTip("" if left is None else f"about {duration(left)} left")


class ColoursDialog(QtWidgets.QDialog):
    """What is said of grades and of SDR versions; names may be typed, too."""

    def __init__(self, colours: Colours, parent: Any = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Colours")
        form = QtWidgets.QFormLayout(self)
        form.setContentsMargins(18, 16, 18, 14)
        self.grade = self._combo(_GRADE, colours.grade, editable=True)
        self.grade_range = self._combo(_RANGES, colours.grade_range)
        self.sdr = self._combo(_SDR, colours.sdr, editable=True)
        self.sdr_range = self._combo(_RANGES, colours.sdr_range)
        form.addRow("Grade", self.grade)
        form.addRow("its range", self.grade_range)
        form.addRow("SDR version", self.sdr)
        form.addRow("its range", self.sdr_range)
        note = QtWidgets.QLabel(
            "Say it only where the files do not: what is said here is taken for all shots."
        )
        note.setProperty("dim", True)
        form.addRow(note)
        kinds = QtWidgets.QDialogButtonBox.StandardButton
        buttons = QtWidgets.QDialogButtonBox(kinds.Ok | kinds.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)

    @property
    def colours(self) -> Colours:
        """As they are chosen now."""
        found = [
            "" if box.currentText() == "as tagged" else box.currentText().strip()
            for box in (self.grade, self.sdr, self.grade_range, self.sdr_range)
        ]
        return Colours(*found)

    @staticmethod
    def _combo(names: "Tuple[str, ...]", now: str, *, editable: bool = False) -> Any:
        box = QtWidgets.QComboBox()
        box.setEditable(editable)
        box.addItems([name or "as tagged" for name in names])
        if now and now not in names:
            box.addItem(now)
        box.setCurrentText(now or "as tagged")
        box.setMinimumWidth(220)
        return box


def titled(words: str, widget: Any) -> Any:
    """A widget below its name."""
    box = QtWidgets.QWidget()
    column = QtWidgets.QVBoxLayout(box)
    column.setContentsMargins(6, 2, 8, 4)
    column.setSpacing(3)
    head = Short(words)
    head.setProperty("head", True)
    column.addWidget(head)
    column.addWidget(widget, 1)
    box.head = head
    return box
