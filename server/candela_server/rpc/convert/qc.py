"""Quality control: messages to what is asked for, results to messages, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from candela_engines.qc.findings import Finding, Severity
from candela_engines.qc.result import QcResult
from candela_server import service
from candela_server.jobs.errors import FieldError
from candela_server.jobs.job import Report
from candela_server.proto.candela.v1 import clips_pb2 as clips
from candela_server.proto.candela.v1 import results_pb2 as results
from candela_server.proto.candela.v1 import scores_pb2 as pb
from candela_server.rpc.convert.clip_requests import path_of, rate_of, to_rate
from candela_server.rpc.convert.values import colour_of, to_colour, to_config, to_report
from candela_server.service.qc_request import is_file_name
from candela_server.sidecar.asks import QcAsk, QcChunk
from candela_server.sidecar.calls import Event
from candela_server.sidecar.qc_tasks import QcDone, QcListed, QcMeasured

__all__ = ["listed_of", "measured_of", "outcome_of", "qc_ask", "to_qc_request", "to_qc_responses"]

_SEVERITIES = {
    pb.SEVERITY_FYI: Severity.FYI, pb.SEVERITY_ISSUE: Severity.ISSUE, pb.SEVERITY_BLOCKER: Severity.BLOCKER,
}  # fmt: skip
_SEVERITY_NUMBERS = {severity: number for number, severity in _SEVERITIES.items()}
_UNITS: dict[int, Literal["shot", "part"]] = {pb.QC_UNIT_SHOT: "shot", pb.QC_UNIT_PART: "part"}
_UNIT_NUMBERS = {"shot": pb.QC_UNIT_SHOT, "part": pb.QC_UNIT_PART}
_MOST_NUMBERS = 1_000_000
_MOST_FINDINGS = 5000
_WHOLE_BYTES = 4 << 20
_CHUNK_BYTES = 1 << 20


def qc_ask(m: pb.QcRequest) -> QcAsk:
    """What a message asks for. FieldError for a field that is needed and not there, or is nonsense."""
    if not m.clips:
        raise FieldError("clips: one is needed at least")
    if not m.profile:
        raise FieldError("profile: is needed: the name of one that ships, as hdr10-1000, or a TOML file")
    if m.fail_on not in _SEVERITIES:
        raise FieldError("fail_on: one of SEVERITY_FYI, SEVERITY_ISSUE, SEVERITY_BLOCKER is needed")
    said = {(colour_of(clip, f"clips[{n}]"), clip.matrix or None) for n, clip in enumerate(m.clips)}
    if len(said) > 1:
        raise FieldError("clips: one call takes those of one colour, range and matrix; others need another")
    ((colour, matrix),) = said
    request = service.QcRequest(
        tuple(path_of(clip.path, f"clips[{n}].path") for n, clip in enumerate(m.clips)),
        m.profile,
        service.QcSaid(colour.name, colour.range, matrix, m.ocio or None),
        fail_on=_SEVERITIES[m.fail_on],
        work=Path(m.work) if m.HasField("work") else None,
        report=Path(m.report) if m.HasField("report") else None,
        media=tuple(path_of(path, "media") for path in m.media),
        rate=rate_of(m),
        score=not m.without_scores,
    )
    return QcAsk(request, _chunk(m), {one.path: one.words for one in m.called})


def _chunk(m: pb.QcRequest) -> QcChunk | None:
    if not m.HasField("chunk"):
        return None
    if m.chunk.unit not in _UNITS:
        raise FieldError("chunk.unit: QC_UNIT_SHOT or QC_UNIT_PART is needed")
    numbers = tuple((one.first, one.last) for one in m.chunk.numbers)
    if any(first < 1 or last < first for first, last in numbers):
        raise FieldError("chunk.numbers: are counted from 1, and a range does not end before it begins")
    if sum(last - first + 1 for first, last in numbers) > _MOST_NUMBERS:
        raise FieldError(f"chunk.numbers: {_MOST_NUMBERS:,} are possible in one call")
    if m.HasField("report"):
        raise FieldError("report: a chunk judges nothing; ask for the report without one")
    return QcChunk(_UNITS[m.chunk.unit], numbers)


def to_qc_request(r: service.QcRequest, chunk: QcChunk | None = None) -> pb.QcRequest:
    """The message of a use case's request; paths are made absolute, and go with the words for them."""
    profile = Path(r.profile) if is_file_name(r.profile) else None
    places = [*r.inputs, *r.media, *(path for path in (profile, r.report) if path is not None)]
    colour = to_colour(r.said.colour, r.said.range)
    message = pb.QcRequest(
        clips=[
            clips.Clip(path=str(path.absolute()), colour=colour, matrix=r.said.matrix or "")
            for path in r.inputs
        ],
        profile=r.profile if profile is None else str(profile.absolute()),
        fail_on=_SEVERITY_NUMBERS[r.fail_on],
        report=None if r.report is None else str(r.report.absolute()),
        work=None if r.work is None else str(r.work.absolute()),
        ocio=to_config(r.said.ocio),
        media=[str(path.absolute()) for path in r.media],
        rate=to_rate(r.rate),
        without_scores=not r.score,
        called=[pb.Called(path=str(path.absolute()), words=str(path)) for path in places],
    )
    if chunk is not None:
        message.chunk.unit = _UNIT_NUMBERS[chunk.unit]
        message.chunk.numbers.extend(clips.FrameRange(first=a, last=b) for a, b in chunk.numbers)
    return message


def to_qc_responses(event: Event) -> Iterator[pb.QcResponse]:
    """One event of a call; a document that is too large for a message goes before the result."""
    if isinstance(event, Report):
        yield pb.QcResponse(progress=to_report(event))
    elif isinstance(event, QcListed):
        units = [
            pb.QcStretch(clip=clip, name=name, frames=clips.FrameRange(first=first, last=last))
            for clip, name, first, last in event.units
        ]
        yield pb.QcResponse(listed=pb.QcUnits(units=units))
    elif isinstance(event, QcMeasured):
        yield pb.QcResponse(
            done=pb.QcMeasured(units=event.units, measured=event.measured, frames=event.frames)
        )
    elif isinstance(event, QcDone):
        yield from _done(event)


def _done(done: QcDone) -> Iterator[pb.QcResponse]:
    # Names of files that are no text come as surrogates.
    data = done.document.encode("utf-8", errors="replace")
    whole = len(data) <= _WHOLE_BYTES
    for at in range(0, 0 if whole else len(data), _CHUNK_BYTES):
        yield pb.QcResponse(chunk=results.Chunk(data=data[at : at + _CHUNK_BYTES]))
    gravest = sorted(done.findings, key=lambda f: (f.waiver is not None, -f.severity.rank))
    result = pb.QcResult(
        profile=done.profile,
        passed=done.passed,
        findings=[_finding(finding) for finding in gravest[:_MOST_FINDINGS]],
        document=data.decode() if whole else "",
        reports=[_text(path) for path in done.reports],
        findings_in_all=len(done.findings),
        unread=[_text(why) for why in done.unread],
    )
    yield pb.QcResponse(result=result)


def _finding(f: Finding) -> pb.QcFinding:
    frames = None
    if f.first is not None:
        frames = clips.FrameRange(first=f.first, last=f.first if f.last is None else f.last)
    box = None
    if f.box is not None:
        left, top = f.box.left_px, f.box.top_px
        wide, tall = f.box.right_px - left, f.box.bottom_px - top
        box = pb.Box(left_px=left, top_px=top, width_px=wide, height_px=tall)
    waiver = None
    if f.waiver is not None:
        waiver = pb.Waiver(author=f.waiver.author, reason=f.waiver.reason, date=f.waiver.date)
    return pb.QcFinding(
        code=f.code, severity=_SEVERITY_NUMBERS[f.severity], clip=_text(f.clip),
        shot=None if f.shot is None else _text(f.shot), frames=frames, timecode_in=f.timecode_in,
        timecode_out=f.timecode_out, box=box, measured=f.measured, limit=f.limit, unit=f.unit,
        sentence=_text(f.sentence), source=f.source, key=f.key, waiver=waiver,
    )  # fmt: skip


def _text(text: str) -> str:
    return text.encode("utf-8", errors="replace").decode()


def outcome_of(result: pb.QcResult, chunks: bytes) -> service.QcOutcome:
    """The outcome again, but for pictures, which are in the report. chunks: of the document, if there were.

    Raises InputError for a document of a newer sidecar.
    """
    document = json.loads(chunks.decode() if chunks else result.document)
    return service.QcOutcome(QcResult.from_json(document), tuple(map(Path, result.reports)), {})


def listed_of(m: pb.QcUnits) -> list[tuple[str, str, int, int]]:
    """Shots or parts again."""
    return [(one.clip, one.name, one.frames.first, one.frames.last) for one in m.units]


def measured_of(m: pb.QcMeasured, chunk: QcChunk) -> service.ShotsMeasured:
    """What was measured again."""
    return service.ShotsMeasured(m.units, tuple(m.measured), m.frames, f"{chunk.unit}s")
