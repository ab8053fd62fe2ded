"""Messages to results again, for the client: the same values that the use cases give."""

from __future__ import annotations

from pathlib import Path

from candela_engines.itm.carriers import Found
from candela_engines.itm.carriers._source import Copy
from candela_engines.itm.payload import decode
from candela_engines.media import WriteReport
from candela_server import service
from candela_server.proto.candela.v1 import results_pb2 as pb
from candela_server.rpc.convert.results import PICTURES
from candela_server.rpc.convert.values import details_of, fidelity_of, path_or_none, state_of
from candela_server.service.inspect import Picture
from candela_server.service.levels import Levels

__all__ = ["embed_result", "inspect_result", "reconstruct_result", "strip_result", "verify_result"]


def embed_result(m: pb.EmbedResult, request: service.EmbedRequest) -> service.EmbedResult:
    """With the paths as they were asked for."""
    return service.EmbedResult(
        sdr=request.sdr,
        hdr=request.hdr or request.sdr,
        out=request.out,
        written=None if path_or_none(m, "written") is None else _as_asked(Path(m.written), request.out),
        width=m.width_px,
        height=m.height_px,
        bits=m.sdr_bits,
        sdr_state=state_of(m.sdr_colour),
        hdr_state=state_of(m.hdr_colour),
        fidelity=fidelity_of(m.fidelity),
        model=m.model,
        carrier=m.carrier,
        payload_bytes=m.payload_bytes,
        growth_bytes=m.growth_bytes,
        replaced=m.replaced,
        picture_hash=m.picture_hash,
        seconds=m.fit_seconds,
        notes=tuple(m.notes),
        details=details_of(m.details),
    )


def reconstruct_result(
    m: pb.ReconstructResult, request: service.ReconstructRequest
) -> service.ReconstructResult:
    """With the paths as they were asked for."""
    r = m.report
    report = WriteReport(
        request.out, r.format, r.bits, r.bytes, r.clipped_low_samples, r.clipped_high_samples,
        r.nonfinite_samples, tuple(r.notes),
    )  # fmt: skip
    return service.ReconstructResult(
        request.file,
        request.out,
        decode(m.payload),
        state_of(m.encoding) if m.HasField("encoding") else None,
        m.forced,
        m.rolled_off_from_nits if m.HasField("rolled_off_from_nits") else None,
        m.peak_nits if m.HasField("peak_nits") else None,
        Levels(m.levels.max_cll_nits, m.levels.max_fall_nits) if m.HasField("levels") else None,
        report,
        tuple(m.notes),
    )


def verify_result(m: pb.VerifyResult, request: service.VerifyRequest) -> service.VerifyResult:
    """With the paths as they were asked for."""
    findings = tuple(service.Finding(f.code, f.text, f.measured, f.limit, f.unit) for f in m.findings)
    return service.VerifyResult(
        request.file, request.hdr or request.file, fidelity_of(m.measured), fidelity_of(m.claimed), findings,
        tuple(m.notes),
    )  # fmt: skip


def strip_result(m: pb.StripResult, request: service.StripRequest) -> service.StripResult:
    """With the paths as they were asked for."""
    return service.StripResult(
        request.file, request.out, m.carrier, m.removed_bytes, m.out_bytes,
        m.exact if m.HasField("exact") else None, tuple(m.notes),
    )  # fmt: skip


def inspect_result(m: pb.InspectResult, request: service.InspectRequest) -> service.InspectResult:
    """With the paths as they were asked for."""
    names: dict[int, Picture] = {number: name for name, number in PICTURES.items()}  # type: ignore[misc]
    found = Found(
        path=_as_asked(Path(m.payload_file), request.file), carrier=m.carrier, payload=m.payload,
        spans=tuple(Copy(s.start, s.end) for s in m.payload_at_bytes), copies=m.copies,
    )  # fmt: skip
    return service.InspectResult(
        request.file, found, decode(m.payload), {d.name: d.integer for d in m.parts_bytes},
        {k: v for k, v in details_of(m.architecture).items() if not isinstance(v, float)},
        names.get(m.picture, "not checked"), m.picture_text, m.file_bytes,
    )  # fmt: skip


def _as_asked(found: Path, asked: Path | None) -> Path:
    """A path of the sidecar in the words of the request: beside the file that was asked for."""
    return found if asked is None else asked.with_name(found.name)
