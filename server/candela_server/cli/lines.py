"""What all results in words are made of: a fact a line, under its label; and tables."""

from __future__ import annotations

import math
import shutil
import sys
import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TextIO

__all__ = ["CARRIERS", "CLIP_CARRIERS", "columns", "db", "folded", "line", "notes", "table"]

_WIDTH = 13
_GAP = "  "
_NARROWEST = 40
CARRIERS = {
    "png": "PNG chunk",
    "jpeg": "JPEG APP segment",
    "tiff": "TIFF private tag",
    "exr": "OpenEXR attribute",
    "dpx": "DPX user data",
    "isobmff": "uuid box",
    "jxl": "JPEG XL box",
    "mp4": "uuid box",
    "matroska": "Matroska attachment",
    "sidecar": "file beside the picture",
}
"""Carriers by name, in words."""
CLIP_CARRIERS = CARRIERS | {"sidecar": "file beside the clip"}
"""The same of movies and sequences."""


def columns(stream: TextIO | None = None) -> int | None:
    """How wide the terminal is that `stream`, stdout by default, goes to; None for a file or a pipe, whose
    lines stay whole.
    """
    try:
        if not (stream or sys.stdout).isatty():
            return None
    except ValueError:  # closed
        return None
    return max(shutil.get_terminal_size().columns, _NARROWEST)


def db(value: float) -> str:
    """A PSNR in words."""
    return "no difference" if math.isinf(value) else f"{value:.2f} dB"


def line(label: str, value: str) -> str:
    """A fact under its label."""
    return f"{label:<{_WIDTH}}{value}"


def notes(texts: Iterable[str]) -> Iterator[str]:
    """A line for each note."""
    return (line("note", text) for text in texts)


def folded(lines: Iterable[str], width: int | None, *, indent: int = _WIDTH) -> Iterator[str]:
    """Facts in lines that a terminal of `width` columns holds, under their label; names stay in one piece."""
    for text in lines:
        if width is None or len(text) <= width:
            yield text
        else:
            yield from textwrap.wrap(
                text,
                width,
                subsequent_indent=" " * indent,
                break_long_words=False,
                break_on_hyphens=False,
            )


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    left: Collection[str] = (),
    width: int | None = None,
) -> Iterator[str]:
    """Rows under their names, right-aligned; a column that is empty throughout is left out.

    left: names of columns of words, aligned to the left. width: of the terminal; columns that do not fit go
    below, in a table of their own that begins with the first column again. None: all in one.
    """
    known = [at for at in range(len(head)) if any(row[at] for row in rows)]
    sizes = {at: max(len(row[at]) for row in (head, *rows)) for at in known}
    for number, part in enumerate(_parts(known, sizes, width)):
        if number:
            yield ""
        for row in (head, *rows):
            cells = (f"{row[at]:{'<' if head[at] in left else '>'}{sizes[at]}}" for at in part)
            yield _GAP.join(cells).rstrip()


def _parts(known: list[int], sizes: dict[int, int], width: int | None) -> Iterator[list[int]]:
    """Columns that stand beside each other."""
    part = known[:1]
    for at in known[1:]:
        wide = sum(sizes[one] for one in (*part, at)) + len(_GAP) * len(part)
        if width is not None and wide > width and len(part) > 1:
            yield part
            part = known[:1]
        part = [*part, at]
    yield part
