"""Up-conversion: messages to what is asked for, results to messages, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from google.protobuf.message import Message

from candela_server import service
from candela_server.jobs.errors import FieldError
from candela_server.jobs.job import Report
from candela_server.proto.candela.v1 import clips_pb2 as clips
from candela_server.proto.candela.v1 import upconvert_pb2 as pb
from candela_server.rpc.convert.back import embed_result
from candela_server.rpc.convert.clip_requests import frames_of, maybe, path_of, rate_of, to_frames, to_rate
from candela_server.rpc.convert.clip_results import as_asked
from candela_server.rpc.convert.mapped import from_message, to_message
from candela_server.rpc.convert.requests import EFFORTS, VIEWS, number_of
from candela_server.rpc.convert.results import embedded
from candela_server.rpc.convert.values import (
    colour_of,
    encoding_of,
    to_colour,
    to_config,
    to_encoding,
    to_report,
)
from candela_server.service.upconversion import Upconverted
from candela_server.service.upconvert_speed import Speed
from candela_server.sidecar.asks import UpconvertAsk
from candela_server.sidecar.calls import Event

__all__ = [
    "KINDS",
    "is_result",
    "to_upconvert_request",
    "to_upconvert_response",
    "upconvert_ask",
    "upconvert_result",
]

Request = service.UpconvertRequest | service.DistilRequest
KINDS: dict[str, tuple[type, type[Message]]] = {
    "still": (service.UpconvertResult, pb.UpconvertResult),
    "clip": (service.UpconvertClipResult, pb.UpconvertClipResult),
    "cube": (service.UpconvertCubeResult, pb.UpconvertCubeResult),
    "distilled_shots": (service.DistilShotsResult, pb.DistilShotsResult),
    "timeline": (service.UpconvertTimelineResult, pb.UpconvertTimelineResult),
    "distilled_timeline": (service.DistilTimelineResult, pb.DistilTimelineResult),
}
"""Events by name, but for a still that is distilled: what is embedded into it has a form of its own."""


def upconvert_ask(m: pb.UpconvertRequest) -> UpconvertAsk:
    """What a message asks for. FieldError for a field that is needed and not there, or is nonsense."""
    colour = colour_of(m.clip, "clip")
    if not m.engine:
        raise FieldError("engine: is empty; the name of one is needed, as placement")
    common: dict[str, Any] = {
        "file": path_of(m.clip.path, "clip.path"),
        "out": path_of(m.out, "out"),
        "engine": m.engine,
        "reference_white": maybe(m, "reference_white_nits"),
        "sdr_colour": colour.name,
        "sdr_range": colour.range,
        "sdr_matrix": m.clip.matrix or None,
        "ocio": m.ocio or None,
        "force": m.force,
        "frames": frames_of(m),
        "rate": rate_of(m),
        "resume": not m.begin_anew,
        "highlights": m.highlights,
        "media": tuple(path_of(path, "media") for path in m.media),
    }
    if m.HasField("distil"):
        return UpconvertAsk(service.DistilRequest(**common, **_distilling(m)))
    if m.view not in VIEWS:
        raise FieldError("view: VIEW_HDR or VIEW_CONFIDENCE is needed")
    return UpconvertAsk(
        service.UpconvertClipRequest(
            **common,
            encoding=encoding_of(m.encoding, "encoding"),
            peak=maybe(m, "peak_nits"),
            bits=maybe(m, "bits"),
            quality=maybe(m, "quality"),
            confidence=m.confidence,
            view=VIEWS[m.view],  # type: ignore[arg-type]
            start=maybe(m, "start"),
            codec=m.codec or None,
            compression=m.compression or None,
        )
    )


def _distilling(m: pb.UpconvertRequest) -> dict[str, Any]:
    d = m.distil
    if d.effort not in EFFORTS:
        raise FieldError("distil.effort: one of EFFORT_FAST, EFFORT_NORMAL, EFFORT_BEST is needed")
    for field in ("peak_nits", "bits", "quality", "start"):
        if m.HasField(field):
            raise FieldError(f"{field}: is of HDR that is written, and distil writes SDR")
    if m.confidence or m.codec or m.compression:
        raise FieldError("confidence, codec, compression: are of HDR that is written, and distil writes SDR")
    return {
        "bytes": maybe(d, "bytes"),
        "bytes_per_second": maybe(d, "bytes_per_second"),
        "effort": EFFORTS[d.effort],
        "seconds": maybe(d, "seconds"),
        "seed": d.seed,
    }


def to_upconvert_request(r: Request) -> pb.UpconvertRequest:
    """The message of a use case's request; paths are made absolute."""
    message = pb.UpconvertRequest(
        clip=clips.Clip(path=str(r.file.absolute()), colour=to_colour(r.sdr_colour, r.sdr_range)),
        out=str(r.out.absolute()),
        engine=r.engine,
        reference_white_nits=r.reference_white,
        ocio=to_config(r.ocio),
        force=r.force,
        highlights=r.highlights,
    )
    if isinstance(r, service.DistilRequest | service.UpconvertClipRequest):
        message.clip.matrix = r.sdr_matrix or ""
        message.begin_anew = not r.resume
        message.media.extend(str(path.absolute()) for path in r.media)
        frames, rate = to_frames(r.frames), to_rate(r.rate)
        if frames is not None:
            message.frames.CopyFrom(frames)
        if rate is not None:
            message.rate.CopyFrom(rate)
    if isinstance(r, service.DistilRequest):
        effort: Any = number_of(EFFORTS, r.effort, "effort")  # type: ignore[arg-type]
        message.distil.CopyFrom(
            pb.Distilling(
                bytes=r.bytes, bytes_per_second=r.bytes_per_second, effort=effort, seconds=r.seconds,
                seed=r.seed,
            )
        )  # fmt: skip
        return message
    view: Any = number_of(VIEWS, r.view, "view")  # type: ignore[arg-type]
    more = pb.UpconvertRequest(
        encoding=to_encoding(r.encoding), peak_nits=r.peak, bits=r.bits, quality=r.quality,
        confidence=r.confidence, view=view,
    )  # fmt: skip
    message.MergeFrom(more)
    if isinstance(r, service.UpconvertClipRequest):
        clip = pb.UpconvertRequest(start=r.start, codec=r.codec or "", compression=r.compression or "")
        message.MergeFrom(clip)
    return message


def to_upconvert_response(event: Event) -> pb.UpconvertResponse:
    """One event of a call."""
    if isinstance(event, Report):
        return pb.UpconvertResponse(progress=to_report(event))
    if isinstance(event, service.DistilResult):
        return pb.UpconvertResponse(
            distilled=pb.DistilResult(
                embedded=embedded(event.embedded),
                upconversion=to_message(event.upconversion, pb.Upconverted),
                speed=to_message(event.speed, pb.Speed),
                notes=event.notes,
            )
        )
    made: Any = next(
        {name: to_message(event, message)} for name, (kind, message) in KINDS.items() if type(event) is kind
    )
    return pb.UpconvertResponse(**made)


def upconvert_result(which: str, message: Any, request: Request) -> Any:
    """The result again, with the paths in it as the request has them."""
    if which == "distilled":
        assert isinstance(request, service.DistilRequest)
        asked = service.EmbedRequest(request.file, request.out, request.file)
        found: Any = service.DistilResult(
            embed_result(message.embedded, asked),
            from_message(message.upconversion, Upconverted),
            from_message(message.speed, Speed),
            tuple(message.notes),
        )
        return as_asked(found, request, ["file", "out"])
    found = as_asked(from_message(message, KINDS[which][0]), request, ["file", "out"])
    if which in ("still", "cube", "timeline", "distilled_timeline"):
        return replace(found, file=request.file, out=request.out)
    if which == "clip":
        return replace(found, clip=replace(found.clip, file=request.file, out=request.out))
    return replace(found, embedded=replace(found.embedded, sdr=request.file, out=request.out))


def is_result(which: str) -> bool:
    """Whether an event of this name is the last one."""
    return which == "distilled" or which in KINDS
