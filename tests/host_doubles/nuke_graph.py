"""Nodes of the double of Nuke: a graph that renders, with groups and gizmos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .nuke_knobs import File_Knob, Knob

if TYPE_CHECKING:
    from .nuke_double import NukeDouble


class Node:
    """One node of the double's graph. pixels: what comes out at a frame, (H, W, 3) float32 in the working
    space."""

    def __init__(self, nuke: NukeDouble, class_: str, name: str) -> None:
        self.nuke_, self._class, self._name = nuke, class_, name
        self._inputs: list[Node | None] = []
        self._knobs: dict[str, Knob] = {}
        self.metadata_: dict[str, Any] = {}
        self.deleted_ = False
        for knob in (Knob("disable", None, False), Knob("selected", None, False), Knob("label")):
            self.addKnob(knob)

    def Class(self) -> str:
        return self._class

    def there_(self) -> None:
        if self.deleted_:
            raise ValueError("A PythonObject is not attached to a node")

    def name(self) -> str:
        self.there_()
        return self._name

    def fullName(self) -> str:
        self.there_()
        return self._name

    def setName(self, name: str) -> None:
        self._name = name

    def addKnob(self, knob: Knob) -> None:
        knob.node_ = self
        self._knobs[knob.name()] = knob

    def knobs(self) -> dict[str, Knob]:
        return dict(self._knobs)

    def knob(self, p: str) -> Knob | None:
        return self._knobs.get(p)

    def __getitem__(self, name: str) -> Knob:
        self.there_()
        if name not in self._knobs:
            raise NameError(f"knob {name} does not exist")
        return self._knobs[name]

    def input(self, index: int) -> Node | None:
        return self._inputs[index] if index < len(self._inputs) else None

    def inputs(self) -> int:
        return len(self._inputs)

    def setInput(self, i: int, node: Node | None) -> bool:
        self._inputs += [None] * (i + 1 - len(self._inputs))
        self._inputs[i] = node
        return True

    def setSelected(self, selected: bool) -> None:
        self["selected"].setValue(selected)

    def parent(self) -> Group:
        groups = [node for node in self.nuke_.nodes_ if isinstance(node, Group)]
        return next((group for group in groups if self in group.inside), self.nuke_._root)

    def metadata(self, key: str | None = None, time: float | None = None, view: str | None = None) -> Any:
        at = self.nuke_.frame() if time is None else int(time)
        found = self.metadata_at(at)
        return found if key is None else found.get(key)

    def metadata_at(self, frame: int) -> dict[str, Any]:
        if self._class == "Read":
            found = {"input/filename": self.file_at(frame), **self.metadata_}
            return {**found, "input/frame": self.file_frame(frame)} if self.nuke_.tells_frames_ else found
        upstream = self.input(0)
        return {**(upstream.metadata_at(frame) if upstream else {}), **self.metadata_}

    def file_frame(self, frame: int) -> int:
        start = str(self["frame"].value())
        return (
            frame - int(start) + self["first"].value() if self["frame_mode"].value() == "start at" else frame
        )

    def file_at(self, frame: int) -> str:
        knob = self["file"]
        assert isinstance(knob, File_Knob)
        return knob.at(self.file_frame(frame))

    def pixels(self, frame: int) -> np.ndarray:
        if self._class == "Read":
            return self.nuke_.read(self, self.file_at(frame))
        upstream = self.input(0)
        if upstream is None:
            raise RuntimeError(f"{self._name}: no input")
        pixels = upstream.pixels(frame)
        if self._class == "Multiply" and not self["disable"].value():
            pixels = pixels * np.float32(self["value"].value())
        return pixels

    def firstFrame(self) -> int:
        return (
            int(self["first"].value())
            if self.knob("first")
            else self.nuke_.root().knobs()["first_frame"].value()
        )

    def lastFrame(self) -> int:
        return (
            int(self["last"].value())
            if self.knob("last")
            else self.nuke_.root().knobs()["last_frame"].value()
        )

    def width(self) -> int:
        return int(self.pixels(self.nuke_.frame()).shape[1])

    def height(self) -> int:
        return int(self.pixels(self.nuke_.frame()).shape[0])


class Group(Node):
    """With nodes inside. A gizmo is one, too."""

    def __init__(self, nuke: NukeDouble, class_: str, name: str) -> None:
        super().__init__(nuke, class_, name)
        self.inside: list[Node] = []

    def begin(self) -> Group:
        self.nuke_.groups_.append(self)
        return self

    def end(self) -> None:
        self.nuke_.groups_.pop()

    def __enter__(self) -> Group:
        return self.begin()

    def __exit__(self, *_: object) -> None:
        self.end()

    def node(self, s: str) -> Node | None:
        return next((node for node in self.inside if node.name() == s), None)

    def nodes(self) -> list[Node]:
        return list(self.inside)


class Nodes:
    """`nuke.nodes.Write()`: a node that is connected to nothing and selects nothing."""

    def __init__(self, nuke: NukeDouble) -> None:
        self._nuke = nuke

    def __getattr__(self, name: str) -> Any:
        def make(**knobs: Any) -> Node:
            self._nuke.must_be_main("nodes")
            self._nuke.step_(f"create {name}")
            made = self._nuke.make_(name)
            self._nuke.here_().append(made)
            for knob, value in knobs.items():
                made[knob].setValue(value)
            return made

        return make
