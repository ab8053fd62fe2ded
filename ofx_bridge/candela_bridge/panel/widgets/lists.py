"""Opening files as the panel's list: of a timeline its shots at once, and their media when they are found."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

from candela_bridge.panel.hosts import FileHost, NoHost
from candela_bridge.panel.sources import Opening
from candela_bridge.shot import Shot

__all__ = ["Lists"]


class Lists:
    """panel: a `Panel`, whose list it fills. What was opened last counts: what comes later of others is
    dropped."""

    def __init__(self, panel: Any) -> None:
        self._panel = panel
        self._opening: Optional[Opening] = None
        self._number = 0
        self._early: List[Any] = []  # rows that wait for their media

    def open(self, paths: Sequence[str], *, sdr: str, other: str, rate: Optional[str]) -> None:
        """See `Panel.open`."""
        panel = self._panel
        panel.say(f"opening {len(paths)} …" if len(paths) > 1 else f"opening {paths[0]} …" if paths else "")
        self._number += 1
        number, self._early = self._number, []

        def listed(shots: List[Shot]) -> None:
            panel.poster.post(lambda: self._listed(number, shots))

        def done(shots: List[Shot], troubles: List[str]) -> None:
            panel.poster.post(lambda: self._done(number, shots, troubles, sdr, other))

        if self._opening is not None:
            self._opening.stop()
        self._opening = Opening(panel.bridge, paths, done, rate=rate, listed=listed)

    def _listed(self, number: int, shots: List[Shot]) -> None:
        if number != self._number:
            return
        self._panel.show_shots(shots)
        self._early = self._panel.list.rows
        self._panel.say("looking for their media …")

    def _done(self, number: int, shots: List[Shot], troubles: List[str], sdr: str, other: str) -> None:
        if number != self._number:
            return
        panel, early = self._panel, self._early
        timeline = None if self._opening is None else self._opening.timeline
        host = NoHost() if timeline is None else FileHost(panel.bridge, timeline, panel.poster.post)
        self._early = []
        if early and not shots:  # it could not be read a second time: what is listed stays without media
            panel.say("; ".join(troubles))
            return
        if early and early is panel.list.rows and [row.key for row in early] == [shot.key for shot in shots]:
            panel.complete_shots(shots, host)
        else:
            panel.show_shots(shots, host)
        panel.say("; ".join(troubles))
        for place, name in ((sdr, "sdr"), (other, "other")):
            if place:
                panel.set_side(name, place, panel.list.rows)
