"""Playing a shot: which frame is due, and which ones to fetch ahead. No Qt, no clock of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Callable, Iterator, List, Optional, Tuple

__all__ = ["Player", "Supply", "chunk_of"]

_MOST_BYTES = 10 << 20
_AHEAD_SECONDS = 1.5
_STALL_SECONDS = 0.4
_MOST_STEP = 12
_MUCH = 2.8  # times the clip's rate: the next larger pictures have up to 2.3 times as many pixels

Range = Tuple[int, int, int]
"""First frame, last frame, every how many."""


def chunk_of(width: int, height: int, most: int = 12) -> int:
    """How many frames one call brings: as many as fit into it, and not more than can be waited for."""
    return max(1, min(most, _MOST_BYTES // max(1, 3 * width * height)))


@dataclass
class Supply:
    """How fast frames come. smaller: by how many sizes pictures are smaller than the screen would take, which
    is tried before any frame is left out. latency: seconds of a call. rate: frames of the clip a second that
    calls get through with the present step and size, those left out counted; None before the first."""

    step: int = 1
    smaller: int = 0
    latency: float = 0.0
    rate: Optional[float] = None

    def came(
        self, frames: int, seconds: float, wanted: float, *, sizes: int = 0, every: bool = False
    ) -> None:
        """A call brought this many. wanted: frames a second of the clip. sizes: how many smaller ones there
        are. every: none is left out. Where they come too slowly pictures get smaller, then more of them are
        left out; where they would come fast enough all the same it is the other way round."""
        found = frames * self.step / max(seconds, 1e-3)
        self.latency = seconds if not self.latency else 0.6 * self.latency + 0.4 * seconds
        self.rate = found if self.rate is None else 0.6 * self.rate + 0.4 * found
        if self.rate < 0.97 * wanted:
            if self.smaller < sizes:
                self.smaller, self.rate = self.smaller + 1, None
            elif self.step < _MOST_STEP and not every:
                self._leave_out(self.step + 1)
        elif self.step > 1 and self.rate * (self.step - 1) / self.step > 1.25 * wanted:
            self._leave_out(self.step - 1)
        elif self.step == 1 and self.smaller and self.rate > _MUCH * wanted:
            self.smaller, self.rate = self.smaller - 1, None

    def _leave_out(self, step: int) -> None:
        if self.rate is not None:
            self.rate *= step / self.step
        self.step = step

    def all_of_them(self) -> None:
        """From here on none is left out."""
        self.step, self.rate = 1, None


@dataclass
class Player:
    """first, last: frames of the shot. at: the frame that is shown. rate: frames a second of the file.

    It keeps time: where pictures come slower than that, frames are left out, and `dropped` counts them. With
    `every`, none is, as a fault may be in it: then it is slower, and `shown_rate` says how fast.
    """

    first: int
    last: int
    at: int
    rate: float = 24.0
    playing: bool = False
    loop: bool = True
    every: bool = False
    dropped: int = 0
    supply: Supply = field(default_factory=Supply)
    _due: float = 0.0
    _shown: float = 0.0  # when the frame that is shown was due
    _held: bool = True
    _last: float = 0.0
    _times: "Tuple[float, ...]" = ()

    def start(self, now: float) -> None:
        """From where it is; from the beginning where that is the end."""
        if self.at >= self.last and not self.loop:
            self.at = self.first
        self.playing, self._due, self._times = self.last > self.first, now + 1 / self.rate, ()
        self._held, self._last, self.dropped = True, now, 0

    def stop(self) -> None:
        """Stand still."""
        self.playing = False

    def go(self, frame: int) -> int:
        """To a frame, or the nearest that there is."""
        self.at = min(max(frame, self.first), self.last)
        self._held = True
        return self.at

    def tick(self, now: float, is_there: Callable[[int], bool]) -> bool:
        """Go on where another frame is due and there. Whether it went."""
        if not self.playing:
            return False
        if self.following(self.at) is None:
            self.playing = False
            return False
        went = self._each(now, is_there) if self.every else self._in_time(now, is_there)
        if went:
            self._last = now
            self._times = (*self._times[-15:], now)
        return went

    def _each(self, now: float, is_there: Callable[[int], bool]) -> bool:
        following = self.following(self.at)
        if now < self._due or following is None or not is_there(following):
            return False
        self.at = following
        # A frame that is late does not make the next ones hurry: they would be seen as a jump.
        self._due = max(self._due + 1 / self.rate, now + 0.5 / self.rate)
        return True

    def _in_time(self, now: float, is_there: Callable[[int], bool]) -> bool:
        if self._held:  # the clock stands until there is something to show
            soon = enumerate(self._order(self.at, int(_AHEAD_SECONDS * self.rate) + 1), 1)
            first = next((place for place, frame in soon if is_there(frame)), None)
            if first is None:
                return False
            self._held, self._shown = False, now - first / self.rate
        way = list(self._order(self.at, int((now - self._shown) * self.rate + 1e-6)))
        for place in range(len(way) - 1, -1, -1):
            if is_there(way[place]):
                self.at = way[place]
                self.dropped += place
                self._shown += (place + 1) / self.rate
                return True
        if way and now - self._last > _STALL_SECONDS:
            self._held = True
        return False

    def _order(self, frame: int, count: int) -> "Iterator[int]":
        """The frames after one in the order of playing, once round at most."""
        for _ in range(min(count, self.last - self.first + 1)):
            following = self.following(frame)
            if following is None:
                return
            frame = following
            yield frame

    def following(self, frame: int) -> Optional[int]:
        """The frame after one, None at the end."""
        if frame < self.last:
            return frame + 1
        return self.first if self.loop and self.last > self.first else None

    @property
    def shown_rate(self) -> Optional[float]:
        """Frames a second, as they were shown of late."""
        if len(self._times) < 3:
            return None
        return (len(self._times) - 1) / max(self._times[-1] - self._times[0], 1e-6)

    def ahead(
        self, is_there: Callable[[int], bool], chunk: int, now: Optional[float] = None
    ) -> "List[Range]":
        """Ranges to fetch now, the next one first: what is missing of the coming second and a half. now: as
        for `tick`; frames that would be late are not asked for."""
        step = 1 if self.every else self.supply.step
        count = max(chunk * step, int(_AHEAD_SECONDS * self.rate))
        late = 0
        if now is not None and not self.every and not self._held:
            late = max(0, math.ceil((now - self._shown + self.supply.latency) * self.rate))
        way = list(self._order(self.at, count + late))
        found: "List[Range]" = []
        place = 0
        while place < len(way) and len(found) < 2:
            frame = way[place]
            if is_there(frame) or any(begin <= frame <= end for begin, end, _ in found):
                place += step
                continue
            if place + 1 < late:  # it could not be here in time
                place += 1
                continue
            last = min(frame + step * (chunk - 1), self.last)
            last = frame + (last - frame) // step * step
            found.append((frame, last, step))
            place += step
        return found
