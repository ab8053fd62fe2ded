"""What tests do with the double of Nuke: as an artist, and as the main thread."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .nuke_graph import Group, Node
from .nuke_knobs import File_Knob, Knob


class Hands:
    """Of `NukeDouble`."""

    main_: threading.Thread
    queue_: deque[Callable[[], None]]
    readers_: dict[str, Callable[[Path], np.ndarray]]
    nodes_: list[Node]
    this_: Node | None
    _root: Group

    def pump(self, until: Callable[[], object], seconds: float = 240.0) -> None:
        """The main thread, idle: it runs what was put off for it, until something is so."""
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
            "first": first, "last": last, "origfirst": first, "colorspace": "default (sRGB)", "raw": False,
            "frame_mode": "expression", "frame": "", "before": "hold", "after": "hold",
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
