"""Words and numbers of the HTML page. Whatever came from outside goes through `escape`, attributes too."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as _escape

from candela_engines.qc.findings import Severity
from candela_engines.qc.result import ClipResult, Measured

__all__ = [
    "chip",
    "clip_id",
    "counted",
    "escape",
    "exact",
    "frames_text",
    "measure_words",
    "number",
    "shot_id",
    "split_measures",
    "with_unit",
]

_WORDS = {"cll": "CLL", "fall": "FALL", "p3": "P3", "rgb": "RGB", "pq": "PQ"}
_FIRST = (
    "max_cll_nits", "max_cll_robust_nits", "max_fall_nits", "mean_nits", "black_nits", "outside_p3_percent",
    "clipped_percent",
)  # fmt: skip
_SIGNS = {"nits": "nit", "percent": "%"}
_LEAST_PERCENT = 0.001
"""Of a 4K frame 83 pixels: less is told as less."""
_UNITS = ("nits", "percent", "frames", "pixels", "db", "codes", "jod")


def escape(text: object) -> str:
    """Safe in text and in quoted attributes; control characters and marks that turn the reading direction are
    shown as a box.
    """
    shown = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in str(text))
    return _escape(shown, quote=True)


def number(value: float | None) -> str:
    """As many digits as a reader can use: whole numbers from 100 on, else three that count; a dash for none.
    All that there are stand in the JSON.
    """
    if value is None:
        return "–"
    text = f"{value:.0f}" if abs(value) >= 99.95 else f"{value:.3g}"
    return text.replace("-", "−")


def exact(value: float) -> str:
    """All digits of a setting, as somebody wrote it."""
    return f"{value:.15g}".replace("-", "−")


def with_unit(value: float | None, unit: str) -> str:
    """`1024.5 nit`, `0.3 %`, with a space that does not break; a dash for none."""
    if value is None:
        return "–"
    unit = _SIGNS.get(unit, unit)
    if unit == "%" and 0 < abs(value) < _LEAST_PERCENT:
        return f"under\u00a0{_LEAST_PERCENT:g}\u00a0%"
    return f"{number(value)}\u00a0{unit}" if unit else number(value)


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 shot`, `2 shots`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def frames_text(first: int | None, last: int | None) -> str:
    """`120–143`, `120`, or a dash for the whole file."""
    if first is None:
        return "–"
    return str(first) if last is None or last == first else f"{first}–{last}"


def measure_words(measured: Measured | str) -> str:
    """`robust_max_cll_nits` as `robust max CLL`."""
    name = measured if isinstance(measured, str) else measured.name
    parts = name.split("_")
    if len(parts) > 1 and parts[-1] in _UNITS:
        parts = parts[:-1]
    return (
        " ".join(_WORDS.get(part, part) for part in parts)
        .replace("max CLL", "MaxCLL")
        .replace("max FALL", "MaxFALL")
    )


def split_measures(measures: Sequence[Measured]) -> tuple[list[Measured], list[Measured]]:
    """Those to see at once, in the order of the eye, and the rest; of unknown ones the first six."""
    first = [m for name in _FIRST for m in measures if m.name == name] or list(measures[:6])
    return first, [m for m in measures if m not in first]


def chip(severity: Severity, words: str | None = None) -> str:
    """The severity as a coloured word."""
    return f'<span class="chip {severity.value}">{escape(words or severity.word)}</span>'


def clip_id(number: int) -> str:
    """Anchor of a clip."""
    return f"clip{number + 1}"


def shot_id(number: int, clip: ClipResult, name: str | None) -> str:
    """Anchor of a shot, by its place: names may hold anything."""
    place = next((n for n, shot in enumerate(clip.shots) if shot.name == name), None)
    return clip_id(number) if place is None else f"{clip_id(number)}s{place + 1}"
