"""Results on movies, sequences and timelines, to messages and back."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message

from candela_server import service
from candela_server.jobs.job import Report
from candela_server.proto.candela.v1 import clips_pb2 as pb
from candela_server.rpc.convert.mapped import from_message, to_message
from candela_server.rpc.convert.values import to_report
from candela_server.service.in_words import in_words, words_of
from candela_server.sidecar.calls import Event, Measured

__all__ = ["as_asked", "clip_result", "to_clip_response"]

R = TypeVar("R", bound=Message)
D = TypeVar("D")
_KINDS: dict[type, type[Message]] = {
    service.EmbedShotsResult: pb.EmbedShotsResult,
    service.ClipResult: pb.ReconstructClipResult,
    service.VerifyShotsResult: pb.VerifyShotsResult,
    service.StripShotsResult: pb.StripShotsResult,
    service.InspectShotsResult: pb.InspectShotsResult,
    service.ShotsResult: pb.ListShotsResult,
}
_CLASSES = {message: kind for kind, message in _KINDS.items()}


def to_clip_response(event: Event, kind: type[R]) -> R:
    """One event of a call."""
    if isinstance(event, Report):
        return kind(progress=to_report(event))
    if isinstance(event, Measured):
        return kind(measured=_result(event.result))
    return kind(result=_result(event))


def _result(result: Any) -> Message:
    return to_message(result, _KINDS[type(result)])


def clip_result(message: Message, request: Any) -> Any:
    """The result again, with the paths in it as the request has them."""
    found: Any = from_message(message, _CLASSES[type(message)])
    names = [n for n in ("sdr", "hdr", "file", "out", "html") if hasattr(request, n) and hasattr(found, n)]
    return replace(as_asked(found, request, names), **{name: getattr(request, name) for name in names})


def as_asked(found: D, request: Any, names: list[str]) -> D:
    """A result with the sidecar's names of places replaced by those that the request has under `names`."""
    paths = [path for name in names if (path := getattr(request, name)) is not None]
    return in_words(found, words_of([(Path(os.path.realpath(path)), str(path)) for path in paths]))
