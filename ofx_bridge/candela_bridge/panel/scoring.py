"""Scores for a list: what is asked for next, and how far it is. No Qt."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, Deque, Dict, Iterable, Optional, Set

from candela_bridge.client import Bridge, BridgeError, Call, CallError, HelperDiedError, HelperSilentError
from candela_bridge.panel.pace import Pace, Progress
from candela_bridge.panel.rows import Colours, Row
from candela_bridge.panel.verdict import plain, verdict_of
from candela_bridge.shot import ShotError

__all__ = ["Post", "Scoring"]

Post = Callable[[Callable[[], None]], None]
_STAGES = {
    "queued": "waiting for the sidecar", "start": "the engines are being started", "read": "reading",
    "cut": "looking through its frames",
}  # fmt: skip
_AT_ONCE, _RECALLS = 2, 8
"""Scores: two keep the sidecar busy and leave its other workers to pictures. Recalls take milliseconds."""


class Scoring:
    """Everything here runs where `post` takes it, and so on one thread; bridge callbacks come in by `post`.

    changed: told of every row that changed. trouble: told of what keeps all calls from working, with None
    when one worked again.
    """

    def __init__(
        self,
        bridge: Bridge,
        post: Post,
        changed: Callable[[Row], None],
        trouble: Callable[[Optional[BaseException]], None],
        moved: Callable[[Optional[Progress]], None] = lambda progress: None,
    ) -> None:
        self._bridge, self._post = bridge, post
        self._changed, self._trouble, self._moved = changed, trouble, moved
        self.colours = Colours()
        self.house = ""  # a house model's file that scores, empty for the stock model
        self._waiting: Deque["tuple[Row, bool]"] = deque()
        self._calls: Dict[int, "tuple[Row, Call]"] = {}
        self._to_recall: Deque[Row] = deque()
        self._recalls: Dict[int, "tuple[Row, Call]"] = {}
        self._checking: Set[int] = set()
        self._done = self._total = 0
        self._pace: Optional[Pace] = None

    @property
    def busy(self) -> bool:
        """Whether scores are being made."""
        return bool(self._waiting or self._calls)

    def recall(self, rows: Iterable[Row], *, first: bool = False) -> None:
        """Fill in what is known of them already. first: before all others, as for one that was clicked."""
        for row in rows:
            if row.looked or row.verdict is not None or row.shot.media is None:
                continue
            row.looked = True
            if first:
                self._recall(row)
            else:
                self._to_recall.append(row)
        self._recall_more()

    def is_asked(self, row: Row) -> bool:
        """Whether it will be known soon if the row was judged before."""
        return any(there is row for there, _ in self._recalls.values())

    def score(self, rows: Iterable[Row], *, fresh: bool = False) -> None:
        """Judge them. fresh: although they were before and nothing has changed."""
        there = {id(row) for row, _ in self._waiting} | {id(row) for row, _ in self._calls.values()}
        for row in rows:
            if id(row) in there:
                continue
            if not self.busy:
                self._done = self._total = 0
                self._pace = Pace()
            row.state, row.error, row.fraction, row.again = "waiting", "", 0.0, False
            self._waiting.append((row, fresh))
            self._total += 1
            self._changed(row)
        self._next()

    def score_changed(self, rows: Iterable[Row]) -> None:
        """Judge those anew whose files, settings or installation are not what their score was of. Others cost
        a look-up."""
        for row in rows:
            if row.shot.media is not None and row.state not in ("waiting", "running"):
                self._checking.add(id(row))
                self._to_recall.append(row)
        self._recall_more()

    def ask_anew(self, rows: Iterable[Row]) -> None:
        """What their scores are of has changed. No answer to the earlier question comes any more; those that
        were being judged are judged again, of the others what is kept comes."""
        rows = list(rows)
        meant, again = {id(row) for row in rows}, [row for row, _ in self._calls.values()]
        again = [row for row in again if id(row) in meant]
        for calls in (self._calls, self._recalls):
            for number, (row, call) in list(calls.items()):
                if id(row) in meant:
                    del calls[number]
                    call.cancel()
        self._to_recall = deque(row for row in self._to_recall if id(row) not in meant)
        self._checking -= meant
        self._waiting.extendleft((row, False) for row in reversed(again))
        wait = {id(row) for row, _ in self._waiting}
        for row in rows:
            row.forget()
            row.fraction = 0.0
            if id(row) in wait:
                row.state = "waiting"
            self._changed(row)
        self._next()
        self.recall(row for row in rows if id(row) not in wait)

    def judged_elsewhere(
        self, row: Row, answer: Optional[Dict[str, Any]], error: Optional[BaseException] = None
    ) -> None:
        """A result that did not come from here, as of stills with the grade; both None while it is made."""
        if answer is not None:
            self._take(row, answer)
        elif error is not None:
            row.state, row.error = "failed", plain(error)
        else:
            row.state, row.error, row.fraction = "running", "", 0.0
        self._changed(row)

    def cancel(self, rows: Optional[Iterable[Row]] = None) -> None:
        """Stop all, or those."""
        wanted = None if rows is None else {id(row) for row in rows}

        def is_meant(row: Row) -> bool:
            return wanted is None or id(row) in wanted

        gone = [row for row, _ in self._waiting if is_meant(row)]
        self._waiting = deque(pair for pair in self._waiting if not is_meant(pair[0]))
        for number, (row, call) in list(self._calls.items()):
            if is_meant(row):
                del self._calls[number]
                call.cancel()
                gone.append(row)
        for row in gone:
            row.state = "done" if row.verdict is not None else "new"
            row.fraction = 0.0
            self._changed(row)
        self._total -= len(gone)
        self._next()

    def drop(self) -> None:
        """Forget everything: another list comes."""
        for _, call in [*self._calls.values(), *self._recalls.values()]:
            call.cancel()
        self._waiting.clear()
        self._calls.clear()
        self._to_recall.clear()
        self._recalls.clear()
        self._checking.clear()
        self._tell()

    def _next(self) -> None:
        while self._waiting and len(self._calls) < _AT_ONCE:
            row, fresh = self._waiting.popleft()
            try:
                given = row.asked(self.colours, self.house)
            except ShotError as error:
                self._end(row, None, error)
                continue
            if fresh:
                given["fresh"] = True
            row.state = "running"
            self._changed(row)
            self._begin(row, "score", given, self._calls, self._ended)
        self._tell()

    def _begin(self, row: Row, name: str, given: Dict[str, Any], calls: Any, ended: Any) -> None:
        number = -1

        def done(call: Call) -> None:
            self._post(lambda: ended(number, row, call))

        def moved(said: Dict[str, Any]) -> None:
            self._post(lambda: self._said(number, row, said))

        try:
            call = self._bridge.call(name, given, progress=moved)
        except BridgeError as error:
            self._end(row, None, error)
            return
        number = id(call)
        calls[number] = (row, call)
        call.add_done_callback(done)

    def _said(self, number: int, row: Row, said: Dict[str, Any]) -> None:
        if number not in self._calls:
            return
        # `cut` looks through all frames and `measure` judges some: as long as one another, as a rule.
        at, fraction = str(said.get("stage")), float(said.get("fraction") or 0.0)
        row.fraction = 0.5 * fraction if at == "cut" else 0.5 + 0.5 * fraction if at == "measure" else 0.0
        row.words = _STAGES.get(at, str(said.get("text") or ""))
        if at == "measure":
            row.words = str(said.get("text") or "").replace("measure", "judging", 1)
        self._changed(row)
        self._tell()

    def _ended(self, number: int, row: Row, call: Call) -> None:
        if self._calls.pop(number, None) is None or call.cancelled():
            self._next()
            return
        error = call.exception()
        if isinstance(error, (HelperDiedError, HelperSilentError)) and not row.again:
            # It may not be this shot that the helper died of: once more, and the next call starts another.
            row.again, row.state, row.fraction = True, "waiting", 0.0
            self._waiting.appendleft((row, False))
            self._trouble(error)
            self._changed(row)
        else:
            self._end(row, None if error is not None else call.result(), error)
        self._next()

    def _end(self, row: Row, answer: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
        self._done += 1
        row.fraction = 0.0
        if answer is not None:
            self._take(row, answer)
            self._trouble(None)
        else:
            row.state, row.error = "failed", "unknown" if error is None else plain(error)
            if isinstance(error, BridgeError) and (
                not isinstance(error, CallError) or error.kind == "UnreachableError"
            ):
                self._trouble(error)
        self._changed(row)

    @staticmethod
    def _take(row: Row, answer: Dict[str, Any]) -> None:
        row.verdict, row.cached = verdict_of(answer), bool(answer.get("cached"))
        row.state, row.error, row.looked = "done", "", True

    def _recall_more(self) -> None:
        while self._to_recall and len(self._recalls) < _RECALLS:
            self._recall(self._to_recall.popleft())

    def _recall(self, row: Row) -> None:
        try:
            given = row.asked(self.colours, self.house)
        except ShotError:
            return
        self._begin(row, "recall", given, self._recalls, self._recalled)

    def _recalled(self, number: int, row: Row, call: Call) -> None:
        if self._recalls.pop(number, None) is None:
            return
        error = None if call.cancelled() else call.exception()
        if error is not None:
            row.looked = False
            self._changed(row)
            if not isinstance(error, CallError):
                self._to_recall.clear()
                self._trouble(error)
        elif not call.cancelled():
            self._trouble(None)
            answer = call.result()
            checked = id(row) in self._checking
            self._checking.discard(id(row))
            if answer.get("found") and (checked or row.verdict is None):
                self._take(row, answer)
                self._changed(row)
            elif checked:
                self.score([row])
            else:  # whoever waits for it need not any more
                self._changed(row)
        self._recall_more()

    def _tell(self) -> None:
        if not self.busy:
            self._moved(None)
            return
        part = sum(row.fraction for row, _ in self._calls.values())
        units = self._done + part
        left = None
        if self._pace is not None:
            self._pace.done(units)
            left = self._pace.left(self._total - units)
        self._moved(Progress(self._done, self._total, units / max(self._total, 1), left))
