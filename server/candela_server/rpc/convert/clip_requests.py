"""Requests on movies, sequences and timelines: messages to what is asked for, and requests to messages."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from candela_server.jobs.errors import FieldError
from candela_server.proto.candela.v1 import clips_pb2 as pb
from candela_server.rpc.convert.requests import EFFORTS, VIEWS, number_of
from candela_server.rpc.convert.values import colour_of, encoding_of, to_colour, to_config, to_encoding
from candela_server.service import (
    EmbedShotsRequest,
    InspectShotsRequest,
    ReconstructClipRequest,
    ShotsRequest,
    StripShotsRequest,
    VerifyShotsRequest,
)
from candela_server.sidecar.asks import ClipAsk, Colour

__all__ = ["clip_ask", "frames_of", "maybe", "path_of", "rate_of", "to_clip_request", "to_frames", "to_rate"]


def clip_ask(m: Any) -> ClipAsk:
    """What a message asks for. FieldError for a field that is needed and not there, or is nonsense."""
    call, read = _READ[type(m)]
    return ClipAsk(call, read(m))


def to_clip_request(request: Any) -> Any:
    """The message of a use case's request; paths are made absolute."""
    return _WRITE[type(request)](request)


def _embed(m: pb.EmbedShotsRequest) -> EmbedShotsRequest:
    sdr, hdr = colour_of(m.sdr, "sdr"), colour_of(m.hdr, "hdr") if m.HasField("hdr") else Colour(None, None)
    if m.effort not in EFFORTS:
        raise FieldError("effort: one of EFFORT_FAST, EFFORT_NORMAL, EFFORT_BEST is needed")
    return EmbedShotsRequest(
        sdr=path_of(m.sdr.path, "sdr.path"),
        out=Path(m.out) if m.HasField("out") else None,
        hdr=path_of(m.hdr.path, "hdr.path") if m.HasField("hdr") else None,
        sdr_colour=sdr.name,
        sdr_range=sdr.range,
        sdr_matrix=m.sdr.matrix or None,
        hdr_colour=hdr.name,
        hdr_range=hdr.range,
        hdr_matrix=m.hdr.matrix or None,
        ocio=m.ocio or None,
        bytes_per_second=maybe(m, "bytes_per_second"),
        bytes=maybe(m, "bytes"),
        effort=EFFORTS[m.effort],  # type: ignore[arg-type]
        seed=m.seed,
        floor=maybe(m, "floor_db"),
        timeline=Path(m.timeline) if m.HasField("timeline") else None,
        cuts=tuple(m.cuts.first_frames) if m.HasField("cuts") else None,
        no_cuts=m.no_cuts,
        frames=frames_of(m),
        hdr_offset=maybe(m, "hdr_offset"),
        rate=rate_of(m),
        media=tuple(map(Path, m.media)),
        hdr_media=tuple(map(Path, m.hdr_media)),
        sidecar=m.sidecar_file,
        dry_run=m.dry_run,
        resume=not m.begin_anew,
    )


def _to_embed(r: EmbedShotsRequest) -> pb.EmbedShotsRequest:
    return pb.EmbedShotsRequest(
        sdr=_clip(r.sdr, r.sdr_colour, r.sdr_range, r.sdr_matrix),
        hdr=None if r.hdr is None else _clip(r.hdr, r.hdr_colour, r.hdr_range, r.hdr_matrix),
        out=None if r.out is None else str(r.out.absolute()),
        ocio=to_config(r.ocio),
        bytes_per_second=r.bytes_per_second,
        bytes=r.bytes,
        effort=number_of(EFFORTS, r.effort, "effort"),  # type: ignore[arg-type]
        seed=r.seed,
        floor_db=r.floor,
        timeline=None if r.timeline is None else str(r.timeline.absolute()),
        cuts=None if r.cuts is None else pb.Cuts(first_frames=r.cuts),
        no_cuts=r.no_cuts,
        frames=to_frames(r.frames),
        hdr_offset=r.hdr_offset,
        rate=to_rate(r.rate),
        media=[str(path.absolute()) for path in r.media],
        hdr_media=[str(path.absolute()) for path in r.hdr_media],
        sidecar_file=r.sidecar,
        dry_run=r.dry_run,
        begin_anew=not r.resume,
    )


def _reconstruct(m: pb.ReconstructClipRequest) -> ReconstructClipRequest:
    if m.view not in VIEWS:
        raise FieldError("view: VIEW_HDR or VIEW_CONFIDENCE is needed")
    return ReconstructClipRequest(
        file=path_of(m.clip.path, "clip.path"),
        out=path_of(m.out, "out"),
        frames=frames_of(m),
        start=maybe(m, "start"),
        encoding=encoding_of(m.encoding, "encoding"),
        peak=maybe(m, "peak_nits"),
        bits=maybe(m, "bits"),
        quality=maybe(m, "quality"),
        codec=m.codec or None,
        compression=m.compression or None,
        missing="sdr" if m.sdr_where_missing else "fail",
        force=m.force,
        confidence=m.confidence,
        view=VIEWS[m.view],  # type: ignore[arg-type]
        resume=not m.begin_anew,
        rate=rate_of(m),
        range=_recorded(m.clip).range,
        matrix=m.clip.matrix or None,
        ocio=m.ocio or None,
    )


def _to_reconstruct(r: ReconstructClipRequest) -> pb.ReconstructClipRequest:
    return pb.ReconstructClipRequest(
        clip=_clip(r.file, None, r.range, r.matrix),
        out=str(r.out.absolute()),
        encoding=to_encoding(r.encoding),
        ocio=to_config(r.ocio),
        frames=to_frames(r.frames),
        start=r.start,
        peak_nits=r.peak,
        bits=r.bits,
        quality=r.quality,
        codec=r.codec or "",
        compression=r.compression or "",
        sdr_where_missing=r.missing == "sdr",
        force=r.force,
        confidence=r.confidence,
        view=number_of(VIEWS, r.view, "view"),  # type: ignore[arg-type]
        begin_anew=not r.resume,
        rate=to_rate(r.rate),
    )


def _verify(m: pb.VerifyShotsRequest) -> VerifyShotsRequest:
    hdr = colour_of(m.hdr, "hdr") if m.HasField("hdr") else Colour(None, None)
    return VerifyShotsRequest(
        file=path_of(m.clip.path, "clip.path"),
        hdr=path_of(m.hdr.path, "hdr.path") if m.HasField("hdr") else None,
        hdr_colour=hdr.name,
        hdr_range=hdr.range,
        hdr_matrix=m.hdr.matrix or None,
        sdr_range=_recorded(m.clip).range,
        sdr_matrix=m.clip.matrix or None,
        min_psnr=maybe(m, "min_psnr_db"),
        max_delta_e=maybe(m, "max_delta_e_itp"),
        frames=frames_of(m),
        hdr_offset=maybe(m, "hdr_offset"),
        ocio=m.ocio or None,
    )


def _to_verify(r: VerifyShotsRequest) -> pb.VerifyShotsRequest:
    return pb.VerifyShotsRequest(
        clip=_clip(r.file, None, r.sdr_range, r.sdr_matrix),
        hdr=None if r.hdr is None else _clip(r.hdr, r.hdr_colour, r.hdr_range, r.hdr_matrix),
        ocio=to_config(r.ocio),
        min_psnr_db=r.min_psnr,
        max_delta_e_itp=r.max_delta_e,
        frames=to_frames(r.frames),
        hdr_offset=r.hdr_offset,
    )


def _list(m: pb.ListShotsRequest) -> ShotsRequest:
    html = Path(m.html) if m.HasField("html") else None
    media = tuple(map(Path, m.media))
    path = path_of(m.path, "path")
    return ShotsRequest(path, m.detect, html, m.confidence, rate_of(m), media, unopened=m.unopened)


def _to_list(r: ShotsRequest) -> pb.ListShotsRequest:
    return pb.ListShotsRequest(
        path=str(r.file.absolute()),
        detect=r.detect,
        html=None if r.html is None else str(r.html.absolute()),
        confidence=r.confidence,
        rate=to_rate(r.rate),
        media=[str(path.absolute()) for path in r.media],
        unopened=r.unopened,
    )


def _strip(m: pb.StripShotsRequest) -> StripShotsRequest:
    return StripShotsRequest(path_of(m.path, "path"), path_of(m.out, "out"))


def _to_strip(r: StripShotsRequest) -> pb.StripShotsRequest:
    return pb.StripShotsRequest(path=str(r.file.absolute()), out=str(r.out.absolute()))


def _inspect(m: pb.InspectShotsRequest) -> InspectShotsRequest:
    return InspectShotsRequest(path_of(m.path, "path"))


def _to_inspect(r: InspectShotsRequest) -> pb.InspectShotsRequest:
    return pb.InspectShotsRequest(path=str(r.file.absolute()))


_READ: dict[Any, tuple[Any, Any]] = {
    pb.EmbedShotsRequest: ("EmbedShots", _embed),
    pb.ReconstructClipRequest: ("ReconstructClip", _reconstruct),
    pb.VerifyShotsRequest: ("VerifyShots", _verify),
    pb.StripShotsRequest: ("StripShots", _strip),
    pb.InspectShotsRequest: ("InspectShots", _inspect),
    pb.ListShotsRequest: ("ListShots", _list),
}
_WRITE: dict[Any, Any] = {
    EmbedShotsRequest: _to_embed,
    ReconstructClipRequest: _to_reconstruct,
    VerifyShotsRequest: _to_verify,
    StripShotsRequest: _to_strip,
    InspectShotsRequest: _to_inspect,
    ShotsRequest: _to_list,
}


def path_of(text: str, field: str) -> Path:
    """FieldError for a path that is left out."""
    if not text:
        raise FieldError(f"{field}: is empty; a path is needed")
    return Path(text)


def _recorded(clip: pb.Clip) -> Colour:
    """Of a clip that carries its HDR: its payload knows its colours."""
    colour = colour_of(clip, "clip")
    if colour.name is not None:
        raise FieldError("clip.colour: as_recorded is needed; what the clip carries says its colours")
    return colour


def _clip(path: Path, name: str | None, range_: Any, matrix: str | None) -> pb.Clip:
    return pb.Clip(path=str(path.absolute()), colour=to_colour(name, range_), matrix=matrix or "")


def maybe(m: Any, field: str) -> Any:
    """An optional field, None where it is absent."""
    return getattr(m, field) if m.HasField(field) else None


def frames_of(m: Any) -> tuple[int, int] | None:
    """The range in `frames`, None where it is absent."""
    return (m.frames.first, m.frames.last) if m.HasField("frames") else None


def to_frames(frames: tuple[int, int] | None) -> pb.FrameRange | None:
    """As `frames_of` takes it."""
    return None if frames is None else pb.FrameRange(first=frames[0], last=frames[1])


def rate_of(m: Any) -> Fraction | None:
    """The rate in `rate`, None where it is absent; FieldError for one that is no number."""
    if not m.HasField("rate"):
        return None
    try:
        return Fraction(m.rate.text[:40])
    except (ValueError, ZeroDivisionError):
        text = m.rate.text[:40]
        raise FieldError(f"rate.text: {text!r}: a number is needed, as 25 or 24000/1001") from None


def to_rate(rate: Fraction | None) -> pb.Rate | None:
    """As `rate_of` takes it."""
    return None if rate is None else pb.Rate(text=str(rate))
