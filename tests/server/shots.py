"""Small made shots: sequences and movies of an SDR grade and its HDR master."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.media import write_hdr, write_sdr_png

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


#: Code points of H.273: primaries, transfer, matrix.
SDR_TAGS, PQ_TAGS = (1, 1, 1), (9, 16, 9)


def write_movie(
    path: Path,
    frames: Sequence[npt.NDArray[np.uint16]],
    tags: tuple[int, int, int] | None,
    codec: str = "ffv1",
    pixels: str = "yuv422p10le",
    rate: int = 24,
) -> Path:
    """Frames (H, W, 3) of 16-bit R'G'B' as a movie, narrow range; without any tag where there are none."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        context = stream.codec_context
        if tags is not None:
            context.color_primaries, context.color_trc, context.colorspace = tags
            context.color_range = 1
        for codes in frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(codes), format="rgb48le")
            container.mux(stream.encode(frame.reformat(format=pixels)))
        container.mux(stream.encode(None))
    return path


def sdr_codes(nits: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """16-bit codes of the grade."""
    return grade(nits).astype(np.uint16) * 257


def pq_codes(nits: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """16-bit PQ codes of the master."""
    codes = from_nits_rec2020(nits.astype(np.float64), NAMED["rec2100-pq"])
    return np.rint(np.clip(codes, 0, 1) * 65535).astype(np.uint16)


def make_movies(
    folder: Path, count: int = 6, cut: int | None = None, suffix: str = ".mkv", **how: Any
) -> tuple[Path, Path]:
    """An SDR movie and its PQ master, of `count` frames; from frame `cut` on another scene."""
    folder.mkdir(parents=True, exist_ok=True)
    nits = [frame_light(n, 0 if cut is None or n < cut else 1) for n in range(count)]
    sdr = write_movie(folder / f"grade{suffix}", [sdr_codes(n) for n in nits], SDR_TAGS, **how)
    hdr = write_movie(folder / f"master{suffix}", [pq_codes(n) for n in nits], PQ_TAGS, **how)
    return sdr, hdr


def numbered(pattern: Path, number: int) -> Path:
    """The file of a frame, of a pattern with ####."""
    return pattern.with_name(pattern.name.replace("####", f"{number:04d}"))
