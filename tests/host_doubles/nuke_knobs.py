"""Knobs of the double of Nuke."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .nuke_graph import Node


class Knob:
    def __init__(self, name: str, label: str | None = None, value: Any = "") -> None:
        self._name, self._label, self._value = name, label, value
        self.node_: Node | None = None
        self.expression_: str | None = None
        self.visible_ = True

    def name(self) -> str:
        return self._name

    def value(self) -> Any:
        return self._value

    def getValue(self) -> Any:
        return self._value

    def setValue(self, value: Any) -> bool:
        self.node_ and self.node_.nuke_.must_be_main("setValue")
        self._value = value
        return True

    def setExpression(self, expression: str) -> bool:
        self.expression_ = expression
        return True

    def setVisible(self, visible: bool) -> None:
        self.visible_ = visible

    def node(self) -> Node | None:
        return self.node_


class Enumeration_Knob(Knob):
    def __init__(self, name: str, label: str, values: list[str]) -> None:
        super().__init__(name, label, values[0] if values else "")
        self._values = list(values)

    def values(self) -> list[str]:
        return list(self._values)

    def setValue(self, item: Any) -> bool:
        if isinstance(item, int):
            item = self._values[item]
        if item not in self._values:
            raise TypeError(f"'{item}' is not one of the values")
        return super().setValue(item)


class File_Knob(Knob):
    """Its value is the text as it was written. Tcl in brackets, folders of the project and views come in only
    when it is evaluated."""

    def getEvaluatedValue(self, oc: Any = None) -> str:
        """The pattern of a sequence stays one."""
        text = re.sub(r"#+", lambda m: f"%0{len(m[0])}d", str(self._value))
        if self.node_ is None:
            return text
        nuke = self.node_.nuke_
        return re.sub(r"\[([^\[\]]*)\]", lambda m: nuke.tcl_[m[1]], text)

    def evaluate(self) -> str:
        return self.at(self.node_.nuke_.frame() if self.node_ else 1)

    def at(self, frame: int) -> str:
        text = self.getEvaluatedValue()
        if self.node_ is not None:
            nuke = self.node_.nuke_
            text = text.replace("%V", nuke.view_).replace("%v", nuke.view_[:1])
            project = str(nuke.root()["project_directory"].value())
            text = text if text.startswith("/") or not project else f"{project}/{text}"
        return text % frame if "%" in text else text
