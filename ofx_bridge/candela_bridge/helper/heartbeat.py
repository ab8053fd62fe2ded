"""Whether the sidecar lives: asked for its status, with more and more time, while looking at its process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from candela_bridge.vital import Looks, listener

if TYPE_CHECKING:
    from candela_server.client import Sidecar

__all__ = ["Hangs", "status_of"]

_SHORTEST = 0.3
_UNIX = "unix:"


class Hangs(Exception):
    """It is there and does not answer: asleep though it was asked, or silent for as long as one waits."""


def status_of(sidecar: Sidecar, address: str, name: str, patience: float) -> Any:
    """What it says of itself. patience: seconds for one that is at work, as on a busy machine; one that
    sleeps over two questions is found out within a second, where it has a Unix socket (Linux).

    Raises Hangs, and UnreachableError where nobody is there.
    """
    from candela_server.jobs.errors import DeadlineError

    looks = Looks()
    for seconds in _times(patience):
        try:
            return sidecar.as_call(name, seconds).status()
        except DeadlineError:
            path = address[len(_UNIX) :] if address.startswith(_UNIX) else ""
            if looks.hangs(listener(path) if path else None):
                break
    raise Hangs


def _times(patience: float) -> Iterator[float]:
    """Two short ones, then longer ones: an answer that takes long on a busy machine comes in the end."""
    left, seconds = patience, _SHORTEST
    for number in range(64):
        if left <= 0:
            return
        seconds = min(seconds * (1 if number < 2 else 2), left)
        left -= seconds
        yield max(seconds, 0.01)
