from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from candela_server.client import Sidecar

SERVE = [sys.executable, "-m", "candela_server.cli", "serve"]


@dataclass
class Running:
    """A sidecar in a process of its own. root: what it may open."""

    process: subprocess.Popen[bytes]
    address: str
    root: Path
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    @contextmanager
    def client(self, **more: Any) -> Iterator[Sidecar]:
        with Sidecar(self.address, seconds=more.pop("seconds", 60), **more) as sidecar:
            yield sidecar


Start = Callable[..., Running]


def wait_for(true: Callable[[], object], seconds: float = 90.0) -> None:
    """Until something is so. It fails after a time that only a hang takes."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def start_sidecar(
    folder: Path,
    *flags: object,
    name: str = "s",
    before: Callable[[], None] | None = None,
    **environment: str,
) -> Running:
    root = folder / "root"
    root.mkdir(exist_ok=True)
    address, log = f"unix:{folder}/{name}.sock", folder / f"{name}.log"
    out = folder / f"{name}.out"
    with out.open("wb") as stdout, log.open("wb") as stderr:
        process = subprocess.Popen(
            [*SERVE, "--listen", address, "--root", str(root), *map(str, flags)],
            stdout=stdout,
            stderr=stderr,
            preexec_fn=before,
            env={**os.environ, **environment},
        )
    wait_for(lambda: out.stat().st_size or process.poll() is not None)
    return Running(process, address, root, log)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start sidecars, which end with the test."""
    running: list[Running] = []

    def call(*flags: object, **more: Any) -> Running:
        running.append(start_sidecar(tmp_path, *flags, **more))
        return running[-1]

    yield call
    for each in running:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait(30)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One sidecar for all tests that leave it as it was: to start one takes longer than most of them."""
    running = start_sidecar(tmp_path_factory.mktemp("sidecar"), "--shared-memory")
    yield running
    assert running.process.poll() is None, "the sidecar is gone"
    assert running.stop() == 0


@pytest.fixture
def files(shared: Running, made: Any) -> Path:
    """The root of the shared sidecar, with sdr.png, hdr.exr and out.png, which carries its HDR."""
    pair, out = made
    for source, name in ((pair.sdr, "sdr.png"), (pair.hdr, "hdr.exr"), (out, "out.png")):
        shutil.copy(source, shared.root / name)
    return shared.root
