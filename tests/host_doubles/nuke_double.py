"""A double of Nuke's Python module, for what Candela uses of it.

It behaves as Nuke is documented to, where that is inconvenient too: `node["nothing"]` raises NameError and
`node.knob("nothing")` is None, file knobs keep their %04d, errors of a render are RuntimeError, there are no
menus in a terminal, `executeInMainThreadWithResult` on the main thread waits for ever, and what
`executeInMainThread` takes runs when the main thread is idle (here: `pump`). `test_nuke_double.py` holds
names and arguments against public descriptions of the module. It was never held against Nuke itself.
"""

from __future__ import annotations

import re
import shutil
import threading
import types
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np


class HostHangs(AssertionError):
    """Nuke would wait for ever here."""


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
    def evaluate(self) -> str:
        return self.at(self.node_.nuke_.frame() if self.node_ else 1)

    def at(self, frame: int) -> str:
        text = re.sub(r"#+", lambda m: f"%0{len(m[0])}d", str(self._value))
        return text % frame if "%" in text else text


class Node:
    """One node of the double's graph. pixels: what comes out at a frame, (H, W, 3) float32 in the working
    space."""

    def __init__(self, nuke: NukeDouble, class_: str, name: str) -> None:
        self.nuke_, self._class, self._name = nuke, class_, name
        self._inputs: list[Node | None] = []
        self._knobs: dict[str, Knob] = {}
        self.metadata_: dict[str, Any] = {}
        for knob in (Knob("disable", None, False), Knob("selected", None, False), Knob("label")):
            self.addKnob(knob)

    def Class(self) -> str:
        return self._class

    def name(self) -> str:
        return self._name

    def fullName(self) -> str:
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
            return {
                "input/filename": self.file_at(frame),
                "input/frame": self.file_frame(frame),
                **self.metadata_,
            }
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
            made = self._nuke._make(name)
            self._nuke.here_().append(made)
            for knob, value in knobs.items():
                made[knob].setValue(value)
            return made

        return make


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
    made: ClassVar[list[ProgressTask]] = []

    def __init__(self, name: str = "") -> None:
        self.name, self.progress, self.message_, self.cancelled = name, 0, "", False
        ProgressTask.made.append(self)

    def setProgress(self, i: int) -> None:
        if not isinstance(i, int):
            raise TypeError("an integer is required")
        self.progress = i

    def setMessage(self, s: str) -> None:
        self.message_ = s

    def isCancelled(self) -> bool:
        return self.cancelled


GIZMO = re.compile(r"^\s*addUserKnob \{(?P<kind>\d+) (?P<name>\w+)?(?P<rest>.*)\}\s*$")


class NukeDouble(types.ModuleType):
    """`sys.modules["nuke"] = NukeDouble()` is Nuke for whoever imports it afterwards.

    gui: else it is `nuke -t`. effects: classes of OpenFX effects that are installed, with their knobs.
    """

    ALL, NODIR, INPUTS, INVISIBLE = 1, 2, 2, 1024
    VIEWER_MENU = "Viewer"
    Enumeration_Knob, File_Knob, Group, Knob, Menu, Node, ProgressTask = (
        Enumeration_Knob, File_Knob, Group, Knob, Menu, Node, ProgressTask,
    )  # fmt: skip

    def __init__(self, *, gui: bool = True, effects: dict[str, dict[str, Any]] | None = None) -> None:
        super().__init__("nuke")
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
        self._root = Group(self, "Root", "root")
        self._root.inside = self.nodes_
        self.nodes = Nodes(self)
        knobs = {
            "colorManagement": "Nuke", "OCIO_config": "nuke-default", "customOCIOConfigPath": "",
            "workingSpaceLUT": "linear", "first_frame": 1, "last_frame": 100, "name": "", "proxy": False,
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
        made = self._make(node)
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
        self.here_().remove(n)

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
        for frame in range(start, end + 1, incr):
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

    def here_(self) -> list[Node]:
        return self.groups_[-1].inside if self.groups_ else self.nodes_

    def pump(self, until: Callable[[], object], seconds: float = 240.0) -> None:
        """The main thread, idle: it runs what was put off for it, until something is so."""
        import time

        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, "it never came"
            while self.queue_:
                self.queue_.popleft()()
            time.sleep(0.002)

    def press(self, node: Node, name: str) -> None:
        """A button on a node's panel: its Python, with thisNode as Nuke has it."""
        before, self.this_ = self.this_, node
        try:
            # Inside the node, where Nuke runs the scripts of a group's knobs.
            with node if isinstance(node, Group) else self._root:
                exec(str(node[name].value()), {"nuke": self})
        finally:
            self.this_ = before

    def must_be_main(self, what: str) -> None:
        if threading.current_thread() is not self.main_:
            raise AssertionError(f"{what} is for the main thread; Nuke may crash on others")

    def read(self, node: Node, path: str) -> np.ndarray:
        try:
            return self.readers_[node.name()](Path(path))
        except OSError as error:
            raise RuntimeError(f"{node.name()}: {path}: {error}") from error

    def add_read(self, name: str, file: str, first: int, last: int, **knobs: Any) -> Node:
        node = Node(self, "Read", name)
        node.addKnob(File_Knob("file", None, file))
        usual = {
            "first": first, "last": last, "colorspace": "default (sRGB)", "raw": False,
            "frame_mode": "expression", "frame": "",
        }  # fmt: skip
        for key, value in {**usual, **knobs}.items():
            node.addKnob(Knob(key, None, value))
        self.nodes_.append(node)
        return node

    def add(self, class_: str, name: str, upstream: Node | None, **knobs: Any) -> Node:
        node = Node(self, class_, name)
        for key, value in knobs.items():
            node.addKnob(Knob(key, None, value))
        if upstream is not None:
            node.setInput(0, upstream)
        self.nodes_.append(node)
        return node

    def _make(self, class_: str) -> Node:
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
            gizmo = Path(folder) / f"{class_}.gizmo"
            if gizmo.is_file():
                return self._gizmo(gizmo, class_, name)
        raise RuntimeError(
            f"{class_}: Unknown command. This is most likely from a missing or unlicensed plug-in"
        )

    def _gizmo(self, path: Path, class_: str, name: str) -> Node:
        """Knobs as the file says them; nodes inside it that are none here are an error, as in Nuke."""
        node = Group(self, class_, name)
        depth = 0
        for line in path.read_text("utf-8").splitlines():
            match = GIZMO.match(line)
            if match and depth == 1:
                for knob in user_knob(match):
                    node.addKnob(knob)
            value = re.match(r"^ (knobChanged|onCreate|help) (.*)$", line)
            if value and depth == 1:
                node.addKnob(Knob(value[1], None, unquoted(value[2])))
            number = re.match(r"^ (\w+) (\S+)$", line)
            if number and depth == 1 and number[1] in node._knobs:
                was = node[number[1]].value()
                node[number[1]].setValue(
                    number[2] == "true" if isinstance(was, bool) else type(was)(number[2])
                )
            inner = re.match(r"^ (\w[\w.]*) \{$", line)
            if inner and depth == 0:
                node.inside.append(self._make(inner[1]))
                if inner[1] == "Output" and len(node.inside) > 1:
                    node.inside[-1].setInput(0, node.inside[0])
            depth += line.count("{") - line.count("}") if not match else 0
        return node

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


def user_knob(match: re.Match[str]) -> Iterator[Knob]:
    """Knobs of a gizmo's line; the kinds that Candela's gizmos have."""
    kind, name, rest = int(match["kind"]), match["name"] or "", match["rest"]
    if kind == 20:  # a tab
        return
    if kind == 4:
        values = re.search(r" M \{(.*?)\}", rest)
        assert values is not None, f"{name}: an enumeration without values"
        yield Enumeration_Knob(name, "", re.findall(r'"([^"]*)"|(\S+)', values[1]) and menu_of(values[1]))
    elif kind in (22, 26, 1, 2, 43):
        text = re.search(r' T (".*"|\{.*\}|\S+)', rest)
        value = unquoted(text[1]) if text else ""
        yield File_Knob(name, None, value) if kind == 2 else Knob(name, None, value)
    elif kind in (3, 6, 7):
        yield Knob(name, None, {3: 0, 6: False, 7: 0.0}[kind])
    else:
        raise AssertionError(f"{name}: a knob of kind {kind}, which the double does not know")


def menu_of(text: str) -> list[str]:
    return [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', text)]


def unquoted(text: str) -> str:
    if text.startswith("{") and text.endswith("}"):
        return text[1:-1]
    if text.startswith('"') and text.endswith('"'):
        return text[1:-1].replace('\\"', '"').replace("\\n", "\n").replace("\\[", "[").replace("\\]", "]")
    return text


def void(value: object) -> None:
    pass


def copied(path: Path, to: Path) -> Path:
    return Path(shutil.copy(path, to))
