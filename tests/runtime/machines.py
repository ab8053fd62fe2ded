"""A machine with GPUs that this one has not: what its providers do is said by the test."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from candela_engines.runtime.engines import Engine, Feed
from candela_engines.runtime.providers import Provider

__all__ = ["FakeMachine", "FakeSession"]

COMPILED = "engine.plan"


class FakeSession:
    """Answers with one number a pixel; `off` is added to it. broken: raises instead."""

    def __init__(self, machine: FakeMachine, provider: Provider, off: float) -> None:
        self.machine, self.provider, self.off = machine, provider, off

    def run(self, feed: Feed) -> np.ndarray:
        if self.provider in self.machine.breaks:
            raise RuntimeError(f"{self.provider} ran out of memory\nand more lines")
        height, width = (n - 2 for n in feed["codes"].shape[:2])
        return np.full((height, width, 3), 0.25 + self.off, np.float32)


class FakeMachine:
    """has: providers that load. off: how wrong each is. Compiling waits for `go` and writes one file."""

    def __init__(self, *has: Provider) -> None:
        self.has = set(has) | {"cpu"}
        self.off: dict[str, float] = {}
        self.breaks: set[str] = set()
        self.does_not_load: set[str] = set()
        self.go = threading.Event()
        self.versions = {"gpu": "a card", "driver": "13.0"}
        self.compiled = self.loaded = 0

    def lacks(self, provider: Provider) -> str:
        return "" if provider in self.has else f"there is no {provider} in this test"

    def compiles(self, provider: Provider) -> bool:
        return provider.startswith("tensorrt")

    def facts(self) -> Mapping[str, str]:
        return self.versions

    def session(self, engine: Engine, provider: Provider, cache: Path | None = None) -> FakeSession:
        if provider in self.does_not_load:
            raise RuntimeError(f"{provider}: libnvinfer.so is missing")
        if self.compiles(provider):
            assert self.go.wait(20)
            if cache is None or not (cache / COMPILED).is_file():
                self.compiled += 1
                if cache is not None:
                    (cache / COMPILED).write_bytes(b"compiled")
            else:
                self.loaded += 1
                if (cache / COMPILED).read_bytes() != b"compiled":
                    raise RuntimeError("the plan does not deserialise")
        return FakeSession(self, provider, self.off.get(provider, 0.0))
