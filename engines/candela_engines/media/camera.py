"""What a camera or a recorder wrote beside the picture about its curve: log, under whatever colour tags.

QuickTime and MXF have no code point for most log curves, so that cameras tag BT.709 or nothing and name the
curve in entries of their own: ARRI (`com.arri.camera.ColorGammaSxS: LOG-C`), Blackmagic, Panasonic, DJI and
others in the metadata that FFmpeg hands over; Sony as `CaptureGammaEquation` in the XML of an XAVC movie
(`NonRealTimeMeta`, a `meta` box at the top level of the file). Any entry counts whose value is a log curve's
name, save those that people write prose into.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from candela_engines.errors import CandelaError
from candela_engines.media.source import open_source
from candela_engines.media.tags_bmff import file_boxes

__all__ = ["camera_curve", "log_curve", "log_word", "xml_entries"]

_CURVES = (
    r"s-?log-?[23]?|(?:arri-?)?log-?c-?[34]?|v-?log(?:-?l)?|(?:c|canon)-?log-?[23]?|f-?log-?2?c?|n-?log|"
    r"d-?log(?:-?m2?)?|l-?log|i-?log|log3g(?:10|12)|redlogfilm|acescct?|bmd-?film|blackmagic-design-film|"
    r"(?:davinci|blackmagic)-intermediate|cineon(?:-?log)?|adx-?1[06]|protune(?:-flat)?|gopro-?log2?"
)
_WHOLE = re.compile(rf"(?:{_CURVES})(?:[^a-z0-9].*)?")
_WORD = re.compile(rf"(?<![a-z0-9])(?:{_CURVES})(?![a-z])")
_BARE = re.compile(r"(?<![a-z0-9])log(?![a-z0-9])")
_PROSE = re.compile(
    r"title|comment|description|synopsis|keyword|artist|author|copyright|album|genre|name|lyrics|encoder|brand|"
    r"software|file|path|uri|lut|look|view|monitor"
)
_ITEM = re.compile(rb'name="(CaptureGammaEquation)"\s+value="([^"]{1,64})"')
_MOST_XML = 1 << 20
_MOST_BOXES = 1000


def log_curve(text: str) -> bool:
    """Whether a value names a log curve first of all, as `S-Log3/S-Gamut3.Cine` does."""
    words = re.sub(r"[\s_]+", "-", text.strip().lower())
    return _WHOLE.fullmatch(words) is not None


def log_word(name: str) -> str | None:
    """The word of a file name that names a log curve, or is `log`; None where there is none."""
    words = re.sub(r"[\s_]+", "-", name.lower())
    found = _WORD.search(words) or _BARE.search(words)
    return None if found is None else found.group()


def camera_curve(entries: Mapping[str, object]) -> str | None:
    """`KEY VALUE` of the first entry that names a log curve, for messages; None where none does."""
    for key, value in entries.items():
        if isinstance(value, str) and not _PROSE.search(key.lower()) and log_curve(value):
            return f"{key} {value.strip()}"
    return None


def xml_entries(path: Path) -> dict[str, str]:
    """What the XML of an XAVC movie says of its curve; empty for other files and for one that breaks off."""
    try:
        with open_source(path) as stream:
            for box in islice(file_boxes(stream), _MOST_BOXES):
                if box.kind == b"meta":
                    stream.seek(box.start)
                    found = _ITEM.findall(stream.read(min(box.end - box.start, _MOST_XML)))
                    return {key.decode(): value.decode("utf-8", "replace") for key, value in found}
    except (OSError, CandelaError):
        return {}
    return {}
