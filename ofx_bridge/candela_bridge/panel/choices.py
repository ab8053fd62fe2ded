"""Which of two grades somebody preferred, kept in a CSV file that scaling software and `candela` can read.

The first six columns are those that pwcmp scales: observer, session, scene, condition_A, condition_B and
is_A_selected (1 or 0). A choice is forced there, so what was skipped is no row. The others say what was seen:
left (which condition was on the left side), blind (1 where names were hidden), frame, file_A, file_B, time
(UTC), candela (the version). One row a choice; the same pair may be judged again, by anybody.
"""

from __future__ import annotations

import csv
import datetime
import getpass
import io
import os
import random
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import List, Optional

__all__ = [
    "COLUMNS",
    "Choice",
    "ChoiceError",
    "Choices",
    "Pair",
    "condition_names",
    "default_file",
    "pair_of",
]


class ChoiceError(Exception):
    """A file that choices cannot be kept in: which one, and what to do."""


@dataclass(frozen=True)
class Choice:
    """A row, as the module says."""

    observer: str
    session: str
    scene: str
    condition_A: str
    condition_B: str
    is_A_selected: int
    left: str = ""
    blind: int = 0
    frame: int = 0
    file_A: str = ""
    file_B: str = ""
    time: str = ""
    candela: str = ""


COLUMNS = tuple(field.name for field in fields(Choice))


@dataclass(frozen=True)
class Pair:
    """Two grades of a shot side by side. swapped: B is on the left."""

    scene: str
    a: str
    b: str
    file_a: str
    file_b: str
    swapped: bool = False
    blind: bool = False

    def label(self, left: bool) -> str:
        """What stands over a side."""
        if self.blind:
            return "Left" if left else "Right"
        return self.a if left != self.swapped else self.b


class Choices:
    """file: is made with the first choice. observer: who chooses, else the user. session: since when."""

    def __init__(self, file: Path, *, observer: str = "", version: str = "") -> None:
        self.file, self.version = file, version
        self.observer = observer or _user()
        self.session = _now()
        self.made: List[Choice] = []

    def choose(self, pair: Pair, *, left: bool, frame: int = 0) -> Choice:
        """Keep that the left or the right side was better. ChoiceError where the file cannot be written, or
        has other columns."""
        a_selected = left != pair.swapped
        choice = Choice(
            self.observer, self.session, pair.scene, pair.a, pair.b, int(a_selected),
            "B" if pair.swapped else "A", int(pair.blind), frame, pair.file_a, pair.file_b, _now(),
            self.version,
        )  # fmt: skip
        self._append(choice)
        self.made.append(choice)
        return choice

    def undo(self) -> Optional[Choice]:
        """Take back the last choice of this session; None where there is none. ChoiceError where another
        program has written behind it."""
        if not self.made:
            return None
        choice = self.made[-1]
        line = _line(astuple(choice))
        try:
            text = self.file.read_bytes()
            if not text.endswith(line):
                raise ChoiceError(f"{self.file}: was changed since; take the row out by hand")
            with self.file.open("r+b") as out:
                out.truncate(len(text) - len(line))
        except OSError as error:
            raise ChoiceError(f"{self.file}: cannot be changed: {error.strerror or error}") from error
        return self.made.pop()

    def _append(self, choice: Choice) -> None:
        line = _line(astuple(choice))
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a+b") as out:
                out.seek(0)
                head = out.readline()
                if not head:
                    line = _line(COLUMNS) + line
                elif next(csv.reader([head.decode("utf-8", "replace")]), []) != list(COLUMNS):
                    raise ChoiceError(
                        f"{self.file}: has other columns than choices have; choose another file"
                    )
                else:
                    out.seek(-1, os.SEEK_END)
                    if out.read(1) != b"\n":  # a row that was cut off stays one row, and is not glued to ours
                        line = b"\r\n" + line
                out.write(line)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise ChoiceError(f"{self.file}: cannot be written: {error.strerror or error}") from error


def pair_of(
    scene: str, file_a: str, file_b: str, *, blind: bool = False, dice: "Optional[random.Random]" = None
) -> Pair:
    """Two files as a pair. Conditions are named by the folders and names that differ, so that the same grade
    is called the same in every scene. blind: names are hidden and the sides are drawn by lot."""
    a, b = condition_names(file_a, file_b)
    swapped = blind and (dice or random.SystemRandom()).random() < 0.5
    return Pair(scene, a, b, file_a, file_b, swapped, blind)


def condition_names(file_a: str, file_b: str) -> "tuple[str, str]":
    """As `v1` and `v2` for /shots/v1/a.exr and /shots/v2/a.exr: the folders in which they differ, else the
    names."""
    one, two = Path(file_a), Path(file_b)
    for left, right in zip(one.parts[-2::-1], two.parts[-2::-1]):
        if left != right:
            return left, right
    a, b = one.stem, two.stem
    return (a, b) if a != b else (one.name, two.name)


def default_file() -> Path:
    """$CANDELA_CHOICES, else in the user's data folder."""
    said = os.environ.get("CANDELA_CHOICES")
    if said:
        return Path(said)
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "Candela" / "choices.csv"
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "candela" / "choices.csv"


def _line(values: "tuple[object, ...]") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue().encode("utf-8", "surrogateescape")


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _user() -> str:
    try:
        return getpass.getuser()
    except Exception:  # no name is known for this user: it differs by system what is raised
        return "observer"
