"""XML of a timeline as a tree that knows where in the file each element stands. Nothing in it is looked up.

The standard library's parser, which expands what a file declares: declarations of entities are refused, so
that neither a bomb nor another file comes in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from candela_engines.errors import InputError

__all__ = ["Element", "parse_xml"]

_MOST_DEPTH = 200
_MOST_ELEMENTS = 2_000_000
_TAG = re.compile(rb"""(?:"[^"]*"|'[^']*'|[^>"'])*>""")  # `>` may stand inside of quotes


@dataclass(slots=True, eq=False)
class Element:
    """line: of the file, from 1. begin, end: bytes of the file that it takes, with its tags. head: where its
    start tag ends; the same as `end` where it has no end tag, as in `<gap/>`."""

    tag: str
    values: dict[str, str]
    line: int
    begin: int
    head: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    def get(self, name: str, usual: str = "") -> str:
        """A value, without blanks around it."""
        return self.values.get(name, usual).strip()

    def all(self, *tags: str) -> list[Element]:
        """Children of these tags."""
        return [child for child in self.children if child.tag in tags]

    def first(self, tag: str) -> Element | None:
        """The first child of a tag."""
        return next((child for child in self.children if child.tag == tag), None)

    def walk(self) -> Iterator[Element]:
        """Itself and all below it, in the order of the file."""
        rest = [self]
        while rest:
            one = rest.pop()
            yield one
            rest += reversed(one.children)


def parse_xml(data: bytes, path: Path) -> Element:
    """The root. Raises InputError, with the line, for what is no XML or declares entities, and for what no
    timeline has: depth above 200, more than two million elements."""
    return _Reading(data, path).root()


class _Reading:
    def __init__(self, data: bytes, path: Path) -> None:
        self._data, self._path = data, path
        self._open: list[Element] = []
        self._root: Element | None = None
        self._count = 0
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = self._entity
        parser.ExternalEntityRefHandler = self._reference
        parser.SkippedEntityHandler = self._skipped

    def root(self) -> Element:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            raise InputError(f"{self._path}, line {error.lineno}: is damaged or cut short: {what}") from None
        except (ValueError, LookupError) as error:
            raise InputError(f"{self._path}: is in no encoding that can be read: {error}") from None
        if self._root is None:
            raise InputError(f"{self._path}: holds no XML")
        return self._root

    def _refuse(self, what: str) -> InputError:
        return InputError(f"{self._path}, line {self._parser.CurrentLineNumber}: {what}")

    def _start(self, tag: str, values: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= _MOST_DEPTH or self._count > _MOST_ELEMENTS:
            raise self._refuse("is nested too deeply, or too long; that is no timeline")
        made = Element(tag, values, self._parser.CurrentLineNumber, self._parser.CurrentByteIndex)
        made.head = _tag_end(self._data, made.begin)
        if self._open:
            self._open[-1].children.append(made)
        self._open.append(made)

    def _end(self, tag: str) -> None:
        made = self._open.pop()
        at = self._parser.CurrentByteIndex
        # Of <gap/> the place is behind it, of <gap></gap> before its end tag.
        alone = at <= made.head and self._data[made.head - 2 : made.head] == b"/>"
        made.end = made.head if alone else self._data.find(b">", at) + 1
        if not self._open:
            self._root = made

    def _entity(self, *_: object) -> None:
        raise self._refuse("declares entities, which no timeline needs; it is not read")

    def _reference(self, *_: object) -> int:
        raise self._refuse("refers to another file, which is not read")

    def _skipped(self, name: str, _: bool) -> None:
        raise self._refuse(f"uses the entity {name[:40]!r}, which it does not declare")


def _tag_end(data: bytes, begin: int) -> int:
    found = _TAG.match(data, begin)
    return len(data) if found is None else found.end()
