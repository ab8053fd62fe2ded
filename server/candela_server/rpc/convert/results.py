"""Results to messages."""

from __future__ import annotations

from pathlib import Path

from candela_engines.itm.payload import encode
from candela_server import service
from candela_server.jobs.job import Report
from candela_server.proto.candela.v1 import results_pb2 as pb
from candela_server.proto.candela.v1 import sidecar_pb2 as calls
from candela_server.rpc.convert.values import to_details, to_fidelity, to_report, to_state
from candela_server.service.engines import EngineFacts
from candela_server.sidecar.calls import Event, Measured
from candela_server.sidecar.tasks import Fit, Rendered

__all__ = [
    "PICTURES",
    "embedded",
    "to_embed_response",
    "to_engines",
    "to_inspect_result",
    "to_reconstruct_response",
    "to_strip_response",
    "to_verify_response",
]

PICTURES = {"same": 1, "altered": 2, "resized": 3, "not checked": 4}


def to_embed_response(event: Event) -> calls.EmbedResponse:
    """One event of an embedding."""
    if isinstance(event, Report):
        return calls.EmbedResponse(progress=to_report(event))
    if isinstance(event, bytes):
        return calls.EmbedResponse(chunk=pb.Chunk(data=event))
    if isinstance(event, Measured):
        return calls.EmbedResponse(measured=embedded(event.result))
    if isinstance(event, Fit):
        return calls.EmbedResponse(result=_fitted(event))
    assert isinstance(event, service.EmbedResult)
    return calls.EmbedResponse(result=embedded(event))


def to_reconstruct_response(event: Event) -> calls.ReconstructResponse:
    """One event of a reconstruction."""
    if isinstance(event, Report):
        return calls.ReconstructResponse(progress=to_report(event))
    if isinstance(event, bytes):
        return calls.ReconstructResponse(chunk=pb.Chunk(data=event))
    if isinstance(event, Rendered):
        return calls.ReconstructResponse(result=_rendered(event))
    assert isinstance(event, service.ReconstructResult)
    return calls.ReconstructResponse(result=_reconstructed(event))


def to_verify_response(event: Event) -> calls.VerifyResponse:
    """One event of a verification."""
    if isinstance(event, Report):
        return calls.VerifyResponse(progress=to_report(event))
    assert isinstance(event, service.VerifyResult)
    found = [
        pb.Finding(code=f.code, text=f.text, measured=f.measured, limit=f.limit, unit=f.unit)
        for f in event.findings
    ]
    result = pb.VerifyResult(
        file=str(event.file), hdr=str(event.hdr), passed=event.passed, measured=to_fidelity(event.measured),
        claimed=to_fidelity(event.claimed), findings=found, notes=event.notes,
    )  # fmt: skip
    return calls.VerifyResponse(result=result)


def to_strip_response(event: Event) -> calls.StripResponse:
    """One event of stripping."""
    if isinstance(event, Report):
        return calls.StripResponse(progress=to_report(event))
    if isinstance(event, bytes):
        return calls.StripResponse(chunk=pb.Chunk(data=event))
    assert isinstance(event, service.StripResult)
    result = pb.StripResult(
        file=str(event.file), out=str(event.out), carrier=event.carrier, removed_bytes=event.removed_bytes,
        out_bytes=event.out_bytes, exact=event.exact, notes=event.notes,
    )  # fmt: skip
    return calls.StripResponse(result=result)


def to_inspect_result(r: service.InspectResult) -> pb.InspectResult:
    """What a file carries."""
    return pb.InspectResult(
        file=str(r.file),
        file_bytes=r.file_bytes,
        carrier=r.found.carrier,
        payload_file=str(r.found.path),
        payload_at_bytes=[pb.Span(start=span.start, end=span.end) for span in r.found.spans],
        copies=r.found.copies,
        payload=r.found.payload,
        parts_bytes=to_details(r.parts),
        architecture=to_details(r.architecture),
        picture=pb.Picture.ValueType(PICTURES[r.picture]),
        picture_text=r.picture_text,
        fidelity=to_fidelity(r.payload.fidelity),
        sdr_colour=to_state(r.payload.sdr),
        hdr_colour=to_state(r.payload.hdr),
    )


def to_engines(engines: list[EngineFacts]) -> calls.ListEnginesResponse:
    """The list."""
    return calls.ListEnginesResponse(
        engines=[
            pb.Engine(
                name=e.name, version=e.version, sha256=e.sha256, colour_in=e.colour_in,
                colour_out=e.colour_out, precision=e.precision, provider=e.provider,
            )
            for e in engines
        ]
    )  # fmt: skip


def embedded(r: service.EmbedResult) -> pb.EmbedResult:
    """What was embedded into a picture."""
    return pb.EmbedResult(
        sdr=str(r.sdr), hdr=str(r.hdr), out=_text(r.out), written=_text(r.written), width_px=r.width,
        height_px=r.height, sdr_bits=r.bits, sdr_colour=to_state(r.sdr_state),
        hdr_colour=to_state(r.hdr_state), fidelity=to_fidelity(r.fidelity), model=r.model,
        carrier=r.carrier, payload_bytes=r.payload_bytes, growth_bytes=r.growth_bytes, replaced=r.replaced,
        picture_hash=r.picture_hash, fit_seconds=r.seconds, notes=r.notes, details=to_details(r.details),
    )  # fmt: skip


def _fitted(f: Fit) -> pb.EmbedResult:
    return pb.EmbedResult(
        width_px=f.width, height_px=f.height, sdr_bits=f.bits, sdr_colour=to_state(f.sdr_state),
        hdr_colour=to_state(f.hdr_state), fidelity=to_fidelity(f.fitted.report), model=f.model,
        payload_bytes=len(f.fitted.payload), picture_hash=f.picture_hash.hex(), fit_seconds=f.seconds,
        details=to_details(f.fitted.details), payload=f.fitted.payload,
    )  # fmt: skip


def _reconstructed(r: service.ReconstructResult) -> pb.ReconstructResult:
    report = pb.WriteReport(
        format=r.report.format, bits=r.report.bits, bytes=r.report.bytes,
        clipped_low_samples=r.report.clipped_low, clipped_high_samples=r.report.clipped_high,
        nonfinite_samples=r.report.nonfinite, notes=r.report.notes,
    )  # fmt: skip
    light = r.levels
    levels = None if light is None else pb.Levels(max_cll_nits=light.max_cll, max_fall_nits=light.max_fall)
    return pb.ReconstructResult(
        file=str(r.file), out=str(r.out), payload=encode(r.payload),
        encoding=None if r.encoding is None else to_state(r.encoding), forced=r.forced,
        rolled_off_from_nits=r.rolled_off_from, peak_nits=r.peak,
        levels=levels, report=report, notes=r.notes,
    )  # fmt: skip


def _rendered(r: Rendered) -> pb.ReconstructResult:
    report = pb.WriteReport(format="samples", bits=r.bits, bytes=r.bytes, clipped_high_samples=r.clipped)
    return pb.ReconstructResult(
        payload=r.payload, encoding=to_state(r.encoding), forced=r.forced, report=report, notes=r.notes
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
