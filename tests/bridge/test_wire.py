"""Frames and messages: what goes in comes out, and what is no frame is refused before it costs anything."""

from __future__ import annotations

import json
import socket
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_bridge.client import Bridge
from candela_bridge.place import Place
from candela_bridge.wire import MOST_BYTES, PROTOCOL, Decoder, WireError, encode

from .conftest import end_helper, toy

TEXT = st.text(max_size=6) | st.just("/shots/ä\udcff")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(-1e300, 1e300) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MESSAGES = st.lists(st.dictionaries(TEXT, VALUES, max_size=3), max_size=4)


@settings(max_examples=40)
@given(MESSAGES, st.data())
def test_messages_come_out_as_they_went_in_however_they_are_cut(messages: list, data: st.DataObject) -> None:
    decoder, rest, found = Decoder(), b"".join(encode(m) for m in messages), []
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        found += decoder.feed(rest[:size])
        rest = rest[size:]
    assert found == messages


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_an_error(data: bytes) -> None:
    with suppress(WireError):
        assert all(isinstance(message, dict) for message in Decoder().feed(data))


def framed(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (struct.pack(">I", MOST_BYTES + 1), "announced"),
        (b"\xff" * 4, "announced"),
        (framed(b""), "announced"),
        (framed(b"[]"), "object"),
        (framed(b"{'a':1}"), "JSON"),
        (framed(b'{"a":NaN}'), "NaN"),
        (framed(b'{"a":-Infinity}'), "Infinity"),
        (framed(b'{"a":"\xff"}'), "JSON"),
        (framed(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "JSON"),
        (framed(b'{"a":' + b"1" * 10_000 + b"}"), "JSON"),
    ],
)
def test_what_is_no_message(data: bytes, words: str) -> None:
    with pytest.raises(WireError, match=words):
        Decoder().feed(data)


@pytest.fixture(scope="module")
def standing() -> Iterator[Bridge]:
    """A helper that stays."""
    with tempfile.TemporaryDirectory(prefix="cb") as folder:
        place = Place(Path(folder), True)
        with Bridge(launch=toy(place), place=place) as bridge:
            bridge.call("echo").result(60)
            yield bridge
            end_helper(bridge)


@contextmanager
def stranger(place: Place, *messages: object, raw: bytes = b"") -> Iterator[socket.socket]:
    """A connection that says what it likes."""
    link, _ = place.connect(5.0)
    link.settimeout(30)
    with link:
        with suppress(OSError):  # who is sent away may have more to say
            for message in messages:
                link.sendall(framed(json.dumps(message).encode()))
            link.sendall(raw)
        yield link


def heard(link: socket.socket) -> list[dict]:
    """What is said until the helper hangs up."""
    decoder, found = Decoder(), []
    with suppress(ConnectionResetError):
        while data := link.recv(65536):
            found += decoder.feed(data)
    return found


HELLO = {"hello": PROTOCOL, "nonce": "n"}


@pytest.mark.parametrize(
    ("messages", "raw"),
    [
        ([{"call": "echo", "id": 1}], b""),
        ([{"hello": "1"}], b""),
        ([], b"GET / HTTP/1.1\r\n\r\n"),
        ([HELLO], b"\xff\xff\xff\xff"),
        ([HELLO, {"what": 1}], b""),
        ([HELLO, {"call": "echo"}], b""),
        ([HELLO, {"call": "echo", "id": True}], b""),
        ([HELLO, {"call": "wait", "id": 1, "with": {"note": "/dev/null"}}, {"call": "echo", "id": 1}], b""),
    ],
)
def test_strangers_are_sent_away_and_others_served(messages: list, raw: bytes, standing: Bridge) -> None:
    with stranger(standing._place(), *messages, raw=raw) as link:
        assert all("result" not in message for message in heard(link))
    assert standing.call("echo", {"n": 1}).result(60) == {"n": 1}


def test_what_is_wrong_with_a_call_is_said_and_the_connection_stays(standing: Bridge) -> None:
    asks = [
        {"call": ["echo"], "id": 1},
        {"call": "echo", "id": 2, "with": []},
        {"call": "echo", "id": 3, "seconds": -1},
        {"cancel": "x"},
        {"cancel": 99},
        {"ping": 4},
        {"call": "echo", "id": 5, "with": {"n": 5}},
    ]
    with stranger(standing._place(), HELLO, *asks) as link:
        decoder, found = Decoder(), []
        while len(found) < 6:
            found += decoder.feed(link.recv(65536))
    assert found[0]["welcome"] == PROTOCOL
    errors = {m["id"]: m["error"]["kind"] for m in found[1:] if "error" in m}
    assert errors == {1: "InputError", 2: "InputError", 3: "InputError"}
    assert {"pong": 4} in found and {"id": 5, "result": {"n": 5}} in found


def test_a_port_is_served_to_whoever_knows_the_token_alone(folder: Path) -> None:
    place = Place(folder, False)
    with Bridge(launch=toy(place), place=place) as bridge:
        bridge.call("echo").result(60)
        assert place.card.stat().st_mode & 0o077 == 0
        with stranger(place, HELLO, {"proof": "0" * 64}, {"call": "echo", "id": 1}) as link:
            (welcome,) = heard(link)
            assert place.read_card()["token"] not in str(welcome)  # type: ignore[index]
        end_helper(bridge)
