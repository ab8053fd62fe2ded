"""The reading in a payload: there where it was said, of its own version, and never passed over."""

from __future__ import annotations

import zlib
from dataclasses import replace

import cbor2
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import PayloadError
from candela_engines.itm.payload import Fidelity, Payload, decode, encode
from candela_engines.itm.place import placed, shot_of
from candela_engines.itm.reading import AS_TAGGED, Reading
from candela_engines.itm.reel import encode_reel

PLAIN = Payload(
    *("default", 64, 48, 10, bytes(range(16)), NAMED["rec709"], NAMED["rec2100-pq"]),
    *(Fidelity(40, 1, 2, 30, 0, 0), (1, 2), (b"x",)),
    frames=(0, 3),
    checks=bytes(range(8)),
)  # fmt: skip


def altered(payload: Payload, **keys: object) -> bytes:
    """Its bytes with other values under keys k0, k17 …; None takes one away."""
    body = cbor2.loads(encode(payload)[4:-4])
    for name, value in keys.items():
        body.pop(int(name[1:]), None)
        if value is not None:
            body[int(name[1:])] = value
    data = b"CNDL" + cbor2.dumps(body, canonical=True)
    return data + zlib.crc32(data).to_bytes(4, "big")


@pytest.mark.parametrize("reading", [Reading("full"), Reading(None, "bt601"), Reading("narrow", "rgb")])
def test_it_comes_back_and_raises_the_version(reading: Reading) -> None:
    payload = replace(PLAIN, reading=reading)
    data = encode(payload)
    assert decode(data) == payload and payload.version == 2
    # What a reader of version 1 alone looks at, and then refuses.
    assert cbor2.loads(data[4:-4])[0] == 2
    assert decode(placed(data, 2, bytes(16))).reading == reading
    assert shot_of(payload) != shot_of(PLAIN)


def test_where_nothing_was_said_nothing_changes() -> None:
    body = cbor2.loads(encode(PLAIN)[4:-4])
    assert body[0] == 1 and 17 not in body
    assert decode(encode(PLAIN)).reading == AS_TAGGED


@pytest.mark.parametrize(
    "keys",
    [
        {"k0": 3},
        {"k0": 1},
        {"k17": None},
        {"k17": ["", ""]},
        {"k17": ["full"]},
        {"k17": ["full", "bt709", ""]},
        {"k17": ["wide", ""]},
        {"k17": ["full", "bt470"]},
        {"k17": [1, "bt709"]},
        {"k17": "full"},
    ],
)
def test_what_is_not_known_is_refused(keys: dict[str, object]) -> None:
    with pytest.raises(PayloadError, match=r"version|reading"):
        decode(altered(replace(PLAIN, reading=Reading("full")), **keys))


def test_shots_of_a_reel_are_read_alike() -> None:
    other = replace(PLAIN, frames=(4, 7), reading=Reading("full"))
    with pytest.raises(PayloadError, match=r"shot 1 .* has reading --sdr-range full, .* as tagged"):
        encode_reel([encode(PLAIN), encode(other)])
