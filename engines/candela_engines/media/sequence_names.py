"""Names with a place for the frame number: `shot.####.exr`, `shot.%04d.exr`, `shot.$F4.exr`, with or without
a range, as `shot.1001-1100####.exr`.

Only the last part of a path is looked at, so that folders may be called what they like.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.media.frame_ranges import parse_frames

__all__ = ["FrameName", "frame_path", "is_pattern", "number_in", "parse_name", "split_number"]

_MOST_DIGITS = 20

_MOST_LETTERS = 1024
_MOST_ASKED = 1_000_000

_ONE = r"-?[0-9]{1,10}"
_SPAN = rf"{_ONE}-{_ONE}(?:x[0-9]{{1,10}})?"
_PART = rf"(?:{_SPAN}|{_ONE})"
_SEVERAL = rf"(?:{_SPAN}|{_ONE}(?=,))(?:,{_PART})*"
# A single number before the padding is a range only after a dot: in cam_2####.exr it is part of the name.
# A lone # or @ inside a word (take#2.png, logo@2x.png) is part of the name too, as is the %d of 20%done.png.
_PLACE = re.compile(
    rf"(?P<bracket>\[(?P<inside>{_PART}(?:,{_PART})*)\])"
    rf"|(?P<ranges>(?:(?<=[._ ])|^){_SEVERAL}|(?<=\.){_ONE})?"
    r"(?P<padding>#{2,}|@{2,}|[#@](?![0-9A-Za-z])|%[0-9]+d|%d(?![0-9A-Za-z])|\$F[0-9]*(?![0-9A-Za-z]))"
)
# A minus is the number's sign only after a dot, an underscore or nothing: in take-0012.exr it is a hyphen.
_NUMBER = re.compile(r"(?:(?:(?<=[._])|^)-)?[0-9]+")


@dataclass(frozen=True, slots=True)
class FrameName:
    """A name with a place for a number: folder, the text before and after it, and how it is padded.

    digits: the least width, zeros in front; 1 for a number as it is. ranges: the frames that the name itself
    says, None where it leaves them open.
    """

    folder: Path
    prefix: str
    suffix: str
    digits: int
    ranges: tuple[range, ...] | None = None

    def path(self, number: int) -> Path:
        """The file of one frame; a number wider than the padding takes the room that it needs."""
        return self.folder / f"{self.prefix}{number:0{self.digits}d}{self.suffix}"

    @property
    def text(self) -> str:
        """The name as `shot.####.exr`, without the folder and the range."""
        place = "#" * self.digits
        if self.digits == 1 and self.suffix[:1].isalnum():
            place = "%01d"
        return f"{self.prefix}{place}{self.suffix}"


@cache
def _fileseq() -> ModuleType:
    try:
        import fileseq
    except ImportError as error:
        raise InfrastructureError(
            f"the package fileseq is needed for sequences and cannot be imported ({error}); "
            "install it with: pip install fileseq"
        ) from error
    module: ModuleType = fileseq
    return module


def _places(name: str) -> list[re.Match[str]]:
    return list(_PLACE.finditer(name)) if len(name) <= _MOST_LETTERS else []


def is_pattern(name: str | Path) -> bool:
    """Whether `name` has a place for a frame number and is not simply the name of a file that is there."""
    path = Path(name)
    return bool(_places(path.name)) and not _is_file(path)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def parse_name(name: str | Path) -> FrameName:
    """The parts of a name with a place for a number.

    A run of # or @ is as many digits, %04d and $F4 are four, %d, $F and a lone # or @ leave the number as it
    is; [1001-1100] and a range before the padding say which frames. Raises InputError for a name with no
    place, with two, with a padding that nobody has, or with a range that is none.
    """
    path = Path(name)
    places = _places(path.name)
    if not places:
        raise InputError(
            f"{path}: has no place for the frame number; write it as shot.####.exr or shot.%04d.exr"
        )
    if len(places) > 1:
        shown = " and ".join(repr(place.group()) for place in places[:3])
        raise InputError(f"{path}: has more than one place for the frame number: {shown}; keep one")
    place = places[0]
    ranges_text = place["inside"] or place["ranges"]
    digits = _digits(place, path)
    try:
        ranges = None if ranges_text is None else parse_frames(ranges_text)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    if ranges is not None and sum(map(len, ranges)) > _MOST_ASKED:
        raise InputError(f"{path}: names more than {_MOST_ASKED:,} frames; name fewer")
    return FrameName(path.parent, path.name[: place.start()], path.name[place.end() :], digits, ranges)


def _digits(place: re.Match[str], path: Path) -> int:
    if place["bracket"] is not None:
        return len(re.split(r"(?<=[0-9])[-,x]", place["inside"])[0].lstrip("-"))
    padding = place["padding"]
    if len(padding) > _MOST_DIGITS + 3:
        raise InputError(f"{path}: a padding of {len(padding)} characters; up to {_MOST_DIGITS} are read")
    module = _fileseq()
    digits = int(module.FileSequence.getPaddingNum(padding, pad_style=module.constants.PAD_STYLE_HASH1))
    if digits > _MOST_DIGITS:
        raise InputError(f"{path}: a padding of {digits} digits; up to {_MOST_DIGITS} are read")
    return max(1, digits)


def frame_path(pattern: str | Path, number: int) -> Path:
    """The file of frame `number` in a pattern such as `out.####.exr`.

    A number that needs more digits takes them. Raises InputError for a name without one place for it, and
    for a number that a range in the name leaves out.
    """
    name = parse_name(pattern)
    if name.ranges is not None and not any(number in part for part in name.ranges):
        raise InputError(f"{pattern}: frame {number} is outside the range that the name says")
    return name.path(number)


def split_number(file: str) -> tuple[str, str, str] | None:
    """(before, number, after) of a file's name without folder, None where it has no number.

    The number is the last one before the extension: of `sh010_v002.1001.exr` it is 1001. Words after it that
    are no number belong to what follows (`shot.1001.left.exr`), a version too (`shot.1001.v2.exr`).
    """
    stem, dot, extension = file.rpartition(".")
    if not dot or not stem or re.fullmatch("[0-9]+", extension):
        stem, dot, extension = file, "", ""
    numbers = [match for match in _NUMBER.finditer(stem) if not _is_version(stem, match)]
    numbers = numbers or list(_NUMBER.finditer(stem))
    if not numbers:
        return None
    number = numbers[-1]
    return stem[: number.start()], number.group(), stem[number.end() :] + dot + extension


def _is_version(stem: str, number: re.Match[str]) -> bool:
    """Whether the number is that of a version: `v2` or `V002` that stands by itself."""
    before = stem[: number.start()]
    return before[-1:] in ("v", "V") and not before[-2:-1].isalnum()


def number_in(file: str, name: FrameName) -> tuple[int, bool] | None:
    """The frame of `file` (no folder) under `name`, and whether it is spelt exactly so; None if not of it.

    Letters may be composed otherwise (as macOS stores them), the extension may be in other case.
    """
    plain = unicodedata.normalize("NFC", file)
    prefix = unicodedata.normalize("NFC", name.prefix)
    suffix = unicodedata.normalize("NFC", name.suffix)
    if not plain.startswith(prefix) or len(plain) <= len(prefix) + len(suffix):
        return None
    ending = plain[len(plain) - len(suffix) :] if suffix else ""
    if not _same_ending(ending, suffix):
        return None
    digits = plain[len(prefix) : len(plain) - len(suffix)]
    sign = "-?" if prefix[-1:] in ("", ".", "_") else ""
    if not re.fullmatch(sign + "[0-9]{1,20}", digits) or not _padded(digits, name.digits):
        return None
    return int(digits), ending == suffix


def _same_ending(ending: str, suffix: str) -> bool:
    stem, dot, extension = suffix.rpartition(".")
    found_stem, found_dot, found = ending.rpartition(".")
    return (stem, dot, extension.lower()) == (found_stem, found_dot, found.lower())


def _padded(digits: str, width: int) -> bool:
    """Whether a number of this spelling is padded to `width`.

    A wider one is right only without zeros in front (#### with 10000). Programs differ over whether the
    sign counts, so -005 and -0005 are both right. A width of 1 takes whatever the files have.
    """
    if width == 1:
        return True
    bare = digits.lstrip("-")
    if len(bare) > width:
        return not bare.startswith("0")
    return len(bare) == width or (digits[0] == "-" and len(digits) == width)
