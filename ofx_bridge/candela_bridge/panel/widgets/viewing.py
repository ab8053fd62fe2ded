"""What the middle and the scopes show: the view of the shot that is looked at, frame by frame."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Collection, List, Optional, Tuple

from candela_bridge.client import Bridge
from candela_bridge.panel.looks import Looks
from candela_bridge.panel.pictures import Key, Look, Picture
from candela_bridge.panel.play import Player
from candela_bridge.panel.rows import Colours, Row
from candela_bridge.panel.verdict import Reason
from candela_bridge.panel.views import VIEWS, look_of, words_of
from candela_bridge.panel.widgets.canvas import Outline
from candela_bridge.panel.widgets.cie import Cie
from candela_bridge.panel.widgets.playback import Playback
from candela_bridge.panel.widgets.player_side import PlayerSide
from candela_bridge.panel.widgets.qt import QtCore
from candela_bridge.panel.widgets.reasons import reason_tint
from candela_bridge.panel.widgets.ruler import mark_frames
from candela_bridge.panel.widgets.scopes import Waveform

__all__ = ["Viewing"]

_WIDTHS = (480, 640, 960, 1280, 1920)
_PATIENCE_MS = 150
_REST_MS = 250


class Viewing(QtCore.QObject):
    """side, waveform, cie: where it shows. trouble: as for `Looks`."""

    def __init__(
        self, bridge: Bridge, post: Any, trouble: Any, side: PlayerSide, waveform: Waveform, cie: Cie
    ) -> None:
        super().__init__(side)
        self.looks = Looks(bridge, post, self._came, trouble)
        self.side, self._scopes = side, (waveform, cie)
        self.row: Optional[Row] = None
        self.colours = Colours()
        self.view, self.before = "hdr", "sdr"
        self.labels: "tuple[str, str]" = ("", "")
        self.reason: Optional[Reason] = None
        self.player = Player(0, 0, 0)
        self._shown_scopes: Optional[Key] = None
        self._held: "List[Tuple[Optional[Look], Optional[Picture]]]" = [(None, None), (None, None)]
        self._playback = Playback(self)
        self._patience = QtCore.QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self.refresh)
        side.ruler.went.connect(self.go)
        side.ruler.loaded = self._loaded
        self._ready = QtCore.QTimer(self)
        self._ready.setSingleShot(True)
        self._ready.setInterval(_REST_MS)
        self._ready.timeout.connect(self._playback.prepare)

    def show_row(self, row: Optional[Row], *, patient: bool = False) -> None:
        """Another shot, from the frame that its score is of, else from its first. patient: pictures are asked
        for when the score is there, or is not soon: they would keep it waiting."""
        self.stop()
        self._patience.start() if patient else self._patience.stop()
        self.looks.settle()
        self.row, self.reason = row, None
        first, last = (0, 0) if row is None or row.shot.media is None else row.shot.media
        at = first
        if row is not None and row.verdict is not None and row.verdict.worst is not None:
            at = row.verdict.worst
        before = self.player
        self.player = Player(first, last, min(max(at, first), last), before.rate, every=before.every)
        self.player.supply.smaller = before.supply.smaller  # the next shot will not come faster
        self.side.canvas.main = self.side.canvas.before = None
        self._held = [(None, None), (None, None)]
        self._shown_scopes = None
        self.verdict_changed()

    def verdict_changed(self) -> None:
        """The shot was judged meanwhile."""
        verdict = None if self.row is None else self.row.verdict
        ruler = self.side.ruler
        ruler.trend = () if verdict is None else verdict.trend
        faults = () if verdict is None else [r for r in verdict.reasons if r.group == "violation"]
        ruler.marks = mark_frames([frame for reason in faults for frame in reason.frames])
        self.refresh()

    def score_came(self, row: Row) -> None:
        """A row's score is known, or known not to be there: pictures may be asked for."""
        if row is self.row and self._patience.isActive():
            self._patience.stop()
            at = None if row.verdict is None else row.verdict.worst
            if at is not None:
                self.player.go(at)
            QtCore.QTimer.singleShot(0, self.refresh)  # when the score has been drawn

    def set_every(self, every: bool) -> None:
        """Whether playing shows every frame, and is slower where they come slowly."""
        self._playback.set_every(every)
        self.refresh()

    def set_view(self, view: str) -> None:
        """Another one on the main side."""
        self.view = view
        self.refresh()

    def set_before(self, view: str) -> None:
        """Another one left of the wipe."""
        self.before = view
        self.refresh()

    def set_wiping(self, wiping: bool) -> None:
        """One view, or two."""
        self.side.canvas.wiping = wiping
        self.refresh()

    def swap(self) -> None:
        """The views change places."""
        self.view, self.before = self.before, self.view
        self.refresh()

    def go(self, frame: int) -> None:
        """To a frame."""
        self.player.go(frame)
        self.refresh()

    def show_reason(self, reason: Reason) -> None:
        """Its frame and its place."""
        self.reason = reason
        self.stop()
        if reason.frames and self.player.at not in reason.frames:
            self.player.go(reason.frames[0])
        self.refresh()

    def play(self, playing: bool) -> None:
        """Start, or stop."""
        self._playback.play(playing)
        self.side.play.setChecked(self.player.playing)
        self.refresh()

    def stop(self) -> None:
        """Stand still."""
        if self.player.playing:
            self.play(False)

    def width(self) -> int:
        """Of pictures: enough for the screen, and no more."""
        return _WIDTHS[self._size() - self._smaller()]

    def sizes_below(self) -> int:
        """How many sizes there are that are smaller than what the screen takes."""
        return self._size()

    def kept(self, look: Look, frame: int) -> Optional[Picture]:
        """A picture that is here, of whatever size: the one that is wanted, else the largest."""
        found = self.looks.get(look, frame)
        if found is None and self.player.playing:
            others = (replace(look, width=width) for width in reversed(_WIDTHS) if width != look.width)
            found = next((p for p in (self.looks.get(other, frame) for other in others) if p), None)
        return found

    def _size(self) -> int:
        canvas = self.side.canvas
        shown = canvas.width() * canvas.devicePixelRatioF() * (1.0 if canvas.zoom < 2 else 2.0)
        return next((n for n, width in enumerate(_WIDTHS) if width >= 0.9 * shown), len(_WIDTHS) - 1)

    def _smaller(self) -> int:
        return min(self.player.supply.smaller, self._size()) if self.player.playing else 0

    def refresh(self) -> None:
        """Show what is to be shown, as far as it is here, and have the rest come."""
        canvas, ruler, player = self.side.canvas, self.side.ruler, self.player
        ruler.first, ruler.last, ruler.at = player.first, player.last, player.at
        canvas.main, canvas.message, main_there = self._side(self.view, 1, scopes=not player.playing)
        before_there = True
        if canvas.wiping:
            canvas.before, canvas.before_message, before_there = self._side(self.before, 0)
        canvas.main_words = self.labels[1] or words_of(self.view, canvas.main)
        canvas.before_words = self.labels[0] or words_of(self.before, canvas.before)
        canvas.loading = not (main_there and before_there)
        canvas.outlines = self._outlines()
        canvas.notes = self._notes(canvas)
        self._show_scopes()
        self._labels(canvas.main)
        canvas.update()
        ruler.update()
        if not player.playing:
            self._ready.start()  # again: who goes on from frame to frame wants no others

    def look(self, view: str) -> "Look | str":
        """Of the shot that is looked at."""
        if self.row is None:
            return "Open… clips, stills or a timeline."
        return look_of(self.row, view, self.colours, self.width())

    def _side(self, view: str, number: int, *, scopes: bool = False) -> "tuple[Any, str, bool]":
        """What to show of a view, a message in its place, and whether it is the frame that is wanted.

        Until it comes the frame before stays, if it is of the same view of the same file.
        """
        look = self.look(view)
        if isinstance(look, str):
            return None, look, True
        at = self.player.at
        waits = self._patience.isActive()
        picture = self.kept(look, at)
        if not waits and (picture is None or not self.player.playing):
            picture = self.looks.want(look, at, scopes=scopes)
        if picture is not None:
            if picture.rate:
                self.player.rate = picture.rate
            self._held[number] = (look, picture)
            return picture, "", True
        error = self.looks.error(look, at)
        if error:
            return None, error, True
        held, shown = self._held[number]
        if held is None or (held.side, held.view) != (look.side, look.view):
            return None, "loading …", False
        return shown, "", False

    def _came(self, key: Key) -> None:
        if self.row is None:
            return
        at = (self.look(self.view), self.look(self.before) if self.side.canvas.wiping else None)
        if key[0] not in at:
            return
        if key[1] == self.player.at:
            self.refresh()
        else:
            self.side.ruler.update()

    def _loaded(self) -> "Collection[int]":
        look = self.look(self.view)
        return self.looks.frames(look) if isinstance(look, Look) else ()

    def _notes(self, canvas: Any) -> "tuple[str, ...]":
        """What is to be known of a reconstruction that is shown, as that no master was there."""
        shown = [(self.view, canvas.main)] + [(self.before, canvas.before)] * canvas.wiping
        notes = [
            note for view, picture in shown if VIEWS[view].of == "carrier" and picture is not None
            for note in picture.notes
        ]  # fmt: skip
        return tuple(dict.fromkeys(notes))[:3]

    def _outlines(self) -> "List[Outline]":
        verdict = None if self.row is None else self.row.verdict
        if verdict is None or not self.side.boxes.isChecked() or self.player.playing or any(self.labels):
            return []
        found = []
        for reason in verdict.reasons:
            if reason.group == "abstained" or (reason.frames and self.player.at not in reason.frames):
                continue
            strong = reason is self.reason
            box = verdict.box(reason, self.player.at)
            if box is not None and (strong or reason.group == "violation"):
                found.append(Outline(box, reason.title, reason_tint(reason), strong))
        return sorted(found, key=lambda outline: outline.strong)

    def _show_scopes(self) -> None:
        look = self.look(self.view)
        key = (look, self.player.at) if isinstance(look, Look) else None
        found = None if key is None else self.looks.scopes(*key)
        if found is not None:
            self._shown_scopes = key
        elif self._shown_scopes is not None:
            found = self.looks.scopes(*self._shown_scopes)
        for scope in self._scopes:
            scope.show_scopes(found, stale=key != self._shown_scopes)

    def _labels(self, picture: Optional[Picture]) -> None:
        for name, button in self.side.views.items():
            button.setChecked(name == self.view)
        self.side.with_view.setCurrentIndex(self.side.with_view.findData(self.before))
        self.side.wipe.setChecked(self.side.canvas.wiping)
        self.side.every.setChecked(self.player.every)
        if self.row is None:
            self.side.place.setText("")
            self.side.about.setText("")
            return
        player = self.player
        self.side.place.setText(
            f"Frame {player.at}   {player.at - player.first + 1} of {player.last - player.first + 1}"
        )
        if player.playing:
            rate = player.shown_rate
            shown = "" if rate is None else f"{rate:.1f} of {player.rate:.5g} frames/s"
            left = f", {player.dropped} left out" if player.dropped else ""
            small = f", {picture.width} pixels wide" if picture is not None and self._smaller() else ""
            self.side.about.setText(shown + small + left)
        elif picture is not None:
            notes = "" if not picture.notes else " *"
            speed = f"   {player.rate:.5g} frames/s" if player.last > player.first else ""  # a still has none
            size = f"{picture.full[0]}×{picture.full[1]}"
            self.side.about.setText(f"{size}   {picture.colour}{speed}{notes}")
            self.side.about.setToolTip("\n".join(picture.notes))
