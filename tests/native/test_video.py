"""Planes to R'G'B' by the native library: the bits of numpy, for every instruction set and any threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.media.movie_rgb import _by_numpy, video_model
from candela_engines.native import native

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
SETS = [] if library is None else library.instruction_sets()


def converted(
    planes: list[np.ndarray], model: object, shape: tuple[int, int], threads: int, isa: str
) -> np.ndarray:
    out = np.full((*shape, 3), 7, np.float32)
    library.video_to_rgb(
        planes,
        out,
        model.ycc,
        model.offset,
        model.scale,
        model.middle,
        list(model.matrix),
        model.across,
        model.down,
        *model.siting,
        threads,
        isa,
    )
    return out


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, 90),
    st.sampled_from([8, 10, 16]),
    st.sampled_from([(1, 1), (2, 1), (2, 2), (1, 2)]),
    st.sampled_from([(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 1.0)]),
    st.sampled_from(["bt709", "ycgco", "rgb"]),
    st.sampled_from(["full", "narrow"]),
    st.integers(1, 3),
    st.integers(0, 1 << 32),
)
def test_every_set_gives_the_bits_of_numpy(
    h: int, w: int, bits: int, factors: tuple[int, int], siting: tuple[float, float], matrix: str, range_:
    str, step: int, seed: int,
) -> None:  # fmt: skip
    factors = (1, 1) if matrix == "rgb" else factors
    rng = np.random.default_rng(seed)
    kind = np.uint8 if bits == 8 else np.uint16
    small = (-(-h // factors[1]), -(-w // factors[0]))
    # Rows that are longer than what counts of them, and samples apart.
    planes = [
        rng.integers(0, 1 << bits, (rows, step * columns + 5), dtype=kind)[:, : step * columns : step]
        for rows, columns in ((h, w), small, small)
    ]
    model = video_model(matrix, range_, bits, across=factors[0], down=factors[1], siting=siting)
    reference = np.empty((h, w, 3), np.float32)
    _by_numpy(planes, model, reference)
    for isa in SETS:
        for threads in (1, 3):
            np.testing.assert_array_equal(converted(planes, model, (h, w), threads, isa), reference)


def test_planes_upside_down() -> None:
    planes = [np.arange(64, dtype=np.uint8).reshape(8, 8)[::-1] for _ in range(3)]
    model = video_model("rgb", "full", 8)
    np.testing.assert_array_equal(
        converted(planes, model, (8, 8), 1, "")[..., 1], planes[1] / np.float32(255)
    )


@pytest.mark.parametrize(
    ("planes", "changes"),
    [
        ([(4, 4), (4, 4), (4, 4)], {"down": 2}),
        ([(4, 4), (2, 4), (2, 3)], {"down": 2}),
        ([(3, 4), (4, 4), (4, 4)], {}),
        ([(4, 4), (4, 4)], {}),
        ([(4, 4), (4, 4), (4, 4)], {"isa": "mmx"}),
        ([(4, 4), (4, 4), (4, 4)], {"top": 0.3}),
        ([(4, 4), (4, 4), (4, 4)], {"across": 0}),
        ([(4, 4), (4, 4), (4, 4)], {"matrix": [1.0]}),
    ],
)
def test_what_does_not_fit_is_refused(planes: list[tuple[int, int]], changes: dict) -> None:
    asked = {
        "ycc": True,
        "offset": 0.0,
        "scale": 255.0,
        "middle": 128.0,
        "matrix": [0.0] * 6,
        "across": 1,
        "down": 1,
        "left": 0.0,
        "top": 0.0,
        "threads": 1,
        "isa": "",
        **changes,
    }
    with pytest.raises(ValueError):
        library.video_to_rgb(
            [np.zeros(shape, np.uint8) for shape in planes], np.empty((4, 4, 3), np.float32), **asked
        )
    mixed = [np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint16), np.zeros((4, 4), np.uint8)]
    with pytest.raises(ValueError):
        library.video_to_rgb(mixed, np.empty((4, 4, 3), np.float32), **{**asked, "isa": "", "top": 0.0})
