"""A colour state as text: for people, and in one line of ASCII for formats that have no tag for it."""

from __future__ import annotations

import math
from typing import get_args

from candela_engines.colour.names import name_of
from candela_engines.colour.state import ColourState, Primaries, Range, Transfer

__all__ = ["parse_state_text", "state_label", "state_text"]

_PREFIX = "candela-colour"


def state_label(state: ColourState) -> str:
    """For people: the name that the flags take, and the range where it is not the usual one."""
    return f"{name_of(state)} (narrow range)" if state.range == "narrow" else name_of(state)


def state_text(state: ColourState) -> str:
    """As `candela-colour bt2020 pq full peak=1000 white=203 unit=1`; below 120 characters."""
    return (
        f"{_PREFIX} {state.primaries} {state.transfer} {state.range} peak={state.peak_nits:.9g} "
        f"white={state.reference_white_nits:.9g} unit={state.unit_nits:.9g}"
    )


def parse_state_text(text: str) -> ColourState | None:
    """The state of such a line; None for any other text, also a damaged one."""
    words = text.split()
    if len(words) != 7 or words[0] != _PREFIX:
        return None
    primaries: Primaries | None = next((p for p in get_args(Primaries) if p == words[1]), None)
    transfer: Transfer | None = next((t for t in get_args(Transfer) if t == words[2]), None)
    range_: Range | None = next((r for r in get_args(Range) if r == words[3]), None)
    numbers = []
    for word, key in zip(words[4:], ("peak", "white", "unit"), strict=True):
        name, _, value = word.partition("=")
        try:
            number = float(value)
        except ValueError:
            return None
        if name != key or not 0.0 < number < math.inf:
            return None
        numbers.append(number)
    if primaries is None or transfer is None or range_ is None:
        return None
    return ColourState(primaries, transfer, range_, numbers[0], numbers[1], numbers[2])
