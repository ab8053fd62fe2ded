"""Lists that live in a host: Resolve's timeline by its double, timelines as files, and what has no place."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.host_doubles.resolve_double import MediaPoolItem, ResolveDouble

from candela_bridge.client import Bridge
from candela_bridge.panel.hosts import FileHost, HostError, NoHost, ResolveHost
from candela_bridge.panel.rows import Colours, Row
from candela_bridge.panel.verdict import Verdict
from candela_bridge.shot import Shot
from candela_bridge.timeline import TimelineFile

from .test_resolve import RESULT, cut

SECONDS = 30.0


class Main:
    """The thread that draws: it runs what is posted when it is waited on."""

    def __init__(self) -> None:
        self.news: list[Callable[[], None]] = []

    def post(self, news: Callable[[], None]) -> None:
        self.news.append(news)

    def until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + SECONDS
        while not true():
            assert time.monotonic() < end, "it never came"
            while self.news:
                self.news.pop(0)()
            time.sleep(0.002)


def judged(row: Row, file: Path, result: Any) -> Row:
    file.write_text(json.dumps({"result": result}))
    row.verdict = Verdict(1.0, None, None, "", (), None, (64, 36), (), document=str(file))
    return row


def resolve_host(main: Main, resolve: ResolveDouble) -> ResolveHost:
    return ResolveHost(Bridge("test"), main.post, lambda: resolve)


def test_resolves_shots_are_listed_and_marked(tmp_path: Path) -> None:
    resolve, timeline = cut(
        ("beach", 0, 48, 0, MediaPoolItem("/s/a.mov")), ("title", 48, 10, 0, None),
    )  # fmt: skip
    main, found, said = Main(), [], []
    host = resolve_host(main, resolve)
    host.shots(lambda shots, troubles: found.append((shots, troubles)))
    main.until(lambda: found)
    shots, troubles = found[0]
    assert [shot.name for shot in shots] == ["beach", "title"]
    assert troubles == []
    rows = [judged(Row(shots[0], 0), tmp_path / "r.json", RESULT), Row(shots[1], 1)]
    host.mark(rows, lambda words, error: said.append((words, error)))
    main.until(lambda: said)
    assert said.pop() == ("Markers of 1 shot are on the timeline", None)
    assert timeline.GetMarkers()
    host.unmark(lambda words, error: said.append((words, error)))
    main.until(lambda: said)
    words, error = said.pop()
    assert error is None
    assert words.endswith("taken away")
    assert not timeline.GetMarkers()
    host.close()


def test_what_is_in_the_way_of_resolve_is_said() -> None:
    main, found, said = Main(), [], []

    def connect() -> Any:
        raise HostError("Resolve is not running")

    host = ResolveHost(Bridge("test"), main.post, connect)
    host.shots(lambda shots, troubles: found.append((shots, troubles)))
    main.until(lambda: found)
    assert found == [([], ["Resolve is not running"])]
    host.mark([], lambda words, error: said.append((words, str(error))))
    main.until(lambda: said)
    assert said == [("", "Resolve is not running")]
    host.close()


def test_nothing_is_marked_that_was_not_judged(tmp_path: Path) -> None:
    main, said = Main(), []
    found = TimelineFile(str(tmp_path / "a.otio"), 24.0, [], [])
    shot = Shot(None, "k", "a", 1, 0, 9, "/s/a.mov", (0, 9))
    host = FileHost(Bridge("test"), found, main.post)
    host.mark([Row(shot, 0)], lambda words, error: said.append(error))
    main.until(lambda: said)
    assert isinstance(said[0], HostError)
    assert "score them first" in str(said.pop())
    gone = judged(Row(shot, 0), tmp_path / "r.json", RESULT)
    (tmp_path / "r.json").unlink()
    host.mark([gone], lambda words, error: said.append(error))
    main.until(lambda: said)
    assert "score the shot anew" in str(said.pop())
    NoHost().mark([], lambda words, error: said.append(error))
    assert "OTIO or EDL" in str(said.pop())


def test_stills_with_the_grade_stop_where_they_are_told() -> None:
    """What Resolve does is elsewhere; here it is whose turn comes, and that it can be stopped."""

    class Session:
        def __init__(self) -> None:
            self.asked: list[tuple[str, Any]] = []

        def score_graded(self, shot: Shot, done: Any, *, reference: Any = None) -> None:
            self.asked.append((shot.name, reference))
            if shot.name == "b":
                host.stop()
            done(shot, {"made": shot.name}, None)

    main, took, said = Main(), [], []
    host = ResolveHost(Bridge("test"), main.post, lambda: None)
    session = host._session = Session()
    rows = [Row(Shot(None, n, n, 1, 0, 9, f"/s/{n}.mov", (0, 9)), k) for k, n in enumerate("abc")]
    rows[0].sdr = "/sdr/a.mov"
    host.score_graded(
        rows, Colours(sdr="rec709"), lambda row, answer, error: took.append((row.shot.name, answer)),
        lambda words, error: said.append(words),
    )  # fmt: skip
    main.until(lambda: said)
    assert session.asked == [("a", {"path": "/sdr/a.mov", "colour": {"name": "rec709"}}), ("b", None)]
    assert took == [("a", {"made": "a"}), ("b", {"made": "b"})]
    assert said == ["Stills of 2 shots were exported"]
    host.close()


@pytest.mark.parametrize("graded", [True, False])
def test_changed_shots_are_found_by_resolve(graded: bool) -> None:
    class Session:
        def changed(self, shots: list[Shot], *, graded: bool) -> dict[str, str]:
            return {shots[1].key: f"its grade {graded}"}

    main, found, said = Main(), [], []
    host = ResolveHost(Bridge("test"), main.post, lambda: None)
    host._session = Session()
    rows = [Row(Shot(None, n, n, 1, 0, 9, f"/s/{n}.mov", (0, 9)), k) for k, n in enumerate("ab")]
    host.changed(rows, graded, found.extend, lambda words, error: said.append(words))
    main.until(lambda: said)
    assert found == [rows[1]]
    assert said == ["1 shot changed since"]
    host.close()
