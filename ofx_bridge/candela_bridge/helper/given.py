"""Reading what a host gave: each value checked, and named in the error by its path, as `grade.range`."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, cast

from candela_bridge.helper.job import Answer, Refused

__all__ = ["Given", "Range"]

Range = Literal["full", "narrow"]
_MOST_TEXT = 4096


class Given:
    """A JSON object. where: its path, empty for the outermost. Every method raises Refused."""

    def __init__(self, values: Answer, where: str = "") -> None:
        self._values, self._where = values, where

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def refuse(self, name: str, why: str) -> Refused:
        """The error for a value, to be raised."""
        return Refused(f"{self._at(name)}: {why}")

    def inner(self, name: str) -> Given:
        """An object in it. It has to be there."""
        value = self._values.get(name)
        if not isinstance(value, dict):
            raise self.refuse(name, "an object is needed")
        return Given(value, self._at(name))

    def maybe(self, name: str) -> Given | None:
        """The same, where it is there."""
        return self.inner(name) if name in self else None

    def text(self, name: str) -> str:
        """Text that is not empty."""
        found = self.maybe_text(name)
        if found is None:
            raise self.refuse(name, "is missing")
        return found

    def maybe_text(self, name: str) -> str | None:
        """None where it is not there, or empty."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > _MOST_TEXT or "\0" in value:
            raise self.refuse(name, f"is no text of at most {_MOST_TEXT} letters")
        return value

    def choice(self, name: str, known: tuple[str, ...], usual: str) -> str:
        """One of a few words."""
        found = self.maybe_text(name) or usual
        if found not in known:
            raise self.refuse(name, f"{found[:40]!r} is none of {', '.join(known)}")
        return found

    def choices(self, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """Several of a few words, empty where it is not there."""
        value = self._values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(one in known for one in value):
            raise self.refuse(name, f"a list of some of {', '.join(known)} is needed")
        return tuple(value)

    def path(self, name: str) -> Path:
        """An absolute path: the helper's folder is not the host's."""
        found = self.maybe_path(name)
        if found is None:
            raise self.refuse(name, "a path is missing")
        return found

    def maybe_path(self, name: str) -> Path | None:
        """The same, where it is there."""
        text = self.maybe_text(name)
        if text is None:
            return None
        path = Path(text)
        if not path.is_absolute():
            raise self.refuse(name, f"{text[:200]}: is no absolute path")
        return path

    def paths(self, name: str) -> tuple[Path, ...]:
        """A list of them, empty where it is not there."""
        value = self._values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > 1000:
            raise self.refuse(name, "a list of at most 1000 paths is needed")
        return tuple(
            Given({"path": one}, f"{self._at(name)}[{n}]").path("path") for n, one in enumerate(value)
        )

    def flag(self, name: str) -> bool:
        """False where it is not there."""
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            raise self.refuse(name, "true or false is needed")
        return value

    def number(self, name: str, least: float = -math.inf, most: float = math.inf) -> float | None:
        """None where it is not there."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self.refuse(name, f"a number from {least:g} to {most:g} is needed")
        return float(value)

    def whole(self, name: str, least: int = -(2**53), most: int = 2**53) -> int | None:
        """A whole number; None where it is not there."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.refuse(name, f"a whole number from {least} to {most} is needed")
        return value

    def fraction(self, name: str) -> Fraction | None:
        """Frames a second, as `24` or `24000/1001`; None where it is not there."""
        text = self.maybe_text(name)
        if text is None:
            return None
        try:
            found = Fraction(text)
        except (ValueError, ZeroDivisionError):
            found = Fraction(0)
        if not 1 <= found <= 1000:
            raise self.refuse(name, f"{text[:40]!r} is no frame rate, as 24 or 24000/1001")
        return found

    def frames(self, name: str = "frames") -> tuple[int, int] | None:
        """First and last frame, both included; None where it is not there."""
        value: Any = self._values.get(name)
        if value is None:
            return None
        good = isinstance(value, list) and len(value) == 2
        if not good or not all(
            isinstance(n, int) and not isinstance(n, bool) and abs(n) < 2**53 for n in value
        ):
            raise self.refuse(name, "[first, last] is needed, two whole numbers")
        if value[0] > value[1]:
            raise self.refuse(name, f"{value[0]} to {value[1]} is no range")
        return value[0], value[1]

    def range(self, name: str = "range") -> Range | None:
        """full, narrow, or None for what the tags say."""
        found = self.maybe_text(name)
        if found not in (None, "full", "narrow"):
            raise self.refuse(name, f"{found[:40]!r} is neither full nor narrow" if found else "is empty")
        return cast("Range | None", found)

    def _at(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name
