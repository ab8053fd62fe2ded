"""Verdicts in words: the score or why there is none, then each reason with its class."""

from __future__ import annotations

from collections.abc import Iterator

from candela_engines.scorer.reasons import Reason
from candela_engines.scorer.verdict import MEANING, ShotVerdict
from candela_server.cli.lines import line, notes
from candela_server.service.compare import CompareResult
from candela_server.service.score import ScoreResult
from candela_server.service.score_vlm import VlmAnswers

__all__ = ["compared", "scored", "served"]

_CLASSES = {"violation": "violation", "deviation": "deviation", "abstained": "not judged"}
_NUMBERS = (
    "severity: 0 where a kind is first told, 1 at the last rung of its ladder of faults; sure: how likely "
    "the fault is by the grade model, or else the share of masters and legitimate grades that show less of it"
)


def scored(result: ScoreResult) -> Iterator[str]:
    """A grade, shot by shot."""
    width, height = result.size
    yield line("grade", f"{result.request.grade}, {width}x{height}")
    if result.request.reference is not None:
        yield line("reference", f"{result.request.reference}")
    if result.engine is not None:
        beside = "" if result.vlm is None else "; measures beside it"
        yield line(
            "model", f"{result.engine.name} {result.engine.version}, {result.engine.sha256[:12]}{beside}"
        )
    if result.vlm is not None:
        yield from served(result.vlm)
    several = len(result.shots) > 1
    for number, shot in enumerate(result.shots, 1):
        if several or shot.last > shot.first:
            keys = ", ".join(str(frame.number) for frame in shot.frames)
            yield line(f"shot {number}", f"{shot.first} to {shot.last}, judged by {keys}")
        yield from _shot(shot)
    for path in result.overlays:
        yield line("written", str(path))
    told = any(r.reason_class != "abstained" for shot in result.shots for r, _ in shot.reasons)
    yield from notes([*result.notes, *([_NUMBERS] if told else []), _meaning(result)])


def served(vlm: VlmAnswers) -> Iterator[str]:
    """What a served model was asked, what it said and what that cost; its reasons are its own words."""
    known = "" if vlm.hdr_vlm else "; its name does not say that it is HDR-VLM"
    yield line("served model", f"{vlm.model} at {vlm.endpoint}{known}")
    for frame in vlm.frames:
        said = frame.opinion
        where = f"frame {frame.number}: " if len(vlm.frames) > 1 else ""
        if said.score is None:
            yield line("its opinion", f"{where}none: {said.why}")
        else:
            spread = ", ".join(f"{value:.1f}" for value in said.scores)
            clamped = f"; {said.clamped} brought inside -6 to 10" if said.clamped else ""
            none = said.asked - len(said.scores)
            missed = f"; {none} of {said.asked} answers are none" if none else ""
            yield line("its opinion", f"{where}{said.score:.1f}, mean of {spread}{clamped}{missed}")
        if said.thoughts:
            yield line("its words", said.thoughts[0][:600])
        measured = frame.measured_score
        beside = f"{measured:.1f}" if measured is not None else str(frame.measured_no_score)
        yield line("measured", f"{where}{beside}")
    tokens = f"{vlm.prompt_tokens} + {vlm.completion_tokens} tokens"
    cost = f", {vlm.cost:.4f} at the price given" if vlm.cost else ""
    again = f", {vlm.again} of them again" if vlm.again else ""
    yield line(
        "spent",
        f"{vlm.requests} requests{again}, {tokens}{cost}, {vlm.seconds:.1f} s, the slowest "
        f"{vlm.slowest_seconds:.1f} s",
    )


def _meaning(result: ScoreResult) -> str:
    if result.meaning != MEANING:
        return result.meaning
    if result.engine is not None:
        spans = any(shot.interval is not None for shot in result.shots)
        return MEANING + (
            "; in brackets, where nine of ten held-out grades of that score lay" if spans else ""
        )
    return "nobody rated these pictures: violations are faults, deviations descriptions, none is a preference"


def _shot(shot: ShotVerdict) -> Iterator[str]:
    if shot.score is None:
        yield line("score", f"none: {(shot.no_score or '').removeprefix('no score: ')}")
    else:
        worst = "" if len(shot.frames) == 1 else f", the worst frame is {shot.worst}"
        span = shot.interval
        known = "" if span is None else f" ({span.low:.1f} to {span.high:.1f})"
        yield line("score", f"{shot.score:.1f}{known} of -6 to 10, the SDR reference at 0{worst}")
        if len(shot.frames) > 1:
            trend = ", ".join(f"{f.number}: {f.score:.1f}" for f in shot.frames if f.score is not None)
            yield line("trend", trend)
    if not any(reason.reason_class == "violation" for reason, _ in shot.reasons):
        yield line("violation", "none found")
    for reason, frames in shot.reasons:
        yield line(_CLASSES[reason.reason_class], _reason(reason, frames, len(shot.frames)))


def _reason(reason: Reason, frames: tuple[int, ...], count: int) -> str:
    tail = ""
    if reason.reason_class != "abstained" and reason.kind != "wrong_tag":
        box = reason.box
        where = "" if box is None else f"; {box.width}x{box.height} at x={box.left}, y={box.top}"
        tail = f" (severity {reason.severity:.2f}, sure {reason.confidence:.2f}{where})"
    if count > 1 and len(frames) < count:
        tail += f", frame{'s' if len(frames) > 1 else ''} {', '.join(map(str, frames))}"
    return reason.text + tail


def compared(result: CompareResult) -> Iterator[str]:
    """Which is better, by how much, why."""
    request = result.request
    yield line("first", str(request.first))
    yield line("second", str(request.second))
    if request.reference is not None:
        yield line("reference", str(request.reference))
    if result.engine is not None:
        yield line("model", f"{result.engine.name} {result.engine.version}, {result.engine.sha256[:12]}")
    words = {
        "first": "the first",
        "second": "the second",
        "equal": "neither: nothing that can be proved tells them apart",
        "undecided": "not decided",
    }
    how = "" if result.score_difference is None else f", by {abs(result.score_difference):.2f} of -6 to 10"
    yield line("better", words[result.better] + how)
    for text in result.why:
        yield line("why", text)
    yield line("apart", f"ΔE_ITP {result.delta_e:.2f} mean over {len(result.frames)} key frame(s)")
    if result.engine is None:
        yield line(
            "score", "none: no grade model is installed; violations decide, where none speaks the other way"
        )
    yield from notes([*result.notes, result.meaning])
