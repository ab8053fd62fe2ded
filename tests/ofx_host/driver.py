"""Drives `candela-ofx-host` from Python: pixels are numpy arrays, pictures have their highest row first.

    with Host(built, "nuke") as host:
        plugin = host.load(bundle)["org.example.good"]
        effect = plugin.create(size=(64, 32))
        effect.frame(pixels)
        result = effect.render(windows=[(0, 0, 32, 32)])
        result.pixels   # (32, 32, 4)

What the plugin does against the specification is an error at once (`Violations`), unless `strict` is
False: then it is collected in `host.violations`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import numpy as np
from tests.ofx_host.build import Built
from tests.ofx_host.effect import Effect
from tests.ofx_host.pictures import format_of

PROFILES = ("resolve", "nuke", "natron", "plain-1.5", "bare")
FILTER, GENERAL = "OfxImageEffectContextFilter", "OfxImageEffectContextGeneral"
OK, FAILED, DEFAULT = 0, 1, 14
LEFT = 3  # how the process ends where a plugin left the specification at the very end

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
    """The host does not do what was asked: a command without sense, an instance that does not come to be."""


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
        preload = {"LD_PRELOAD": ":".join(built.preload)} if built.preload else {}
        self._process = subprocess.Popen(
            [*built.under, str(built.program), profile],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, **SANITIZER_ENVIRONMENT, **preload, **(environment or {})},
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
        if check and code == LEFT and self.strict:
            raise Violations(f"{self.profile}: while closing: {self.errors()}")
        if check and code not in (0, LEFT):
            raise HostEnded(f"the host ended with {code}\n{self.errors()}")

    def errors(self) -> str:
        """What host, plugin and sanitizers printed."""
        self._errors.flush()
        text = Path(self._errors.name).read_text(encoding="utf-8", errors="replace")
        return text if len(text) < 12000 else f"{text[:8000]}\n…\n{text[-4000:]}"

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
        """Load, Describe, DescribeInContext: properties of effect, parameters and clips of every context."""
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
        """An instance. size: of the project. like: an array of the clips' format. values: of parameters."""
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
