"""Small made shots: sequences and movies of an SDR grade and its HDR master."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.colour.names import NAMED
from candela_engines.itm.payload import Fidelity, Payload, decode, encode
from candela_engines.media import write_hdr, write_sdr_png
from candela_engines.media.clip import digest_of_digests

from .pictures import grade, light

WIDTH, HEIGHT = 64, 48


@dataclass(frozen=True)
class Shots:
    """Patterns of the SDR grade and of the master, and the folder that they lie in."""

    sdr: Path
    hdr: Path
    folder: Path
    first: int
    last: int

    def file(self, number: int, which: str = "sdr") -> Path:
        pattern = self.sdr if which == "sdr" else self.hdr
        return pattern.with_name(pattern.name.replace("####", f"{number:04d}"))


def frame_light(number: int, scene: int = 0) -> npt.NDArray[np.float32]:
    """Nits of one frame: a lamp that moves, before another ground in every scene."""
    nits = light(HEIGHT, WIDTH)
    nits = np.roll(nits, 2 * number, axis=1)
    if scene % 2:
        nits = nits[::-1, ::-1] * np.float32(0.4) + np.float32(30)
    return np.ascontiguousarray(nits)


def make_sequence(folder: Path, first: int = 1001, count: int = 4, cut: int | None = None) -> Shots:
    """PNG grade and EXR master, `count` frames each; from frame `cut` on another scene."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Shots(folder / "grade.####.png", folder / "master.####.exr", folder, first, first + count - 1)
    for number in range(first, first + count):
        nits = frame_light(number - first, 0 if cut is None or number < cut else 1)
        write_sdr_png(made.file(number), grade(nits), state=NAMED["rec709"])
        write_hdr(made.file(number, "hdr"), nits, encoding=NAMED["linear-rec2020"], bits=32)
    return made
