"""Places in what is said, in the words of whoever asked: on another's machine they have other names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path, PurePath
from typing import Any, TypeVar

from candela_engines.itm.payload import Payload

__all__ = ["in_words", "words_of"]

D = TypeVar("D")


def words_of(places: Iterable[tuple[Path, str]]) -> dict[str, str]:
    """What stands for places: each a path without links and the words for it. What lies in one and what lies
    beside it have words by that, too.
    """
    found: dict[str, str] = {}
    for real, said in places:
        found.setdefault(str(real), said)
        inside = "" if said in ("", ".") else said.rstrip(os.sep) + os.sep
        found.setdefault(f"{real}{os.sep}", inside)
    for real, said in places:
        name = PurePath(said).name
        if real.parent != Path(real.anchor) and name not in ("", ".", "..") and said.endswith(name):
            found.setdefault(f"{real.parent}{os.sep}", said[: -len(name)])
    return {place: said for place, said in found.items() if place != said}


def in_words(value: D, words: Mapping[str, str]) -> D:
    """A value, and all text and paths that are in it, with `words` (as `words_of`) in place of places.

    Numbers and mappings stay as they are.
    """
    if not words:
        return value
    longest = sorted(words, key=len, reverse=True)
    # Not in the middle of another path, nor for another name that begins so.
    ends = (re.escape(p) + ("" if p.endswith(os.sep) else r"(?!\.?[\w~-])") for p in longest)
    said: D = _said(value, re.compile(rf"(?<![\w./~-])(?:{'|'.join(ends)})"), words)
    return said


def _said(value: Any, places: re.Pattern[str], words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        # An enum of text is no text to be changed.
        return value if type(value) is not str else places.sub(lambda found: words[found[0]], value)
    if isinstance(value, Path):
        return Path(_said(str(value), places, words))
    if isinstance(value, tuple | list):
        if value and isinstance(value[0], int | float):
            return value
        return type(value)(_said(item, places, words) for item in value)
    if is_dataclass(value) and not isinstance(value, type) and not isinstance(value, Payload):
        known = (field.name for field in fields(value) if not field.name.startswith("_"))
        return replace(value, **{name: _said(getattr(value, name), places, words) for name in known})
    return value
