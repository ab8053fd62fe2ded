"""The loop of every stage after rendering: take each source once, and go on while more are being made."""

from __future__ import annotations

import argparse
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from candela_engines.scorer.training.store import Store

__all__ = ["add_part", "follow", "is_of_part", "parser_of"]

_WAIT_SECONDS = 20.0
_PATIENCE = 15


def parser_of(doc: str | None) -> argparse.ArgumentParser:
    """Arguments that every stage has: OUT and --follow."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--follow", action="store_true", help="go on while pictures are still being rendered")
    add_part(parser)
    return parser


def add_part(parser: argparse.ArgumentParser) -> None:
    """--part 1/3: of three processes side by side the first."""
    said = "1/3: of three processes side by side the first; sources are shared out by name"
    parser.add_argument("--part", type=_part, default=(0, 1), help=said)


def is_of_part(name: str, part: tuple[int, int]) -> bool:
    """Whether a source is for the process of that number, of how many."""
    return zlib.crc32(name.encode()) % part[1] == part[0]


def _part(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r}: a part such as 1/3 is needed")
    return int(number) - 1, int(count)


def follow(
    store: Store,
    stage: str,
    work: Callable[[str], None],
    *,
    wait: bool,
    part: tuple[int, int] = (0, 1),
    wanted: Callable[[str], bool] = lambda name: True,
) -> int:
    """Do `work` for every source that `stage` has not seen, the oldest first; how many there were.

    `work` writes its result whole, so what a kill interrupts is done again. wait: look for new sources until
    none came for five minutes. part: which of how many; the sources are shared out by their names.
    wanted: whether to take a source at all.
    """
    done = idle = 0
    while True:
        todo = [n for n in store.names() if is_of_part(n, part) and wanted(n) and not store.has(stage, n)]
        for name in todo[:1] if wait else todo:
            start = time.monotonic()
            work(name)
            done += 1
            print(f"{stage} {name}: {time.monotonic() - start:.0f} s", flush=True)
        if not wait or (not todo and idle >= _PATIENCE):
            return done
        if todo:
            idle = 0
        else:
            idle += 1
            time.sleep(_WAIT_SECONDS)
