"""A calibration in words: raters, scales, how well it predicts, and what was written or why nothing was."""

from __future__ import annotations

import math
from collections.abc import Iterator

from candela_engines.scorer.eye.holdout import Estimate, HeldOut
from candela_engines.scorer.eye.screening import Rater
from candela_engines.scorer.eye.thurstone import Scale
from candela_server.cli.lines import columns, line, notes, table
from candela_server.service.calibrate import CalibrateResult, weights_json

__all__ = ["calibrated"]

_MOST_SCENES, _MOST_WEIGHTS = 12, 6


def calibrated(result: CalibrateResult) -> Iterator[str]:
    """Everything, the verdict last."""
    found = result.calibration
    yield line("raters", f"{len(found.raters)}, of whom {sum(not r.why for r in found.raters)} are kept")
    yield from _raters(found.raters)
    yield line(
        "scenes", f"{len(found.scales)}, {result.versions} versions; in JOD, 95 % intervals over raters"
    )
    for number, (scene, scale) in enumerate(found.scales.items()):
        if number == _MOST_SCENES:
            yield line("", f"and {len(found.scales) - _MOST_SCENES} more, in the JSON")
            break
        yield line("", f"{scene}: {_scale(scale)}")
    for scene, condition, why in result.unscored:
        yield line("left out", f"{scene}, {condition}: {why.removeprefix('no score: ')}")
    if found.held is not None:
        yield from _held(found.held)
    if result.model is None:
        assert found.refusal is not None
        yield line("refused", f"{found.refusal.reason}. Nothing was written")
    else:
        yield line("likes", _likes(weights_json(result.model)))
        yield line(
            "written", f"{result.request.out}, house model {result.model.name}, {result.model.sha256[:12]}"
        )
        yield line("use", f"candela score GRADE --reference SDR --model {result.request.out}")
    yield from notes(result.notes)


def _raters(raters: tuple[Rater, ...]) -> Iterator[str]:
    head = ("rater", "choices", "reliability", "90 %", "distance", "repeats", "circular", "catches")
    rows = []
    for r in raters:
        known = not math.isnan(r.reliability)
        rows.append(
            (
                r.name, str(r.choices), f"{r.reliability:.2f}" if known else "?",
                f"{r.low:.2f} to {r.high:.2f}" if known else "",
                f"{r.distance:.1f}" if known else "",
                f"{r.reversed} of {r.repeats} differ" if r.repeats else "",
                f"{r.circular} of {r.triads}" if r.triads else "",
                f"{r.missed} of {r.catches} missed" if r.catches else "",
            )
        )  # fmt: skip
    yield from table(head, rows, left=("rater",), width=columns())
    for r in raters:
        if r.why:
            yield line("left out", f"{r.name}: {r.why}")
        elif r.side_bias < 0.01:
            yield line("note", f"{r.name} leans to one side (p = {r.side_bias:.3f}); kept")


def _scale(scale: Scale) -> str:
    said = []
    for at in sorted(range(len(scale.conditions)), key=lambda i: -scale.jod[i]):
        low, high = scale.low[at], scale.high[at]
        span = "" if math.isnan(low) else f" [{low:.1f}, {high:.1f}]"
        said.append(f"{scale.conditions[at]} {scale.jod[at]:+.2f}{span}")
    return ", ".join(said)


def _held(held: HeldOut) -> Iterator[str]:
    yield line(
        "held out", f"{held.choices} choices of {held.raters} raters on {held.scenes} scenes, none taught on"
    )
    yield line("", f"house model {_share(held.house)}")
    yield line("", f"stock scorer {_share(held.stock)}")
    gain = held.gain_nats
    yield line(
        "",
        f"gain {_share(held.gain, sign='+')}; {gain.value:+.3f} nats a choice [{gain.low:+.3f}, "
        f"{gain.high:+.3f}]",
    )


def _share(estimate: Estimate, sign: str = "") -> str:
    value, low, high = (f"{100 * x:{sign}.1f}" for x in (estimate.value, estimate.low, estimate.high))
    return f"{value} % predicted [{low}, {high}]"


def _likes(weights: dict[str, object]) -> str:
    """The strongest weights, JOD a unit: what a unit is stands in the documentation."""
    strong = sorted(weights.items(), key=lambda one: -abs(float(str(one[1]))))[:_MOST_WEIGHTS]
    return ", ".join(f"{name} {float(str(w)):+.2f}" for name, w in strong) + " (JOD a unit)"
