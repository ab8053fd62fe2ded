"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Iterator

__all__ = ["whole"]


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file of the user's own beside `path`: when the block ends well it becomes it, else it is gone.

    OSError for what the disk refuses.
    """
    number, name = tempfile.mkstemp(dir=str(path.parent), prefix=".candela-", suffix=".part")
    os.close(number)
    fresh = Path(name)
    try:
        yield fresh
        fresh.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
