"""Drives `candela-ofx-host` from Python: pixels are numpy arrays, pictures have their highest row first.

    with Host(built, "nuke") as host:
        plugin = host.load(bundle)["org.example.good"]
        effect = plugin.create(size=(64, 32))
        effect.frame(pixels)
        result = effect.render(windows=[(0, 0, 32, 32)])
        result.pixels   # (32, 32, 4)

What the plugin does against the specification is an error at once (`Violations`), unless `strict` is False: then it is
collected in `host.violations`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import numpy as np

from tests.ofx_host.build import Built

Window = tuple[int, int, int, int]
Fence = Literal["none", "before", "after"]
PROFILES = ("resolve", "nuke", "natron", "plain-1.5", "bare")
DEPTHS = {"Float": np.float32, "Half": np.float16, "Short": np.uint16, "Byte": np.uint8}
COMPONENTS = {"RGBA": 4, "RGB": 3, "Alpha": 1}
FILTER, GENERAL = "OfxImageEffectContextFilter", "OfxImageEffectContextGeneral"
OK, FAILED, DEFAULT = 0, 1, 14

# A sanitizer's finding ends the program; leaks are looked for at the end.
SANITIZER_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


class Violations(AssertionError):
    """The plugin left the specification."""


class HostEnded(AssertionError):
    """The host's process ended, as it does when the plugin crashes it."""


class Refused(RuntimeError):
    """The host does not do what was asked: a command that makes no sense, or an instance that does not come to be."""


def format_of(pixels: np.ndarray) -> tuple[str, str]:
    """Components and depth of an array `(H, W, C)` by OpenFX's names."""
    components = {v: k for k, v in COMPONENTS.items()}[pixels.shape[2]]
    depth = {np.dtype(v): k for k, v in DEPTHS.items()}[pixels.dtype]
    return f"OfxImageComponent{components}", f"OfxBitDepth{depth}"


def dtype_of(depth: str) -> np.dtype[Any]:
    return np.dtype(DEPTHS[depth.removeprefix("OfxBitDepth")])


class Host:
    """One process. profile: which host it is; environment: what is set besides this process's own."""

    def __init__(
        self,
        built: Built,
        profile: str,
        *,
        strict: bool = True,
        environment: Mapping[str, str] | None = None,
        timeout: float = 120,
    ) -> None:
        self.profile, self.strict = profile, strict
        self.timeout = timeout * (10 if built.under or built.sanitizers else 1)
        self.violations: list[str] = []
        self.messages: list[dict[str, Any]] = []
        self.folder = tempfile.TemporaryDirectory(prefix="candela-ofx-")
        self._errors = (Path(self.folder.name) / "stderr").open("w+", encoding="utf-8", errors="replace")
        self._process = subprocess.Popen(
            [*built.under, str(built.program), profile],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, **SANITIZER_ENVIRONMENT, **(environment or {})},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end(check=kind is None)
        finally:
            self._errors.close()
            self.folder.cleanup()

    def _end(self, check: bool) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            code = self._process.wait(timeout=self.timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            code = -9
        self._process.stdout.close()
        if check and code != 0:
            raise HostEnded(f"the host ended with {code}\n{self.errors()}")

    def errors(self) -> str:
        """What host, plugin and sanitizers printed."""
        self._errors.flush()
        return Path(self._errors.name).read_text(encoding="utf-8", errors="replace")[-8000:]

    def command(self, verb: str, /, **values: object) -> dict[str, Any]:
        """One command and its answer. None leaves a value out; lists are joined by commas."""
        words = [verb]
        for key, value in values.items():
            if value is not None:
                words.append(f"{quote(key, safe='.')}={quote(_text(value), safe=',;')}")
        assert self._process.stdin is not None and self._process.stdout is not None
        timer = threading.Timer(self.timeout, self._process.kill)
        timer.start()
        try:
            self._process.stdin.write(" ".join(words) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            code = self._process.wait()
            raise HostEnded(f"the host ended with {code} at {' '.join(words)}\n{self.errors()}")
        answer: dict[str, Any] = json.loads(line)
        self.messages += answer["messages"]
        self.violations += answer["violations"]
        if self.strict and answer["violations"]:
            raise Violations(f"{self.profile}: {verb}: " + "; ".join(answer["violations"]))
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def take_messages(self) -> list[dict[str, Any]]:
        taken, self.messages = self.messages, []
        return taken

    def load(self, bundle: Path, *, set_host: bool = True, cpus: int = 4) -> dict[str, Plugin]:
        answer = self.command("load", bundle=bundle, sethost=set_host, cpus=cpus)
        return {p["identifier"]: Plugin(self, p["identifier"]) for p in answer["plugins"]}

    def close(self) -> None:
        self.command("close")

    def usage(self) -> dict[str, int]:
        """Memory of the process in KiB: `peak_kib`, `now_kib`."""
        answer = self.command("usage")
        return {key: int(answer[key]) for key in ("peak_kib", "now_kib")}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list | tuple):
        return ",".join(_text(v) for v in value)
    return str(value)


@dataclass
class Plugin:
    host: Host
    identifier: str
    description: dict[str, Any] = field(default_factory=dict)
    _made: int = 0

    def describe(self) -> dict[str, Any]:
        """Load, Describe, DescribeInContext: properties of the effect, parameters and clips of every context."""
        self.description = self.host.command("describe", plugin=self.identifier)
        return self.description

    def unload(self) -> int:
        return int(self.host.command("unload", plugin=self.identifier)["status"])

    def parameters(self, context: str = FILTER) -> dict[str, dict[str, Any]]:
        described = self.description or self.describe()
        return {p["name"]: p for p in described["contexts"][context]["parameters"]}

    def create(
        self,
        size: tuple[int, int],
        *,
        context: str = FILTER,
        frames: tuple[float, float] = (1, 1),
        like: np.ndarray | None = None,
        values: Mapping[str, object] | None = None,
        **settings: object,
    ) -> Effect:
        """An instance. size: of the project. like: an array with the format of the clips. values: of parameters."""
        if not self.description:
            self.describe()
        if like is not None:
            settings["components"], settings["depth"] = format_of(like)
        self._made += 1
        one = f"{self.identifier}/{self._made}"
        self.host.command(
            "create",
            plugin=self.identifier,
            id=one,
            context=context,
            size=size,
            first=frames[0],
            last=frames[1],
            **settings,
            **{f"param.{name}": value for name, value in (values or {}).items()},
        )
        return Effect(self.host, one)


@dataclass
class Rendered:
    """One call of Render, or the source that stands for it."""

    window: Window
    time: float
    status: int
    milliseconds: float
    polls: int
    identity: str
    unwritten: int
    pixels: np.ndarray
    instance: int


@dataclass
class Renders:
    all: list[Rendered]
    milliseconds: float

    @property
    def one(self) -> Rendered:
        (single,) = self.all
        return single

    @property
    def pixels(self) -> np.ndarray:
        return self.one.pixels

    def joined(self, size: tuple[int, int], origin: tuple[int, int] = (0, 0)) -> np.ndarray:
        """Tiles put together: `(H, W, C)` of a picture of this size. What no tile covers stays 0."""
        first = self.all[0].pixels
        whole = np.zeros((size[1], size[0], first.shape[2]), first.dtype)
        for part in self.all:
            x1, y1, x2, y2 = part.window
            x1, x2, y1, y2 = x1 - origin[0], x2 - origin[0], y1 - origin[1], y2 - origin[1]
            whole[size[1] - y2 : size[1] - y1, x1:x2] = part.pixels
        return whole


@dataclass
class Effect:
    host: Host
    id: str

    def set(self, name: str, value: object, **how: object) -> int:
        """A parameter as a user sets it; a choice by the name of its option. Returns InstanceChanged's status."""
        return int(self.host.command("set", id=self.id, name=name, value=value, **how)["status"])

    def press(self, name: str) -> int:
        return int(self.host.command("press", id=self.id, name=name)["status"])

    def state(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.host.command("parameters", id=self.id)["effect"]
        return answer

    def value(self, name: str) -> str:
        return str(next(p["value"] for p in self.state()["parameters"] if p["name"] == name))

    def frame(
        self,
        pixels: np.ndarray,
        *,
        time: float | None = None,
        clip: str = "Source",
        origin: tuple[int, int] = (0, 0),
        padding: int = 0,
        downwards: bool = False,
        fence: Fence = "none",
        scale: float = 1,
        **more: object,
    ) -> None:
        """Gives a clip its picture, `(H, W, C)`, lower left pixel at `origin`, at a time.

        padding: bytes after each row. downwards: the highest row first in memory. fence: where memory ends beside the
        pixels, so that who steps over it ends the process.
        """
        components, depth = format_of(pixels)
        path = Path(self.host.folder.name) / "source.raw"
        np.ascontiguousarray(pixels).tofile(path)
        self.host.command(
            "frame",
            id=self.id,
            clip=clip,
            file=path,
            time=time,
            width=pixels.shape[1],
            height=pixels.shape[0],
            x=origin[0],
            y=origin[1],
            padding=padding,
            downwards=downwards,
            fence=fence,
            scale=scale,
            components=components,
            depth=depth,
            **more,
        )

    def disconnect(self, clip: str = "Source") -> None:
        self.host.command("disconnect", id=self.id, clip=clip)

    def render(
        self,
        *,
        times: Iterable[float] = (),
        windows: Iterable[Window] = (),
        beside: Iterable[Effect] = (),
        threads: int = 1,
        repeat: int = 1,
        scale: float = 1,
        tight: bool = False,
        padding: int = 0,
        downwards: bool = False,
        fence: Fence = "none",
        abort: int | None = None,
        identity: bool = True,
        check: bool = True,
    ) -> Renders:
        """Renders of this instance and those `beside` it, all times and windows, by so many threads at once.

        tight: outputs as big as their window. abort: the host asks to stop after so many polls. check: whether outputs
        are filled before and looked at after; without it only the plugin is at work. The last of `repeat` is returned.
        """
        out = Path(self.host.folder.name) / "out.raw"
        answer = self.host.command(
            "render",
            ids=[self.id, *(one.id for one in beside)],
            times=list(times),
            windows=";".join(",".join(map(str, w)) for w in windows),
            threads=threads,
            repeat=repeat,
            scale=scale,
            tight=tight,
            padding=padding,
            downwards=downwards,
            fence=fence,
            abort=abort,
            identity=identity,
            check=check,
            out=out,
        )
        data = np.fromfile(out, np.uint8)
        done, at = [], 0
        for one in answer["renders"]:
            x1, y1, x2, y2 = one["window"]
            count = COMPONENTS[one["components"].removeprefix("OfxImageComponent")]
            part, at = data[at : at + one["bytes"]], at + one["bytes"]
            pixels = part.view(dtype_of(one["depth"]))
            shape = (y2 - y1, x2 - x1, count) if len(pixels) else (0, 0, count)
            done.append(
                Rendered(
                    (x1, y1, x2, y2),
                    one["time"],
                    one["status"],
                    one["milliseconds"],
                    one["polls"],
                    one["identity"],
                    one["unwritten"],
                    pixels.reshape(shape),
                    one["instance"],
                )
            )
        return Renders(done, answer["milliseconds"])

    def ask(
        self,
        what: Literal["region", "interest", "frames", "domain", "identity", "preferences", "colourspace"],
        **about: object,
    ) -> dict[str, Any]:
        return self.host.command("ask", id=self.id, what=what, **about)

    def action(self, name: str) -> int:
        return int(self.host.command("action", id=self.id, name=name)["status"])

    def destroy(self) -> int:
        return int(self.host.command("destroy", id=self.id)["status"])
