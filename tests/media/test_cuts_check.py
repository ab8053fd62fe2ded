"""A detection held against a timeline."""

from __future__ import annotations

import pytest

from candela_engines.errors import InputError
from candela_engines.media.cuts import Shot
from candela_engines.media.cuts_check import check_against

SHOTS = [
    Shot(1001, 1020, "start", None, 1.0),
    Shot(1021, 1050, "cut", None, 0.99),
    Shot(1051, 1090, "dissolve", (1045, 1056), 0.8),
    Shot(1091, 1100, "cut", None, 0.9),
]


def codes(*cuts: int, tolerance: int = 0) -> list[tuple[str, int | None, int | None]]:
    return [(f.code, f.timeline, f.picture) for f in check_against(cuts, SHOTS, tolerance)]


def test_agreement_is_silence() -> None:
    assert codes(1001, 1021, 1051, 1091) == []
    assert codes(1021, 1045, 1091) == codes(1021, 1057, 1091) == []
    # What lies outside of what was looked at says nothing.
    assert codes(5, 1021, 1051, 1091, 2000) == []
    assert check_against([1, 2], []) == []


def test_missed_invented_and_off() -> None:
    assert codes(1021, 1035, 1051, 1091) == [("missed", 1035, None)]
    assert codes(1051, 1091) == [("invented", None, 1021)]
    assert codes(1019, 1051, 1092) == [("off", 1019, 1021), ("off", 1092, 1091)]
    assert codes(1019, 1051, 1092, tolerance=1) == [("off", 1019, 1021)]
    assert codes(1019, 1051, 1092, tolerance=2) == []
    # A stray cut beside a right one is the stray one's fault.
    assert codes(1020, 1021, 1051, 1091) == [("missed", 1020, None)]


def test_words() -> None:
    off, missed, invented, _ = check_against(
        [1022, 1035, 1091], [*SHOTS[:3], Shot(1095, 1100, "cut", None, 0.9)]
    )
    assert off.message == "frame 1022: the timeline cuts here, the picture 1 frame earlier" and off.off == -1
    assert missed.message.startswith("frame 1035: the timeline cuts here, the picture does not change")
    assert invented.message == "frame 1051: the picture dissolves here (80% sure), the timeline has no cut"
    with pytest.raises(InputError, match="tolerance of -1"):
        check_against([1], SHOTS, -1)
