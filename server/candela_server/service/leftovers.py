"""What a process that was killed left half-written: temporary files, which nobody else will take away."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection
from pathlib import Path

__all__ = ["remove_leftovers"]

# As `media.atomic` names them, with what writers of movies put beside them.
_PART = re.compile(r"\.(?P<stem>.+)\.[0-9a-f]{12}\.part(?:\.[a-z]+)?\.[a-z0-9]+", re.IGNORECASE)
_STEM_LETTERS = 100


def remove_leftovers(folder: Path, stems: Collection[str]) -> int:
    """Remove temporary files of outputs with these stems; how many there were.

    For the one process that holds the job: another one's would be in the middle of its work.
    """
    wanted, removed = {stem[:_STEM_LETTERS] for stem in stems}, 0
    if not folder.is_dir():
        return 0
    for path in folder.iterdir():
        found = _PART.fullmatch(path.name)
        if found is not None and found["stem"] in wanted:
            with contextlib.suppress(OSError):
                path.unlink()
                removed += 1
    return removed
