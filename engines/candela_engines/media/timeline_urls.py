"""Media as timelines name it: file URLs, paths, percent-encoding, and one file that stands for a sequence."""

from __future__ import annotations

import os
import re
from pathlib import Path

from candela_engines.errors import CandelaError
from candela_engines.media.sequence_names import FrameName, is_pattern, parse_name, split_number
from candela_engines.media.sequence_scan import STILL_EXTENSIONS, find_frames

__all__ = ["frames_named", "is_there", "media_path"]

_MOST_LETTERS = 4096
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def media_path(text: str, folder: Path) -> Path | None:
    """The file (or pattern) that a URL or path names; relative ones lie beside the timeline, in `folder`.

    None for what is no file: another scheme than file, an empty or absurd text. Nothing is looked up, but for
    a plain path with percent signs, which is taken as it is where such a file exists.
    """
    text = text.strip()
    if not text or len(text) > _MOST_LETTERS or any(ord(letter) < 32 for letter in text):
        return None
    scheme = _SCHEME.match(text)
    if scheme is not None and scheme[1].lower() != "file":
        return None
    if scheme is None:
        path, decoded = folder / _slashes(text), folder / _slashes(_decoded(text))
        return path if path == decoded or is_there(path) else decoded
    # Not by urllib: it takes # for the start of a fragment, and in shot.####.exr it is none.
    rest = _decoded(text[5:])
    if rest.startswith("//"):
        host, slash, rest = rest[2:].partition("/")
        rest = slash + rest if host in ("", "localhost") else f"//{host}{slash}{rest}"
    # file:///C:/shots is the path C:/shots.
    return folder / (rest[1:] if re.match(r"/[A-Za-z]:/", rest) else rest)


def _slashes(text: str) -> str:
    return text if "/" in text else text.replace("\\", "/")


def _decoded(text: str) -> str:
    """Percent-escapes undone, but for those of control characters: %04d is a place for a number, not one."""

    def decode(match: re.Match[str]) -> str:
        raw = bytes.fromhex(match.group().replace("%", ""))
        if min(raw) < 32:
            return match.group()
        return os.fsdecode(raw)

    return _ESCAPES.sub(decode, text)


def is_there(path: Path) -> bool:
    """Whether a file, or a file of a pattern, exists."""
    try:
        if path.is_file():
            return True
        if not is_pattern(path):
            return False
        find_frames(parse_name(path))
    except (CandelaError, OSError, ValueError):
        return False
    return True


def frames_named(path: Path, count: int) -> tuple[Path, int | None]:
    """(media, number of its first frame) where one file of a sequence stands for `count` frames.

    The number is None where the name does not say; what is no sequence comes back as it is.
    """
    try:
        if is_pattern(path):
            ranges = parse_name(path).ranges
            return path, None if ranges is None else ranges[0][0]
    except CandelaError:
        return path, None
    parts = split_number(path.name)
    extension = path.suffix[1:].lower()
    if count < 2 or parts is None or extension not in STILL_EXTENSIONS:
        return path, None
    before, number, after = parts
    return path.parent / FrameName(path.parent, before, after, len(number)).text, int(number)
