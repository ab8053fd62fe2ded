"""Whether a process that gives no answer is at work, or hangs.

A living one on a busy machine may be late by seconds, so time alone tells nothing soon. The system does: who
has been asked something and yet sleeps, with all his threads and without any use of the processor from one
look to the next, will not answer any more. Linux says so; elsewhere only patience helps.

Standard library alone, Python 3.9 and later: a host's Python loads it.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from candela_bridge.place import peer

__all__ = ["Looks", "Vital", "listener", "look"]

_AT_WORK = frozenset(b"RD")  # on a processor or waiting for one; waiting for a disk
# Where in the system a thread sleeps that waits for a disk all the same: one over a network, or a program's.
_FOR_A_DISK = re.compile(rb"fuse|request_wait|nfs|rpc_|cifs|smb|ceph|9p_|p9_|folio|io_schedule")
_FIELDS_CPU = slice(11, 13)  # utime and stime, of what stands behind the name in /proc/PID/stat


@dataclass(frozen=True)
class Vital:
    """asleep: whether no thread runs, wants to run or waits for a disk. ticks: of the processor used so far,
    by all threads."""

    asleep: bool
    ticks: int


def look(process: int) -> Optional[Vital]:
    """At a process of this machine; None where the system does not tell, or there is none of that number."""
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        works = any(_fields(task / "stat")[0][0] in _AT_WORK or _waits_for_a_disk(task) for task in tasks)
        ticks = sum(map(int, _fields(Path(f"/proc/{process}/stat"))[_FIELDS_CPU]))
    except (OSError, ValueError, IndexError):
        return None
    return Vital(bool(tasks) and not works, ticks)


class Looks:
    """Looks at one process while it gives no answer, each some time after the other."""

    def __init__(self) -> None:
        self._before: Optional[Vital] = None

    def heard(self) -> None:
        """It answered: all looks so far count for nothing."""
        self._before = None

    def hangs(self, process: Optional[int]) -> bool:
        """Look once more. Whether it slept at this look and the last one, and did nothing in between."""
        before, self._before = self._before, None if process is None else look(process)
        now = self._before
        return now is not None and now == before and now.asleep


def listener(path: str) -> Optional[int]:
    """The process that listens at a Unix socket, as this machine numbers it; None where that is not told."""
    if not hasattr(socket, "AF_UNIX") or not Path(path).exists():
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(0.2)
        try:
            link.connect(path)
            found = peer(link)
        except OSError:
            return None
    return None if found is None or found[0] <= 0 else found[0]


def _waits_for_a_disk(task: Path) -> bool:
    try:
        return _FOR_A_DISK.search((task / "wchan").read_bytes()) is not None
    except OSError:  # not told to us
        return False


def _fields(path: Path) -> "list[bytes]":
    """What stands behind the name, which may hold anything."""
    return path.read_bytes().rpartition(b")")[2].split()
