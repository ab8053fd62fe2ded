"""Dataclasses to messages whose fields have their names, and back.

A field may have a unit behind the name (`width_px` of `width`). Values that are no dataclass have a form of
their own, listed here; what an absent field stands for is None.
"""

from __future__ import annotations

import types
from dataclasses import fields
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from candela_engines.colour.state import ColourState
from candela_engines.itm.payload import Fidelity, Payload, decode, encode
from candela_server.rpc.convert.values import fidelity_of, state_of, to_fidelity, to_state

__all__ = ["from_message", "to_message"]

M = TypeVar("M", bound=Message)
T = TypeVar("T")
_UNITS = ("", "_px", "_nits", "_db")


def to_message(value: Any, kind: type[M]) -> M:
    """The message of a dataclass."""
    message = kind()
    known: Any = type(value)
    for name, field in _pairs(known, kind.DESCRIPTOR):
        found = getattr(value, name)
        if found is None:
            continue
        if field.is_repeated:
            for item in found:
                if field.message_type is None:
                    getattr(message, field.name).append(_scalar(item))
                else:
                    getattr(message, field.name).append(_message(item, field.message_type))
        elif field.message_type is not None:
            getattr(message, field.name).CopyFrom(_message(found, field.message_type))
        else:
            setattr(message, field.name, _scalar(found))
    return message


def from_message(message: Message, kind: type[T]) -> T:
    """The dataclass again. Raises PayloadError for a payload or a state that this version does not know."""
    known: Any = kind
    hints = _hints(known)
    return kind(**{n: _value(message, f, hints[n]) for n, f in _pairs(known, message.DESCRIPTOR)})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _pairs(kind: Any, descriptor: Descriptor) -> tuple[tuple[str, FieldDescriptor], ...]:
    """Names of a dataclass, each with the field of the message that has it."""
    found = []
    for field in fields(kind):
        names = (field.name + unit for unit in _UNITS)
        there = next((descriptor.fields_by_name[n] for n in names if n in descriptor.fields_by_name), None)
        if there is not None:
            found.append((field.name, there))
    return tuple(found)


def _message(value: Any, descriptor: Descriptor) -> Message:
    if isinstance(value, Fidelity):
        return to_fidelity(value)
    if isinstance(value, ColourState):
        return to_state(value)
    kind = GetMessageClass(descriptor)
    if isinstance(value, Fraction):
        return kind(text=str(value))
    if isinstance(value, tuple):
        return kind(**dict(zip([f.name for f in descriptor.fields], value, strict=True)))
    return to_message(value, kind)


def _scalar(value: Any) -> Any:
    if isinstance(value, Payload):
        return encode(value)
    return str(value) if isinstance(value, Path) else value


def _value(message: Message, field: FieldDescriptor, hint: Any) -> Any:
    found = getattr(message, field.name)
    if get_origin(hint) in (Union, types.UnionType):
        if not message.HasField(field.name):
            return None
        hint = next(part for part in get_args(hint) if part is not type(None))
    if field.is_repeated:
        return tuple(_one(item, get_args(hint)[0]) for item in found)
    return _one(found, hint)


def _one(value: Any, hint: Any) -> Any:
    if hint is Fidelity:
        return fidelity_of(value)
    if hint is ColourState:
        return state_of(value)
    if hint is Payload:
        return decode(value)
    if hint is Fraction:
        return Fraction(value.text)
    if hint is Path:
        return Path(value)
    if get_origin(hint) is tuple:
        return tuple(getattr(value, field.name) for field in value.DESCRIPTOR.fields)
    return from_message(value, hint) if isinstance(value, Message) else value
