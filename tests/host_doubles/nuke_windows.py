"""What the double of Nuke shows: menus, and bars of progress."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar


class Menu:
    def __init__(self, name: str) -> None:
        self._name = name
        self.items_: dict[str, Any] = {}

    def addMenu(self, name: str, icon: str = "", tooltip: str = "") -> Menu:
        return self.items_.setdefault(name, Menu(name))  # type: ignore[no-any-return]

    def addCommand(self, name: str, command: Any = None, shortcut: str = "", icon: str = "") -> Any:
        self.items_[name] = command
        return command

    def findItem(self, name: str) -> Any:
        return self.items_.get(name)


class ProgressTask:
    """A bar, shown for as long as somebody holds the task: there is no call that ends it. made: of all."""

    made: ClassVar[list[SimpleNamespace]] = []

    def __init__(self, name: str = "") -> None:
        self.bar_ = SimpleNamespace(name=name, progress=0, message="", cancelled=False, shown=True)
        ProgressTask.made.append(self.bar_)

    def __del__(self) -> None:
        self.bar_.shown = False

    def setProgress(self, i: int) -> None:
        if not isinstance(i, int):
            raise TypeError("an integer is required")
        self.bar_.progress = i

    def setMessage(self, s: str) -> None:
        self.bar_.message = s

    def isCancelled(self) -> bool:
        return bool(self.bar_.cancelled)
