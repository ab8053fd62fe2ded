"""Results on movies, sequences and timelines, to messages and back."""

from __future__ import annotations

import os
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message

from candela_engines.itm.payload import Payload
from candela_server import service
from candela_server.jobs.job import Report
from candela_server.proto.candela.v1 import clips_pb2 as pb
from candela_server.rpc.convert.mapped import from_message, to_message
from candela_server.rpc.convert.values import to_report
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
    words: dict[str, str] = {}
    for path in filter(None, (getattr(request, name) for name in names)):
        real = Path(os.path.realpath(path))
        words[str(real)] = str(path)
        if real.parent != Path(real.anchor):
            words[f"{real.parent}{os.sep}"] = str(path)[: -len(path.name)] if path.name else str(path)
    said: D = _said(found, sorted(words.items(), key=lambda pair: -len(pair[0])))
    return said


def _said(value: Any, words: list[tuple[str, str]]) -> Any:
    """A value, and all that is in it, with the sidecar's names of places replaced by the client's."""
    if isinstance(value, str):
        for theirs, ours in words:
            value = value.replace(theirs, ours)
        return value
    if isinstance(value, Path):
        return Path(_said(str(value), words))
    if isinstance(value, tuple):
        return tuple(_said(item, words) for item in value)
    if is_dataclass(value) and not isinstance(value, type) and not isinstance(value, Payload):
        known = (field.name for field in fields(value) if not field.name.startswith("_"))
        return replace(value, **{name: _said(getattr(value, name), words) for name in known})
    return value
