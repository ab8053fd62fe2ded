"""The file that Candela Scope reads of a clip (docs/openfx.md): shots, scores, and findings as reasons."""

from __future__ import annotations

import json
from typing import Any

from candela_engines.qc.findings import Finding
from candela_engines.qc.result import ClipResult, ShotResult

__all__ = ["scope_json", "scope_text"]


def scope_json(clip: ClipResult) -> dict[str, Any]:
    """What the plugin shows over the picture: the findings of each shot that are not waived, gravest first,
    then the violations of its score. Findings of the whole clip are told in every shot.
    """
    return {
        "width_px": clip.width_px,
        "height_px": clip.height_px,
        "shots": [_shot(clip, shot) for shot in clip.shots],
    }


def scope_text(clip: ClipResult) -> str:
    """The JSON document of `scope_json`."""
    return json.dumps(scope_json(clip), ensure_ascii=False, allow_nan=False) + "\n"


def _shot(clip: ClipResult, shot: ShotResult) -> dict[str, Any]:
    found = [f for f in clip.findings if f.counts and f.shot in (shot.name, None)]
    found.sort(key=lambda finding: -finding.severity.rank)
    reasons = [_reason(finding) for finding in found]
    score = None if shot.score is None else shot.score.score
    for why in () if shot.score is None else shot.score.reasons:
        if why.reason_class == "violation":
            told: dict[str, Any] = {"kind": why.kind, "severity": "fyi", "sentence": why.sentence}
            if why.box is not None:
                box = why.box
                told["box"] = [box.left_px, box.top_px, box.right_px, box.bottom_px]
            reasons.append(told)
    out: dict[str, Any] = {"first": shot.first, "last": shot.last, "name": shot.name}
    if score is not None:
        out["score"] = score
    return {**out, "reasons": reasons}


def _reason(finding: Finding) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": finding.code,
        "severity": finding.severity.value,
        "sentence": finding.sentence,
    }
    if finding.box is not None:
        box = finding.box
        told["box"] = [box.left_px, box.top_px, box.right_px, box.bottom_px]
    return told
