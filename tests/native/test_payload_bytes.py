"""Bytes that nobody vouches for: the native reader takes what Python's takes, and gives the same."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.native.payloads import KINDS_OF_PAYLOAD, gamma, paper, shot
from tests.native.test_model import fields

from candela_engines.errors import CandelaError, PayloadError
from candela_engines.itm.decode import model_of
from candela_engines.itm.payload import Payload, decode, encode
from candela_engines.itm.reel import decode_reel, encode_reel
from candela_engines.itm.timed_model import timed_model
from candela_engines.runtime.native import native

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
thorough = settings(max_examples=300, deadline=None)


def sealed(body: bytes, magic: bytes = b"CNDL") -> bytes:
    data = magic + body
    return data + zlib.crc32(data).to_bytes(4, "big")


def alike(data: bytes) -> Payload | None:
    """What Python reads, after the native library has read the same; None where both refuse."""
    try:
        wanted = decode(data)
    except PayloadError:
        with pytest.raises(library.Trouble) as caught:
            library.decode_payload(data)
        assert caught.value.args[0] == "payload"
        return None
    assert library.decode_payload(data) == fields(wanted)
    return wanted


SOUND = [encode(make(seed)) for make in KINDS_OF_PAYLOAD.values() for seed in (0, 1, 2)]


@thorough
@given(st.sampled_from(SOUND), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4), st.integers(0, 9))
def test_sealed_damage_is_read_alike(data: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    body = bytearray(data[4 : len(data) - 4 - (cut if cut > 6 else 0)])
    for at, value in changes:
        body[at % len(body)] = value
    alike(sealed(bytes(body)))


def test_every_cut_and_every_flipped_bit_is_refused() -> None:
    data = encode(shot(1))
    for size in range(0, len(data), 7):
        assert alike(data[:size]) is None
    for at in range(0, len(data) * 8, 11):
        spoiled = bytearray(data)
        spoiled[at // 8] ^= 1 << at % 8
        assert alike(bytes(spoiled)) is None


scalars: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-(1 << 70), 1 << 70) | st.floats() | st.text(max_size=9) | st.binary(max_size=20)
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=3))


@thorough
@given(st.sampled_from(SOUND), st.integers(0, 17), values)
def test_a_field_of_any_value_is_read_alike(data: bytes, key: int, value: object) -> None:
    body = cbor2.loads(data[4:-4])
    alike(sealed(cbor2.dumps(body | {key: value})))


STATE = {"p": "p3d65", "t": "srgb", "r": "narrow", "pk": 48.5, "rw": 48.5, "un": 2, "os": "Röd", "oc": "studio"}


@thorough
@given(
    st.dictionaries(
        st.sampled_from([*STATE, "x"]),
        st.sampled_from([*STATE.values(), "full", "bt2020", "pq", "", 0, -1, 1e6, 1e7, None, True, b"p", 1 << 65])
        | st.floats(width=16)
        | st.text(st.characters(codec="ascii"), max_size=300),
    ),
    st.booleans(),
)
def test_colour_states_are_read_alike(change: dict[str, object], whole: bool) -> None:
    body = cbor2.loads(SOUND[0][4:-4])
    alike(sealed(cbor2.dumps(body | {4: STATE | change if whole else change})))


ODD = {
    "tags": b"\xa1\xc1\x00",
    "an open map": b"\xbf\xff",
    "an open string": b"\xa1\x00\x5f\xff",
    "undefined": b"\xa1\x00\xf7",
    "a key twice": b"\xa2\x00\x01\x18\x00\x01",
    "a key of bytes": b"\xa1\x41\x00\x00",
    "a key of a float": b"\xa1\xf9\x00\x00\x00",
    "text of half a character": b"\xa1\x00\x61\xc3",
    "text with a surrogate": b"\xa1\x00\x63\xed\xa0\x80",
    "a list of more than there is": b"\xa1\x00\x9b" + b"\xff" * 8,
    "nested": b"\xa1\x00" + b"\x81" * 9 + b"\x00",
    "two maps": b"\xa0\xa0",
    "simple values of a byte": b"\xa1\x00\xf8\x20",
}


@pytest.mark.parametrize("name", ODD)
def test_what_cbor_has_and_payloads_have_not_is_refused(name: str) -> None:
    # Behind a sound map's other entries, so that nothing else is wrong.
    sound = SOUND[0][4:-4]
    assert sound[0] == 0xA0 + 12 - 1 or sound[0] & 0xE0 == 0xA0
    if name == "two maps":
        assert alike(sealed(sound + b"\xa0")) is None
        return
    extra = ODD[name][1:]
    grown = bytes([sound[0] + 1]) + sound[1:] + b"\x18\x63" + extra[1:] if extra[:1] == b"\x00" else None
    assert alike(sealed(ODD[name])) is None
    if grown is not None and name != "a key twice":
        assert alike(sealed(grown)) is None
        assert alike(sealed(bytes([sound[0] + 1]) + sound[1:] + b"\x18\x63\x00")) is not None


@thorough
@given(st.integers(0, 2), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=3), st.binary(max_size=3))
def test_damaged_reels_are_read_alike(which: int, changes: list[tuple[int, int]], behind: bytes) -> None:
    shots = [encode(shot(seed, 100 * seed, 100 * seed + 5)) for seed in range(which + 1)]
    body = bytearray(encode_reel(shots)[4:-4] + behind)
    for at, value in changes:
        body[at % 40 if at % 2 else at % len(body)] = value
    data = sealed(bytes(body), b"CNDR")
    try:
        wanted = decode_reel(data)
    except PayloadError:
        with pytest.raises(library.Trouble):
            library.decode_reel(data)
    else:
        assert library.decode_reel(data) == [fields(s) for s in wanted.shots]


def rendered_alike(payload: Payload, frame: int = 0) -> bool:
    """Whether the network can be decoded, which has to be the same here and there."""
    from tests.native.test_model import picture, rendered

    codes = picture(0).astype("float32") / 255
    model = library.Model.of(encode(payload))
    try:
        network = timed_model(payload).at(frame) if payload.frames else model_of(payload)
        theirs = [n for _, n in network.strips(codes, payload.sdr)]
    except CandelaError:
        with pytest.raises(library.Trouble):
            rendered(model, codes, 32, frame)
        return False
    ours = rendered(model, codes, 32, frame)
    assert len(theirs) == 1 and (ours == theirs[0]).all()
    return True


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(list(KINDS_OF_PAYLOAD)),
    st.integers(0, 2),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 600)), max_size=2),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=2),
)
def test_damaged_networks_are_refused_alike(
    kind: str, seed: int, numbers: list[tuple[int, int]], bytes_: list[tuple[int, int]]
) -> None:
    from dataclasses import replace

    payload = KINDS_OF_PAYLOAD[kind](seed)
    changed, streams = list(payload.numbers), [bytearray(b) for b in payload.blobs]
    for at, value in numbers:
        changed[at % len(changed)] = value
    for at, value in bytes_:
        stream = streams[at % len(streams)]
        stream[at % len(stream)] = value
    rendered_alike(replace(payload, numbers=tuple(changed), blobs=tuple(bytes(s) for s in streams)))


def _stored(data: bytes) -> bytes:
    return zlib.compress(data, 0)


def _fixed(data: bytes) -> bytes:
    coder = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_FIXED)
    return coder.compress(data) + coder.flush()


def _runs(data: bytes) -> bytes:
    coder = zlib.compressobj(9, zlib.DEFLATED, 9, 1, zlib.Z_RLE)
    return coder.compress(data) + coder.flush(zlib.Z_FULL_FLUSH) + coder.flush()


@pytest.mark.parametrize("pack", [_stored, _fixed, _runs, zlib.compress])
def test_weights_packed_in_any_way_are_read(pack: Callable[[bytes], bytes]) -> None:
    from dataclasses import replace

    payload = paper(0)
    raw = payload.blobs[0] if payload.numbers[0] == 0 else zlib.decompress(payload.blobs[0])
    packed = pack(raw)
    assert rendered_alike(replace(payload, numbers=(1,), blobs=(packed,)))
    assert not rendered_alike(replace(payload, numbers=(1,), blobs=(packed + b"!",)))
    assert not rendered_alike(replace(payload, numbers=(1,), blobs=(packed[:-1],)))
    assert not rendered_alike(replace(payload, numbers=(1,), blobs=(pack(raw + b"!"),)))
    assert not rendered_alike(replace(payload, numbers=(1,), blobs=(pack(raw[:-1]),)))


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 3), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=3))
def test_damaged_packing_is_refused_alike(seed: int, changes: list[tuple[int, int]]) -> None:
    from dataclasses import replace

    payload = gamma(2) if seed % 2 else gamma(5)
    stream = bytearray(payload.blobs[0])
    assert payload.numbers == (2,)
    for at, value in changes:
        stream[at % (60 if seed > 1 else len(stream))] = value
    damaged = replace(payload, blobs=(bytes(stream), payload.blobs[1]))
    try:
        model_of(damaged)
    except PayloadError:
        with pytest.raises(library.Trouble):
            library.Model.of(encode(damaged)).render(0, *_tiny())
    else:
        assert rendered_alike(damaged)


def _tiny() -> tuple[object, ...]:
    import numpy as np

    return np.zeros((52, 75, 3), np.uint8), 8, np.zeros((1, 1, 3), np.float32), 16, (0, 0, 1, 1), "nits"
