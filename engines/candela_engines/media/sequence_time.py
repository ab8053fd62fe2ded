"""Rate and timecode out of the header of an EXR or DPX frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from candela_engines.errors import InputError
from candela_engines.media.oiio_reader import oiio_module
from candela_engines.media.timecode import exact_rate

__all__ = ["read_time", "time_of"]

_DROP_FLAG = 1 << 6


def read_time(path: Path, format_: str) -> tuple[Fraction | None, str | None]:
    """(frames a second, timecode) as the frame's header says them, None each where it does not.

    EXR: framesPerSecond (rational) and timeCode; DPX: frame rate of the film or television header and
    time code. `path` was decoded before, so that a file which cannot be opened says nothing here.
    """
    if format_ not in ("openexr", "dpx"):
        return None, None
    source = oiio_module().ImageInput.open(str(path))
    if source is None:
        return None, None
    try:
        return time_of(source.spec(), format_)
    finally:
        source.close()


def time_of(spec: Any, format_: str) -> tuple[Fraction | None, str | None]:
    """As `read_time`, of a header that OpenImageIO has read."""
    if format_ not in ("openexr", "dpx"):
        return None, None
    return _rate(spec), _timecode(spec)


def _rate(spec: Any) -> Fraction | None:
    for name in ("framesPerSecond", "FramesPerSecond", "dpx:FrameRate", "dpx:TemporalFrameRate"):
        value = _attribute(spec, name)
        try:
            if isinstance(value, tuple) and len(value) == 2:
                return exact_rate(Fraction(int(value[0]), int(value[1])))
            if isinstance(value, (int, float)):
                return exact_rate(value)
        except (InputError, ZeroDivisionError):
            continue
    return None


def _timecode(spec: Any) -> str | None:
    """As SMPTE ST 12 packs it: hours, minutes, seconds, frames in BCD from the top; bit 6 says drop frame."""
    value = _attribute(spec, "smpte:TimeCode")
    if not isinstance(value, tuple) or not value:
        return None
    word = int(value[0]) & 0xFFFFFFFF
    fields = [word >> 24 & 0x3F, word >> 16 & 0x7F, word >> 8 & 0x7F, word & 0x3F]
    if word == 0xFFFFFFFF or any(field & 0xF > 9 for field in fields):
        return None
    hours, minutes, seconds, frames = ((field >> 4) * 10 + (field & 0xF) for field in fields)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{';' if word & _DROP_FLAG else ':'}{frames:02d}"


def _attribute(spec: Any, name: str) -> Any:
    try:
        return spec.getattribute(name)
    except UnicodeDecodeError:
        return None
