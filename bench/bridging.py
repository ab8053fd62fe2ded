"""A bridge to measure by: a helper and a sidecar of its own in a folder, and their end, however it comes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from candela_bridge.client import Bridge, Launch, Place

__all__ = ["bridged"]

_IDLE_SECONDS = 60
_END_SECONDS = 20.0


@contextlib.contextmanager
def bridged(folder: Path, *roots: Path) -> Iterator[Bridge]:
    """folder: for sockets and the cache, private and with a short path. roots: that the sidecar may open
    beside it.

    At the end helper and sidecar are told to stop, and killed where they do not. Where this process is
    killed the helper ends a minute later, and the sidecar with it.
    """
    found = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    flags = [part for root in (folder, *roots) for part in ("--root", str(root))]
    launch = Launch(
        (sys.executable, "-m", "candela_server.cli", "--sidecar", f"unix:{folder}/s.sock", "bridge"),
        found,
        (*flags, "--cache", str(folder / "cache"), "--idle", str(_IDLE_SECONDS)),
    )
    bridge = Bridge("bench", launch=launch, place=Place(folder, True))
    try:
        yield bridge
    finally:
        helper = [] if bridge.helper is None else [int(bridge.helper["process"])]
        processes = [*helper, *_sidecar(folder)]
        for process in helper:
            _tell(process, signal.SIGTERM)
        bridge.close(5)
        end = time.monotonic() + _END_SECONDS
        while any(map(_lives, processes)) and time.monotonic() < end:
            time.sleep(0.05)
        for process in filter(_lives, processes):
            _tell(process, signal.SIGKILL)


def _sidecar(folder: Path) -> list[int]:
    """The one that the helper started, which it ends by itself as a rule."""
    try:
        return [int(json.loads((folder / "sidecar-started.json").read_text("ascii"))["process"])]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _tell(process: int, what: signal.Signals) -> None:
    with contextlib.suppress(OSError):
        os.kill(process, what)


def _lives(process: int) -> bool:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"
