"""The panel's player without a window: time, what is left out, what is fetched ahead."""

from __future__ import annotations

import pytest

from candela_bridge.panel.play import Player, Supply, chunk_of


def test_no_frame_is_left_out_when_every_one_is_wanted() -> None:
    player, there = Player(0, 5, 0, rate=10.0, every=True), {0, 1, 2}
    player.start(0.0)
    seen = [player.at]
    for step in range(1, 400):
        if player.tick(step / 100, there.__contains__):
            seen.append(player.at)
        if step == 200:
            there |= {3, 4, 5}
    assert seen[:9] == [0, 1, 2, 3, 4, 5, 0, 1, 2]
    assert player.shown_rate == pytest.approx(10, rel=0.1)
    assert player.dropped == 0
    player.loop, player.at = False, 5
    assert not player.tick(9e9, there.__contains__)
    assert not player.playing


def played(player: Player, there: set[int], seconds: float, begin: float = 0.0) -> list[tuple[float, int]]:
    """When which frame was shown, asked every hundredth."""
    seen = []
    for tick in range(1, int(100 * seconds) + 1):
        now = begin + tick / 100
        if player.tick(now, there.__contains__):
            seen.append((now, player.at))
    return seen


def test_playing_keeps_time_and_leaves_out_what_is_late() -> None:
    player = Player(0, 99, 0, rate=10.0)
    player.start(0.0)
    seen = played(player, set(range(100)), 5.0)
    assert [frame for _, frame in seen] == list(range(1, len(seen) + 1))
    assert len(seen) in (50, 51)
    assert player.dropped == 0
    player = Player(0, 99, 0, rate=10.0)
    player.start(0.0)
    seen = played(player, set(range(0, 100, 3)), 5.0)  # one of three comes
    assert all(frame % 3 == 0 for _, frame in seen)
    assert seen[-1][1] == pytest.approx(50, abs=3)
    assert player.dropped == seen[-1][1] - len(seen)


def test_a_player_without_pictures_waits_with_its_clock() -> None:
    player, there = Player(0, 99, 0, rate=10.0), {0}
    player.start(0.0)
    assert played(player, there, 2.0) == []
    there |= set(range(1, 11))
    assert [frame for _, frame in played(player, there, 1.0, begin=2.0)] == list(range(1, 11))
    assert played(player, there, 3.0, begin=3.0) == []  # nothing came for long
    there |= set(range(11, 30))
    assert [frame for _, frame in played(player, there, 0.5, begin=6.0)][:2] == [11, 12]


def test_playing_goes_round() -> None:
    player = Player(4, 8, 7, rate=10.0)
    player.start(0.0)
    assert [frame for _, frame in played(player, {4, 5, 6, 7, 8}, 0.6)][:6] == [8, 4, 5, 6, 7, 8]
    player.loop = False
    player.go(7)
    player.start(10.0)
    assert [frame for _, frame in played(player, {4, 5, 6, 7, 8}, 1.0, begin=10.0)] == [8]
    assert not player.playing


def test_frames_that_come_slowly_are_asked_for_with_gaps() -> None:
    supply = Supply()
    for _ in range(20):  # 8 frames a second whatever the step: each costs as much
        supply.came(4, 0.5, 24.0)
    assert supply.step in (3, 4)
    for _ in range(20):
        supply.came(8, 0.05, 24.0)
    assert supply.step == 1


def test_pictures_get_smaller_before_frames_are_left_out() -> None:
    supply = Supply()
    for _ in range(20):  # 20 frames a second at full size, twice as many at each of two smaller ones
        supply.came(8, 0.4 / 2**supply.smaller, 24.0, sizes=2)
    assert (supply.smaller, supply.step) == (1, 1)
    for _ in range(20):  # too slow whatever the size
        supply.came(4, 0.5 / (1 + supply.smaller), 48.0, sizes=2)
    assert supply.smaller == 2 and supply.step > 1
    for _ in range(40):
        supply.came(8, 0.02 / (3 - supply.smaller), 24.0, sizes=2)
    assert (supply.smaller, supply.step) == (0, 1)
    for _ in range(20):
        supply.came(4, 1.0, 24.0, sizes=1, every=True)
    assert (supply.smaller, supply.step) == (1, 1)


def test_what_is_fetched_ahead() -> None:
    player = Player(0, 99, 10, rate=24.0)
    assert player.ahead({11, 12}.__contains__, 8) == [(13, 20, 1), (21, 28, 1)]
    assert player.ahead(lambda frame: True, 8) == []
    player.at = 97
    assert player.ahead(lambda frame: False, 8) == [(98, 99, 1), (0, 7, 1)]
    assert Player(3, 3, 3).ahead(lambda frame: False, 8) == []
    player.at, player.supply.step = 10, 3
    assert player.ahead(lambda frame: False, 4) == [(11, 20, 3), (23, 32, 3)]
    player.start(0.0)
    player.tick(1.0, {11}.__contains__)  # frame 11 at one second, and a call takes half a second
    player.supply.latency = 0.5
    assert player.ahead(lambda frame: False, 4, 1.25)[0][0] >= 11 + 0.7 * 24
    assert chunk_of(960, 540) == 6
    assert chunk_of(64, 36) == 12
    assert chunk_of(4096, 2160) == 1
