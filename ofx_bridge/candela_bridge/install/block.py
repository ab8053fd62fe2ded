"""A few lines of ours in somebody's file: put in once, and taken out so that every other byte stays.

Bytes, and not text: the file may be in any encoding that has ASCII in it, with any line ends.
"""

from __future__ import annotations

import re
from typing import List, Optional

__all__ = ["BlockError", "find_block", "with_block", "without_block"]

BEGIN = b"# >>> candela >>>"
END = b"# <<< candela <<<"
_MOST_BYTES = 8 << 20
_BLOCK = re.compile(
    rb"^[ \t]*" + re.escape(BEGIN) + rb"[^\n]*\n(?:.*\n)*?[ \t]*" + re.escape(END) + rb"[^\n]*(?:\n|\Z)",
    re.MULTILINE,
)


class BlockError(ValueError):
    """A file that lines cannot be put into, or whose lines of ours are not as they were: what to do."""


def with_block(before: bytes, lines: List[str]) -> bytes:
    """The file with the block at its end; in place of the one that is there, or as it was if that is the
    same.

    Whether the last line had an end is written into the block, so that it can be given back. Raises
    BlockError for a file that has no ASCII in it (UTF-16), is too long, or in which a block of ours has lost
    its end.
    """
    _check(before)
    found = find_block(before)
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    if found is not None:
        whole = before[: found.start()]
        bare = b"no newline" in found.group().split(b"\n", 1)[0]
        return whole + _made(lines, newline, bare=bare) + before[found.end() :]
    bare = bool(before) and not before.endswith(b"\n")
    return before + (newline if bare else b"") + _made(lines, newline, bare=bare)


def without_block(now: bytes) -> bytes:
    """The file as it was without the block; what others wrote since stays. Raises BlockError as above."""
    _check(now)
    found = find_block(now)
    if found is None:
        return now
    head, tail = now[: found.start()], now[found.end() :]
    if b"no newline" in found.group().split(b"\n", 1)[0] and not tail:
        head = head[:-2] if head.endswith(b"\r\n") else head[:-1]
    return head + tail


def find_block(data: bytes) -> "Optional[re.Match[bytes]]":
    """Ours in a file; None where it has none. BlockError for two of them, or one without an end."""
    found = list(_BLOCK.finditer(data))
    begins = len(re.findall(rb"^[ \t]*" + re.escape(BEGIN), data, re.MULTILINE))
    ends = len(re.findall(rb"^[ \t]*" + re.escape(END), data, re.MULTILINE))
    if not found and not begins and not ends:
        return None
    if len(found) != 1 or begins != 1 or ends != 1:
        raise BlockError(
            f"the lines between `{BEGIN.decode()}` and `{END.decode()}` are not whole any more; take them "
            "out by hand, and try again"
        )
    return found[0]


def _check(data: bytes) -> None:
    if b"\0" in data:
        raise BlockError("is no Python source that Nuke reads (it has NUL bytes; UTF-16?); save it as UTF-8")
    if len(data) > _MOST_BYTES:
        raise BlockError(f"has {len(data)} bytes; that is no file of settings")


def _made(lines: List[str], newline: bytes, *, bare: bool) -> bytes:
    head = (
        BEGIN
        + b" written by candela install; candela uninstall takes it out"
        + (b" (no newline)" if bare else b"")
    )
    return newline.join([head, *(line.encode("ascii") for line in lines), END]) + newline
