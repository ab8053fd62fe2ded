"""Requests: messages to what is asked for, and a use case's request to a message."""

from __future__ import annotations

from pathlib import Path

from candela_server.frames.samples import MemoryFrame
from candela_server.jobs.errors import FieldError
from candela_server.proto.candela.v1 import frames_pb2 as frames
from candela_server.proto.candela.v1 import options_pb2 as options
from candela_server.proto.candela.v1 import sidecar_pb2 as pb
from candela_server.rpc.convert.values import (
    colour_of,
    encoding_of,
    source_of,
    target_of,
    to_colour,
    to_config,
    to_encoding,
    to_source,
    to_target,
)
from candela_server.service import EmbedRequest, ReconstructRequest, VerifyRequest
from candela_server.sidecar.asks import EmbedAsk, InspectAsk, ReconstructAsk, Source, StripAsk, VerifyAsk

__all__ = [
    "EFFORTS",
    "VIEWS",
    "embed_ask",
    "inspect_ask",
    "number_of",
    "reconstruct_ask",
    "strip_ask",
    "to_embed",
    "to_inspect",
    "to_reconstruct",
    "to_strip",
    "to_verify",
    "verify_ask",
]

_MODELS = {options.MODEL_DEFAULT: "default", options.MODEL_PAPER: "paper", options.MODEL_GAMMA: "gamma"}
EFFORTS = {options.EFFORT_FAST: "fast", options.EFFORT_NORMAL: "normal", options.EFFORT_BEST: "best"}
VIEWS = {options.VIEW_HDR: "hdr", options.VIEW_CONFIDENCE: "confidence"}
_NOWHERE = Path()


def embed_ask(m: pb.EmbedRequest) -> EmbedAsk:
    """FieldError for a field that is needed and not there."""
    colour = colour_of(m.sdr, "sdr")
    hdr = source_of(m.hdr.source, "hdr.source") if m.HasField("hdr") else None
    master = colour_of(m.hdr, "hdr") if m.HasField("hdr") else None
    if m.model not in _MODELS:
        raise FieldError("model: one of MODEL_DEFAULT, MODEL_PAPER, MODEL_GAMMA is needed")
    if m.effort not in EFFORTS:
        raise FieldError("effort: one of EFFORT_FAST, EFFORT_NORMAL, EFFORT_BEST is needed")
    request = EmbedRequest(
        _NOWHERE,
        sdr_colour=colour.name,
        sdr_range=colour.range,
        hdr_colour=None if master is None else master.name,
        hdr_range=None if master is None else master.range,
        ocio=m.ocio or None,
        model=_MODELS[m.model],
        bytes=m.bytes if m.HasField("bytes") else None,
        effort=EFFORTS[m.effort],  # type: ignore[arg-type]
        seconds=m.seconds if m.HasField("seconds") else None,
        target_psnr=m.target_psnr_db if m.HasField("target_psnr_db") else None,
        seed=m.seed,
        sidecar=m.sidecar_file,
        dry_run=m.dry_run,
    )
    out = target_of(m.out, "out") if m.HasField("out") else None
    return EmbedAsk(source_of(m.sdr.source, "sdr.source"), hdr, out, request, colour, master)


def to_embed(r: EmbedRequest, sdr: Source, hdr: Source | None, out: Source | None) -> pb.EmbedRequest:
    """As `embed_ask` takes it."""
    return pb.EmbedRequest(
        sdr=frames.Frame(source=to_source(sdr), colour=to_colour(r.sdr_colour, r.sdr_range)),
        hdr=None
        if hdr is None
        else frames.Frame(source=to_source(hdr), colour=to_colour(r.hdr_colour, r.hdr_range)),
        out=None if out is None else to_target(out),
        ocio=to_config(r.ocio),
        model=number_of(_MODELS, r.model, "model"),  # type: ignore[arg-type]
        bytes=r.bytes,
        effort=number_of(EFFORTS, r.effort, "effort"),  # type: ignore[arg-type]
        seconds=r.seconds,
        target_psnr_db=r.target_psnr,
        seed=r.seed,
        sidecar_file=r.sidecar,
        dry_run=r.dry_run,
    )


def reconstruct_ask(m: pb.ReconstructRequest) -> ReconstructAsk:
    """FieldError for a field that is needed and not there."""
    if m.view not in VIEWS:
        raise FieldError("view: VIEW_HDR or VIEW_CONFIDENCE is needed")
    source = source_of(m.sdr.source, "sdr.source")
    if isinstance(source, MemoryFrame) and not m.payload:
        raise FieldError("payload: a frame in shared memory needs its payload beside it")
    request = ReconstructRequest(
        _NOWHERE,
        _NOWHERE,
        encoding=encoding_of(m.encoding, "encoding"),
        peak=m.peak_nits if m.HasField("peak_nits") else None,
        bits=m.bits if m.HasField("bits") else None,
        quality=m.quality if m.HasField("quality") else None,
        force=m.force,
        ocio=m.ocio or None,
        confidence=m.confidence,
        view=VIEWS[m.view],  # type: ignore[arg-type]
    )
    shot_frame = m.shot_frame if m.HasField("shot_frame") else None
    colour = colour_of(m.sdr, "sdr")
    return ReconstructAsk(source, target_of(m.out, "out"), request, colour, m.payload, shot_frame)


def to_reconstruct(
    r: ReconstructRequest, sdr: Source, out: Source, payload: bytes = b""
) -> pb.ReconstructRequest:
    """As `reconstruct_ask` takes it."""
    return pb.ReconstructRequest(
        sdr=frames.Frame(source=to_source(sdr), colour=to_colour(None, None)),
        out=to_target(out),
        encoding=to_encoding(r.encoding),
        peak_nits=r.peak,
        bits=r.bits,
        quality=r.quality,
        force=r.force,
        ocio=to_config(r.ocio),
        confidence=r.confidence,
        view=number_of(VIEWS, r.view, "view"),  # type: ignore[arg-type]
        payload=payload,
    )


def verify_ask(m: pb.VerifyRequest) -> VerifyAsk:
    """FieldError for a field that is needed and not there."""
    master = colour_of(m.hdr, "hdr") if m.HasField("hdr") else None
    request = VerifyRequest(
        _NOWHERE,
        hdr_colour=None if master is None else master.name,
        min_psnr=m.min_psnr_db if m.HasField("min_psnr_db") else None,
        max_delta_e=m.max_delta_e_itp if m.HasField("max_delta_e_itp") else None,
        ocio=m.ocio or None,
        hdr_range=None if master is None else master.range,
    )
    hdr = source_of(m.hdr.source, "hdr.source") if m.HasField("hdr") else None
    return VerifyAsk(source_of(m.sdr.source, "sdr.source"), hdr, request, colour_of(m.sdr, "sdr"))


def to_verify(r: VerifyRequest, sdr: Source, hdr: Source | None) -> pb.VerifyRequest:
    """As `verify_ask` takes it."""
    return pb.VerifyRequest(
        sdr=frames.Frame(source=to_source(sdr), colour=to_colour(None, None)),
        hdr=None
        if hdr is None
        else frames.Frame(source=to_source(hdr), colour=to_colour(r.hdr_colour, r.hdr_range)),
        ocio=to_config(r.ocio),
        min_psnr_db=r.min_psnr,
        max_delta_e_itp=r.max_delta_e,
    )


def strip_ask(m: pb.StripRequest) -> StripAsk:
    """FieldError for a field that is needed and not there."""
    return StripAsk(source_of(m.source, "source"), target_of(m.out, "out"))


def to_strip(source: Source, out: Source) -> pb.StripRequest:
    """As `strip_ask` takes it."""
    return pb.StripRequest(source=to_source(source), out=to_target(out))


def inspect_ask(m: pb.InspectRequest) -> InspectAsk:
    """FieldError for a field that is needed and not there."""
    return InspectAsk(source_of(m.source, "source"))


def to_inspect(source: Source) -> pb.InspectRequest:
    """As `inspect_ask` takes it."""
    return pb.InspectRequest(source=to_source(source))


def number_of(names: dict[int, str], name: str, field: str) -> int:
    """Of an enum's value, by its name. FieldError for an unknown one."""
    for number, known in names.items():
        if known == name:
            return number
    raise FieldError(f"{field}: {name!r}: one of {', '.join(names.values())} is needed")
