"""Export of networks as code: DCTL for DaVinci Resolve, BlinkScript for Nuke."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError
from candela_engines.itm.export.approximate import approximate_strips
from candela_engines.itm.export.blink import KERNEL
from candela_engines.itm.export.default_code import DefaultNetwork
from candela_engines.itm.export.moment import Subject, at_frame
from candela_engines.itm.export.output import Output, parse_encoding
from candela_engines.itm.export.prepare import Storage, Written, write_blink, write_dctl
from candela_engines.itm.export.surroundings import Means
from candela_engines.itm.payload import Fidelity
from candela_engines.media.atomic import write_atomic
from candela_server.service.clip_target import roll_off_from
from candela_server.service.export_image import write_grids
from candela_server.service.export_measure import Against, compared, full_frames
from candela_server.service.export_subjects import ExportSubject, Frame, header_of, out_name, subjects_of
from candela_server.service.levels import brightest
from candela_server.service.outputs import check_writable
from candela_server.service.results import Json, Work, WorkProgress, fidelity_json, no_work

__all__ = ["ExportCodeRequest", "ExportCodeResult", "ExportedCode", "export_code", "output_of", "peak_of"]

F32 = npt.NDArray[np.float32]
Language = Literal["dctl", "blink"]
_SUFFIXES = {"dctl": (".dctl",), "blink": (".blink", ".rpp", ".cpp")}


@dataclass(frozen=True)
class ExportCodeRequest:
    """language: what to write. shot: of a clip, from 1; None writes a file for each. frame: of a shot, in the
    clip's numbers, at which its network stands still. encoding: as `parse_encoding` reads it. peak: nits to
    roll light off to. storage: of a DCTL's plane. means: None takes `baked` for pictures, `fast` for shots.
    """

    file: Path
    out: Path
    language: Language
    shot: int | None = None
    frame: int | None = None
    encoding: str = "pq"
    peak: float | None = None
    storage: Storage = "auto"
    means: Means | None = None
    force: bool = False
    ocio: str | None = None


@dataclass(frozen=True)
class ExportedCode:
    """One file. data: the image of a kernel's second input, or None. against: how far it is from
    `reconstruct`, None where only rounding parts them."""

    out: Path
    data: Path | None
    subject: ExportSubject
    written: Written
    output: Output
    bytes: int
    against: Against | None

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        w, s = self.written, self.subject
        cells = None if w.plane_shift is None else [1 << shift for shift in w.plane_shift]
        return {
            "out": str(self.out),
            "data": None if self.data is None else str(self.data),
            "out_bytes": self.bytes,
            "shot": None if s.still else s.shot,
            "first_frame": None if s.still else s.first,
            "last_frame": None if s.still else s.last,
            "model": s.payload.model,
            "moves": w.moves,
            "storage": w.storage,
            "constant_bytes": w.constant_bytes,
            "plane_cell_px": None if cells is None else cells[0],
            "payload_plane_cell_px": None if cells is None else cells[1],
            "plane_bits": w.plane_bits or None,
            "baked_means_px": list(w.baked),
            "sparse_means_px": [cell for cell, _ in w.strides],
            "reads_per_pixel": w.reads,
            "exact": w.exact,
            "against_reconstruct": None if self.against is None else self.against.to_json(),
            "promised": fidelity_json(s.payload.fidelity),
            "rolled_off_from_nits": None if self.output.rolled is None else round(self.output.rolled[0], 4),
        }

    @property
    def promised(self) -> Fidelity:
        """What embedding measured."""
        return self.subject.payload.fidelity


@dataclass(frozen=True)
class ExportCodeResult:
    """What was written, a file a shot."""

    file: Path
    language: Language
    output: Output
    files: tuple[ExportedCode, ...]
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """As it stands."""
        return {
            "command": f"export-{self.language}",
            "file": str(self.file),
            "encoding": self.output.name,
            "files": [one.to_json() for one in self.files],
            "notes": list(self.notes),
        }


def export_code(request: ExportCodeRequest, progress: WorkProgress = no_work) -> ExportCodeResult:
    """Write the files.

    Raises NoPayloadError, PayloadError, PictureMismatchError, InputError for what cannot be written out,
    InfrastructureError for a disk that refuses. A file appears whole or not at all.
    """
    output, peak = output_of(request.encoding, request.peak)
    _check_name(request)
    check_writable(request.out, inputs=(request.file,))
    subjects = subjects_of(
        request.file, request.shot, frame=request.frame, force=request.force, ocio=request.ocio
    )
    done: list[ExportedCode] = []
    progress(Work("read", 0, 1, "shots"))
    whole = list(subjects)
    for number, subject in enumerate(whole):
        progress(Work("write", number, len(whole), "shots"))
        done.append(_one(request, subject, output, peak, len(whole) > 1))
    progress(Work("write", len(whole), len(whole), "shots"))
    return ExportCodeResult(request.file, request.language, output, tuple(done), tuple(_notes(request, done)))


def output_of(encoding: str, peak: float | None) -> tuple[Output, float | None]:
    """The output and the peak that light is rolled off to, by --encoding and --peak together."""
    output, named = parse_encoding(encoding)
    if peak is not None and not 1 <= peak <= 10_000:
        raise InputError(f"--peak {peak:g}: 1 to 10000 nit is needed")
    if peak is not None and named is not None and peak > named:
        raise InputError(f"--peak {peak:g}: --encoding {encoding} names {named:g} nit; leave one of them out")
    return output, named if peak is None else peak


def peak_of(subject: ExportSubject, output: Output, peak: float | None) -> Output:
    """The output with its roll-off: of a picture from its brightest light, of a shot from its ceiling, both
    as `reconstruct` does it."""
    if peak is None:
        return output
    if not subject.still:
        source = roll_off_from(list(subject.ceilings), peak)
        return output if source is None else output.with_peak(source, peak)
    _, nits = next(iter(full_frames(subject)))
    return output.with_peak(min(brightest(nits), 10_000.0), peak)


def _check_name(request: ExportCodeRequest) -> None:
    wanted = _SUFFIXES[request.language]
    if request.out.suffix.lower() not in wanted:
        raise InputError(f"{request.out}: is to end in {' or '.join(wanted)}")
    if request.language == "blink" and request.storage != "auto":
        raise InputError("--storage: is for DCTL; a kernel has its grids in an image beside it")


def _one(
    request: ExportCodeRequest, subject: ExportSubject, output: Output, peak: float | None, several: bool
) -> ExportedCode:
    means = request.means or ("baked" if subject.still else "fast")
    if means == "baked" and not subject.still:
        raise InputError("--means baked: is of one picture, and a shot has many; take read or fast")
    frame = None if request.frame is None else request.frame + subject.shift
    output = peak_of(subject, output, peak)
    out = out_name(request.out, subject, several)
    codes = subject.frames[0].codes if subject.still else None
    of = Subject(subject.payload, codes, frame)
    write = _writer(request, of, output, means)
    written = write([])
    against = None if written.exact else _against(subject, written)
    text = write(_header(request, subject, written, output, against, out)).text
    data = None
    if written.picture is not None:
        data = _beside(out)
        check_writable(data, inputs=(request.file,))
        write_grids(data, written.picture.pixels)
    write_atomic(out, text.encode("ascii"))
    return ExportedCode(out, data, subject, replace(written, text=text), output, len(text), against)


def _writer(
    request: ExportCodeRequest, of: Subject, output: Output, means: Means
) -> Callable[[list[str]], Written]:
    if request.language == "dctl":
        return lambda header: write_dctl(of, output, header, storage=request.storage, means=means)
    return lambda header: write_blink(of, output, header, means=means)


def _against(subject: ExportSubject, written: Written) -> Against:
    """Measured on the frames that were read."""
    network = written.network
    assert isinstance(network, DefaultNetwork)

    def made(of: Frame, nits: F32) -> Iterable[tuple[int, F32]]:
        return approximate_strips(at_frame(network, subject.payload, of.place), subject.payload, of.codes)

    return compared(full_frames(subject), made)


def _header(
    request: ExportCodeRequest,
    subject: ExportSubject,
    written: Written,
    output: Output,
    against: Against | None,
    out: Path,
) -> list[str]:
    what = "the HDR of an SDR picture, as a " + (
        "DCTL" if request.language == "dctl" else "BlinkScript kernel"
    )
    lines = header_of(subject, what, output.label)
    if against is None:
        lines.append("the same as candela reconstruct, to the rounding of single precision")
    else:
        lines.append(f"against candela reconstruct, on {against.frames} frames: {against.text}")
    if written.picture is not None:
        lines.append(f"input data: {_ascii_name(_beside(out))}, read raw")
    if written.moves:
        lines.append("its network moves: " + _MOVES[request.language])
    if written.reads:
        lines.append(f"reads {written.reads} samples of other pixels for a pixel")
    return lines


_MOVES = {
    "dctl": "use it in the DCTL plug-in, and say there on which timeline frame the shot begins",
    "blink": "set the knob Frame to the expression frame, which has to count as the clip does",
}


def _beside(out: Path) -> Path:
    """The image of a kernel's grids: not OUT.exr, which is what people call the HDR itself."""
    return out.with_name(out.name + ".exr")


def _ascii_name(path: Path) -> str:
    return path.name.encode("ascii", "replace").decode()


def _notes(request: ExportCodeRequest, done: list[ExportedCode]) -> list[str]:
    notes = []
    if any(one.written.storage == "lut" for one in done):
        notes.append(
            "the plane does not fit into constant memory and lies in LUTs inside the file: needs DaVinci "
            "Resolve 17 or later; --storage constants does without, at fewer samples"
        )
    if any(one.written.moves for one in done):
        notes.append(f"the network moves with the shot: {_MOVES[request.language]}; or fix it with --frame")
    heavy = max((one.written.reads for one in done), default=0)
    if heavy > 10_000:
        notes.append(f"every pixel reads {heavy:,} samples of others: slow; --means fast reads some of them")
    if request.language == "blink":
        notes.append(
            f"load it in a BlinkScript node as kernel {KERNEL}, with the file's own codes (Read: raw)"
        )
    return notes
