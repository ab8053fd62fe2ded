"""JSON for programs that people look into: what fits on a line stands on one, long lists of numbers fill
lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["json_text"]

_WIDTH = 120


def json_text(value: Any) -> str:
    """The document, UTF-8, with a line break at its end. Raises ValueError for NaN and infinities."""
    return "".join(_parts(value, "", 0)) + "\n"


def _parts(value: Any, indent: str, used: int) -> Iterator[str]:
    """used: characters that stand before it on its line."""
    flat = _flat(value, _WIDTH - used)
    if flat is not None:
        yield flat
    elif isinstance(value, dict):
        yield from _members(value, indent)
    elif all(not isinstance(item, dict | list) for item in value):
        yield from _filled(value, indent)
    else:
        yield "["
        for place, item in enumerate(value):
            yield f"{',' if place else ''}\n{indent} "
            yield from _parts(item, f"{indent} ", len(indent) + 1)
        yield f"\n{indent}]"


def _members(value: dict[str, Any], indent: str) -> Iterator[str]:
    yield "{"
    for place, (name, item) in enumerate(value.items()):
        key = f"{_word(name)}: "
        yield f"{',' if place else ''}\n{indent} {key}"
        yield from _parts(item, f"{indent} ", len(indent) + 1 + len(key))
    yield f"\n{indent}}}"


def _filled(value: list[Any], indent: str) -> Iterator[str]:
    """As many on a line as it holds."""
    yield "["
    room = 0
    for place, item in enumerate(value):
        word = _word(item) + ("," if place + 1 < len(value) else "")
        if len(word) + 1 > room:
            yield f"\n{indent} {word}"
            room = _WIDTH - len(indent) - 1 - len(word)
        else:
            yield f" {word}"
            room -= len(word) + 1
    yield f"\n{indent}]"


def _flat(value: Any, room: int) -> str | None:
    """On one line, where it is short enough and nothing with members lies inside of it."""
    if not isinstance(value, dict | list):
        return _word(value)
    inside = value.values() if isinstance(value, dict) else value
    if len(value) > room or any(isinstance(item, dict) and item for item in inside):
        return None
    if any(isinstance(deeper, dict | list) for item in inside if isinstance(item, list) for deeper in item):
        return None
    text = _word(value)
    return text if len(text) <= room else None


def _word(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
