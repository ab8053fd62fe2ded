"""An OpenTimelineIO file as a timeline: its JSON checked, read by the library, and what it says of itself."""

from __future__ import annotations

import importlib
import io
import json
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

from candela_engines.errors import InfrastructureError, InputError, MediaError
from candela_engines.media.otio_tracks import OtioWalk, frames_in, rate_in
from candela_engines.media.timecode import can_drop
from candela_engines.media.timeline_layers import shots_of, transitions_of
from candela_engines.media.timeline_types import Timeline

__all__ = ["bundled_otio", "parse_otio"]

_MOST_BYTES = 32 << 20
_MOST_DEPTH = 200


def otio_module() -> Any:
    """OpenTimelineIO, or InfrastructureError naming the package to install."""
    try:
        return importlib.import_module("opentimelineio")
    except ImportError as error:
        raise InfrastructureError(
            f"the package opentimelineio is needed for timelines and cannot be imported ({error}); "
            "install it with: pip install opentimelineio"
        ) from error


def bundled_otio(data: bytes, path: Path) -> bytes:
    """The timeline in an .otioz bundle. Raises InputError for a ZIP that is none or is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle, bundle.open("content.otio") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except KeyError:
        raise InputError(f"{path}: is a ZIP archive without content.otio, so no .otioz bundle") from None
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read as an .otioz bundle: {error}") from None
    except Exception as error:
        # zlib and the other decompressors have errors of their own, which share no base.
        raise InputError(f"{path}: the timeline in it cannot be unpacked: {error}") from None
    if len(content) > _MOST_BYTES:
        raise InputError(f"{path}: its timeline is above {_MOST_BYTES >> 20} MiB; that is none")
    return content


def parse_otio(data: bytes, path: Path, rate: Fraction | None, *, bundle: bool = False) -> Timeline:
    """The timeline of an .otio file's bytes. rate: over its own. bundle: its media travels in an .otioz.

    Raises InputError for what is no timeline or is damaged, and for clips whose place or media range is not
    to be known, naming them with their timecode.
    """
    timeline = _timeline_in(_deserialise(_checked_json(data, path), path), path)
    own = _own_rate(timeline, path)
    notes = []
    if rate is None:
        rate = own
    elif own is not None and own != rate:
        notes.append(f"says {float(own):.6g} frames a second; read at {float(rate):.6g} as asked")
    if rate is None:
        raise InputError(f"{path}: no clip says frames a second; give them with --rate, as --rate 24")
    start, drop = _start(timeline, rate, path)
    walk = OtioWalk(path, rate, start, bundle=bundle)
    layer = walk.timeline(timeline)
    shots, rounding = shots_of(layer.pieces)
    if not shots:
        raise InputError(f"{path}: its picture tracks hold no shot")
    return Timeline(
        path=path,
        name=str(timeline.name or path.stem),
        rate=rate,
        start=start,
        drop=drop,
        shots=shots,
        transitions=transitions_of(layer.fades, shots),
        notes=(*notes, *walk.notes, *rounding),
    )


def _checked_json(data: bytes, path: Path) -> str:
    """The JSON, written anew so that the library sees what was checked (and no key twice).

    Refused is what the library would not survive: it has no bound on depth, references can make rings, and
    some objects end the process.
    """
    try:
        tree = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is no UTF-8 text at byte {error.start}; it is damaged") from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}, line {error.lineno}: is damaged or cut short: {error.msg} (column {error.colno})"
        ) from None
    except RecursionError:
        raise InputError(f"{path}: is nested too deeply; that is no timeline") from None
    except ValueError as error:
        raise InputError(f"{path}: is damaged: {str(error)[:120]}") from None
    level = [tree]
    for _ in range(_MOST_DEPTH):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                _check_object(item, path)
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        level = [item for item in inner if isinstance(item, (dict, list))]
        if not level:
            return json.dumps(tree)
    raise InputError(f"{path}: is nested more than {_MOST_DEPTH} deep; that is no timeline")


def _check_object(item: dict[str, Any], path: Path) -> None:
    schema = str(item.get("OTIO_SCHEMA", ""))
    kind = schema.partition(".")[0]
    if kind == "SerializableObjectRef":
        raise InputError(f"{path}: holds references between its objects, which are not read")
    # Types of the library's own, which it ends the process over.
    if kind in ("UnknownSchema", "Test"):
        raise InputError(f"{path}: holds an object of type {schema[:40]!r}, which is not for files")
    if kind == "Clip" and schema != "Clip.2" and "media_reference" not in item:
        # Older clips are brought up to date by the library, which takes the field for granted.
        raise InputError(
            f"{path}: holds a clip as {schema[:40]!r} without its media_reference; it is damaged, or newer "
            "than this version reads"
        )


def _deserialise(text: str, path: Path) -> Any:
    otio = otio_module()
    try:
        return otio.core.deserialize_json_from_string(text)
    except Exception as error:
        # The binding raises ValueError, KeyError and errors of its own for objects that do not fit.
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: OpenTimelineIO cannot read it: {reason}") from None


def _timeline_in(found: Any, path: Path) -> Any:
    otio = otio_module()
    if isinstance(found, otio.schema.Timeline):
        if found.tracks is None:
            raise InputError(f"{path}: is a timeline without tracks; it is damaged")
        return found
    kind = type(found).__name__
    if isinstance(found, otio.schema.SerializableCollection):
        inside = [item for item in found if isinstance(item, otio.schema.Timeline)]
        if len(inside) == 1:
            return _timeline_in(inside[0], path)
        names = ", ".join(repr(str(item.name)[:40]) for item in inside[:6])
        raise InputError(
            f"{path}: holds {len(inside)} timelines ({names or 'none'}); save the one that is meant"
        )
    raise InputError(f"{path}: holds a {kind}, no timeline")


def _own_rate(timeline: Any, path: Path) -> Fraction | None:
    """Of the start timecode, else of the first clip that says one."""
    otio = otio_module()
    if timeline.global_start_time is not None:
        return rate_in(timeline.global_start_time, path.name)
    for clip in timeline.find_clips():
        times = clip.source_range or getattr(clip.media_reference, "available_range", None)
        on_sound = isinstance(clip.parent(), otio.schema.Track) and clip.parent().kind == "Audio"
        if times is not None and not on_sound:
            return rate_in(times.duration, path.name)
    return None


def _start(timeline: Any, rate: Fraction, path: Path) -> tuple[int, bool]:
    """Frames before the timeline's first one, and whether its timecode drops frames (OTIO does not say)."""
    if timeline.global_start_time is None:
        return 0, False
    start = frames_in(timeline.global_start_time, rate, path.name)
    if start.denominator != 1:
        raise MediaError(f"{path}: its start time is no whole frame at {float(rate):.6g} frames a second")
    return int(start), can_drop(rate)
