"""Scores, comparisons and measurements: messages to what is asked for, results to messages, and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.scorer.shots import POOLING
from candela_engines.scorer.verdict import MEANING
from candela_server import service
from candela_server.frames.samples import MemoryFrame
from candela_server.jobs.errors import FieldError
from candela_server.jobs.job import Report
from candela_server.proto.candela.v1 import clips_pb2 as clips
from candela_server.proto.candela.v1 import frames_pb2 as frames
from candela_server.proto.candela.v1 import scores_pb2 as pb
from candela_server.rpc.convert.clip_requests import frames_of, maybe, path_of, to_frames
from candela_server.rpc.convert.clip_results import as_asked
from candela_server.rpc.convert.mapped import from_message, to_message
from candela_server.rpc.convert.values import (
    colour_of,
    source_of,
    to_colour,
    to_config,
    to_report,
    to_source,
)
from candela_server.service import SaidSide
from candela_server.sidecar.asks import Colour, File, JudgeAsk, Source
from candela_server.sidecar.calls import Event

__all__ = ["RESULTS", "judge_ask", "judge_result", "to_judge_request", "to_judge_response"]

R = TypeVar("R", bound=Message)
Request = service.ScoreRequest | service.CompareRequest | service.MetricsRequest | service.LookRequest
RESULTS: dict[type, type[Message]] = {
    service.ScoreResult: pb.ScoreResult,
    service.CompareResult: pb.CompareResult,
    service.MetricsResult: pb.MeasureResult,
    service.LookResult: pb.LookResult,
}
_SIDES = ("grade", "first", "second", "test", "reference")
_KEY_FRAMES, _LOOK_WIDTH, _MOST_WIDTH = 5, 960, 8192


def judge_ask(m: pb.ScoreRequest | pb.CompareRequest | pb.MeasureRequest | pb.LookRequest) -> JudgeAsk:
    """What a message asks for. FieldError for a field that is needed and not there, or is nonsense."""
    known = [name for name in _SIDES if name in m.DESCRIPTOR.fields_by_name]
    alone = not isinstance(m, pb.MeasureRequest) and not m.HasField("reference")
    white = maybe(m, "sdr_white_nits") if isinstance(m, pb.MeasureRequest) else None
    if white is not None and not 1 <= white <= 10000:
        raise FieldError(f"sdr_white_nits: {white:g}: 1 to 10000 are possible")
    sides, said = [], {}
    for name in known:
        about = "said" if name == "grade" else f"{name}_said"
        flag = "--reference-colour" if name == "reference" else "--colour"
        if name == "reference" and alone:
            said[about] = SaidSide(flag)
            continue
        source, colour, matrix = _side(getattr(m, name), name)
        sides.append((name, source, colour))
        said[about] = SaidSide(flag, colour.name, colour.range, matrix, m.ocio or None, white)
    common: Any = {"frames": frames_of(m), "offset": maybe(m, "offset"), "anyway": m.anyway, **said}
    reference = None if alone else Path()
    if isinstance(m, pb.MeasureRequest):
        return JudgeAsk("Measure", service.MetricsRequest(Path(), Path(), **common), tuple(sides))
    if isinstance(m, pb.LookRequest):
        looked = service.LookRequest(Path(), reference=reference, **common, **_looks(m))
        return JudgeAsk("Look", looked, tuple(sides))
    common["key_frames"] = m.key_frames if m.HasField("key_frames") else _KEY_FRAMES
    if not 1 <= common["key_frames"] <= 50:
        raise FieldError(f"key_frames: {common['key_frames']}: 1 to 50 are possible")
    common["model"] = Path(m.house_model) if m.HasField("house_model") else None
    if isinstance(m, pb.CompareRequest):
        compare = service.CompareRequest(Path(), Path(), reference=reference, **common)
        return JudgeAsk("Compare", compare, tuple(sides))
    overlay = Path(m.overlays) if m.HasField("overlays") else None
    score = service.ScoreRequest(Path(), reference=reference, overlay=overlay, **common)
    return JudgeAsk("Score", score, tuple(sides))


def _looks(m: pb.LookRequest) -> dict[str, Any]:
    known = {number: name for name, number in pb.LookView.items() if number}
    wrong = [number for number in m.views if number not in known]
    if wrong or not m.views:
        raise FieldError("views: at least one is needed, and all of them have to be known")
    step = m.step if m.HasField("step") else 1
    width = m.width_px if m.HasField("width_px") else _LOOK_WIDTH
    if step < 1 or not 16 <= width <= _MOST_WIDTH:
        raise FieldError(f"step, width_px: 1 or more and 16 to {_MOST_WIDTH} are possible")
    views = tuple(known[number].removeprefix("LOOK_VIEW_").lower() for number in m.views)
    return {"views": views, "step": step, "width": width, "scopes": m.scopes}


def _side(m: pb.Subject, field: str) -> tuple[Source, Colour, str | None]:
    which = m.WhichOneof("subject")
    if which is None:
        raise FieldError(f"{field}: a still or a clip is needed")
    if which == "still":
        at = f"{field}.still"
        return source_of(m.still.source, f"{at}.source"), colour_of(m.still, at), None
    at = f"{field}.clip"
    return File(str(path_of(m.clip.path, f"{at}.path"))), colour_of(m.clip, at), m.clip.matrix or None


def to_judge_request(request: Request, places: Mapping[Path, MemoryFrame]) -> Any:
    """The message of a use case's request. places: by the path that stands for it, where a frame lies.

    Raises InputError where the sides name different OCIO configs or whites: a message has one of each.
    """
    if getattr(request, "vlm", None) is not None:
        raise InputError(
            "a sidecar asks no served model; leave out the endpoint, or run the command without --sidecar"
        )
    said: list[SaidSide] = [s for name in _SIDES if (s := _said_of(request, name)) is not None]
    configs, whites = {s.ocio for s in said}, {s.white_nits for s in said}
    if len(configs) > 1 or len(whites) > 1:
        raise InputError("a sidecar takes one OCIO config and one SDR white for all sides of a comparison")
    fields: dict[str, Any] = {
        "ocio": to_config(configs.pop()), "frames": to_frames(request.frames), "offset": request.offset,
        "anyway": request.anyway,
    }  # fmt: skip
    for name in _SIDES:
        path, about = getattr(request, name, None), _said_of(request, name)
        if path is not None and about is not None:
            fields[name] = _to_side(path, about, places.get(path))
    if isinstance(request, service.LookRequest):
        views = [pb.LookView.Value(f"LOOK_VIEW_{view.upper()}") for view in request.views]
        return pb.LookRequest(
            **fields, views=views, step=request.step, width_px=request.width, scopes=request.scopes
        )
    if isinstance(request, service.MetricsRequest):
        return pb.MeasureRequest(**fields, sdr_white_nits=whites.pop())
    if isinstance(request, service.CompareRequest):
        return pb.CompareRequest(**fields, key_frames=request.key_frames, house_model=_house(request))
    overlays = None if request.overlay is None else str(request.overlay.absolute())
    return pb.ScoreRequest(
        **fields, key_frames=request.key_frames, overlays=overlays, house_model=_house(request)
    )


def _house(request: service.ScoreRequest | service.CompareRequest) -> str | None:
    return None if request.model is None else str(request.model.absolute())


def _said_of(request: Request, name: str) -> SaidSide | None:
    found: SaidSide | None = getattr(request, "said" if name == "grade" else f"{name}_said", None)
    return found if hasattr(request, name) else None


def _to_side(path: Path, said: SaidSide, place: MemoryFrame | None) -> pb.Subject:
    colour = to_colour(said.name, said.range)
    if place is not None:
        return pb.Subject(still=frames.Frame(source=to_source(place), colour=colour))
    clip = clips.Clip(path=str(path.absolute()), colour=colour, matrix=said.matrix or "")
    return pb.Subject(clip=clip)


def to_judge_response(event: Event, kind: type[R]) -> R:
    """One event of a call."""
    if isinstance(event, Report):
        return kind(progress=to_report(event))
    result: Any = event
    message: Any = to_message(result, RESULTS[type(result)])
    for name in _SIDES:
        path = getattr(result.request, name, None)
        if path is not None and name in message.DESCRIPTOR.fields_by_name:
            setattr(message, name, str(path))
    if isinstance(message, pb.ScoreResult):
        message.pooling = POOLING
    return kind(result=message)


def judge_result(message: Message, request: Request) -> Any:
    """The result again, with the paths in it as the request has them.

    Raises InfrastructureError where another model scored than was asked for: a sidecar of an earlier version
    does not know of house models.
    """
    kind: Any = next(kind for kind, known in RESULTS.items() if isinstance(message, known))
    house = getattr(request, "model", None)
    if house is not None and getattr(message, "meaning", MEANING) == MEANING:
        raise InfrastructureError(
            f"{house}: the sidecar scored without the house model, which it does not "
            "know: it is of an earlier Candela; update it, or run the command without --sidecar"
        )
    names = [name for name in (*_SIDES, "overlay") if getattr(request, name, None) is not None]
    return as_asked(from_message(message, kind, request=request), request, names)
