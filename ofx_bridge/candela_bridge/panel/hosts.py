"""Where a list lives and its markers go: Resolve's timeline, a timeline's file, or nowhere. No Qt.

Resolve's calls take their time and answer one at a time, so they have a thread of their own.
"""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from candela_bridge.client import Bridge, Call
from candela_bridge.panel.rows import Colours, Row
from candela_bridge.shot import Shot
from candela_bridge.words import count

__all__ = ["FileHost", "HostError", "NoHost", "ResolveHost"]

Json = Dict[str, Any]
Post = Callable[[Callable[[], None]], None]
Said = Callable[[str, Optional[BaseException]], None]
Shots = Callable[[List[Shot], List[str]], None]
Took = Callable[[Row, Optional[Json], Optional[BaseException]], None]


class HostError(Exception):
    """Something that this list's place cannot do: what, and what can be done."""


class NoHost:
    """Of clips and stills that were opened by themselves."""

    name = ""

    def mark(self, rows: Sequence[Row], said: Said) -> None:
        """Write what was found of shots as markers. said: gets words, and what went wrong."""
        said(
            "", HostError("Markers go into a timeline: open one as OTIO or EDL, or use the panel in Resolve.")
        )

    def unmark(self, said: Said) -> None:
        """Take Candela's markers away."""
        self.mark((), said)

    def close(self) -> None:
        """Let go of it."""


class FileHost(NoHost):
    """A timeline's file. found: of `open_timeline`."""

    def __init__(self, bridge: Bridge, found: Any, post: Post) -> None:
        self._bridge, self._found, self._post = bridge, found, post
        self._thread = ThreadPoolExecutor(1, "candela documents")
        self.name = str(found.path)

    def mark(self, rows: Sequence[Row], said: Said) -> None:
        """See NoHost."""
        documents = _documents(rows)
        self._run(lambda: ("write_markers", (self._found, _results(documents))), said)

    def unmark(self, said: Said) -> None:
        """See NoHost."""
        self._run(lambda: ("remove_markers", (self._found.path,)), said)

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False)

    def _run(self, prepare: Callable[[], "Tuple[str, Tuple[Any, ...]]"], said: Said) -> None:
        def done(report: Optional[Json], error: Optional[BaseException]) -> None:
            words = ""
            if report is not None:
                written, removed = int(report.get("written") or 0), int(report.get("removed") or 0)
                words = f"{report.get('path')}: {count(written, 'marker')} written, {removed} removed"
            self._post(lambda: said(words, error))

        def work() -> None:
            try:
                import candela_bridge.timeline as timeline

                name, given = prepare()
                function = getattr(timeline, name, None)
                if function is None:
                    raise HostError("This version writes no markers into timeline files; candela qc does.")
                function(self._bridge, *given, done)
            except Exception as error:  # nobody waits for this thread: whatever it is has to be told
                done(None, error)

        self._thread.submit(work)


class ResolveHost(NoHost):
    """Resolve's open timeline, from outside. connect: gives Resolve, and may take seconds; for tests its
    double."""

    name = "DaVinci Resolve"

    def __init__(self, bridge: Bridge, post: Post, connect: Optional[Callable[[], Any]] = None) -> None:
        self._bridge, self._post, self._connect = bridge, post, connect or _connect
        self._thread = ThreadPoolExecutor(1, "candela resolve")
        self._session: Any = None
        self._stopped = False
        self._calls: List[Call] = []

    def shots(self, done: Shots) -> None:
        """Of the timeline that is open now."""

        def work() -> List[Shot]:
            found: List[Shot] = self._there().shots()
            return found

        def ended(future: "Future[List[Shot]]") -> None:
            error = future.exception()
            if error is not None:
                self._session = None
                text = str(error)
                self._post(lambda: done([], [text]))
            else:
                found = future.result()
                self._post(lambda: done(found, []))

        self._thread.submit(work).add_done_callback(ended)

    def mark(self, rows: Sequence[Row], said: Said) -> None:
        """See NoHost."""
        shots, documents = {row.key: row.shot for row in rows}, _documents(rows)

        def work() -> str:
            session, failed, results = self._there(), [], _results(documents)
            for key, result in results.items():
                failed += session.mark(shots[key], result)
            if failed:
                raise HostError(f"Resolve took some markers and not others: {'; '.join(failed[:3])}")
            return f"Markers of {count(len(results), 'shot')} are on the timeline"

        self._run(work, said)

    def unmark(self, said: Said) -> None:
        """See NoHost."""
        self._run(lambda: f"{count(self._there().unmark(), 'marker')} taken away", said)

    def score_graded(
        self, rows: Sequence[Row], colours: Colours, took: Took, said: Said, *, house: str = ""
    ) -> None:
        """Judge shots with their grade, by stills that Resolve exports one after another.

        house: a house model's file that scores. took: gets each with its answer or what went wrong. `stop`
        leaves out those whose turn has not come.
        """
        self._stopped = False
        asked = [(row, row.shot, row.sdr_side(colours)) for row in rows]
        more = {"house_model": house} if house else {}

        def work() -> str:
            session, number = self._there(), 0
            for row, shot, sdr in asked:
                if self._stopped:
                    break

                def done(
                    _: Shot, answer: Optional[Json], error: Optional[BaseException], row: Row = row
                ) -> None:
                    self._post(lambda: took(row, answer, error))

                call = session.score_graded(shot, done, reference=sdr, **more)
                number += 1
                if call is not None:
                    self._calls.append(call)
            return f"Stills of {count(number, 'shot')} were exported"

        self._run(work, said)

    def changed(
        self, rows: Sequence[Row], graded: bool, found: "Callable[[List[Row]], None]", said: Said
    ) -> None:
        """Which shots are others than when they were judged with their grade. found: gets them."""
        shots = {row.key: (row, row.shot) for row in rows}

        def work() -> str:
            keys = self._there().changed([shot for _, shot in shots.values()], graded=graded)
            those = [shots[key][0] for key in keys if key in shots]
            self._post(lambda: found(those))
            return f"{count(len(those), 'shot')} changed since"

        self._run(work, said)

    def reconstruct(self, row: Row, kind: str, said: Said) -> None:
        """Put the HDR that the shot's file carries on its first node, as a DCTL or a cube."""
        shot = row.shot

        def done(name: Optional[str], error: Optional[BaseException]) -> None:
            words = "" if name is None else f"{shot.name}: {name} is on its node 1"
            self._post(lambda: said(words, error))

        def work() -> str:
            self._there().reconstruct(shot, done, kind=kind)
            return f"{shot.name}: writing its network …"

        self._run(work, said)

    def stop(self) -> None:
        """No further stills, and none of those that are out is judged."""
        self._stopped = True
        calls, self._calls = self._calls, []
        for call in calls:
            call.cancel()

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False)

    def _run(self, work: Callable[[], str], said: Said) -> None:
        def ended(future: "Future[str]") -> None:
            error = future.exception()
            words = "" if error is not None else future.result()
            self._post(lambda: said(words, error))

        self._thread.submit(work).add_done_callback(ended)

    def _there(self) -> Any:
        if self._session is None:
            from candela_bridge.resolve.session import Session

            self._session = Session(self._connect(), self._bridge)
        return self._session


def _connect() -> Any:
    """Resolve, if it can be scripted. HostError that says what is in the way."""
    from candela_bridge.resolve.probe import connect, probe

    found = probe()
    if not found.ok:
        raise HostError(found.why)
    resolve = connect()
    if resolve is None:
        raise HostError("Resolve does not answer; is it running?")
    return resolve


def _documents(rows: Sequence[Row]) -> "Dict[str, str]":
    return {row.key: row.verdict.document for row in rows if row.verdict is not None and row.verdict.document}


def _results(documents: "Dict[str, str]") -> "Dict[str, Json]":
    """The documents of scores, by shot, from the files that have all of them. On a thread that may wait."""
    found: "Dict[str, Json]" = {}
    for key, path in documents.items():
        try:
            with open(path, encoding="utf-8") as stream:
                found[key] = json.load(stream)["result"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise HostError(f"{path}: the result cannot be read; score the shot anew ({error})") from error
    if not found:
        raise HostError("No shot of these was judged yet: score them first.")
    return found
