"""A score in the form that the OpenFX effect Candela Scope draws over the picture (docs/openfx.md)."""

from __future__ import annotations

from typing import Any

from candela_bridge.helper.job import Answer

__all__ = ["scope_document"]

_SEVERITIES = {"violation": "issue"}


def scope_document(document: Answer) -> Answer:
    """document: of `candela score`. Boxes are left, top, right and bottom in pixels of the picture."""
    return {
        "width_px": document["width_px"],
        "height_px": document["height_px"],
        "shots": [_shot(shot) for shot in document["shots"]],
    }


def _shot(shot: dict[str, Any]) -> Answer:
    found: Answer = {"first": shot["first"], "last": shot["last"]}
    if shot.get("score") is not None:
        found["score"] = shot["score"]
    found["reasons"] = [_reason(reason) for reason in shot["reasons"] if reason["class"] != "abstained"]
    return found


def _reason(reason: dict[str, Any]) -> Answer:
    found: Answer = {
        "kind": reason["kind"],
        "severity": _SEVERITIES.get(reason["class"], "fyi"),
        "sentence": reason["text"],
    }
    box = reason.get("box_px")
    if box is not None:
        right, bottom = box["left"] + box["width"], box["top"] + box["height"]
        found["box"] = [box["left"], box["top"], right, bottom]
    return found
