"""Copies of a shot's payload, one for every frame's file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candela_engines.colour.names import NAMED
from candela_engines.errors import InputError, PayloadError
from candela_engines.itm.payload import Fidelity, Payload, decode, encode
from candela_engines.itm.place import placed, shot_of

SHOT = Payload(
    model="default",
    width=64,
    height=48,
    bits=16,
    picture_hash=bytes(range(16)),
    sdr=NAMED["rec709"],
    hdr=replace(NAMED["rec2100-pq"], peak_nits=1000.0),
    fidelity=Fidelity(55.25, 0.75, 2.5, float("inf"), 0, 0),
    numbers=(0, 32, 2),
    blobs=(b"weights", b"plane"),
    frames=(1001, 1003),
    checks=b"abcdef",
    clipped=(3000, 20),
)


@given(st.integers(1001, 1003), st.binary(min_size=16, max_size=32))
def test_a_copy_says_its_place_and_is_the_shot_in_all_else(number: int, digest: bytes) -> None:
    copy = decode(placed(encode(SHOT), number, digest))
    assert copy == replace(SHOT, place=number, picture_hash=digest[:16], checks=b"")
    assert placed(SHOT, number, digest) == encode(copy) == placed(encode(copy), number, digest)


def test_all_copies_are_of_one_shot() -> None:
    copies = [placed(SHOT, number, bytes([number % 256]) * 16) for number in (1001, 1002, 1003)]
    assert len(set(copies)) == 3
    assert {shot_of(copy) for copy in copies} == {shot_of(SHOT)}
    for other in (
        replace(SHOT, blobs=(b"weights", b"Plane")),
        replace(SHOT, frames=(1001, 1004), checks=b""),
        replace(SHOT, sdr=NAMED["srgb"]),
        replace(SHOT, clipped=None),
    ):
        assert shot_of(other) != shot_of(SHOT)


def test_what_cannot_be_placed() -> None:
    for number in (1000, 1004):
        with pytest.raises(InputError, match=f"frame {number} is not in the shot .* 1001..1003"):
            placed(SHOT, number, bytes(16))
    with pytest.raises(InputError, match="digest of frame 1001 has 15 bytes; 16 are needed"):
        placed(SHOT, 1001, bytes(15))
    still = replace(SHOT, frames=None, checks=b"")
    for call in (lambda: placed(still, 1, bytes(16)), lambda: shot_of(still)):
        with pytest.raises(PayloadError, match="of one picture, not of a shot"):
            call()
    with pytest.raises(PayloadError, match="CRC does not match"):
        placed(encode(SHOT)[:-1] + b"!", 1001, bytes(16))
