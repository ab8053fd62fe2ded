"""Playing: the clock of the player, and pictures that are fetched ahead of it."""

from __future__ import annotations

import time
from typing import Any, Callable, List

from candela_bridge.panel.pictures import Look
from candela_bridge.panel.play import chunk_of
from candela_bridge.panel.widgets.qt import QtCore

__all__ = ["Playback"]

_TICK_MS = 4
_QUICK = ("picture", "nits")  # views that cost little more than decoding
_FIRST = 4  # frames of a call before anything is known
_CALL_SECONDS = 0.35  # what a call brings should take about so long


class Playback(QtCore.QObject):
    """viewing: a `Viewing`, whose player it moves."""

    def __init__(self, viewing: Any) -> None:
        super().__init__(viewing)
        self._viewing = viewing
        viewing.looks.timed = self._timed
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def play(self, playing: bool) -> None:
        """Start, or stop."""
        player = self._viewing.player
        if playing and self._viewing.row is not None:
            player.start(time.monotonic())
        else:
            player.stop()
        self._timer.start() if player.playing else self._timer.stop()

    def set_every(self, every: bool) -> None:
        """Whether every frame is shown, and playing is slower where they come slowly."""
        player = self._viewing.player
        player.every = every
        if every:
            player.supply.all_of_them()
        if player.playing:
            player.start(time.monotonic())

    def _tick(self) -> None:
        player, looks, now = self._viewing.player, self._viewing.looks, time.monotonic()
        wanted = self._wanted()
        has = self._has(wanted)
        if player.tick(now, has):
            self._viewing.refresh()
        if not player.playing:
            self._viewing.play(False)
            return
        if looks.busy:  # a second call would have another process decode the same frames
            return
        for begin, end, step in player.ahead(has, self._chunk(), now)[:1]:
            for look in wanted:
                looks.ask(look, begin, end, step=step)

    def prepare(self) -> None:
        """Somebody looks at a frame: have the next ones come, so that playing begins at once."""
        viewing, player = self._viewing, self._viewing.player
        following = player.following(player.at)
        wanted = self._wanted()
        if player.playing or following is None or not wanted or viewing.looks.busy:
            return
        if viewing.side.canvas.loading or any(look.view not in _QUICK for look in wanted):
            return
        last = min(player.last, following + self._fit() - 1)
        for look in wanted:
            there = viewing.looks.frames(look)
            first = next((frame for frame in range(following, last + 1) if frame not in there), None)
            if first is not None:
                viewing.looks.ask(look, first, last)

    def _wanted(self) -> "List[Look]":
        viewing = self._viewing
        views = [viewing.view, viewing.before] if viewing.side.canvas.wiping else [viewing.view]
        return [look for look in map(viewing.look, views) if isinstance(look, Look)]

    def _has(self, wanted: "List[Look]") -> "Callable[[int], bool]":
        """Whether a frame can be shown, or never will be."""
        looks = self._viewing.looks
        there = [(looks.frames(look), look) for look in wanted]
        return lambda frame: all(frame in frames or looks.error(look, frame) for frames, look in there)

    def _chunk(self) -> int:
        """Frames of a call: as many as come soon, and fit into one."""
        supply = self._viewing.player.supply
        soon = _FIRST if supply.rate is None else int(_CALL_SECONDS * supply.rate / supply.step)
        return max(2, min(self._fit(), soon))

    def _fit(self) -> int:
        shown = self._viewing.side.canvas.main
        return 4 if shown is None else chunk_of(shown.width, shown.height)

    def _timed(self, frames: int, seconds: float) -> None:
        player = self._viewing.player
        if player.playing and frames > 1:
            sizes = self._viewing.sizes_below()
            player.supply.came(frames, seconds, player.rate, sizes=sizes, every=player.every)
