"""Nuke as a double, with Candela's folder in its path and a real helper behind it."""

from __future__ import annotations

import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.host_doubles.nuke_double import NukeDouble
from tests.server.test_score import exr, sdr, texture

from candela_bridge.client import Bridge
from candela_bridge.nuke import host as nuke_host
from candela_bridge.nuke import upstream

FOLDER = Path(upstream.__file__).with_name("folder")
RECONSTRUCT = {
    "file": "", "pipelineFile": "", "inputEncoding": ["Automatic", "As stored in the file"],
    "outputEncoding": ["PQ"],
    "sceneWhite": 100.0, "rollOff": False, "peak": 1000.0, "strength": 1.0, "view": ["Result"],
    "withoutPayload": ["Fail"], "frameNumbers": ["Automatic", "As the host counts"], "frameOffset": 0,
}  # fmt: skip
SCOPE = {"qcFile": "", "view": ["Picture"], "peak": 1000.0, "legend": True, "reasons": True}
INSTALLED = {"OFXcandela.reconstruct_v0": RECONSTRUCT, "OFXcandela.scope_v0": SCOPE}


def started(monkeypatch: pytest.MonkeyPatch, **more: Any) -> NukeDouble:
    """Nuke, with the folder in its path, as it is after its start."""
    double = NukeDouble(**{"effects": INSTALLED, **more})
    monkeypatch.setitem(sys.modules, "nuke", double)
    runpy.run_path(str(FOLDER / "init.py"))
    if double.GUI:
        runpy.run_path(str(FOLDER / "menu.py"))
    return double


@pytest.fixture
def nuke(monkeypatch: pytest.MonkeyPatch, host: Bridge) -> Iterator[NukeDouble]:
    double = started(monkeypatch)
    with Bridge(
        "Nuke 15.1v1", launch=host._launch, place=host._place(), deliver=double.executeInMainThread
    ) as own:
        nuke_host.set_bridge(own)
        yield double
    nuke_host.set_bridge(None)


@pytest.fixture
def folder_of_frames(shots: Path, tmp_path: Path) -> Iterator[Path]:
    """Five frames of a grade, of which the third clips, and their SDR, numbered otherwise."""
    folder = shots / tmp_path.name
    folder.mkdir()
    nits = np.minimum(texture(), 990)
    sdr(folder / "sdr.0001.png", nits)
    for number in range(5):
        exr(folder / f"a.{1001 + number}.exr", nits if number != 2 else np.minimum(nits, 150))
        if number:
            shutil.copy(folder / "sdr.0001.png", folder / f"sdr.{number + 1:04}.png")
    yield folder
    shutil.rmtree(folder)


def pictured(double: NukeDouble) -> None:
    """Let the double render: linear numbers of EXR as they are, and write EXR without any tag."""

    def write(path: Path, pixels: np.ndarray) -> None:
        import OpenImageIO as oiio

        height, width = pixels.shape[:2]
        out = oiio.ImageOutput.create(str(path))
        out.open(str(path), oiio.ImageSpec(width, height, 3, "float"))
        out.write_image(pixels)
        out.close()

    double.writer_ = write


def score_node(nuke: NukeDouble, grade: Any, reference: Any = None, **knobs: Any) -> Any:
    node = nuke.createNode("CandelaScore")
    node.setInput(0, grade)
    node.setInput(1, reference)
    for name, value in knobs.items():
        node[name].setValue(value)
    return node
