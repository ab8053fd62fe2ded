"""The way to a helper: looked for, started where there is none, greeted."""

from __future__ import annotations

import time
from typing import Callable, List, Optional

from candela_bridge.client.errors import BridgeError, HelperStartError
from candela_bridge.client.heart import Timing
from candela_bridge.client.launch import Launch, Started
from candela_bridge.client.link import Link
from candela_bridge.place import Place, PlaceError

__all__ = ["Rise"]

_MOST_LOST = 3


class Rise:
    """host: what a helper is told. place: where helpers are; asked each time, as it may look at the disk.

    started: children of this process, to be taken leave of.
    """

    def __init__(self, host: str, launch: Launch, place: Callable[[], Place], timing: Timing) -> None:
        self._host, self._launch, self._place, self._timing = host, launch, place, timing
        self.children: List[Started] = []
        self.rest()

    def rest(self) -> None:
        """Somebody answered, or all is given up: the next way begins anew."""
        self.next = 0.0
        self._began: Optional[float] = None
        self._pause, self._lost = 0.01, 0
        self._started: Optional[Started] = None

    def link(self) -> Optional[Link]:
        """A connection that is not greeted yet; None: try again at `next`. BridgeError where that is of no
        use."""
        now = time.monotonic()
        if self._began is None:
            self._began = now
        if now < self.next:
            return None
        try:
            place = self._place()
        except (PlaceError, OSError) as error:
            raise BridgeError(str(error)) from error
        try:
            return Link(*place.connect(self._timing.connect), self._host)
        except PlaceError as error:
            raise BridgeError(str(error)) from error
        except OSError:
            self._start(place)
            self.next = time.monotonic() + self._pause
            self._pause = min(self._pause * 1.5, 0.1)
            return None

    def lost(self) -> bool:
        """A connection ended before the greeting. Whether to give up."""
        self._lost += 1
        self.next = time.monotonic() + 0.05
        return self._lost > _MOST_LOST

    def bury(self) -> None:
        """Take leave of children that ended."""
        self.children = [child for child in self.children if child.ended() is None]

    def _start(self, place: Place) -> None:
        if self._started is None:
            self._started = self._launch.start(place)
            self.children.append(self._started)
            return
        code = self._started.ended()
        late = time.monotonic() - (self._began or 0.0) > self._timing.start
        if code or late:  # 0: another helper was faster
            said = self._started.last_words() or f"{place.log} may say why"
            how = f"ended with {code}" if code else f"does not answer after {self._timing.start:g} s"
            raise HelperStartError(f"the Candela helper {how}: {said}")
