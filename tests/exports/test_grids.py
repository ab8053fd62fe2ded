"""Where grids are kept: nothing is lost in constants, LUTs and images, and what does not fit is made to."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.itm.networks import codes_of, default_payload

from candela_engines.errors import InputError
from candela_engines.itm.decode import model_of, to_signal
from candela_engines.itm.export.approximate import approximate_strips
from candela_engines.itm.export.dialect import number
from candela_engines.itm.export.grids import ROOM, Constants, Cubes, Grid, Picture
from candela_engines.itm.export.moment import Subject
from candela_engines.itm.export.output import Output, parse_encoding
from candela_engines.itm.export.prepare import write_blink, write_dctl
from candela_engines.itm.export.reduced import reduced
from candela_engines.itm.export.surroundings import sparse_means
from candela_engines.itm.features import CELLS, surroundings
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.quality import measure

PQ = Output("pq")
planes = hnp.arrays(np.int64, st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 3)),
                    elements=st.integers(-40000, 40000))  # fmt: skip


@given(planes)
def test_constants_hold_planes_exactly(steps: np.ndarray) -> None:
    grid = Grid("g", (steps / 65536).astype(np.float32), 1 / 65536)
    text = Constants([grid]).declarations()
    words = np.array(
        [int(v) for v in re.findall(r"-?\d+", text[text.index("{") : text.index("}")])], np.int64
    )
    if "float candela_g_of" in text:  # a range that 16 bits do not hold
        assert np.ptp(steps) > 65535
        return
    low = float(re.search(r"return (-?[\d.e-]+)f", text)[1])  # type: ignore[index]
    halves = np.stack([words & 65535, (words >> 16) & 65535], -1).reshape(-1)[: grid.flat.size]
    assert np.array_equal(np.float32(low) + halves.astype(np.float32) * np.float32(1 / 65536), grid.flat)


@given(planes)
def test_luts_and_images_hold_every_sample(steps: np.ndarray) -> None:
    grids = [Grid("a", (steps / 65536).astype(np.float32)), Grid("b", (steps[:1] / 7).astype(np.float32))]
    cubes = Cubes(grids)
    assert (cubes.size - 1).bit_count() == 1  # so that coordinates are exact
    table = np.array(re.sub(r"DEFINE_CUBE_LUT.*\n.*|\}", "", cubes.declarations()).split(), np.float32)
    held = np.moveaxis(table.reshape(cubes.count, -1, 3), -1, 1).reshape(-1)
    image = Picture(grids)
    flat = np.moveaxis(image.pixels, -1, 0).reshape(-1)
    at = 0
    for grid in grids:
        part = held[at : at + grid.flat.size]
        low, span = float(grid.flat.min()), float(np.ptp(grid.flat.astype(np.float64))) or 1.0
        assert np.abs(low + part * span - grid.flat).max() <= 1.2e-7 * max(span, abs(low))
        assert np.array_equal(flat[at : at + grid.flat.size], grid.flat)
        at += grid.flat.size


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_literals_read_back(value: float) -> None:
    text = number(value)
    assert text.endswith("f") and np.float32(text[:-1]) == np.float32(value)
    assert re.fullmatch(r"-?\d+\.\d+(e-?\d+|e\+\d+)?f", text)


def test_literals_are_numbers() -> None:
    with pytest.raises(ValueError, match="nan has no literal"):
        number(float("nan"))


def large(channels: int = 1) -> tuple[object, np.ndarray]:
    """A payload whose plane is beyond constant memory, and its picture."""
    rng = np.random.default_rng(4)
    height, width = 300, 400
    payload = default_payload((6,), channels=channels, lattice=Lattice("centred", 0))
    y, x = np.mgrid[0:height, 0:width] / 60
    plane = np.stack([0.1 * np.sin(x + c) * np.cos(y) for c in range(channels)], -1)
    plane += rng.normal(0, 0.001, plane.shape)
    model = replace(model_of(payload), plane=(np.rint(plane * 65536) / 65536).astype(np.float32))  # type: ignore[type-var]
    return (replace(payload, height=height, width=width), model), codes_of(1, height, width)


def test_a_large_plane_is_made_to_fit() -> None:
    """Fewer samples against fewer bits: never more constants than there are."""
    from candela_engines.itm.export.default_code import DefaultNetwork
    from candela_engines.itm.whole_frame import curve_of

    (payload, model), codes = large()  # type: ignore[misc]
    network = DefaultNetwork(model, curve_of(payload.sdr, 8))  # type: ignore[arg-type]
    small = reduced(network, payload.height, payload.width, 4096)
    assert small.plane is not None and small.plane.size < model.plane.size
    grids = Constants([Grid("plane", small.plane, *small.levels)])
    assert 4096 + grids.bytes <= ROOM
    full = np.concatenate([n for _, n in model.strips(to_signal(codes, 8), payload.sdr)])
    level = measure(approximate_strips(small, payload, codes), full).pu_psnr
    assert 35 < level < 70
    same = measure(approximate_strips(network, payload, codes), full).pu_psnr
    assert same > 100


def test_storage_is_chosen() -> None:
    payload, codes = default_payload((6,), channels=1), codes_of()
    subject = Subject(payload, codes)
    written = write_dctl(subject, PQ, [], means="baked")
    assert (written.storage, written.baked, written.reads) == ("constants", CELLS, 0)
    assert "float p_R, float p_G, float p_B)" in written.text  # nothing is read
    assert write_dctl(subject, PQ, [], storage="lut", means="baked").storage == "lut"
    assert write_dctl(subject, PQ, [], storage="constants").baked == ()
    assert write_dctl(Subject(default_payload((6,))), PQ, []).storage == "none"
    kernel = write_blink(subject, PQ, [], means="baked")
    assert kernel.storage == "image" and "> data;" in kernel.text
    with pytest.raises(InputError, match="only where the picture is at hand"):
        write_blink(Subject(payload), PQ, [], means="baked")


def test_sparse_means_are_what_code_reads() -> None:
    """Of a picture that is the same in every square of the stride they are the means themselves."""
    codes = np.kron(np.random.default_rng(0).integers(0, 255, (40, 50, 1)), np.ones((4, 4, 3))).astype(
        np.uint8
    )
    signal = to_signal(codes, 8)
    around = surroundings(signal)
    sparse = sparse_means(around, signal, ((64, 4),))
    for cell, one, other in zip(CELLS, around.means, sparse.means, strict=True):
        inner = (slice(1, -2), slice(1, -2))  # at the edges repeated pixels count otherwise
        assert np.abs(one.nodes[inner] - other.nodes[inner]).max() < (1e-6 if cell == 64 else 1e-12)


@pytest.mark.parametrize("name", ["srgb", "pq@0", "hlg@20000", "", "linear@x", "PQ@ 1000"])
def test_encodings_that_are_none(name: str) -> None:
    with pytest.raises(InputError, match="--encoding"):
        parse_encoding(name)


def test_encodings() -> None:
    assert parse_encoding("pq@1000") == (Output("pq"), 1000.0)
    assert parse_encoding("HLG") == (Output("hlg", 1000.0), None)
    assert parse_encoding("acescg") == (Output("acescg", 100.0), None)
    light = np.random.default_rng(1).uniform(0, 900, (50, 3))
    for name in ("pq", "hlg@2000", "linear@203", "davinci-intermediate", "acescct", "acescg@203"):
        output, _ = parse_encoding(name)
        assert np.abs(output.light(output.apply(light)) - light).max() < 1e-6
        assert parse_encoding(output.name)[0] == output
