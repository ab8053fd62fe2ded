"""Bytes that nobody vouches for: the native reader takes what Python's takes, and gives the same."""

from __future__ import annotations

import zlib
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.native.payloads import KINDS_OF_PAYLOAD, fields, shot

from candela_engines.errors import PayloadError
from candela_engines.itm.payload import Payload, decode, encode
from candela_engines.itm.reel import decode_reel, encode_reel
from candela_engines.native import native

library: Any = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
thorough = settings(max_examples=100, deadline=None)

SOUND = [encode(make(seed)) for make in KINDS_OF_PAYLOAD.values() for seed in (0, 1, 2)]
BODY = SOUND[0][4:-4]
changes = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=4)


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


@thorough
@given(st.sampled_from(SOUND), changes, st.integers(0, 9))
def test_sealed_damage_is_read_alike(data: bytes, spoil: list[tuple[int, int]], cut: int) -> None:
    body = bytearray(data[4 : len(data) - 4 - (cut if cut > 6 else 0)])
    for at, value in spoil:
        body[at % min(len(body), 200)] = value
    alike(sealed(bytes(body)))


def test_every_cut_and_every_flipped_bit_is_refused() -> None:
    data = encode(shot(1))
    for size in range(0, len(data), 7):
        assert alike(data[:size]) is None
    for at in range(0, len(data) * 8, 11):
        spoiled = bytearray(data)
        spoiled[at // 8] ^= 1 << at % 8
        assert alike(bytes(spoiled)) is None


scalars: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-(1 << 70), 1 << 70) | st.floats()
scalars |= st.text(max_size=9) | st.binary(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=3)
    ),
)


@thorough
@given(st.sampled_from(SOUND), st.integers(0, 17), values)
def test_a_field_of_any_value_is_read_alike(data: bytes, key: int, value: object) -> None:
    body = cbor2.loads(data[4:-4])
    alike(sealed(cbor2.dumps(body | {key: value})))


@thorough
@given(
    st.lists(st.integers(-5, 1 << 17), max_size=3), st.sampled_from([2, 11, 14, 15, 16]), st.integers(-9, 9)
)
def test_lists_of_numbers_are_read_alike(numbers: list[int], key: int, place: int) -> None:
    body = cbor2.loads(SOUND[4][4:-4])
    alike(sealed(cbor2.dumps(body | {key: numbers})))
    alike(sealed(cbor2.dumps(body | {key: [place, place + 3], 12: place + 1})))


STATE = {
    "p": "p3d65",
    "t": "srgb",
    "r": "narrow",
    "pk": 48.5,
    "rw": 48.5,
    "un": 2,
    "os": "Röd",
    "oc": "studio",
}
ODD = [*STATE.values(), "full", "bt2020", "pq", "", 0, -1, 1e6, 1e7, None, True, b"p", 1 << 65]
text = st.text(st.characters(codec="ascii"), max_size=300)


@thorough
@given(
    st.dictionaries(
        st.sampled_from([*STATE, "x"]), st.sampled_from(ODD) | st.floats(width=16) | text, max_size=3
    ),
    st.booleans(),
)
def test_colour_states_are_read_alike(change: dict[str, object], whole: bool) -> None:
    body = cbor2.loads(BODY)
    alike(sealed(cbor2.dumps(body | {4: STATE | change if whole else change})))


@pytest.mark.parametrize(
    "value",
    [
        b"\xc1\x00",  # a tag
        b"\xbf\xff",  # lengths that are open
        b"\x5f\xff",
        b"\x9f\xff",
        b"\xf7",  # undefined, and simple values of a byte
        b"\xf8\x20",
        b"\xff",
        b"\xa2\x00\x01\x18\x00\x01",  # a key twice, of bytes, of a float
        b"\xa1\x41\x00\x00",
        b"\xa1\xf9\x00\x00\x00",
        b"\x61\xc3",  # text of half a character, in a longer form than needed, a surrogate, too high
        b"\x62\xc0\x80",
        b"\x63\xed\xa0\x80",
        b"\x64\xf4\x90\x80\x80",
        b"\x9b" + b"\xff" * 8,  # more than there is
        b"\x5b" + b"\xff" * 8,
        b"\x81" * 7 + b"\x00",  # nested
        b"\x00\xa0",  # more behind it
    ],
)
def test_what_cbor_has_and_payloads_have_not_is_refused(value: bytes) -> None:
    """Of a key that no reader knows, so that nothing else is wrong."""
    body = bytes([BODY[0] + 1]) + BODY[1:] + b"\x18\x63"
    for sound in (b"\x00", b"\xf4", b"\xf6", b"\x81" * 6 + b"\x00", b"\x61A", b"\xa1\x20\xfb" + bytes(8)):
        assert alike(sealed(body + sound)) is not None
    assert alike(sealed(body + value)) is None


@thorough
@given(st.integers(0, 2), changes, st.binary(max_size=1))
def test_damaged_reels_are_read_alike(which: int, spoil: list[tuple[int, int]], behind: bytes) -> None:
    shots = [encode(shot(seed, 100 * seed, 100 * seed + 5)) for seed in range(which + 1)]
    body = bytearray(encode_reel(shots)[4:-4] + behind)
    for at, value in spoil:
        body[at % 40 if at % 2 else at % len(body)] = value
    data = sealed(bytes(body), b"CNDR")
    try:
        wanted = decode_reel(data)
    except PayloadError:
        with pytest.raises(library.Trouble):
            library.decode_reel(data)
    else:
        assert library.decode_reel(data) == [fields(s) for s in wanted.shots]


@pytest.mark.parametrize(
    ("reading", "sound"),
    [
        (["full", "bt601"], True),
        (["", "rgb"], True),
        (["narrow", ""], True),
        (["", ""], False),
        (["wide", ""], False),
        (["full"], False),
        (3, False),
        (None, False),
    ],
)
def test_a_reading_is_taken_or_refused_alike(reading: object, sound: bool) -> None:
    """Of version 2 and of no other."""
    body = cbor2.loads(encode(shot(1))[4:-4])
    assert alike(sealed(cbor2.dumps(body | {0: 2}))) is None
    for version in (1, 2, 3):
        read = alike(sealed(cbor2.dumps(body | {0: version, 17: reading})))
        assert (read is not None) is (sound and version == 2)
