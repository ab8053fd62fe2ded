"""Frozen dataclasses as plain JSON values and back, by their types; the JSON Schema of them too.

Known types: bool, int, float, str, StrEnum, Optional, unions of the plain ones, tuple[X, ...], tuple[X, Y],
Mapping[str, X] and dataclasses of these. Errors say where: `QC result -> clips[2] -> shots[0] -> first: …`.
"""

from __future__ import annotations

import dataclasses
import enum
import math
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from candela_engines.errors import InputError

__all__ = ["from_plain", "schema_of", "to_plain"]

_T = TypeVar("_T")
_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", types.NoneType: "null"}


def to_plain(value: Any) -> Any:
    """Dicts, lists, strings and numbers; what is not finite becomes None."""
    if dataclasses.is_dataclass(value):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def from_plain(kind: type[_T], data: Any, where: str) -> _T:
    """The value of type `kind` that `to_plain` made `data` of; `where` begins the path in messages.

    Members with defaults may be missing; unknown ones are refused. Raises InputError.
    """
    made: _T = _read(kind, data, where)
    return made


@cache
def _types(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _read(kind: Any, data: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, data, where)
    if origin in (types.UnionType, typing.Union):
        return _one_of(arguments, data, where)
    if origin is tuple:
        return _tuple(arguments, data, where)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
            raise _wrong(where, data, "an object")
        return {key: _read(arguments[1], item, f"{where} -> {key}") for key, item in data.items()}
    if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        if data not in [member.value for member in kind]:
            raise _wrong(where, data, " or ".join(member.value for member in kind))
        return kind(data)
    return _plain(kind, data, where)


def _plain(kind: Any, data: Any, where: str) -> Any:
    if kind is float and isinstance(data, int | float) and not isinstance(data, bool):
        return float(data)
    if kind in _NAMES and type(data) is kind:
        return data
    raise _wrong(where, data, f"a {_NAMES.get(kind, kind)}")


def _record(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise _wrong(where, data, "an object")
    hints, fields = _types(kind), {f.name: f for f in dataclasses.fields(kind) if f.init}
    for key in data:
        if key not in fields:
            raise InputError(f"{where}: unknown member {str(key)[:60]!r}")
    values = {}
    for name, field in fields.items():
        if name in data:
            values[name] = _read(hints[name], data[name], f"{where} -> {name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise InputError(f"{where}: {name!r} is missing")
    return kind(**values)


def _tuple(arguments: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise _wrong(where, data, "an array")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        if arguments[0] is int and all(type(item) is int for item in data):
            return tuple(data)  # long series: no path for every number
        return tuple(_read(arguments[0], item, f"{where}[{n}]") for n, item in enumerate(data))
    if len(data) != len(arguments):
        raise _wrong(where, data, f"an array of {len(arguments)}")
    pairs = zip(arguments, data, strict=True)
    return tuple(_read(kind, item, f"{where}[{n}]") for n, (kind, item) in enumerate(pairs))


def _one_of(kinds: tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and types.NoneType in kinds:
        return None
    rest = [kind for kind in kinds if kind is not types.NoneType]
    if len(rest) == 1:
        return _read(rest[0], data, where)
    for kind in (bool, int, float, str):
        if kind in rest and type(data) is kind:
            return data
    if float in rest and type(data) is int:
        return data  # the same number, and written again as it was
    raise _wrong(where, data, " or ".join(_NAMES.get(kind, str(kind)) for kind in rest))


def _wrong(where: str, data: Any, wanted: str) -> InputError:
    shown = repr(data)[:60] if isinstance(data, str | int | float | None) else f"a {type(data).__name__}"
    return InputError(f"{where}: {shown}; {wanted} is needed")


def schema_of(kind: Any) -> dict[str, Any]:
    """JSON Schema of a type, all written out in place."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        fields = [f for f in dataclasses.fields(kind) if f.init]
        held: Any = kind
        hints = _types(held)
        return {
            "type": "object",
            "required": [f.name for f in fields],
            "properties": {f.name: schema_of(hints[f.name]) for f in fields},
            "additionalProperties": False,
        }
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [schema_of(one) for one in arguments]}
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return {"type": "array", "items": schema_of(arguments[0])}
        count = len(arguments)
        items = [schema_of(one) for one in arguments]
        return {"type": "array", "prefixItems": items, "minItems": count, "maxItems": count}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        return {"enum": [member.value for member in kind]}
    return {"type": _NAMES[kind]}
