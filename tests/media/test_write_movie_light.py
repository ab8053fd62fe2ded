"""Content light put into coded pictures and movie boxes: by bytes, and what is damaged."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candela_engines.errors import InfrastructureError
from candela_engines.media.mastering import ContentLight, MasteringDisplay
from candela_engines.media.write_movie_boxes import children_of, light_of, put_light_boxes, video_entry
from candela_engines.media.write_movie_light import configuration_with_light, picture_with_light

LIGHTS = st.tuples(st.integers(1, 65_535), st.integers(1, 65_535)).map(
    lambda two: ContentLight(max(two), min(two))
)
VCL = bytes((19 << 1, 1)) + b"picture"
PARAMETERS = bytes((33 << 1, 1)) + b"parameters"


def units(packet: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(packet):
        size = struct.unpack_from(">I", packet, at)[0]
        found.append(packet[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def packet(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


@given(LIGHTS, LIGHTS)
def test_a_hevc_picture_has_the_last_light_before_its_slices(
    first: ContentLight, second: ContentLight
) -> None:
    made = picture_with_light(packet(PARAMETERS, VCL, VCL), "hevc", first)
    assert [unit[0] >> 1 for unit in units(made)] == [33, 39, 19, 19]
    message = units(made)[1]
    # No start code may arise, and without the bytes that prevent it the message is what the standard says.
    assert all(bad not in message for bad in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    assert message.replace(b"\0\0\3", b"\0\0") == b"\x4e\x01\x90\x04" + first.to_box() + b"\x80"
    again = picture_with_light(made, "hevc", second)
    assert again == picture_with_light(packet(PARAMETERS, VCL, VCL), "hevc", second)
    assert picture_with_light(again, "hevc", None) == packet(PARAMETERS, VCL, VCL)


@given(LIGHTS, LIGHTS)
def test_an_av1_picture_has_it_behind_the_sequence_header(first: ContentLight, second: ContentLight) -> None:
    sequence, frame = b"\x0a\x03abc", b"\x32\x81\x01" + bytes(129)
    display = b"\x2a\x1a\x02" + bytes(24) + b"\x80"
    plain = sequence + display + frame
    made = picture_with_light(plain, "av1", first)
    assert made == sequence + b"\x2a\x06\x01" + first.to_box() + b"\x80" + display + frame
    again = picture_with_light(made, "av1", second)
    assert again == picture_with_light(plain, "av1", second)
    assert picture_with_light(again, "av1", None) == plain


def test_other_codecs_are_left_alone() -> None:
    assert picture_with_light(b"icpf", "prores", ContentLight(2, 1)) == b"icpf"
    assert (
        configuration_with_light(b"\x81\0\x0c\0" + b"x" * 30, "av1", ContentLight(2, 1))[:4]
        == b"\x81\0\x0c\0"
    )


@given(LIGHTS)
def test_a_configuration_has_it_once(light: ContentLight) -> None:
    head = bytes(22)
    array = b"\xa1" + struct.pack(">HH", 1, len(PARAMETERS)) + PARAMETERS
    plain = head + b"\1" + array
    made = configuration_with_light(plain, "hevc", light)
    assert made[:22] == head
    assert made[22] == 2
    assert made[23 : 23 + len(array)] == array
    assert configuration_with_light(made, "hevc", light) == made
    assert configuration_with_light(made, "hevc", None) == plain


@pytest.mark.parametrize(
    ("data", "codec"), [(b"\0\0\0\x09ab", "hevc"), (b"\x0a\x09abc", "av1"), (b"\x0a\xff\xff", "av1")]
)
def test_pictures_that_do_not_fill_their_packet_are_refused(data: bytes, codec: str) -> None:
    with pytest.raises(InfrastructureError, match="units"):
        picture_with_light(data, codec, ContentLight(2, 1))


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def movie(*children: bytes, tail: bytes = b"", sound_first: bool = False) -> bytes:
    def trak(handler: bytes, entry: bytes) -> bytes:
        stsd = box(b"stsd", bytes(4) + struct.pack(">I", 1) + entry)
        inner = box(b"minf", box(b"stbl", box(b"stts", bytes(8)) + stsd))
        return box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + handler + bytes(12)) + inner))

    video = trak(b"vide", box(b"hvc1", bytes(78) + b"".join(children) + tail))
    sound = trak(b"soun", box(b"mp4a", bytes(40)))
    traks = (sound + video) if sound_first else (video + sound)
    return box(b"ftyp", bytes(8)) + box(b"mdat", b"samples") + box(b"moov", box(b"mvhd", bytes(100)) + traks)


@pytest.mark.parametrize("sound_first", [False, True])
@pytest.mark.parametrize("tail", [b"", bytes(4)])
def test_boxes_go_into_the_video_entry_and_nowhere_else(
    tmp_path: Path, sound_first: bool, tail: bytes
) -> None:
    path, colr = tmp_path / "a.mp4", box(b"colr", b"nclx")
    path.write_bytes(movie(colr, box(b"clli", bytes(4)), tail=tail, sound_first=sound_first))
    display, light = MasteringDisplay(1000), ContentLight(500, 50)
    put_light_boxes(path, display, light)
    added = (box(b"mdcv", display.to_box()), box(b"clli", light.to_box()))
    assert path.read_bytes() == movie(colr, *added, tail=tail, sound_first=sound_first)
    assert light_of(path) == (display, (500, 50))
    put_light_boxes(path, None, None)
    assert path.read_bytes() == movie(colr, tail=tail, sound_first=sound_first)
    assert light_of(path) == (None, None)


def test_a_large_media_box_is_passed(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    large = struct.pack(">I4sQ", 1, b"mdat", 16 + 20) + bytes(20)
    path.write_bytes(large + movie())
    put_light_boxes(path, None, ContentLight(2, 1))
    assert light_of(path) == (None, (2, 1))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no movie box"),
        (box(b"mdat", b"x"), "no movie box"),
        (movie() + box(b"free", b""), "after the movie box"),
        (struct.pack(">I4s", 4, b"mdat") + movie(), "of 4 bytes"),
        (box(b"moov", b""), "no video track"),
    ],
)
def test_files_of_another_make_are_refused(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    with pytest.raises(InfrastructureError, match=said):
        put_light_boxes(path, None, ContentLight(2, 1))
    assert path.read_bytes() == data


@given(st.binary(max_size=200))
def test_boxes_of_any_bytes_end(data: bytes) -> None:
    assert sum(len(body) + 8 for _, body in children_of(data)) <= len(data)
    assert isinstance(video_entry(data), bytes)
