"""The ONNX engines as facts for people and clients: what each is, and what computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from candela_engines.media.state_text import state_label
from candela_engines.runtime.engines import ENGINES, Engine

__all__ = ["EngineFacts", "listed"]


@dataclass(frozen=True)
class EngineFacts:
    """sha256: of the ONNX bytes. colour_in, colour_out: colour names. provider: what computes."""

    name: str
    version: str
    sha256: str
    colour_in: str
    colour_out: str
    precision: str
    provider: str


def listed(describe: Callable[[Engine], str]) -> list[EngineFacts]:
    """One for each engine, in the order of the registry. describe: what computes it, as of `Runner`."""
    return [
        EngineFacts(
            one.name,
            str(one.version),
            one.sha256,
            "the SDR state that the payload names" if one.colour_in is None else state_label(one.colour_in),
            state_label(one.colour_out),
            one.precision,
            describe(one),
        )
        for one in ENGINES.values()
    ]
