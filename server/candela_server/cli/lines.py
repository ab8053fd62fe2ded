"""What all results in words are made of: a fact a line, under its label."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

__all__ = ["CARRIERS", "db", "line", "notes", "table"]

_WIDTH = 13
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


def db(value: float) -> str:
    """A PSNR in words."""
    return "no difference" if math.isinf(value) else f"{value:.2f} dB"


def line(label: str, value: str) -> str:
    """A fact under its label."""
    return f"{label:<{_WIDTH}}{value}"


def notes(texts: Iterable[str]) -> Iterator[str]:
    """A line for each note."""
    return (line("note", text) for text in texts)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows under their names, right-aligned; a column that is empty throughout is left out."""
    known = [at for at in range(len(head)) if any(row[at] for row in rows)]
    widths = {at: max(len(row[at]) for row in (head, *rows)) for at in known}
    for row in (head, *rows):
        yield "  ".join(row[at].rjust(widths[at]) for at in known).rstrip()
