"""Processes whose parent was killed end by themselves: nobody is there any more who could end them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from candela_bridge.place import Place

from .conftest import LONG, TOY, environment, lives, wait_for

HOST = """
import os, sys, time
from pathlib import Path
from candela_bridge.client import Bridge, Launch
from candela_bridge.place import Place
folder, python, toy = sys.argv[1:]
launch = Launch((python, "-S", toy), dict(os.environ), ("--idle", "0.4"))
bridge = Bridge("host", launch=launch, place=Place(Path(folder), True))
bridge.ping().result(60)
print(bridge.helper["process"], flush=True)
time.sleep(600)
"""
HELPER = """
import sys, time
from pathlib import Path
from candela_bridge.helper.job import Job
from candela_bridge.helper.sidecar import SidecarLink
folder = Path(sys.argv[1])
link = SidecarLink(f"unix:{folder}/s.sock", [folder], folder, orphan=4.0)
link.ready(Job("host", {}, None, lambda said: None))
print(link.known()["process"], flush=True)
time.sleep(600)
"""


@pytest.fixture
def started() -> Iterator[list[int]]:
    """Processes to be gone at the end, whatever happens."""
    found: list[int] = []
    yield found
    for process in found:
        if lives(process):
            os.kill(process, signal.SIGKILL)


def parent(text: str, *more: str) -> tuple[subprocess.Popen[str], int]:
    """A process, and the number that it says of the one that it started."""
    command = [sys.executable, "-c", text, *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def killed(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    if process.stdout is not None:
        process.stdout.close()


def below(process: int) -> list[int]:
    """All that it started, and what those did."""
    parents = {}
    for entry in Path("/proc").iterdir():
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    found, new = [process], [process]
    while new:
        new = [child for child, of in parents.items() if of in new]
        found += new
    return found


def test_a_helper_whose_host_was_killed(folder: Path, started: list[int]) -> None:
    host, helper = parent(HOST, str(folder), sys.executable, str(TOY))
    started += [host.pid, helper]
    assert lives(helper)
    killed(host)
    wait_for(lambda: not lives(helper))
    assert not Place(folder, True).door.exists()


def test_a_sidecar_whose_helper_was_killed(folder: Path, started: list[int]) -> None:
    """It and its workers."""
    helper, sidecar = parent(HELPER, str(folder))
    started += [helper.pid, sidecar]
    wait_for(lambda: len(below(sidecar)) > 2, LONG)  # the one that workers are copied from, and they
    family = below(sidecar)
    started += family
    killed(helper)
    assert lives(sidecar)
    wait_for(lambda: not any(map(lives, family)), LONG)


def test_workers_whose_sidecar_was_killed(folder: Path, started: list[int]) -> None:
    helper, sidecar = parent(HELPER, str(folder))
    started += [helper.pid, sidecar]
    wait_for(lambda: len(below(sidecar)) > 2, LONG)
    family = below(sidecar)
    started += family
    killed(helper)
    os.kill(sidecar, signal.SIGKILL)
    wait_for(lambda: not any(map(lives, family)), LONG)
