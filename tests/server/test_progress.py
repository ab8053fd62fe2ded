"""Progress of long work: rate and time left by what this run has done; lines where there is no terminal."""

from __future__ import annotations

from itertools import pairwise

import pytest

from candela_server.cli import progress
from candela_server.cli.progress import ProgressBar, Rate, duration
from candela_server.service import Work
from candela_server.service.shots_embed_progress import Fitting, shares_of


def test_the_rate_counts_only_what_this_run_has_done() -> None:
    rate = Rate(100, now=10.0)
    assert rate(100, 200, now=20.0) is None
    assert rate(150, 200, now=20.0) == (5.0, 10.0)
    assert rate(200, 200, now=30.0) == (5.0, 0.0)


def test_nothing_is_told_from_a_blink() -> None:
    assert Rate(0, now=0.0)(10, 20, now=0.01) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (3599, "59 min 59 s"), (3900, "1 h 05 min")],
)
def test_durations_are_told_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_log_gets_a_line_with_rate_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 1.0, 1.0, 6.0, 6.0, 21.0, 21.0, 21.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with ProgressBar(quiet=False) as bar:
        bar.work(Work("fit", 10, 100, "frames", "shot 2 of 5"))
        bar.work(Work("fit", 20, 100, "frames", "shot 2 of 5"))
        assert capsys.readouterr().err == ""
        bar.work(Work("fit", 50, 100, "frames", "shot 3 of 5"))
    assert capsys.readouterr().err == "candela: shot 3 of 5: fitting, 50%, 2 frames/s, 25 s left\n"


def test_another_stage_has_a_rate_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with ProgressBar(quiet=False) as bar:
        bar.work(Work("cut", 0, 100))
        now[0] = 5.0
        bar.work(Work("cut", 100, 100))
        now[0] = 105.0
        bar.work(Work("fit", 0, 100))
        now[0] = 125.0
        bar.work(Work("fit", 10, 100))
    assert capsys.readouterr().err.splitlines()[-1] == "candela: fitting, 10%, 0.5 frames/s, 3 min 00 s left"


def test_quiet_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    now = iter(range(0, 1000, 50))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(now)))
    with ProgressBar(quiet=True) as bar:
        bar.work(Work("fit", 0, 10))
        bar.work(Work("fit", 5, 10))
    assert capsys.readouterr().err == ""


class TestFitting:
    def fitting(self, total: float, of: int) -> tuple[Fitting, list[Work]]:
        told: list[Work] = []
        return Fitting(told.append, total, of), told

    def test_stages_count_by_the_time_that_they_take(self) -> None:
        """Of a long shot measuring is most; of a short one of few pixels fitting is."""
        long, short = shares_of(500, 1920 * 1080, "normal"), shares_of(10, 64 * 48, "normal")
        assert long["measure"][1] - long["measure"][0] > 0.7
        assert short["fit"][1] - short["fit"][0] > 0.7
        for shares in (long, short):
            edges = list(shares.values())
            assert edges[0][0] == 0 and edges[-1][1] == pytest.approx(1)
            assert all(a[1] == b[0] for a, b in pairwise(edges))

    def test_a_split_is_more_work_and_not_a_bar_that_waits_at_its_end(self) -> None:
        fitting, told = self.fitting(40, 2)
        fitting.begin(20, 0)
        fitting.tell("measure", 1.0)
        assert (told[-1].done, told[-1].total) == (20, 40)
        fitting.begin(12, 8)
        fitting.tell("read", 0.0)
        assert (told[-1].done, told[-1].total) == (20, 60) and "in parts" in told[-1].subject
        fitting.tell("measure", 1.0)
        fitting.begin(8, 0)
        fitting.tell("measure", 1.0)
        assert (told[-1].done, told[-1].total) == (40, 60)
        fitting.finish(20, resumed=False)
        fitting.finish(20, resumed=True)
        assert (fitting.done, fitting.total, fitting.shots, fitting.resumed) == (60, 60, 2, 1)

    def test_it_never_goes_back_within_a_network(self) -> None:
        fitting, told = self.fitting(10, 1)
        fitting.shares = shares_of(10, 1 << 20, "fast")
        fitting.begin(10, 0)
        for stage, fraction in (("read", 1.0), ("fit", 0.5), ("choose", 0.2), ("fit", 0.4), ("measure", 1.0)):
            fitting.tell(stage, fraction)
        reached = [work.done for work in told]
        assert reached == sorted(reached) and reached[-1] == pytest.approx(10)
        assert told[-1].subject == ""
