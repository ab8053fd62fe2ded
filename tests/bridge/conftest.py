from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.server.test_score import exr, sdr, texture

from candela_bridge.client import Bridge, Launch, Timing
from candela_bridge.place import Place

ROOT = Path(__file__).resolve().parents[2]
TOY = Path(__file__).with_name("toy_helper.py")
FOLDERS = ("ocio_configs", "engines", "server", "ofx_bridge")


def environment() -> dict[str, str]:
    """Of a process that finds these sources, and not those that are installed."""
    paths = [str(ROOT / folder) for folder in FOLDERS]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def wait_for(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Until something is so. It fails after a time that only a hang takes."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def end_helper(bridge: Bridge) -> None:
    """The helper's process, if there is one."""
    if bridge.helper is not None:
        os.kill(bridge.helper["process"], signal.SIGKILL)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder with a short path: sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="cb") as name:
        yield Path(name)


@pytest.fixture(params=["socket", "port"])
def place(request: pytest.FixtureRequest, folder: Path) -> Place:
    """Both ways to reach a helper: a Unix socket, and a port with a token as on Windows."""
    return Place(folder, request.param == "socket")


def toy(place: Place, *more: str) -> Launch:
    flags = [*more, *([] if place.unix else ["--port"])]
    return Launch((sys.executable, "-S", str(TOY)), environment(), flags)


@pytest.fixture
def bridge(place: Place) -> Iterator[Bridge]:
    """To a helper that has calls to test by."""
    with Bridge("test", launch=toy(place), place=place, timing=Timing(pulse=0.5)) as made:
        yield made
        end_helper(made)


LONG = 240.0


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """Where the helper has its socket, its cache and the sidecar's; its folder `shots` is the one root."""
    with tempfile.TemporaryDirectory(prefix="cb") as name:
        folder = Path(name)
        (folder / "shots").mkdir()
        yield folder


@pytest.fixture(scope="session")
def host(home: Path) -> Iterator[Bridge]:
    """A host with a helper, both for all tests: to start one takes longer than most of them."""
    launch = Launch(
        (sys.executable, "-m", "candela_server.cli", "--sidecar", f"unix:{home}/s.sock", "bridge"),
        environment(),
        ("--root", str(home / "shots"), "--cache", str(home / "cache")),
    )
    with Bridge("Nuke 15.1v1", launch=launch, place=Place(home, True)) as bridge:
        yield bridge
        sidecar = bridge.ping().result(LONG)["sidecar"]
        if bridge.helper is not None:
            helper = bridge.helper["process"]
            os.kill(helper, signal.SIGTERM)
            wait_for(lambda: not lives(helper))
        if sidecar is not None:  # the helper started it, and ends it
            wait_for(lambda: not lives(sidecar["process"]))


def lives(process: int) -> bool:
    """Whether it does; one that ended and was not taken leave of does not."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture(scope="session")
def shots(home: Path) -> Path:
    """A grade, one that clips, and the SDR of both."""
    folder = home / "shots"
    nits = np.minimum(texture(), 990)
    exr(folder / "grade.exr", nits)
    exr(folder / "clipped.exr", np.minimum(nits, 150))
    sdr(folder / "sdr.png", nits)
    return folder


@pytest.fixture(scope="session")
def app() -> Any:
    """Qt's application. Tests that want it are skipped where there is no Qt."""
    from .panel_windows import application

    return application()


@pytest.fixture
def panel(app: Any, folder: Path) -> Iterator[Any]:
    """A panel's window over a helper that makes things up."""
    from .panel_windows import opened

    yield from opened(app, folder)
