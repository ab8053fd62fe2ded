"""Playing a shot: which frame is due, and which ones to fetch ahead. No Qt, no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, List, Optional, Tuple

__all__ = ["Player", "chunk_of"]

_MOST_BYTES = 10 << 20
_AHEAD_SECONDS = 1.5


def chunk_of(width: int, height: int, most: int = 12) -> int:
    """How many frames one call brings: as many as fit into it, and not more than can be waited for."""
    return max(1, min(most, _MOST_BYTES // max(1, 3 * width * height)))


@dataclass
class Player:
    """first, last: frames of the shot. at: the frame that is shown. rate: frames a second of the file.

    Every frame is shown as long as the rate wants; where pictures come slower, it is slower, and `shown_rate`
    says so: no frame is left out, as a fault may be in it.
    """

    first: int
    last: int
    at: int
    rate: float = 24.0
    playing: bool = False
    loop: bool = True
    _due: float = 0.0
    _waits: int = 0
    _times: "Tuple[float, ...]" = ()

    def start(self, now: float) -> None:
        """From where it is; from the beginning where that is the end."""
        if self.at >= self.last and not self.loop:
            self.at = self.first
        self.playing, self._due, self._times = self.last > self.first, now + 1 / self.rate, ()

    def stop(self) -> None:
        """Stand still."""
        self.playing = False

    def go(self, frame: int) -> int:
        """To a frame, or the nearest that there is."""
        self.at = min(max(frame, self.first), self.last)
        return self.at

    def tick(self, now: float, is_there: Callable[[int], bool]) -> bool:
        """Go on where the next frame is due and there. Whether it went."""
        if not self.playing or now < self._due:
            return False
        following = self.following(self.at)
        if following is None:
            self.playing = False
            return False
        if not is_there(following):
            self._waits += 1
            return False
        self.at = following
        # A frame that is late does not make the next ones hurry: they would be seen as a jump.
        self._due = max(self._due + 1 / self.rate, now + 0.5 / self.rate)
        self._times = (*self._times[-15:], now)
        return True

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

    def ahead(self, is_there: Callable[[int], bool], chunk: int) -> "List[Tuple[int, int]]":
        """Ranges to fetch now, the next one first: what is missing of the coming second and a half."""
        found: "List[Tuple[int, int]]" = []
        frame: Optional[int] = self.at
        for _ in range(max(chunk, int(_AHEAD_SECONDS * self.rate))):
            frame = self.following(frame) if frame is not None else None
            if frame is None:
                break
            if is_there(frame) or any(begin <= frame <= end for begin, end in found):
                continue
            found.append((frame, min(frame + chunk - 1, self.last)))
            if len(found) == 2:
                break
        return found
