"""The lines of a CMX 3600 EDL: events, speeds and the comments that name media, each with its line number.

Layout: event number, reel, channels, transition, its length, then source in, source out, record in and
record out; after it `M2` lines and comments that belong to it. An EDL does not say its rate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from candela_engines.errors import InputError

__all__ = ["EdlEvent", "EdlSpeed", "EdlText", "read_lines"]

_MOST_EVENTS = 100_000
_MOST_LETTERS = 1000
_TIMECODE = re.compile(r"[0-9]{2}:[0-9]{2}[:;][0-9]{2}[:;.,][0-9]{2,3}")
_EVENT = re.compile(r"[0-9]+[A-Za-z]?(?=\s)")
_CHANNELS = re.compile(r"(?:NONE|B|AA?|AA?/V|AA?[0-9]*|[AV][0-9]*(?:[A-Z0-9/]*)|[0-9]+)", re.IGNORECASE)
_KINDS = re.compile(r"C|D|W[0-9]{3}|KB?|KO", re.IGNORECASE)
# A sign may touch the reel before it: the columns are of fixed width.
_FPS = re.compile(r"(?P<reel>.*?)(?P<fps>(?:(?<=^)|[+-])[0-9]{0,6}(?:\.[0-9]{0,6})?)")


@dataclass(frozen=True, slots=True)
class EdlSpeed:
    """An M2 line: frames a second as written, and the source timecode that it is about."""

    line: int
    reel: str
    fps: str
    at: str


@dataclass(slots=True)
class EdlEvent:
    """One line of the edit list. kind: C, D, W (with its number) or K…; length: of a transition, in frames.

    The four timecodes are as written. drop: what the FCM line in force says, None where there was none.
    """

    line: int
    number: str
    reel: str
    channels: str
    kind: str
    length: int
    source: tuple[str, str]
    record: tuple[str, str]
    drop: bool | None
    speeds: list[EdlSpeed] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def timecodes(self) -> tuple[str, str, str, str]:
        """Source in and out, record in and out."""
        return (*self.source, *self.record)


@dataclass(slots=True)
class EdlText:
    """A whole EDL. events in the order of the file."""

    title: str = ""
    events: list[EdlEvent] = field(default_factory=list)


def read_lines(text: str, name: str) -> EdlText:
    """The events of an EDL's text. `name`: of the file, for messages.

    Raises InputError naming the line that is malformed, or for a text with no event at all.
    """
    edl = EdlText()
    drop: bool | None = None
    # Not splitlines, which also splits at characters that stand inside comments of old Windows systems.
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.strip()[:_MOST_LETTERS]
        upper = line.upper()
        if not line:
            continue
        if upper.startswith("TITLE:"):
            edl.title = line[6:].strip()
        elif upper.startswith("FCM"):
            drop = _frame_code_mode(upper, f"{name}, line {number}")
        elif line[0].isascii() and line[0].isdigit():
            if len(edl.events) >= _MOST_EVENTS:
                raise InputError(f"{name}, line {number}: more than {_MOST_EVENTS:,} events")
            edl.events.append(_event(line, number, f"{name}, line {number}", drop))
        elif edl.events:
            _comment(edl.events[-1], line, number, f"{name}, line {number}")
    if not edl.events:
        raise InputError(f"{name}: holds no events; it is no EDL, or an empty one")
    return edl


def _frame_code_mode(upper: str, where: str) -> bool:
    mode = upper.partition(":")[2].strip().replace("-", " ")
    if mode not in ("DROP FRAME", "NON DROP FRAME"):
        raise InputError(f"{where}: {upper[:60]!r}; FCM is DROP FRAME or NON-DROP FRAME")
    return mode == "DROP FRAME"


def _event(line: str, number: int, where: str, drop: bool | None) -> EdlEvent:
    words = line.split()
    shown = repr(line if len(line) <= 90 else line[:87] + "...")
    if len(words) < 5 or not all(_TIMECODE.fullmatch(word) for word in words[-4:]):
        raise InputError(
            f"{where}: {shown} begins with a number, as events do, and does not end with 4 timecodes"
        )
    if _EVENT.match(line) is None:
        raise InputError(f"{where}: {words[0][:20]!r} is no event number")
    head = words[1:-4]
    has_length = len(head) > 2 and re.fullmatch("[0-9]{1,6}", head[-1]) is not None
    length = int(head.pop()) if has_length else 0
    kind = head.pop().upper() if head else ""
    if kind in ("B", "O") and head and head[-1].upper() == "K":
        kind = head.pop().upper() + kind
    if _KINDS.fullmatch(kind) is None or len(head) < 2 or _CHANNELS.fullmatch(head[-1]) is None:
        raise InputError(
            f"{where}: {shown} is no event: reel, channels and C, D or W with its number are needed"
        )
    if kind[0] in "DW" and not has_length:
        raise InputError(f"{where}: a transition {kind} without its length in frames")
    channels = head.pop().upper()
    return EdlEvent(
        line=number,
        number=words[0],
        reel=" ".join(head),
        channels=channels,
        kind=kind,
        length=length if kind[0] in "DW" else 0,
        source=(words[-4], words[-3]),
        record=(words[-2], words[-1]),
        drop=drop,
    )


def _comment(event: EdlEvent, line: str, number: int, where: str) -> None:
    if re.match(r"M2\s", line, re.IGNORECASE) is None:
        event.comments.append(line)
        return
    words = line.split()
    match = _FPS.fullmatch(words[-2]) if len(words) > 2 else None
    if match is None or not re.search("[0-9]", match["fps"]) or not _TIMECODE.fullmatch(words[-1]):
        raise InputError(f"{where}: {line[:60]!r} is no speed: M2, reel, frames a second, timecode")
    reel = " ".join([*words[1:-2], *([match["reel"]] if match["reel"] else [])])
    event.speeds.append(EdlSpeed(number, reel, match["fps"], words[-1]))
