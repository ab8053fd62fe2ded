"""What is not to be left: temporary files of a process that was killed, folders that nothing came into."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from candela_engines.errors import InfrastructureError

__all__ = ["folder_for_work", "remove_leftovers", "remove_stages"]

# As `media.atomic` names them, with what writers of movies put beside them.
_PART = re.compile(r"\.(?P<stem>.+)\.[0-9a-f]{12}\.part(?:\.[a-z]+)?\.[a-z0-9]+", re.IGNORECASE)
_STAGE = re.compile(r"\.[0-9a-f]{12}\.part")  # as `reports.writing` names the folder of a report to be
_STEM_LETTERS = 100


def remove_leftovers(folder: Path, stems: Collection[str]) -> int:
    """Remove temporary files of outputs with these stems; how many there were. One with a * at its end stands
    for all that begin so.

    For the one process that holds the job: another one's would be in the middle of its work.
    """
    wanted, removed = {stem[:_STEM_LETTERS] for stem in stems}, 0
    begin = tuple(stem[:-1] for stem in wanted if len(stem) > 1 and stem.endswith("*"))
    if not folder.is_dir():
        return 0
    for path in folder.iterdir():
        found = _PART.fullmatch(path.name)
        if found is not None and (found["stem"] in wanted or found["stem"].startswith(begin)):
            with contextlib.suppress(OSError):
                path.unlink()
                removed += 1
    return removed


def remove_stages(folder: Path) -> None:
    """Remove what a report that was not finished left in its folder; the folder too, where that was all.

    For the one process that holds the job, as `remove_leftovers`.
    """
    if not folder.is_dir():
        return
    stages = [path for path in folder.iterdir() if _STAGE.fullmatch(path.name)]
    for path in stages:
        shutil.rmtree(path, ignore_errors=True)
    if stages:
        with contextlib.suppress(OSError):
            folder.rmdir()


@contextlib.contextmanager
def folder_for_work(folder: Path) -> Iterator[None]:
    """The folder, made where it is not there yet. After an error it goes again, if nothing came into it.

    Raises InfrastructureError where it cannot be made; its own folder has to be there.
    """
    made = not folder.is_dir()
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be created: {error.strerror or error}") from error
    try:
        yield
    except BaseException:
        if made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
