"""A double of Nuke's Python module, for what Candela uses of it.

It behaves as Nuke is documented to, where that is inconvenient too: `node["nothing"]` raises NameError and
`node.knob("nothing")` is None, file knobs keep their %04d, errors of a render are RuntimeError, there are no
menus in a terminal, `executeInMainThreadWithResult` on the main thread waits for ever, and what
`executeInMainThread` takes runs when the main thread is idle (here: `pump`), a render without a word of views
renders them all, one over the other where the file's name has none, what is made can be undone step by step
unless that is off, a bar of progress stays for as long as somebody holds its task, a file's name may have
Tcl in it, and what is asked of a deleted node raises ValueError.
`test_nuke_double.py` holds names and arguments against public descriptions of the module. It was
never held against Nuke itself.
"""

from __future__ import annotations

import threading
import types
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from .nuke_gizmos import gizmo
from .nuke_graph import Group, Node, Nodes
from .nuke_hands import Hands
from .nuke_knobs import Enumeration_Knob, File_Knob, Knob
from .nuke_windows import Menu, ProgressTask

__all__ = ["Enumeration_Knob", "Group", "HostHangs", "Knob", "Menu", "Node", "NukeDouble", "ProgressTask"]


class HostHangs(AssertionError):
    """Nuke would wait for ever here."""


class NukeDouble(Hands, types.ModuleType):
    """`sys.modules["nuke"] = NukeDouble()` is Nuke for whoever imports it afterwards.

    gui: else it is `nuke -t`. effects: classes of OpenFX effects that are installed, with their knobs.
    """

    ALL, NODIR, INPUTS, INVISIBLE = 1, 2, 2, 1024
    VIEWER_MENU = "Viewer"
    Enumeration_Knob, File_Knob, Group, Knob, Menu, Node, ProgressTask = (
        Enumeration_Knob, File_Knob, Group, Knob, Menu, Node, ProgressTask,
    )  # fmt: skip

    def __init__(self, *, gui: bool = True, effects: dict[str, dict[str, Any]] | None = None) -> None:
        types.ModuleType.__init__(self, "nuke")
        self.GUI = gui
        self.NUKE_VERSION_STRING = "15.1v1"
        self.env = {"gui": gui, "NukeVersionString": "15.1v1", "NukeVersionMajor": 15}
        self.effects_ = effects or {}
        self.groups_: list[Group] = []
        self.nodes_: list[Node] = []
        self.queue_: deque[Callable[[], None]] = deque()
        self.main_ = threading.current_thread()
        self.said_: list[str] = []
        self.paths_: list[str] = []
        self.menus_: dict[str, Menu] = {}
        self.frame_ = 1
        self.this_: Node | None = None
        self.created_: list[tuple[Callable[..., Any], str]] = []
        self.rendered_: list[str] = []
        self.readers_: dict[str, Callable[[Path], np.ndarray]] = {}
        self.writer_: Callable[[Path, np.ndarray], None] | None = None
        self.views_ = ["main"]
        self.view_ = "main"
        self.tcl_: dict[str, str] = {}  # what stands in brackets in a file's name, and what it is
        self.tells_frames_ = True  # whether metadata have input/frame, as of newer ones
        self.undo_: list[str] = []  # steps that Ctrl-Z would take back
        self.undo_off_ = 0
        self.Undo = SimpleNamespace(
            disable=lambda: self._off(1), enable=lambda: self._off(-1), disabled=lambda: self.undo_off_ > 0
        )
        self._root = Group(self, "Root", "root")
        self._root.inside = self.nodes_
        self.nodes = Nodes(self)
        knobs = {
            "colorManagement": "Nuke", "OCIO_config": "nuke-default", "customOCIOConfigPath": "",
            "workingSpaceLUT": "linear", "first_frame": 1, "last_frame": 100, "name": "", "proxy": False,
            "project_directory": "",
        }  # fmt: skip
        for name, value in knobs.items():
            self._root.addKnob(Knob(name, None, value))

    # what the module has

    def root(self) -> Group:
        return self._root

    def frame(self, f: int | None = None) -> int:
        if f is not None:
            self.frame_ = f
        return self.frame_

    def thisView(self) -> str:
        return self.view_

    def toNode(self, s: str) -> Node | None:
        return next((node for node in self.here_() if node.name() == s), None)

    def allNodes(self, filter: str | None = None) -> list[Node]:
        return [node for node in self.here_() if filter is None or node.Class() == filter]

    def selectedNodes(self, filter: str | None = None) -> list[Node]:
        return [node for node in self.allNodes(filter) if node["selected"].value()]

    def selectedNode(self) -> Node:
        found = self.selectedNodes()
        if not found:
            raise ValueError("no node selected")
        return found[0]

    def thisNode(self) -> Node:
        assert self.this_ is not None
        return self.this_

    def createNode(self, node: str, args: str | None = None, inpanel: bool = True) -> Node:
        self.must_be_main("createNode")
        self.step_(f"create {node}")
        made = self.make_(node)
        selected = self.selectedNodes()
        if selected and node != "Input":
            for other in self.here_():  # it goes between the selected node and what hangs on it
                other._inputs = [made if one is selected[0] else one for one in other._inputs]
            made.setInput(0, selected[0])
        self.here_().append(made)
        for other in self.here_():
            other.setSelected(other is made)
        self._created(made)
        return made

    def delete(self, n: Node) -> None:
        self.must_be_main("delete")
        self.step_(f"delete {n.Class()}")
        self.here_().remove(n)
        n.deleted_ = True

    def execute(
        self,
        nameOrNode: Any,
        start: int,
        end: int,
        incr: int = 1,
        views: Any = None,
        continueOnError: bool = False,
    ) -> None:
        self.must_be_main("execute")
        node = nameOrNode if isinstance(nameOrNode, Node) else self.toNode(nameOrNode)
        if node is None or node.Class() != "Write":
            raise RuntimeError(f"{nameOrNode} is not executable")
        assert self.writer_ is not None
        if not node["raw"].value():
            raise AssertionError("the double writes raw files alone")
        for frame, view in ((f, v) for f in range(start, end + 1, incr) for v in views or self.views_):
            self.view_ = view
            knob = node["file"]
            assert isinstance(knob, File_Knob)
            path = Path(knob.at(frame))
            if not path.parent.is_dir():
                raise RuntimeError(f"{node.name()}: {path}: directory does not exist")
            upstream = node.input(0)
            if upstream is None:
                raise RuntimeError(f"{node.name()}: no input")
            self.writer_(path, upstream.pixels(frame))
            self.rendered_.append(str(path))
        self.view_ = self.views_[0]

    def executeInMainThread(self, call: Callable[..., Any], args: Any = (), kwargs: Any = None) -> None:
        args = args if type(args) is tuple else (args,)
        self.queue_.append(lambda: void(call(*args, **(kwargs or {}))))

    def executeInMainThreadWithResult(
        self, call: Callable[..., Any], args: Any = (), kwargs: Any = None
    ) -> Any:
        if threading.current_thread() is self.main_:
            raise HostHangs("executeInMainThreadWithResult on the main thread")
        done, found = threading.Event(), []
        arguments = args if type(args) is tuple else (args,)

        def run() -> None:
            try:
                found.append(call(*arguments, **(kwargs or {})))
            finally:
                done.set()

        self.queue_.append(run)
        if not done.wait(60):
            raise HostHangs("the main thread did nothing for a minute")
        return found[0] if found else None

    def tprint(self, *args: Any, sep: str = " ", end: str = "\n", file: Any = None) -> None:
        self.said_.append(sep.join(map(str, args)))

    def message(self, prompt: str) -> None:
        self.must_be_main("message")
        self.said_.append(prompt)

    def pluginAddPath(self, args: Any, addToSysPath: bool = True) -> None:
        self.paths_ += [args] if isinstance(args, str) else list(args)

    def pluginPath(self) -> list[str]:
        return list(self.paths_)

    def menu(self, name: str) -> Menu | None:
        return self.menus_.setdefault(name, Menu(name)) if self.GUI else None

    def addOnCreate(self, call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "*") -> None:
        arguments = args if type(args) is tuple else (args,)
        self.created_.append((lambda: call(*arguments, **(kwargs or {})), nodeClass))

    def scriptOpen(self, name: str) -> None:
        raise RuntimeError(f"{name}: the double has no scripts")

    # what tests do

    def step_(self, what: str) -> None:
        """Something that can be undone."""
        if not self.undo_off_:
            self.undo_.append(what)

    def _off(self, more: int) -> None:
        self.undo_off_ += more

    def here_(self) -> list[Node]:
        return self.groups_[-1].inside if self.groups_ else self.nodes_

    def make_(self, class_: str) -> Node:
        name = f"{class_.rpartition('.')[2]}{len(self.here_()) + 1}"
        if class_ in self.effects_:
            node = Node(self, class_, name)
            for key, value in self.effects_[class_].items():
                made = File_Knob(key) if key.lower().endswith("file") else Knob(key, None, value)
                node.addKnob(Enumeration_Knob(key, "", value) if isinstance(value, list) else made)
            return node
        if class_ == "Write":
            node = Node(self, class_, name)
            node.addKnob(File_Knob("file"))
            for key, value in (("raw", False), ("channels", "rgb"), ("create_directories", False)):
                node.addKnob(Knob(key, None, value))
            node.addKnob(Enumeration_Knob("file_type", "", ["", "exr", "png", "dpx"]))
            return node
        if class_ in ("Input", "Output", "Dot", "NoOp"):
            return Node(self, class_, name)
        for folder in self.paths_:
            path = Path(folder) / f"{class_}.gizmo"
            if path.is_file():
                return gizmo(self, path, class_, name)
        raise RuntimeError(
            f"{class_}: Unknown command. This is most likely from a missing or unlicensed plug-in"
        )

    def _created(self, node: Node) -> None:
        before, self.this_ = self.this_, node
        try:
            for call, class_ in self.created_:
                if class_ in ("*", node.Class()):
                    call()
            if node.knob("onCreate"):
                exec(str(node["onCreate"].value()), {"nuke": self})
        finally:
            self.this_ = before


def void(value: object) -> None:
    pass
