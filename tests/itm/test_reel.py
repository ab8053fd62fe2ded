"""The reel's bytes: round trip, look-up by frame, and one typed error for every way of being wrong."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.colour.names import NAMED
from candela_engines.errors import PayloadError
from candela_engines.itm import payload as payloads
from candela_engines.itm import reel as reels
from candela_engines.itm.carriers import _base
from candela_engines.itm.payload import Fidelity, Payload, encode
from candela_engines.itm.reel import MAGIC, MAX_REEL, MAX_SHOTS, Reel, decode_reel, encode_reel, is_reel

SHOT = Payload(
    model="default",
    width=1920,
    height=1080,
    bits=32,
    picture_hash=bytes(range(16)),
    sdr=NAMED["rec709"],
    hdr=NAMED["rec2100-pq"],
    fidelity=Fidelity(55.25, 0.75, 2.5, 41.03, 1856, 1024),
    numbers=(0, 32, 2),
    blobs=(b"weights",),
)


def shot(first: int, last: int, **more: Any) -> bytes:
    return encode(replace(SHOT, frames=(first, last), **more))


def sealed(body: bytes) -> bytes:
    data = MAGIC + body
    return data + zlib.crc32(data).to_bytes(4, "big")


def reel_of(*shots: object, version: object = 1) -> bytes:
    return sealed(cbor2.dumps({0: version, 1: list(shots)}))


def test_shots_come_back_in_order() -> None:
    one, two, three = shot(-5, 9), shot(10, 10), shot(15, 40, hdr=NAMED["rec2100-hlg"])
    data = encode_reel([two, three, one])
    reel = decode_reel(data)
    assert reel.data == (one, two, three)
    assert reel.shots == tuple(payloads.decode(piece) for piece in (one, two, three))
    assert (reel.size, reel.bits, reel.frames) == ((1920, 1080), 32, (-5, 40))
    assert is_reel(data) and not is_reel(one)
    assert encode_reel(reel.data) == data
    with pytest.raises(FrozenInstanceError):
        reel.shots = ()  # type: ignore[misc]


def test_layout_is_that_of_the_documentation() -> None:
    data = encode_reel([shot(0, 9), shot(10, 19)])
    assert cbor2.loads(data[4:-4]) == {0: 1, 1: [shot(0, 9), shot(10, 19)]}
    assert data[:4] == b"CNDR" and data[-4:] == zlib.crc32(data[:-4]).to_bytes(4, "big")


def test_look_up() -> None:
    reel = decode_reel(encode_reel([shot(100, 109), shot(110, 110), shot(120, 125)]))
    where = {99: None, 100: 0, 109: 0, 110: 1, 111: None, 119: None, 120: 2, 125: 2, 126: None}
    assert {frame: reel.index(frame) for frame in where} == where
    assert reel.of(104) is reel.shots[0] and reel.of(111) is None


cuts = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 20), st.binary(max_size=300)), min_size=1)


@settings(max_examples=60, deadline=None)
@given(cuts, st.integers(-1000, 1000), st.randoms())
def test_any_reel(lengths: list[tuple[int, int, bytes]], first: int, random: Any) -> None:
    shots, at = [], first
    for length, gap, blob in lengths:
        shots.append(shot(at, at + length - 1, blobs=(blob,)))
        at += length + gap
    shuffled = random.sample(shots, len(shots))
    reel = decode_reel(encode_reel(shuffled))
    assert list(reel.data) == shots
    for frame in range(first - 1, at + 1):
        holding = [number for number, s in enumerate(reel.shots) if s.frames[0] <= frame <= s.frames[1]]  # type: ignore[index]
        assert reel.index(frame) == (holding[0] if holding else None)


GOOD = shot(0, 9)
STILL = encode(SHOT)
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "do not begin with CNDR"),
    "a payload": (lambda: GOOD, "do not begin with CNDR"),
    "magic only": (lambda: MAGIC, "do not begin with CNDR"),
    "another CRC": (lambda: reel_of(GOOD)[:-1] + b"!", "CRC does not match"),
    "a list": (lambda: sealed(cbor2.dumps([1, [GOOD]])), "a map was to come at byte 4"),
    "a map of three": (lambda: sealed(cbor2.dumps({0: 1, 1: [GOOD], 2: 0})), "not a map of version 1"),
    "another first key": (lambda: sealed(cbor2.dumps({3: 1, 1: [GOOD]})), "not a map of version 1"),
    "another second key": (lambda: sealed(cbor2.dumps({0: 1, 3: [GOOD]})), "not a map of version 1"),
    "version 2": (lambda: reel_of(GOOD, version=2), "reel version 2 is newer than 1; update"),
    "version 0": (lambda: reel_of(GOOD, version=0), "not a map of version 1"),
    "version in words": (lambda: reel_of(GOOD, version="1"), "a number was to come at byte 6"),
    "a number for shots": (lambda: sealed(cbor2.dumps({0: 1, 1: 5})), "a list was to come at byte 8"),
    "no shots": (lambda: reel_of(), "1 to 20000 shots; this one has 0"),
    "text for a shot": (lambda: reel_of("text"), "a byte string was to come"),
    "more behind": (lambda: sealed(cbor2.dumps({0: 1, 1: [GOOD]}) + b"\0"), "1 bytes behind its last shot"),
    "a head of another length": (
        lambda: sealed(b"\xa2\x00\x18\x01\x01\x81" + cbor2.dumps(GOOD)),
        "a number was to come at byte 6",
    ),
    "a list without end": (lambda: sealed(b"\xa2\x00\x01\x01\x9f\xff"), "a list was to come at byte 8"),
    "too many shots": (
        lambda: sealed(b"\xa2\x00\x01\x01\x99" + (MAX_SHOTS + 1).to_bytes(2, "big")),
        "a reel of 20001 shots is above the limit of 20000",
    ),
    "a shot of 2^64 - 1 bytes": (
        lambda: sealed(b"\xa2\x00\x01\x01\x81\x5b" + b"\xff" * 8 + GOOD),
        "shot 0 of the reel claims 18446744073709551615 bytes",
    ),
    "a shot beyond the end": (
        lambda: sealed(b"\xa2\x00\x01\x01\x81\x58\xff" + GOOD[:50]),
        "shot 0 of the reel claims 255 bytes; 50 are possible",
    ),
    "a shot that is too large": (
        lambda: reel_of(bytes(payloads.MAX_PAYLOAD + 1)),
        "shot 0 of the reel claims 262145 bytes; 262144 are possible",
    ),
    "a damaged shot": (lambda: reel_of(GOOD, shot(10, 19)[:-1] + b"!"), "shot 1 of the reel: .*CRC"),
    "a still": (lambda: reel_of(STILL), "shot 0 of the reel does not say of which frames"),
    "a copy of one frame": (
        lambda: reel_of(shot(0, 9, place=3)),
        "shot 0 of the reel is a copy for frame 3 alone",
    ),
    "backwards": (lambda: reel_of(shot(10, 19), GOOD), "shot 1 .* begins at frame 0, .* ends at 19"),
    "overlapping": (lambda: reel_of(GOOD, shot(9, 19)), "shot 1 .* begins at frame 9, .* ends at 9"),
    "another width": (lambda: reel_of(GOOD, shot(10, 19, width=99)), "10..19. has width 99, .* 1920"),
    "another height": (lambda: reel_of(GOOD, shot(10, 19, height=99)), "has height 99"),
    "other bits": (lambda: reel_of(GOOD, shot(10, 19, bits=8)), "has bits 8, the first one 32"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(PayloadError, match=message):
        decode_reel(make())


def test_the_same_is_refused_when_it_is_made() -> None:
    for bad, message in (
        ([], "1 to 20000 shots"),
        ([STILL], "does not say of which frames"),
        ([GOOD, GOOD], "do not overlap"),
        ([GOOD, shot(10, 19, width=8)], "has width 8"),
        ([GOOD, b"text"], "shot 1 of the reel: "),
        ([bytes(payloads.MAX_PAYLOAD)] * 257, "a reel of 67371008 bytes is above the limit of 67108864"),
    ):
        with pytest.raises(PayloadError, match=message):
            encode_reel(bad)


def test_too_large_is_refused_before_anything_is_read() -> None:
    with pytest.raises(PayloadError, match="is above the limit of 67108864"):
        decode_reel(MAGIC + bytes(MAX_REEL))


def test_every_cut_and_every_flip_is_seen() -> None:
    data = encode_reel([shot(0, 9), shot(10, 19)])
    for at in range(len(data)):
        with pytest.raises(PayloadError):
            decode_reel(data[:at])
        with pytest.raises(PayloadError):
            decode_reel(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"", b"\xa2\x00\x01\x01", b"\xa2\x00\x01\x01\x82\x58"]))
def test_sealed_noise_is_refused(noise: bytes, start: bytes) -> None:
    with pytest.raises(PayloadError):
        decode_reel(sealed(start + noise))


def test_what_cbor_could_describe_is_not_built() -> None:
    """Sixteen million small numbers would be a list of 128 MB."""
    data = sealed(b"\xa2\x00\x01\x01\x81\x9a\x00\xff\xff\xff" + bytes(0xFFFFFF))
    tracemalloc.start()
    with pytest.raises(PayloadError, match="a byte string was to come"):
        decode_reel(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_one_limit_everywhere() -> None:
    assert (payloads.MAGIC, MAGIC) == (_base.PAYLOAD_MAGIC, _base.REEL_MAGIC)
    assert payloads.MAX_PAYLOAD == _base.MAX_PAYLOAD and reels.MAX_REEL == _base.MAX_REEL
    assert Reel((payloads.decode(GOOD),), (GOOD,)).frames == (0, 9)
