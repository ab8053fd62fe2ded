"""Which model scores: the stock one, or a house model, which is kept from one day to the next."""

from __future__ import annotations

import os
import threading
from typing import Any, Optional

from candela_bridge.panel.house import House, HouseError, read_house
from candela_bridge.panel.settings import Settings
from candela_bridge.panel.widgets.qt import QtWidgets, execute

__all__ = ["Houses"]

_SETTING = "house_model"
_STOCK_TIP = "The stock model scores. A house model of candela calibrate can do so in its place."


class Houses:
    """panel: a `Panel`, whose scores are asked for anew when the model is another one. path: the house model
    to begin with, else the one of last time.

    A model that was chosen once and cannot be read stays chosen: then there is no score, and the reason
    instead. Scores of the stock model in its place would be taken for those of the house.
    """

    def __init__(self, panel: Any, settings: Settings, path: str = "") -> None:
        self._panel, self._settings = panel, settings
        self.house: Optional[House] = None
        self.error = ""
        self._number = 0
        path = path or settings.get(_SETTING)
        panel.scoring.house = path
        self._show()
        if path:
            self._look(path, at_start=True)

    @property
    def path(self) -> str:
        """Of the house model that scores, empty for the stock model."""
        return str(self._panel.scoring.house)

    def use(self, path: str) -> None:
        """Score by this house model, once it turned out to be one."""
        self._look(os.path.abspath(path), at_start=False)

    def clear(self) -> None:
        """Score by the stock model again."""
        self._number += 1
        self._take("", None)
        self._panel.say(self._settings.keep(_SETTING, "") or "The stock model scores again.")

    def ask(self) -> None:
        """A menu below the button: the stock model, or a file."""
        menu = QtWidgets.QMenu(self._panel)
        stock = menu.addAction("Stock model")
        current = menu.addAction(f"House model: {self._name()}") if self.path else None
        for action, on in ((stock, not self.path), (current, True)):
            if action is not None:
                action.setCheckable(True)
                action.setChecked(on)
        menu.addSeparator()
        other = menu.addAction("Choose a house model…")
        below = self._panel.top.buttons["house"]
        chosen = execute(menu, below.mapToGlobal(below.rect().bottomLeft()))
        if chosen is stock and self.path:
            self.clear()
        elif chosen is other:
            kinds = "House models (*.npz);;All files (*)"
            path, _ = QtWidgets.QFileDialog.getOpenFileName(
                self._panel, "A house model of candela calibrate", self.path, kinds
            )
            if path:
                self.use(path)

    def _look(self, path: str, *, at_start: bool) -> None:
        """On a thread: a disk of the facility may be slow, and the window is not to wait for it."""
        self._number += 1
        number, post = self._number, self._panel.poster.post

        def work() -> None:
            try:
                found = read_house(path)
            except HouseError as error:
                text = str(error)
                post(lambda: self._refused(number, path, text, at_start))
            else:
                post(lambda: self._found(number, found, at_start))

        threading.Thread(target=work, name="candela house model", daemon=True).start()

    def _found(self, number: int, house: House, at_start: bool) -> None:
        if number != self._number:
            return
        if at_start:  # what was asked for until now was asked of it
            self.house, self.error = house, ""
            self._show()
            return
        self._take(house.path, house)
        kept = self._settings.keep(_SETTING, house.path)
        about = f" ({house.about})" if house.about else ""
        self._panel.say(kept or f"The house model {house.name} scores from here on{about}.")

    def _refused(self, number: int, path: str, text: str, at_start: bool) -> None:
        if number != self._number:
            return
        if at_start:
            self.error = text
            self._show()
            text += "; until another is chosen under Model, or the stock model, there are no scores"
        self._panel.say(text)

    def _take(self, path: str, house: Optional[House]) -> None:
        self.house, self.error = house, ""
        changed, self._panel.scoring.house = self._panel.scoring.house != path, path
        self._show()
        if changed or path:  # a file of the same name may be another one by now
            self._panel.scoring.ask_anew(self._panel.list.rows)

    def _name(self) -> str:
        return os.path.basename(self.path) if self.house is None else self.house.name

    def _show(self) -> None:
        button = self._panel.top.buttons["house"]
        name = self._name()
        short = name if len(name) <= 24 else f"{name[:23]}…"
        button.setText("Model: stock" if not self.path else f"House: {short}")
        button.setProperty("house", "bad" if self.error else "on" if self.path else "")
        button.style().unpolish(button)
        button.style().polish(button)
        if not self.path:
            button.setToolTip(_STOCK_TIP)
            return
        about = "" if self.house is None or not self.house.about else f"\nMade of {self.house.about}."
        button.setToolTip(
            f"{self.error or f'Scores are of the house model {name}.'}{about}\n{self.path}\n"
            "Differences are JOD of that studio's raters; where 0 lies is the stock model's."
        )
