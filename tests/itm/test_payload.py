"""The payload's bytes: round trip, and one typed error for every way of being wrong."""

import math
import zlib
from dataclasses import replace

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.colour.names import NAMED
from candela_engines.errors import PayloadError
from candela_engines.itm.payload import MAGIC, MAX_PAYLOAD, Fidelity, Payload, decode, encode

PAYLOAD = Payload(
    model="default",
    width=1920,
    height=1080,
    bits=8,
    picture_hash=bytes(range(16)),
    sdr=NAMED["rec709"],
    hdr=NAMED["rec2100-pq"],
    fidelity=Fidelity(55.25, 0.75, 2.5, 41.03, 1856, 1024),
    numbers=(0, 32, 2, 7, 1, 0, 900, 250),
    blobs=(b"weights", b"plane"),
)


def sealed(body: object) -> bytes:
    data = MAGIC + cbor2.dumps(body)
    return data + zlib.crc32(data).to_bytes(4, "big")


def body_of(data: bytes) -> dict[int, object]:
    return cbor2.loads(data[4:-4])


def test_a_payload_comes_back() -> None:
    assert decode(encode(PAYLOAD)) == PAYLOAD
    distilled = replace(PAYLOAD, provenance="distilled", frames=(1001, 1100))
    assert decode(encode(distilled)) == distilled


def test_the_envelope_is_small() -> None:
    assert len(encode(replace(PAYLOAD, blobs=(b"", b"")))) <= 120


def test_a_state_that_has_no_name_comes_back() -> None:
    state = replace(NAMED["rec2100-pq"], peak_nits=1000.0)
    assert decode(encode(replace(PAYLOAD, hdr=state))).hdr == state


def test_equal_pictures_have_infinite_fidelity() -> None:
    fidelity = Fidelity(math.inf, 0.0, 0.0, math.inf, 0, 0)
    assert decode(encode(replace(PAYLOAD, fidelity=fidelity))).fidelity == fidelity


def test_too_large_is_refused_on_both_sides() -> None:
    with pytest.raises(PayloadError, match="lower --bytes"):
        encode(replace(PAYLOAD, blobs=(bytes(MAX_PAYLOAD),)))
    with pytest.raises(PayloadError, match="above the limit"):
        decode(bytes(MAX_PAYLOAD + 1))


def test_every_flipped_bit_is_seen() -> None:
    data = encode(PAYLOAD)
    for i in range(len(data) * 8):
        damaged = bytearray(data)
        damaged[i // 8] ^= 1 << (i % 8)
        with pytest.raises(PayloadError):
            decode(bytes(damaged))


def test_every_cut_is_seen() -> None:
    data = encode(PAYLOAD)
    for n in range(len(data)):
        with pytest.raises(PayloadError):
            decode(data[:n])


BAD = {
    "newer than": {0: 3},
    "version": {0: "1"},
    "model": {1: 3},
    "picture size": {2: [1920]},
    "list of 2 numbers": {2: [0, 1080]},
    "in 1..131072": {2: [1 << 40, 1080]},
    "picture hash": {3: b"short"},
    "unknown SDR colour": {4: "sepia"},
    "SDR colour is a": {4: 7},
    "HDR colour does not hold": {5: {"p": "bt2020"}},
    "fidelity": {6: [1, 2, 3]},
    "provenance": {7: 2},
    "bit depth": {8: 0},
    "list of numbers": {9: [-1]},
    "numbers in": {9: [1.5]},
    "coded streams": {10: ["text"]},
    "short list of bytes": {10: [b""] * 9},
    "frame range": {11: [5]},
    "runs backwards": {11: [9, 5]},
    "more than 100000 frames": {11: [0, 100_000]},
    "speaks of frames": {12: 3},
    "place is 7": {11: [1, 5], 12: 7},
    "two bytes for every frame": {11: [1, 5], 13: b"123"},
    "clipped light": {14: [1, 5000]},
    "worst frame 9 is none": {11: [1, 5], 15: [9, 4000]},
    "worst frame 3 is none": {15: [3, 4000]},
    "flicker 20, 10 is of no shot": {11: [1, 5], 16: [20, 10]},
    "flicker 10, 20 is of no shot": {16: [10, 20]},
    "flicker is not a list": {11: [1, 5], 16: [10]},
}


@pytest.mark.parametrize(("message", "change"), list(BAD.items()))
def test_each_field_is_checked(message: str, change: dict[int, object]) -> None:
    with pytest.raises(PayloadError, match=message):
        decode(sealed(body_of(encode(PAYLOAD)) | change))


@pytest.mark.parametrize("key", [0, 1, 2, 3, 4, 5, 6, 8, 9, 10])
def test_each_missing_field_is_named(key: int) -> None:
    body = body_of(encode(PAYLOAD))
    del body[key]
    with pytest.raises(PayloadError, match="payload's"):
        decode(sealed(body))


@pytest.mark.parametrize("body", [[], 5, "x", {1: {2: {3: 4}}}, {True: False}])
def test_other_cbor_is_refused(body: object) -> None:
    with pytest.raises(PayloadError):
        decode(sealed(body))


def test_what_is_no_cbor_or_goes_on_after_it_is_refused() -> None:
    for inner in (
        b"\xff",
        b"\x9f",
        b"\xbf\x00",
        b"\xdb" + b"\xff" * 8,
        b"\x9b" + b"\xff" * 8,
        b"\x81" * 5000,
        b"\xa0\xa0",
    ):
        data = MAGIC + inner + bytes(8)
        with pytest.raises(PayloadError):
            decode(data[:-4] + zlib.crc32(data[:-4]).to_bytes(4, "big"))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"\xc1\x00", "a tag"),
        (b"\x5f\xff", "an open end"),
        (b"\xa2\x00\x01\x18\x00\x01", "a key comes twice"),
        (b"\xa1\x41\x00\x00", "a key is neither"),
        (b"\x61\xc3", "not UTF-8"),
        (b"\x81" * 7 + b"\x00", "nests too deep"),
        (b"\xf7", "a simple value"),
        (b"\x9b" + b"\xff" * 8, "ends too early"),
    ],
)
def test_cbor_is_what_the_specification_lists(value: bytes, message: str) -> None:
    body = encode(PAYLOAD)[4:-4]
    data = MAGIC + bytes([body[0] + 1]) + body[1:] + b"\x18\x63" + value  # of a key that no reader knows
    with pytest.raises(PayloadError, match=message):
        decode(data + zlib.crc32(data).to_bytes(4, "big"))
    data = data[: -len(value)] + b"\xa1\x20\xf9\x3c\x00"
    assert decode(data + zlib.crc32(data).to_bytes(4, "big")) == PAYLOAD


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=120))
def test_sealed_noise_is_refused(noise: bytes) -> None:
    data = MAGIC + noise + bytes(4)
    with pytest.raises(PayloadError):
        decode(data + zlib.crc32(data).to_bytes(4, "big"))
