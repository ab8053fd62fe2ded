"""Places in the words of whoever asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from candela_server.service.in_words import in_words, words_of


class Kind(StrEnum):
    A = "/r/a"


@dataclass(frozen=True)
class Held:
    text: str
    path: Path
    numbers: tuple[int, ...]
    inner: tuple[str, ...]
    kind: Kind


def test_files_and_what_lies_beside_them() -> None:
    words = words_of([(Path("/r/shots/a.mov"), "a.mov")])
    held = Held("/r/shots/a.mov: odd", Path("/r/shots/a.mov.candela"), (1, 2), ("/r/shots/b.mov",), Kind.A)
    assert in_words(held, words) == Held("a.mov: odd", Path("a.mov.candela"), (1, 2), ("b.mov",), Kind.A)


def test_other_paths_stay() -> None:
    words = words_of([(Path("/r/shots"), "."), (Path("/r/plates/x"), "../x")])
    for text in ("/mnt/r/shots/a", "/r/shots2/a", "/r/shots-b", "/r/shots.old/a", "file:///r/shots/a"):
        assert in_words(text, words) == text
    assert in_words("see /r/shots/a and '/r/plates/x/y', /r/shots", words) == "see a and '../x/y', ."


def test_the_first_words_count_and_replaced_ones_are_not_replaced_again() -> None:
    words = words_of([(Path("/r/a/x"), "/r/b/x"), (Path("/r/b/y"), "z"), (Path("/r/a/x"), "other")])
    assert in_words("/r/a/x /r/b/y /r/a/w", words) == "/r/b/x z /r/b/w"


def test_without_words_it_is_what_it_was() -> None:
    value = ("/r/a",)
    assert in_words(value, words_of([(Path("/r/a"), "/r/a")])) is value
