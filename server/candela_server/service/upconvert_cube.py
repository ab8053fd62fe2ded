"""An engine as a LUT: SDR code in, PQ code out, for hosts that take nothing else.

The engines so far see a colour and nothing else, so that a LUT is all of them but for what lies between its
nodes; that is measured on the picture or the clip at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from candela_engines import __version__
from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm.export.cube import Cube
from candela_engines.itm.field import over_full_scale
from candela_engines.media import state_label, write_atomic
from candela_engines.metrics import PuPsnr
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.levels import F32
from candela_server.service.outputs import check_writable
from candela_server.service.reconstruct_clip import frames_asked
from candela_server.service.results import Json, Work, WorkProgress, decibels, no_work, state_json
from candela_server.service.upconversion import NO_MASTER, Upconversion, Upconverted
from candela_server.service.upconvert_input import open_graded_clip, read_graded
from candela_server.service.upconvert_request import UpconvertClipRequest
from candela_server.service.upconvert_shots import for_picture, with_shots

__all__ = ["SIZE", "UpconvertCubeResult", "upconvert_cube"]

SIZE = 65
_NAMED = 8


@dataclass(frozen=True)
class UpconvertCubeResult:
    """pu_psnr: dB of the LUT against the engine, over `frames` frames; infinite without a difference."""

    file: Path
    out: Path
    upconversion: Upconverted
    pu_psnr: float
    frames: int
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "upconvert",
            "file": str(self.file),
            "out": str(self.out),
            **self.upconversion.to_json(),
            "sdr_colour": state_json(self.upconversion.state),
            "size": SIZE,
            "against_the_engine_pu_psnr_db": decibels(self.pu_psnr),
            "against_the_engine_frames": self.frames,
            "notes": list(self.notes),
        }


def upconvert_cube(request: UpconvertClipRequest, progress: WorkProgress = no_work) -> UpconvertCubeResult:
    """Write the LUT and measure it on frames of the file. Raises as `upconvert`, and InputError for codes of
    narrow range, which a LUT over full scale would take for others.
    """
    engine = request.opened_engine()
    if engine.info.name == "hdcfm":
        raise InputError(f"{request.out}: hdcfm looks at neighbours and place, which a LUT cannot; take agcm")
    if kind_of_name(request.file) == "timeline":
        raise InputError(f"{request.file}: is a timeline, and a LUT is of one clip; give one of its media")
    if request.highlights:
        raise InputError(f"{request.out}: --highlights look at neighbours, which a LUT cannot; leave it out")
    check_writable(request.out, inputs=(request.file,))
    by, frames, said = _opened(request, Upconversion(engine, NAMED["rec709"]), progress)
    axis = np.linspace(0, 1, SIZE, dtype=np.float32)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    codes = np.stack([red, green, blue], axis=-1).reshape(SIZE * SIZE, SIZE, 3)
    nodes = pq.inverse_eotf(by.light(codes, 32).astype(np.float64))
    cube = Cube(np.asarray(nodes.reshape(SIZE, SIZE, SIZE, 3)))
    progress(Work("measure", 0, len(frames)))
    total = PuPsnr()
    for number, frame in enumerate(frames):
        made = np.asarray(pq.eotf(cube.apply(frame)), np.float32)
        total.add(made, by.light(frame, 32))
        progress(Work("measure", number + 1, len(frames)))
    psnr = total.result()
    comments = [
        f"Candela {__version__}: {state_label(by.state)} to PQ (ST 2084) in BT.2020, full range",
        f"up-converted by {engine.info.name}: {engine.info.source}; {NO_MASTER}",
        f"against the engine, on {len(frames)} frames: PU-PSNR {psnr:.2f} dB",
    ]
    text = cube.text(f"Candela {engine.info.name}", comments)
    write_atomic(request.out, text.encode("ascii", "replace"))
    return UpconvertCubeResult(request.file, request.out, by.said(), psnr, len(frames), (NO_MASTER, *said))


def _opened(
    request: UpconvertClipRequest, by: Upconversion, progress: WorkProgress
) -> tuple[Upconversion, list[F32], tuple[str, ...]]:
    """`by` for the file, frames to measure on (codes over full scale), notes."""
    if kind_of_name(request.file) == "still":
        still, state, notes = read_graded(request)
        _check(request, state)
        return for_picture(replace(by, state=state), still), [still.pixels], notes
    with open_graded_clip(request) as side:
        _check(request, side.state)
        first, last = frames_asked(side.info, request.frames)
        by = with_shots(replace(by, state=side.state), side, first, last, progress)
        if len(by.shots) > 1:
            shots = ", ".join(f"{begin}-{end}" for begin, end, _ in by.shots[:_NAMED])
            raise InputError(
                f"{request.file}: has {len(by.shots)} shots, and a network has a LUT for each; take one with "
                f"--frames: {shots}{', …' if len(by.shots) > _NAMED else ''}"
            )
        if by.shots:
            by = replace(by, engine=by.shots[0][2], shots=())
        there = [n for n in range(first, last + 1) if n not in set(side.info.missing)]
        chosen = sorted({there[0], there[len(there) // 2], there[-1]})
        frames = [side.clip.frame(number) for number in chosen]
        return by, [over_full_scale(f.codes, f.bits) for f in frames], side.notes


def _check(request: UpconvertClipRequest, state: ColourState) -> None:
    if state.range == "narrow":
        raise InputError(
            f"{request.file}: its codes are of narrow range, and a host gives a LUT full-range ones; export "
            "the picture in full range, or say --sdr-range full where the tags are wrong"
        )
