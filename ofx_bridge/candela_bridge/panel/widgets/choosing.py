"""Two grades side by side, and which of them somebody prefers."""

from __future__ import annotations

from typing import Any, Callable, Optional, Set

from candela_bridge.panel.choices import ChoiceError, Choices, Pair, pair_of
from candela_bridge.panel.rows import Row
from candela_bridge.panel.widgets.list_side import ListSide
from candela_bridge.panel.widgets.qt import QtCore
from candela_bridge.panel.widgets.viewing import Viewing

__all__ = ["Choosing"]


class Choosing(QtCore.QObject):
    """say: tells somebody what was done, or what is wrong."""

    def __init__(
        self, choices: Choices, viewing: Viewing, list_side: ListSide, say: Callable[[str], None]
    ) -> None:
        super().__init__(viewing.side)
        self.choices, self._viewing, self._list, self._say = choices, viewing, list_side, say
        self.pair: Optional[Pair] = None
        self._judged: Set[int] = set()
        self._before: "tuple[str, str, bool]" = ("hdr", "sdr", False)
        viewing.side.blind.toggled.connect(lambda on: self._again())
        self.refresh()

    @property
    def comparing(self) -> bool:
        """Whether both grades are shown."""
        return self.pair is not None

    def compare(self, on: bool) -> None:
        """Show both, or go back to what was shown before."""
        viewing = self._viewing
        if not on:
            self._leave()
            return
        row = viewing.row
        if row is None or not row.other:
            self._say("There is no other grade of this shot: B… says where it is.")
            self.refresh()
            return
        if self.pair is None:
            self._before = (viewing.view, viewing.before, viewing.side.canvas.wiping)
        self._show(row)

    def row_changed(self) -> None:
        """Another shot is looked at."""
        if self.pair is None:
            self.refresh()
            return
        row = self._viewing.row
        if row is None or not row.other:
            self._leave()
        else:
            self._show(row)

    def choose(self, left: bool) -> None:
        """Keep that a side is better, and go on to the next pair."""
        if self.pair is None:
            self._say("Compare A and B first (C): what is not looked at is not chosen.")
            return
        try:
            choice = self.choices.choose(self.pair, left=left, frame=self._viewing.player.at)
        except ChoiceError as error:
            self._say(str(error))
            return
        better = choice.condition_A if choice.is_A_selected else choice.condition_B
        self._say(f"{choice.scene}: {better} is better; kept in {self.choices.file}")
        self.next_pair()

    def next_pair(self) -> None:
        """On to the next shot that has another grade and was not looked at yet in this round."""
        row = self._viewing.row
        if row is not None:
            self._judged.add(id(row))
        rows = [one for one in self._list.model.rows if one.other and id(one) not in self._judged]
        if not rows:
            self._judged.clear()
            self._say("That was the last pair of this list.")
            self._leave()
            return
        place = self._list.model.rows.index(row) if row in self._list.model.rows else -1
        later = [one for one in rows if self._list.model.rows.index(one) > place]
        self._list.go((later or rows)[0])
        self.refresh()

    def undo(self) -> None:
        """Take the last choice back."""
        try:
            gone = self.choices.undo()
        except ChoiceError as error:
            self._say(str(error))
            return
        self._say(
            "There is no choice of this session."
            if gone is None
            else f"{gone.scene}: the choice is taken back"
        )
        self.refresh()

    def _again(self) -> None:
        if self.pair is not None and self._viewing.row is not None:
            self._show(self._viewing.row)

    def _show(self, row: Row) -> None:
        viewing, side = self._viewing, self._viewing.side
        blind = side.blind.isChecked()
        pair = self.pair = pair_of(row.shot.name, row.shot.path, row.other, blind=blind)
        nits = viewing.view in ("nits", "other_nits")
        a, b = ("nits", "other_nits") if nits else ("hdr", "other")
        viewing.before, viewing.view = (b, a) if pair.swapped else (a, b)
        viewing.labels = (pair.label(left=True), pair.label(left=False))
        viewing.set_wiping(True)
        self.refresh()

    def _leave(self) -> None:
        viewing = self._viewing
        if self.pair is not None:
            self.pair = None
            viewing.labels = ("", "")
            viewing.view, viewing.before, wiping = self._before
            viewing.set_wiping(wiping)
        self.refresh()

    def refresh(self) -> None:
        """Buttons as they can be used now."""
        side: Any = self._viewing.side
        row = self._viewing.row
        side.compare.setEnabled(row is not None and bool(row.other))
        side.compare.setChecked(self.pair is not None)
        for button in (side.left, side.right, side.skip):
            button.setEnabled(self.pair is not None)
        side.undo.setEnabled(bool(self.choices.made))
        made = len(self.choices.made)
        side.kept.setText(f"{made} kept" if made else "")
        side.kept.setToolTip(f"{self.choices.file}, as {self.choices.observer}")
        hidden = self.pair is not None and self.pair.blind
        for button in [*side.views.values(), side.with_view]:
            button.setEnabled(not hidden)
