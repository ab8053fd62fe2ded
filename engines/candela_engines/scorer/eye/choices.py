"""Choices between two versions of a scene, read from CSV: the panel's, a study page's, or a formal test's.

A row is one forced choice. Needed are who chose, of which scene, between which two conditions, and which one.
Names of columns are those that pwcmp's examples and the panel have, or what else they are often called
(`COLUMNS`). Optional: session, left (which condition was on the left or shown first: A or B), file_A, file_B,
time, blind, catch (1 for a trial with a known answer, whose right answer is condition_A).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import InputError

__all__ = ["CATCH", "COLUMNS", "Choice", "choices_in", "read_choices"]

CATCH = "__catch__"
"""Condition of the version that is worse on purpose; to prefer it is a mistake of the rater, not a taste."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "observer": ("observer", "observer_id", "rater", "participant", "subject"),
    "scene": ("scene", "content", "source", "shot"),
    "condition_a": ("condition_a", "condition_1", "version_a", "a"),
    "condition_b": ("condition_b", "condition_2", "version_b", "b"),
    "selected": ("is_a_selected", "a_selected", "selection", "selected"),
}
"""What is needed, and the names that are taken for it, whatever the case."""

_OPTIONAL = {"session": ("session", "session_id"), "left": ("left", "first"), "file_a": ("file_a",),
             "file_b": ("file_b",)}  # fmt: skip
_MOST_BYTES = 64 << 20
_MOST_NAME = 500
_YES, _NO = {"1", "true", "a", "yes"}, {"0", "false", "b", "no"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One forced choice. a_won: whether `a` was preferred. left: `A`, `B` or nothing. row: of the file."""

    observer: str
    scene: str
    a: str
    b: str
    a_won: bool
    session: str = ""
    left: str = ""
    file_a: str = ""
    file_b: str = ""
    row: int = 0

    @property
    def is_catch(self) -> bool:
        """Whether the right answer is known: one of the two is worse on purpose."""
        return CATCH in (self.a, self.b)

    @property
    def winner(self) -> str:
        """The condition that was preferred."""
        return self.a if self.a_won else self.b


def read_choices(path: Path) -> list[Choice]:
    """The choices of a file, in its order.

    Raises InputError for a file that is missing, empty, above 64 MiB, no text, lacks a column, or has a row
    that is no choice: its number and what is wrong with it.
    """
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise InputError(f"{path}: {size} bytes; choices of any test are under {_MOST_BYTES >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is no UTF-8 text (byte {error.start}); save the choices as CSV") from None
    return choices_in(text, str(path))


def choices_in(text: str, name: str) -> list[Choice]:
    """The same of text. name: for errors."""
    if "\0" in text:
        raise InputError(f"{name}: holds zero bytes; it is no CSV")
    try:
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        head = next(rows, [])
        places = _places(head, name)
        found = [
            _choice(row, places, rows.line_num, name) for row in rows if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise InputError(f"{name}: is no CSV: {error}") from error
    if not found:
        raise InputError(f"{name}: holds no choice; the first line names columns, every other is a choice")
    return found


def _places(head: Iterable[str], name: str) -> dict[str, int]:
    said = [cell.strip().lower() for cell in head]
    places: dict[str, int] = {}
    for key, names in {**COLUMNS, **_OPTIONAL}.items():
        found = [said.index(one) for one in names if one in said]
        if found:
            places[key] = found[0]
        elif key in COLUMNS:
            raise InputError(
                f"{name}: has no column for {key.replace('_', ' ')} ({', '.join(names)}); its columns are "
                f"{', '.join(cell[:40] for cell in said[:20]) or 'none'}"
            )
    # pwcmp's older examples count the second condition's wins in `selection`.
    if said[places["selected"]] == "selection":
        places["turned"] = places["selected"]
    return places


def _choice(row: list[str], places: Mapping[str, int], number: int, name: str) -> Choice:
    def cell(key: str) -> str:
        place = places.get(key)
        if place is None:
            return ""
        if place >= len(row):
            raise InputError(f"{name}, line {number}: is cut off after {len(row)} columns")
        value = row[place].strip()
        if len(value) > _MOST_NAME and not key.startswith("file"):
            raise InputError(f"{name}, line {number}: {key} has {len(value)} characters; that is no name")
        return value

    said = {key: cell(key) for key in ("observer", "scene", "condition_a", "condition_b")}
    for key, value in said.items():
        if not value:
            raise InputError(f"{name}, line {number}: no {key.replace('_', ' ')}")
    if said["condition_a"] == said["condition_b"]:
        raise InputError(
            f"{name}, line {number}: {said['condition_a'][:80]} is compared with itself; take the row out"
        )
    selected = cell("selected").lower()
    if selected not in _YES | _NO:
        raise InputError(
            f"{name}, line {number}: the choice is {selected[:40]!r}; 1 (A was better) or 0 (B was better) "
            "is needed: a choice is forced, what was skipped is no row"
        )
    won = selected in _YES
    if "turned" in places and selected in ("0", "1"):
        won = not won
    left = cell("left").upper()
    return Choice(
        said["observer"], said["scene"], said["condition_a"], said["condition_b"], won, cell("session"),
        left if left in ("A", "B") else "", cell("file_a"), cell("file_b"), number,
    )  # fmt: skip
