"""The largest piece of a mask, and how much of its box a part fills."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.scorer.pieces import filled, largest_piece


def boxes(*corners: tuple[int, int, int, int], shape: tuple[int, int] = (90, 160)) -> np.ndarray:
    flags = np.zeros(shape, np.bool_)
    for top, left, bottom, right in corners:
        flags[top:bottom, left:right] = True
    return flags


def test_the_larger_of_two_pieces_is_kept_whole() -> None:
    large = (40, 60, 80, 120)
    assert (largest_piece(boxes((4, 4, 20, 24), large)) == boxes(large)).all()


def test_a_thread_joins_nothing() -> None:
    kept = largest_piece(boxes((8, 8, 40, 40), (24, 40, 25, 100), (8, 100, 48, 156)))
    assert kept[10:40, 104:150].all() and not kept[:, :90].any()


def test_a_piece_that_turns_corners_is_one() -> None:
    ring = boxes((8, 8, 80, 152)) & ~boxes((24, 24, 64, 136))
    assert (largest_piece(ring) == ring).all()


@pytest.mark.parametrize("shape", [(3, 50), (1, 1), (7, 90)])
def test_what_is_too_small_for_squares_stays(shape: tuple[int, int]) -> None:
    flags = np.ones(shape, np.bool_)
    assert (largest_piece(flags) == flags).all()


def test_specks_are_no_piece() -> None:
    flags = np.zeros((80, 80), np.bool_)
    flags[::4, ::4] = True
    assert not largest_piece(flags).any()


def test_shapes_fill_their_boxes_as_geometry_says() -> None:
    y, x = np.mgrid[0:200, 0:200]
    disc = (y - 100) ** 2 + (x - 100) ** 2 < 80**2
    # 4 % of a disc's area lie beyond a chord at 0.833 of its radius: (acos c − c·√(1 − c²))/π = 0.04.
    assert filled(disc) == pytest.approx(np.pi / 4 / 0.833**2, abs=0.04)
    assert filled(boxes((10, 10, 60, 100))) == pytest.approx(1 / 0.92**2, abs=0.03)
    assert filled(boxes((0, 0, 40, 40), (50, 120, 90, 160))) < 0.35
    assert filled(np.zeros((8, 8), np.bool_)) == 0
