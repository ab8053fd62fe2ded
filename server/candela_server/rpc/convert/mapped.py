"""Dataclasses to messages whose fields have their names, and back.

A field may have a unit behind the name (`width_px` of `width`). A tuple of unlike values is a message whose
fields are in its order; a word is an enum's value of that name, without the name of the enum before it. Other
values that are no dataclass have a form of their own, listed here; what an absent field stands for is None.
"""

from __future__ import annotations

import re
import types
from dataclasses import fields
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from candela_engines.colour.state import ColourState
from candela_engines.errors import PayloadError
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
        _put(message, field, getattr(value, name))
    return message


def _put(message: Message, field: FieldDescriptor, found: Any) -> None:
    if found is None:
        return
    if field.is_repeated:
        for item in found:
            if field.message_type is None:
                getattr(message, field.name).append(_scalar(item, field.enum_type))
            else:
                getattr(message, field.name).append(_message(item, field.message_type))
    elif field.message_type is not None:
        getattr(message, field.name).CopyFrom(_message(found, field.message_type))
    else:
        setattr(message, field.name, _scalar(found, field.enum_type))


def from_message(message: Message, kind: type[T], **more: Any) -> T:
    """The dataclass again. more: fields of it that are not in the message.

    Raises PayloadError for a payload, a state or an enum's value that this version does not know.
    """
    known: Any = kind
    hints = _hints(known)
    return kind(**{n: _value(message, f, hints[n]) for n, f in _pairs(known, message.DESCRIPTOR)}, **more)


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
        message = kind()
        for field, item in zip(descriptor.fields, value, strict=True):
            _put(message, field, item)
        return message
    return to_message(value, kind)


def _scalar(value: Any, enum: EnumDescriptor | None) -> Any:
    if enum is not None:
        return enum.values_by_name[_before(enum) + value.upper()].number
    if isinstance(value, Payload):
        return encode(value)
    return str(value) if isinstance(value, Path) else value


def _value(message: Message, field: FieldDescriptor, hint: Any) -> Any:
    found = getattr(message, field.name)
    if get_origin(hint) in (Union, types.UnionType):
        if not message.HasField(field.name):
            return None
        hint = next(part for part in get_args(hint) if part is not type(None))
    if field.enum_type is not None:
        word = _word(found, field.enum_type)
        return hint(word) if isinstance(hint, type) and issubclass(hint, Enum) else word
    if field.is_repeated:
        return tuple(_one(item, get_args(hint)[0]) for item in found)
    return _one(found, hint)


@cache
def _before(enum: EnumDescriptor) -> str:
    """What the names of its values begin with: REASON_CLASS_ of ReasonClass."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"


def _word(number: int, enum: EnumDescriptor) -> str:
    value = enum.values_by_number.get(number)
    if value is None:
        raise PayloadError(f"the sidecar gives {enum.name} the value {number}; update this Candela")
    return value.name.removeprefix(_before(enum)).lower()


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
        pairs = zip(value.DESCRIPTOR.fields, get_args(hint), strict=True)
        return tuple(_value(value, field, part) for field, part in pairs)
    return from_message(value, hint) if isinstance(value, Message) else value
