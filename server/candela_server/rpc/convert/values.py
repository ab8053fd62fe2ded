"""Colour states, frames, figures: what requests and results are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import get_args

from candela_engines.colour.state import ColourState, Primaries, Range, Transfer
from candela_engines.errors import PayloadError
from candela_engines.itm.payload import Fidelity
from candela_server.frames.samples import SAMPLE_TYPES, MemoryFrame
from candela_server.jobs.errors import FieldError
from candela_server.jobs.job import Report
from candela_server.proto.candela.v1 import clips_pb2 as clips
from candela_server.proto.candela.v1 import frames_pb2 as pb
from candela_server.proto.candela.v1 import results_pb2 as results
from candela_server.proto.candela.v1 import sidecar_pb2 as calls
from candela_server.service.results import Work
from candela_server.sidecar.asks import Colour, File, Sent, Source

__all__ = [
    "colour_of",
    "details_of",
    "encoding_of",
    "fidelity_of",
    "memory_of",
    "report_of",
    "source_of",
    "state_of",
    "target_of",
    "to_colour",
    "to_config",
    "to_details",
    "to_encoding",
    "to_fidelity",
    "to_memory",
    "to_report",
    "to_source",
    "to_state",
    "to_target",
]

_RANGES: dict[int, Range | None] = {
    pb.RANGE_FULL: "full",
    pb.RANGE_NARROW: "narrow",
    pb.RANGE_AS_RECORDED: None,
}
_RANGE_NUMBERS = {name: number for number, name in _RANGES.items()}
_SAMPLES = dict(zip(SAMPLE_TYPES, (1, 2, 3, 4), strict=True))
_SAMPLE_NAMES = {number: name for name, number in _SAMPLES.items()}


def colour_of(frame: pb.Frame | clips.Clip | calls.FramesSetup, field: str) -> Colour:
    """What was said of a frame. FieldError where anything is left out: a colour state is never a default."""
    if not frame.HasField("colour") or frame.colour.WhichOneof("colour") is None:
        raise FieldError(
            f"{field}.colour: the colour state is needed: a name, or as_recorded for that of the file's own "
            "record"
        )
    if frame.colour.range not in _RANGES:
        raise FieldError(f"{field}.colour.range: RANGE_FULL, RANGE_NARROW or RANGE_AS_RECORDED is needed")
    named = frame.colour.WhichOneof("colour") == "name"
    if named and not frame.colour.name:
        raise FieldError(f"{field}.colour.name: is empty; a colour name is needed, as rec709")
    return Colour(frame.colour.name if named else None, _RANGES[frame.colour.range])


def to_colour(name: str | None, range_: Range | None) -> pb.ColourState:
    """The message of what flags say; None is as recorded."""
    number = pb.Range.ValueType(_RANGE_NUMBERS[range_])
    if name is None:
        return pb.ColourState(as_recorded=pb.AsRecorded(), range=number)
    return pb.ColourState(name=name, range=number)


def to_config(ocio: str | None) -> str:
    """An OCIO config as the sidecar can find it: a path is made absolute, empty is none."""
    if not ocio or ocio.startswith("ocio://"):
        return ocio or ""
    return str(Path(ocio).expanduser().absolute())


def source_of(source: pb.Source, field: str) -> Source:
    """Where a picture comes from; FieldError where it is not said."""
    which = source.WhichOneof("source")
    if which == "file":
        return File(source.file.path)
    if which == "stream":
        return Sent(source.stream.upload)
    if which == "shared_memory":
        return memory_of(source.shared_memory, f"{field}.shared_memory")
    raise FieldError(f"{field}: a file, a stream or shared memory is needed")


def target_of(target: pb.Target, field: str) -> Source:
    """Where a picture goes to; FieldError where it is not said."""
    which = target.WhichOneof("target")
    if which == "file":
        return File(target.file.path)
    if which == "stream":
        return Sent(target.stream.suffix)
    if which == "shared_memory":
        return memory_of(target.shared_memory, f"{field}.shared_memory")
    raise FieldError(f"{field}: a file, a stream or shared memory is needed")


def to_source(source: Source) -> pb.Source:
    """As `source_of` takes it."""
    if isinstance(source, File):
        return pb.Source(file=pb.FileReference(path=source.path))
    if isinstance(source, Sent):
        return pb.Source(stream=pb.StreamReference(upload=source.name))
    return pb.Source(shared_memory=to_memory(source))


def to_target(target: Source) -> pb.Target:
    """As `target_of` takes it."""
    if isinstance(target, File):
        return pb.Target(file=pb.FileReference(path=target.path))
    if isinstance(target, Sent):
        return pb.Target(stream=pb.StreamTarget(suffix=target.name))
    return pb.Target(shared_memory=to_memory(target))


def memory_of(m: pb.SharedMemoryReference, field: str) -> MemoryFrame:
    """Where a frame lies; FieldError where the type of its samples is not said."""
    if m.sample_type not in _SAMPLE_NAMES:
        raise FieldError(f"{field}.sample_type: the type of a sample is needed, as SAMPLE_TYPE_UINT8")
    return MemoryFrame(
        m.region, m.offset_bytes, m.width_px, m.height_px, m.channels, _SAMPLE_NAMES[m.sample_type], m.bits,
        m.row_stride_bytes,
    )  # fmt: skip


def to_memory(f: MemoryFrame) -> pb.SharedMemoryReference:
    """As `memory_of` takes it."""
    return pb.SharedMemoryReference(
        region=f.region, offset_bytes=f.offset, width_px=f.width, height_px=f.height, channels=f.channels,
        sample_type=pb.SampleType.ValueType(_SAMPLES[f.type]), bits=f.bits, row_stride_bytes=f.stride,
    )  # fmt: skip


def encoding_of(encoding: pb.Encoding, field: str) -> str | None:
    """The name of an encoding, None for that of the format; FieldError where neither is said."""
    which = encoding.WhichOneof("encoding")
    if which is None:
        raise FieldError(f"{field}: the encoding is needed: a name, or by_format")
    return encoding.name if which == "name" else None


def to_encoding(name: str | None) -> pb.Encoding:
    """As `encoding_of` takes it."""
    return pb.Encoding(by_format=pb.AsRecorded()) if name is None else pb.Encoding(name=name)


def to_state(s: ColourState) -> pb.ColourValues:
    """A state in full."""
    return pb.ColourValues(
        primaries=s.primaries, transfer=s.transfer, range=pb.Range.ValueType(_RANGE_NUMBERS[s.range]),
        peak_nits=s.peak_nits, reference_white_nits=s.reference_white_nits, unit_nits=s.unit_nits,
        ocio_space=s.ocio_space, ocio_config=s.ocio_config,
    )  # fmt: skip


def state_of(v: pb.ColourValues) -> ColourState:
    """The state again. PayloadError for values of a newer sidecar that this client does not know."""
    primaries: Primaries | None = next((p for p in get_args(Primaries) if p == v.primaries), None)
    transfer: Transfer | None = next((t for t in get_args(Transfer) if t == v.transfer), None)
    if primaries is None or transfer is None:
        raise PayloadError(f"the sidecar names the colours {v.primaries} {v.transfer}; update this Candela")
    return ColourState(
        primaries, transfer, _RANGES.get(v.range) or "full", v.peak_nits, v.reference_white_nits, v.unit_nits,
        v.ocio_space if v.HasField("ocio_space") else None,
        v.ocio_config if v.HasField("ocio_config") else None,
    )  # fmt: skip


def to_fidelity(f: Fidelity) -> results.Fidelity:
    """Figures."""
    return results.Fidelity(
        pu_psnr_db=f.pu_psnr, delta_e_itp_mean=f.delta_e_mean, delta_e_itp_p99=f.delta_e_p99,
        worst_tile_pu_psnr_db=f.worst_pu_psnr, worst_tile_left_px=f.worst_left, worst_tile_top_px=f.worst_top,
    )  # fmt: skip


def fidelity_of(f: results.Fidelity) -> Fidelity:
    """Figures again."""
    return Fidelity(
        f.pu_psnr_db, f.delta_e_itp_mean, f.delta_e_itp_p99, f.worst_tile_pu_psnr_db, f.worst_tile_left_px,
        f.worst_tile_top_px,
    )  # fmt: skip


def to_details(values: Mapping[str, float | int | str]) -> list[results.Detail]:
    """Named values in their order."""
    found = []
    for name, value in values.items():
        if isinstance(value, str):
            found.append(results.Detail(name=name, text=value))
        elif isinstance(value, int):
            found.append(results.Detail(name=name, integer=value))
        else:
            found.append(results.Detail(name=name, number=value))
    return found


def details_of(details: Iterable[results.Detail]) -> dict[str, float | int | str]:
    """Named values again."""
    values: dict[str, float | int | str] = {}
    for detail in details:
        which = detail.WhichOneof("value")
        values[detail.name] = (
            detail.text if which == "text" else detail.integer if which == "integer" else detail.number
        )
    return values


def to_report(r: Report) -> results.Progress:
    """How far a job is."""
    w = r.work
    work = None if w is None else results.Work(done=w.done, total=w.total, unit=w.unit, subject=w.subject)
    return results.Progress(
        stage=r.stage, fraction=r.fraction, rate_per_second=r.rate, seconds_left=r.left, work=work
    )


def report_of(p: results.Progress) -> Report:
    """How far a job is, again."""
    w = p.work
    return Report(
        p.stage, p.fraction, p.rate_per_second if p.HasField("rate_per_second") else None,
        p.seconds_left if p.HasField("seconds_left") else None,
        Work(p.stage, w.done, w.total, w.unit, w.subject) if p.HasField("work") else None,
    )  # fmt: skip


def path_or_none(message: results.EmbedResult, field: str) -> Path | None:
    """An optional path."""
    return Path(getattr(message, field)) if message.HasField(field) else None  # type: ignore[arg-type]
