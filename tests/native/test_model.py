"""The model that hosts link: the same payloads as Python's, and the same pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.native.payloads import (
    HEIGHT,
    KINDS_OF_PAYLOAD,
    WIDTH,
    default,
    fields,
    gamma,
    paper,
    picture,
    rendered,
    shot,
)

from candela_engines.colour import pq
from candela_engines.colour.state import ColourState
from candela_engines.itm.carriers.sidecar import wrapped
from candela_engines.itm.decode import Decoded, model_of, render
from candela_engines.itm.payload import Payload, decode, encode
from candela_engines.itm.reel import encode_reel
from candela_engines.itm.timed_model import timed_model
from candela_engines.native import native

library: Any = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")


@pytest.mark.parametrize("kind", KINDS_OF_PAYLOAD)
@pytest.mark.parametrize("seed", range(8))
def test_every_field_is_read_alike(kind: str, seed: int) -> None:
    data = encode(KINDS_OF_PAYLOAD[kind](seed))
    assert library.decode_payload(data) == fields(decode(data))


@pytest.mark.parametrize("seed", range(24))
def test_default_networks_give_the_same_bits(seed: int) -> None:
    payload = default(seed)
    codes = picture(seed, payload.bits)
    floats = (codes / np.float32((1 << payload.bits) - 1)).astype(np.float32) if payload.bits < 32 else codes
    theirs = render(Decoded(payload, model_of(payload)), codes)
    model = library.Model.of(encode(payload))
    assert np.array_equal(rendered(model, floats, 32), theirs)
    part = rendered(model, floats, 32, region=(7, 11, WIDTH - 3, HEIGHT), threads=2)
    assert np.array_equal(part, theirs[11:, 7:-3])
    if payload.bits <= 16:  # the codes themselves: what full scale is multiplied into may round the last bit
        np.testing.assert_allclose(rendered(model, codes, payload.bits), theirs, rtol=2e-5, atol=2e-3)


@pytest.mark.parametrize("seed", range(20))
def test_shots_give_the_same_bits_at_every_frame(seed: int) -> None:
    payload = shot(seed, 1001, 1012)
    timed, codes = timed_model(payload), picture(seed).astype(np.float32) / np.float32(255)
    model = library.Model.of(encode(payload))
    for frame in (1001, 1002, 1007, 1012):
        theirs = np.concatenate([n for _, n in timed.at(frame).strips(codes, payload.sdr)])
        assert np.array_equal(rendered(model, codes, 32, frame), theirs)
    placed = replace(payload, place=1007, checks=b"")
    at_place = rendered(library.Model.of(encode(placed)), codes, 32, 5)
    assert np.array_equal(at_place, rendered(model, codes, 32, 1007))


@pytest.mark.parametrize("make", [paper, gamma])
@pytest.mark.parametrize("seed", range(4))
def test_published_networks_give_the_same_bits(make: Callable[[int], Payload], seed: int) -> None:
    payload = make(seed)
    codes = picture(seed, 16).astype(np.float32) / np.float32(65535)
    model = library.Model.of(encode(payload))
    theirs = render(Decoded(payload, model_of(payload)), codes)
    assert np.array_equal(rendered(model, codes, 32), theirs)


def test_shots_of_a_reel_serve_their_frames() -> None:
    shots = [
        replace(shot(seed, *frames), bits=8) for seed, frames in ((1, (0, 4)), (6, (9, 9)), (3, (10, 30)))
    ]
    model = library.Model.of(encode_reel([encode(s) for s in shots]))
    assert [s["frames"] for s in model.shots] == [(0, 4), (9, 9), (10, 30)]
    assert [model.shot_of(f) for f in (-1, 0, 4, 5, 9, 10, 30, 31)] == [None, 0, 0, None, 1, 2, 2, None]
    codes = picture(3).astype(np.float32) / np.float32(255)
    alone = library.Model.of(encode(shots[2]))
    assert np.array_equal(rendered(model, codes, 32, 17), rendered(alone, codes, 32, 17))
    with pytest.raises(library.Trouble) as caught:
        rendered(model, codes, 32, 5)
    assert caught.value.args[0] == "frame" and "frame 5 is in none of its 3 shots" in caught.value.args[1]


def test_signals_are_the_light_in_pq() -> None:
    payload = default(3)
    codes = picture(3).astype(np.float32) / np.float32(255)
    model = library.Model.of(encode(payload))
    nits, signal = rendered(model, codes, 32), rendered(model, codes, 32, encoding="pq")
    np.testing.assert_allclose(signal, pq.inverse_eotf(nits.astype(np.float64)), atol=2e-6)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"sdr": ColourState("ap0", "linear", ocio_space="ACEScg", ocio_config="x")}, "colour", "OCIO"),
        ({"sdr": ColourState("bt709", "bt1886", peak_nits=300.0)}, "colour", "no SDR picture"),
        ({"sdr": ColourState("bt709", "bt1886", "narrow"), "bits": 32}, "colour", "narrow range"),
        ({"numbers": (0,)}, "payload", "11 numbers"),
        ({"blobs": ()}, "payload", "streams"),
    ],
)
def test_what_cannot_be_rendered_is_refused_with_the_reason(
    change: dict[str, object], kind: str, message: str
) -> None:
    model = library.Model.of(encode(replace(default(0), **change)))  # type: ignore[arg-type]
    with pytest.raises(library.Trouble) as caught:
        rendered(model, picture(0), 8)
    assert caught.value.args[0] == kind and message in caught.value.args[1]


def test_a_file_is_opened_with_the_sidecar_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "frame.cin"
    path.write_bytes(b"no format that is known")
    with pytest.raises(library.Trouble) as caught:
        library.Model.open(str(path))
    assert caught.value.args == (
        "no_payload",
        f"{path}: carries no payload, and there is no frame.cin.candela",
    )
    beside = tmp_path / "frame.cin.candela"
    beside.write_bytes(wrapped(encode(paper(1))))
    for name in (path, beside):
        model = library.Model.open(str(name))
        assert (model.carrier, model.path) == ("sidecar", str(beside))
        assert model.shots[0]["model"] == "paper"
    beside.write_bytes(wrapped(encode(paper(1)))[:-4] + b"four")
    with pytest.raises(library.Trouble, match="its CRC differs"):
        library.Model.open(str(path))


def small(codes: np.ndarray) -> np.ndarray:
    """Means over pairs of rows and columns, the odd last column left out: a host's proxy."""
    return np.ascontiguousarray(
        codes[:, : WIDTH - 1].reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 3).mean((1, 3)), np.float32
    )


@pytest.mark.parametrize("make", [default, shot])
@pytest.mark.parametrize(
    "seed", [0, 1, 2, 4, 5, 7]
)  # of 3 and 6 the random planes are steeper than any fitted one
def test_a_proxy_is_rendered_as_the_picture_scaled(make: Callable[[int], Payload], seed: int) -> None:
    payload = make(seed)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    codes = (0.5 + 0.3 * np.sin(x[..., None] / 17 + np.arange(3)) * np.cos(y[..., None] / 13)).astype(
        np.float32
    )
    model = library.Model.of(encode(payload))
    wanted = small(rendered(model, codes, 32, 3, encoding="pq"))
    error = np.abs(rendered(model, small(codes), 32, 3, encoding="pq") - wanted)
    assert error.mean() < 1e-3 and error.max() < 0.01
    # A network that took the proxy for the picture, and its means for those of the picture, is further off.
    still = library.Model.of(encode(replace(payload, width=WIDTH // 2, height=HEIGHT // 2)))
    taken = rendered(still, small(codes), 32, 3, encoding="pq")
    assert np.abs(taken - wanted).mean() > 2 * error.mean()


@pytest.mark.parametrize("make", [paper, gamma])
def test_published_networks_know_places_and_no_pixels(make: Callable[[int], Payload]) -> None:
    payload, codes = make(1), small(picture(1, 32))
    model = library.Model.of(encode(payload))
    of_that_size = replace(payload, width=WIDTH // 2, height=HEIGHT // 2)
    theirs = render(Decoded(of_that_size, model_of(of_that_size)), codes)
    assert np.array_equal(rendered(model, codes, 32), theirs)


def test_a_picture_of_another_shape_is_refused() -> None:
    model = library.Model.of(encode(default(0)))
    for width, height in ((WIDTH + 1, HEIGHT), (WIDTH, HEIGHT // 2), (2 * WIDTH, 2 * HEIGHT)):
        with pytest.raises(library.Trouble) as caught:
            rendered(model, np.zeros((height, width, 3), np.uint8), 8)
        assert (
            caught.value.args[0] == "mismatch" and f"the picture has {width}x{height}" in caught.value.args[1]
        )
