"""Export of a reconstruction as a LUT: what is left of it where a host takes nothing but colours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError
from candela_engines.itm.export.cube import Cube
from candela_engines.itm.export.cube_fit import Pool, fit_cube, pool_of
from candela_engines.itm.export.output import Output
from candela_engines.itm.field import over_full_scale
from candela_engines.media.atomic import write_atomic
from candela_server.service.export_code import output_of, peak_of
from candela_server.service.export_measure import Against, compared, full_frames
from candela_server.service.export_subjects import ExportSubject, Frame, header_of, out_name, subjects_of
from candela_server.service.outputs import check_writable
from candela_server.service.results import Json, Work, WorkProgress, fidelity_json, no_work

__all__ = ["ExportCubeRequest", "ExportCubeResult", "ExportedCube", "export_cube"]

F32 = npt.NDArray[np.float32]
LEAST, MOST = 17, 129
PIXELS = 600_000
"""Pixels that a LUT is fitted to, of all frames; a fifth of them judges."""


@dataclass(frozen=True)
class ExportCubeRequest:
    """size: nodes a side. shot: of a clip, from 1; None writes a LUT for each. encoding, peak: of what comes
    out."""

    file: Path
    out: Path
    size: int = 33
    shot: int | None = None
    encoding: str = "pq"
    peak: float | None = None
    force: bool = False
    ocio: str | None = None


@dataclass(frozen=True)
class ExportedCube:
    """One LUT. against: how far it is from the full reconstruction, over every pixel of its frames."""

    out: Path
    subject: ExportSubject
    cube: Cube
    output: Output
    against: Against
    bytes: int

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        s = self.subject
        return {
            "out": str(self.out),
            "out_bytes": self.bytes,
            "shot": None if s.still else s.shot,
            "first_frame": None if s.still else s.first,
            "last_frame": None if s.still else s.last,
            "size": self.cube.size,
            "shaper_entries": 0 if self.cube.shaper is None else len(self.cube.shaper),
            "against_reconstruct": self.against.to_json(),
            "promised_by_reconstruct": fidelity_json(s.payload.fidelity),
            "rolled_off_from_nits": None if self.output.rolled is None else round(self.output.rolled[0], 4),
        }


@dataclass(frozen=True)
class ExportCubeResult:
    """What was written, a LUT a shot."""

    file: Path
    output: Output
    files: tuple[ExportedCube, ...]
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """As it stands."""
        return {
            "command": "export-cube",
            "file": str(self.file),
            "encoding": self.output.name,
            "files": [one.to_json() for one in self.files],
            "notes": list(self.notes),
        }


def export_cube(request: ExportCubeRequest, progress: WorkProgress = no_work) -> ExportCubeResult:
    """Fit, measure and write. Raises as `export_code`."""
    output, peak = output_of(request.encoding, request.peak)
    if request.out.suffix.lower() != ".cube":
        raise InputError(f"{request.out}: is to end in .cube")
    if not LEAST <= request.size <= MOST:
        raise InputError(f"--size {request.size}: {LEAST} to {MOST} are possible; 33 and 65 are usual")
    check_writable(request.out, inputs=(request.file,))
    progress(Work("read", 0, 1, "shots"))
    subjects = list(subjects_of(request.file, request.shot, force=request.force, ocio=request.ocio))
    done = []
    for number, subject in enumerate(subjects):
        progress(Work("fit", number, len(subjects), "shots"))
        done.append(_one(request, subject, peak_of(subject, output, peak), len(subjects) > 1))
    progress(Work("fit", len(subjects), len(subjects), "shots"))
    return ExportCubeResult(request.file, output, tuple(done), tuple(_notes(done)))


def _one(request: ExportCubeRequest, subject: ExportSubject, output: Output, several: bool) -> ExportedCube:
    state, bits = subject.payload.sdr, subject.payload.bits
    pairs = [(frame, over_full_scale(frame.codes, frame.bits), nits) for frame, nits in full_frames(subject)]
    pools = _pools([(codes, nits) for _, codes, nits in pairs], output)
    cube = fit_cube(*pools, output, state, bits, request.size)

    def made(frame: Frame, nits: F32) -> Iterable[tuple[int, F32]]:
        codes = over_full_scale(frame.codes, frame.bits)
        rows = max(1, (1 << 19) // codes.shape[1])
        for top in range(0, len(codes), rows):
            light = output.light(cube.apply(codes[top : top + rows]))
            yield top, np.maximum(light, 0).astype(np.float32)

    # Rolled off on both sides: the peak is wanted, and no error of the LUT.
    rolled = ((f, output.light(output.apply(n)) if output.rolled else n) for f, _, n in pairs)
    against = compared(((f, np.asarray(n, np.float32)) for f, n in rolled), made)
    out = out_name(request.out, subject, several)
    comments = header_of(
        subject, f"a LUT of {request.size} nodes, the mean of what the network does", output.label
    )
    comments += [
        f"against candela reconstruct, on {against.frames} frames: {against.text}",
        "a LUT sees neither place nor neighbours: what the network does by them is lost",
    ]
    title = f"Candela {subject.file.stem}" + ("" if subject.still else f" shot {subject.shot}")
    text = cube.text(title.encode("ascii", "replace").decode(), comments)
    write_atomic(out, text.encode("ascii"))
    return ExportedCube(out, subject, cube, output, against, len(text))


def _pools(pairs: list[tuple[F32, F32]], output: Output) -> tuple[Pool, Pool]:
    """Pixels to fit to and pixels to judge by, of all frames, the same ones every time."""
    each = max(PIXELS // len(pairs), 1)
    rng = np.random.default_rng(0)
    codes, light = [], []
    for frame, nits in pairs:
        count = frame.shape[0] * frame.shape[1]
        picks = rng.permutation(count)[:each] if count > each else rng.permutation(count)
        codes.append(frame.reshape(-1, 3)[picks])
        light.append(nits.reshape(-1, 3)[picks])
    colours, nits = np.concatenate(codes), np.concatenate(light)
    judging = rng.random(len(colours)) < 0.2
    if not judging.any() or judging.all():
        return pool_of(colours, nits, output), pool_of(colours, nits, output)
    return pool_of(colours[~judging], nits[~judging], output), pool_of(
        colours[judging], nits[judging], output
    )


def _notes(done: list[ExportedCube]) -> list[str]:
    notes = []
    if any(one.cube.shaper is not None for one in done):
        notes.append(
            "a curve stands before the LUT, in the form of DaVinci Resolve: OpenColorIO reads it, some "
            "programs that read Adobe's .cube do not"
        )
    if len(done) > 1:
        notes.append("a LUT for every shot, fitted to a few frames of it")
    return notes
