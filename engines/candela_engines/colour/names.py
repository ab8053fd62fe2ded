"""Colour states by name: the project's own stable names, then the spaces of the OCIO config in force."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError

__all__ = ["ALIASES", "NAMED", "name_of", "parse_colour"]

# PQ says nothing of the mastering display: its ceiling of 10000 nit stands until a peak is given.
NAMED: dict[str, ColourState] = {
    "rec709": ColourState("bt709", "bt1886"),
    "srgb": ColourState("bt709", "srgb"),
    "rec2100-pq": ColourState("bt2020", "pq", peak_nits=10000.0, reference_white_nits=203.0),
    "rec2100-hlg": ColourState("bt2020", "hlg", peak_nits=1000.0, reference_white_nits=203.0),
    "p3-pq": ColourState("p3d65", "pq", peak_nits=10000.0, reference_white_nits=203.0),
    "linear-rec2020": ColourState("bt2020", "linear", peak_nits=10000.0, reference_white_nits=203.0),
    "rec2020": ColourState("bt2020", "bt1886"),
    "display-p3": ColourState("p3d65", "srgb"),
    "p3-gamma26": ColourState("p3d65", "gamma26"),
}
"""Every name that works without OCIO."""

# Only spellings that no ACES config uses for something else: its "Linear Rec.2020", for example, is
# scene-referred and must not be taken for nits.
ALIASES: dict[str, str] = {
    "bt709": "rec709",
    "rec.709": "rec709",
    "bt.709": "rec709",
    "bt1886": "rec709",
    "rec1886": "rec709",
    "rec1886-rec709": "rec709",
    "pq": "rec2100-pq",
    "rec.2100-pq": "rec2100-pq",
    "bt2100-pq": "rec2100-pq",
    "rec2020-pq": "rec2100-pq",
    "hdr10": "rec2100-pq",
    "hlg": "rec2100-hlg",
    "rec.2100-hlg": "rec2100-hlg",
    "bt2100-hlg": "rec2100-hlg",
    "p3d65-pq": "p3-pq",
    "p3-d65-pq": "p3-pq",
    "linear-rec2020-nits": "linear-rec2020",
    "rec2020-nits": "linear-rec2020",
    "bt2020": "rec2020",
    "p3-display": "display-p3",
}

_AT = re.compile(r"^(?P<name>.+?)\s*@\s*(?P<nits>[0-9]+(\.[0-9]+)?)\s*(nits?|cd/m2)?$", re.IGNORECASE)
_OCIO_PREFIX = "ocio:"


def parse_colour(name: str, *, config: str | None = None) -> ColourState:
    """Colour state of a name.

    name: one of NAMED or ALIASES (case does not matter), else a space, alias or role of the OCIO config in
    force; `ocio:NAME` asks for the config's space alone. `@NITS` at the end gives the luminance that the
    name leaves open: peak white of an SDR state, the display peak of HLG, the mastering peak of PQ, and the
    light of 1.0 of a linear or scene-referred space, as in `rec2100-hlg@2000` or `ACEScg@100`.
    config: what `--ocio` was given, or None for $OCIO and then the bundled config.
    Raises ColourStateError naming the name, what is close to it and what to do.
    """
    text = name.strip() if isinstance(name, str) else ""
    if not text:
        raise ColourStateError(f"colour name {name!r}: known are {', '.join(NAMED)} and any OCIO space")
    state = _named(text)
    if state is not None:
        return state
    match = _AT.match(text)
    base, nits = (match["name"], float(match["nits"])) if match else (text, None)
    state = _named(base)
    if state is not None and nits is not None:
        return _with_nits(state, nits)

    from candela_engines.colour import ocio

    return ocio.state_of(base.removeprefix(_OCIO_PREFIX), unit_nits=nits, config=config, suggest=suggestions)


def name_of(state: ColourState) -> str:
    """Text that `parse_colour` reads as `state` (range and OCIO config apart), or a description."""
    if state.ocio_space is not None:
        # A scene-referred space (primaries ap0) has no name without its luminance.
        bare = state.primaries != "ap0" and state.unit_nits == 100.0
        return state.ocio_space if bare else f"{state.ocio_space}@{state.unit_nits:g}"
    for name, known in NAMED.items():
        if replace(state, range="full") == known:
            return name
    for name, known in NAMED.items():
        nits = state.unit_nits if state.transfer == "linear" else state.peak_nits
        if replace(state, range="full") == _with_nits(known, nits):
            return f"{name}@{nits:g}"
    return f"{state.primaries} {state.transfer} peak {state.peak_nits:g} nit"


def suggestions(name: str, others: list[str]) -> list[str]:
    """Up to five of our names and `others` that look like `name`."""
    pool = {known.lower(): known for known in [*NAMED, *others]}
    close = [pool[found] for found in difflib.get_close_matches(name.lower(), pool, n=5, cutoff=0.5)]
    holding = [known for low, known in pool.items() if len(name) > 2 and name.lower() in low]
    return list(dict.fromkeys([*close, *holding]))[:5]


def _named(text: str) -> ColourState | None:
    key = text.lower()
    return NAMED.get(ALIASES.get(key, key))


def _with_nits(state: ColourState, nits: float) -> ColourState:
    if state.transfer == "linear":
        return replace(state, unit_nits=nits)
    if state.transfer in ("pq", "hlg"):
        return replace(state, peak_nits=nits)
    return replace(state, peak_nits=nits, reference_white_nits=nits)
