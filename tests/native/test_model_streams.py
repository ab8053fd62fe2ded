"""Numbers and streams of a network that are damaged: decoded alike, or refused alike."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.native.payloads import KINDS_OF_PAYLOAD, gamma, paper, picture, rendered

from candela_engines.errors import CandelaError
from candela_engines.itm.decode import model_of
from candela_engines.itm.payload import Payload, encode
from candela_engines.itm.timed_model import timed_model
from candela_engines.native import native

library: Any = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
changes = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=3)


def decoded_alike(payload: Payload, frame: int = 0) -> bool:
    """Whether a network can be decoded, which has to be the same here and there, and so its pixels."""
    codes = picture(0).astype(np.float32) / np.float32(255)
    model = library.Model.of(encode(payload))
    try:
        network = timed_model(payload).at(frame) if payload.frames else model_of(payload)
        theirs = np.concatenate([nits for _, nits in network.strips(codes, payload.sdr)])
    except CandelaError:
        with pytest.raises(library.Trouble):
            rendered(model, codes, 32, frame)
        return False
    assert np.array_equal(rendered(model, codes, 32, frame), theirs, equal_nan=True)
    return True


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(KINDS_OF_PAYLOAD)),
    st.integers(0, 2),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 600)), max_size=2),
    changes,
)
def test_damaged_networks_end_alike(
    kind: str, seed: int, numbers: list[tuple[int, int]], spoil: list[tuple[int, int]]
) -> None:
    payload = KINDS_OF_PAYLOAD[kind](seed)
    changed, streams = list(payload.numbers), [bytearray(b) for b in payload.blobs]
    for at, value in numbers:
        changed[at % len(changed)] = value
    for at, value in spoil:
        stream = streams[at % len(streams)]
        stream[at % len(stream)] = value
    decoded_alike(replace(payload, numbers=tuple(changed), blobs=tuple(bytes(s) for s in streams)))


@pytest.mark.parametrize("kind", KINDS_OF_PAYLOAD)
def test_every_number_is_bounded_alike(kind: str) -> None:
    payload = KINDS_OF_PAYLOAD[kind](4)
    assert decoded_alike(payload)
    for at in range(len(payload.numbers)):
        for value in (0, 3, 13, 129, 513, 1 << 20):
            numbers = (*payload.numbers[:at], value, *payload.numbers[at + 1 :])
            decoded_alike(replace(payload, numbers=numbers))
    assert not decoded_alike(replace(payload, numbers=(*payload.numbers, 0)))
    assert not decoded_alike(replace(payload, blobs=(*payload.blobs, b"")))


def _stored(data: bytes) -> bytes:
    return zlib.compress(data, 0)


def _fixed(data: bytes) -> bytes:
    coder = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_FIXED)
    return coder.compress(data) + coder.flush()


def _in_pieces(data: bytes) -> bytes:
    coder = zlib.compressobj(9, zlib.DEFLATED, 9, 1, zlib.Z_RLE)
    return coder.compress(data) + coder.flush(zlib.Z_FULL_FLUSH) + coder.flush()


@pytest.mark.parametrize("pack", [_stored, _fixed, _in_pieces, zlib.compress])
def test_weights_packed_in_any_way_are_read(pack: Callable[[bytes], bytes]) -> None:
    payload = paper(0)
    raw = payload.blobs[0] if payload.numbers[0] == 0 else zlib.decompress(payload.blobs[0])
    packed = pack(raw)
    assert decoded_alike(replace(payload, numbers=(1,), blobs=(packed,)))
    for spoiled in (packed + b"!", packed[:-1], pack(raw + b"!"), pack(raw[:-1]), b""):
        assert not decoded_alike(replace(payload, numbers=(1,), blobs=(spoiled,)))


@settings(max_examples=100, deadline=None)
@given(st.booleans(), changes)
def test_damaged_packing_ends_alike(at_the_start: bool, spoil: list[tuple[int, int]]) -> None:
    payload = gamma(2)
    assert payload.numbers == (2,)
    stream = bytearray(payload.blobs[0])
    for at, value in spoil:
        stream[at % (60 if at_the_start else len(stream))] = value
    decoded_alike(replace(payload, blobs=(bytes(stream), payload.blobs[1])))
