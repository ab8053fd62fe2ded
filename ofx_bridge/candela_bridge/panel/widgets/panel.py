"""The panel: list, player, reasons and scopes, and what its actions do."""

from __future__ import annotations

import functools
from typing import Any, List, Optional, Sequence

from candela_bridge.client import Bridge
from candela_bridge.panel.choices import Choices, default_file
from candela_bridge.panel.hosts import NoHost, ResolveHost
from candela_bridge.panel.keys import KEYS
from candela_bridge.panel.pace import Progress
from candela_bridge.panel.rows import Colours, Row, summary
from candela_bridge.panel.scoring import Scoring
from candela_bridge.panel.settings import Settings
from candela_bridge.panel.sources import partners
from candela_bridge.panel.widgets import theme
from candela_bridge.panel.widgets.actions import actions_of
from candela_bridge.panel.widgets.bars import Banner, StatusBar, TopBar, titled
from candela_bridge.panel.widgets.choosing import Choosing
from candela_bridge.panel.widgets.cie import Cie
from candela_bridge.panel.widgets.houses import Houses
from candela_bridge.panel.widgets.list_side import ListSide
from candela_bridge.panel.widgets.lists import Lists
from candela_bridge.panel.widgets.player_side import PlayerSide
from candela_bridge.panel.widgets.post import Poster
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, QtWidgets, Shortcut
from candela_bridge.panel.widgets.reasons import Reasons
from candela_bridge.panel.widgets.scopes import Waveform
from candela_bridge.panel.widgets.thumbs import Thumbs
from candela_bridge.panel.widgets.viewing import Viewing
from candela_bridge.shot import Shot

__all__ = ["Panel"]

PLANES = ("CIE 1931 xy", "CIE 1976 u'v'")


class Panel(QtWidgets.QWidget):
    """bridge: None for one of its own. choices: where choices are kept, None for the user's own file; what
    the panel keeps for a user lies beside it. house: a house model that scores, empty for the one of last
    time."""

    def __init__(
        self,
        bridge: Optional[Bridge] = None,
        *,
        host: str = "",
        choices: Optional[Choices] = None,
        house: str = "",
        parent: Any = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("candela")
        self.setStyleSheet(theme.style())
        self.bridge = bridge or Bridge(host or "panel")
        self.poster = Poster(self)
        self.host: NoHost = NoHost()
        self.colours = Colours()
        post = self.poster.post
        self.scoring = Scoring(self.bridge, post, self._row_changed, self._trouble, self._moved)
        self._build(post)
        choices = choices or Choices(default_file(), version=_version(self.bridge))
        self.houses = Houses(self, Settings(choices.file.with_name("panel.json")), house)
        self.choosing = Choosing(choices, self.viewing, self.list, self.say)
        self._keys()
        self._lists = Lists(self)
        self._summed = QtCore.QTimer(self)
        self._summed.setSingleShot(True)
        self._summed.setInterval(100)
        self._summed.timeout.connect(self._sum)
        self._look_at(None)
        self.list.view.setFocus()

    def _build(self, post: Any) -> None:
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.top, self.banner, self.status = TopBar(), Banner(), StatusBar()
        self.thumbs = Thumbs(
            self.bridge, post, lambda row: self.list.changed(row), self._trouble, self._waited_for, self
        )
        self.list, self.player = ListSide(self.thumbs.of), PlayerSide()
        self.reasons, self.waveform, self.cie = Reasons(), Waveform(), Cie()
        self.viewing = Viewing(self.bridge, post, self._trouble, self.player, self.waveform, self.cie)
        right = QtWidgets.QSplitter(Qt.Orientation.Vertical)
        for words, widget in (("REASONS", self.reasons), ("WAVEFORM", self.waveform), (PLANES[0], self.cie)):
            right.addWidget(titled(words, widget))
        why = right.widget(0).head
        self.reasons.judge.connect(lambda by: why.setText(f"REASONS · score by {by}" if by else "REASONS"))
        self.reasons.judge.connect(why.setToolTip)
        head = right.widget(2).head
        self.cie.switched.connect(lambda uniform: head.setText(PLANES[int(uniform)]))
        right.setSizes([430, 240, 290])
        across = QtWidgets.QSplitter(Qt.Orientation.Horizontal)
        for widget in (self.list, self.player, right):
            across.addWidget(widget)
        across.setSizes([500, 740, 320])
        across.setStretchFactor(1, 1)
        for number in range(3):
            across.setCollapsible(number, number != 1)
        column.addWidget(self.top)
        column.addWidget(self.banner)
        column.addWidget(across, 1)
        column.addWidget(self.status)
        self.top.act.connect(self.act)
        self.player.act.connect(self.act)
        self.player.before.connect(self.viewing.set_before)
        self.banner.again.connect(self.try_again)
        self.status.cancel.connect(self.cancel)
        self.list.current.connect(self._look_at)
        self.reasons.chosen.connect(self.viewing.show_reason)

    def _keys(self) -> None:
        for key in KEYS:
            for spelled in key.keys:
                shortcut = Shortcut(QtGui.QKeySequence(spelled), self)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(functools.partial(self.act, key.action))

    # -- lists

    def open(
        self, paths: Sequence[str], *, sdr: str = "", other: str = "", rate: Optional[str] = None
    ) -> None:
        """Clips, stills or a timeline in place of the list. sdr, other: a file, or a folder that goes by
        names."""
        self._lists.open(paths, sdr=sdr, other=other, rate=rate)

    def open_resolve(self, host: Optional[ResolveHost] = None) -> None:
        """The timeline that is open in Resolve."""
        found = host or ResolveHost(self.bridge, self.poster.post)
        self.say("asking Resolve …")

        def done(shots: List[Shot], troubles: List[str]) -> None:
            self.show_shots(shots, found)
            self.say("; ".join(troubles))

        found.shots(done)

    def show_shots(self, shots: Sequence[Shot], host: Optional[NoHost] = None) -> None:
        """Another list. host: where it lives."""
        self.scoring.drop()
        self.host.close()
        self.host = host or NoHost()
        rows = [Row(shot, number) for number, shot in enumerate(shots)]
        self.thumbs.forget()
        self.list.set_rows(rows)
        self.scoring.recall(rows)
        self._sum()

    def complete_shots(self, shots: Sequence[Shot], host: NoHost) -> None:
        """What was listed, with its media."""
        self.host = host
        for row, shot in zip(self.list.rows, shots):
            row.complete(shot)
        self.thumbs.forget()
        self.list.refresh()
        self.list.view.viewport().update()
        self.scoring.recall(self.list.rows)
        self._sum()
        self._look_again()

    def set_side(self, name: str, place: str, rows: Sequence[Row]) -> None:
        """sdr or other of some rows: a file, or a folder by names."""
        found = partners(rows, place)
        for row, path in found:
            setattr(row, name, path)
            self._row_changed(row)
        self.say(f"{len(found)} of {len(rows)} shots have a partner in {place}")
        if name == "sdr":
            self.scoring.ask_anew(row for row, _ in found)
        self._look_again()

    def set_colours(self, colours: Colours) -> None:
        """What the pictures' numbers mean. Scores are of that, too, and so are asked for anew."""
        self.colours = self.scoring.colours = self.viewing.colours = self.thumbs.colours = colours
        self.viewing.looks.retry()
        self.thumbs.looks.retry()
        self.scoring.ask_anew(self.list.rows)
        self._look_again()

    # -- what goes on

    def act(self, name: str) -> None:
        """An action by its name, of a key or a button."""
        actions = actions_of(self)
        if name.startswith("view_"):
            self.viewing.set_view(name[len("view_") :])
        elif name in actions:
            actions[name]()

    def score_selected(self, *, fresh: bool = False) -> None:
        """The selected shots, else the one that is looked at."""
        rows = self.list.selected() or ([self.list.row] if self.list.row is not None else [])
        self.scoring.score(rows, fresh=fresh)

    def cancel(self) -> None:
        """Stop scoring, here and in the host."""
        self.scoring.cancel()
        if isinstance(self.host, ResolveHost):
            self.host.stop()
            for row in self.list.rows:
                if row.state == "running":
                    row.state = "done" if row.verdict is not None else "new"
                    self._row_changed(row)

    def try_again(self) -> None:
        """What failed for want of a helper."""
        self.viewing.looks.retry()
        self.thumbs.looks.retry()
        self.banner.tell("")
        self.viewing.refresh()
        self.list.view.viewport().update()
        self.scoring.recall([row for row in self.list.rows if row.verdict is None])

    def say(self, text: str) -> None:
        """Something that was done, or is in the way, of one thing alone."""
        self.status.news.setText(text)
        self.status.news.setToolTip(text)

    def close_bridge(self) -> None:
        """Let go of the helper: what was asked for is cancelled."""
        self.viewing.stop()
        self.poster.close()
        self.viewing.looks.close()
        self.thumbs.looks.close()
        self.host.close()
        self.bridge.close()

    def closeEvent(self, event: Any) -> None:
        """Qt's."""
        self.close_bridge()
        super().closeEvent(event)

    def resizeEvent(self, event: Any) -> None:
        """Pictures may be wanted larger now."""
        super().resizeEvent(event)
        QtCore.QTimer.singleShot(150, self.viewing.refresh)

    def boxes(self) -> None:
        """Outlines of reasons, shown or not."""
        if self.sender() is not self.player:  # the button has changed itself already
            self.player.boxes.setChecked(not self.player.boxes.isChecked())
        self.viewing.refresh()

    def worst(self) -> None:
        """To the frame of the least score."""
        verdict = None if self.list.row is None else self.list.row.verdict
        if verdict is not None and verdict.worst is not None:
            self.viewing.go(verdict.worst)

    def _look_at(self, row: Optional[Row]) -> None:
        if row is not None:
            self.scoring.recall([row], first=True)
        self.reasons.show_row(row)
        self.viewing.show_row(row, patient=row is not None and self.scoring.is_asked(row))
        self.choosing.row_changed()

    def _look_again(self) -> None:
        row, at = self.list.row, self.viewing.player.at
        self.viewing.show_row(row)
        self.viewing.go(at)
        self.reasons.show_row(row)
        self.choosing.row_changed()

    def _row_changed(self, row: Row) -> None:
        self.list.changed(row)
        if row is self.list.row:
            other = row.verdict is not self.reasons.verdict
            self.reasons.show_row(row)
            if other:
                self.viewing.verdict_changed()
        self.viewing.score_came(row)
        self._summed.start() if not self._summed.isActive() else None

    def _sum(self) -> None:
        self.status.summary.setText(summary(self.list.rows).text if self.list.rows else "")

    def _moved(self, progress: Optional[Progress]) -> None:
        self.status.moved(progress)

    def _trouble(self, error: Optional[BaseException]) -> None:
        if error is None:
            self.banner.tell("")
            return
        text = str(error).rstrip(".")
        self.banner.tell(f"{text[:1].upper()}{text[1:]}.")

    def _waited_for(self) -> bool:
        """Whether somebody waits for a picture or for movement."""
        return self.viewing.player.playing or self.viewing.looks.busy


def _version(bridge: Bridge) -> str:
    helper = bridge.helper
    return "" if helper is None else str(helper.get("version") or "")
