"""Damaged, hostile and mistaken movies: a MediaError that names movie and frame."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import CandelaError, MediaError
from candela_engines.media.movie import is_movie, open_movie
from candela_engines.media.open_clip import open_clip

from ...media.movies import HDR10, X265, encode
from ...media.pictures import png_bytes

MOVIES = {
    "a.mp4": (
        "libx264",
        "yuv420p",
        {"options": {"bf": "2", "g": "4"}, "container_options": {"movflags": "faststart"}},
    ),
    "b.mkv": ("libx264", "yuv420p", {"options": {"bf": "2", "g": "4"}}),
    "c.mov": ("prores_ks", "yuv422p10le", {}),
    "d.mxf": ("jpeg2000", "yuv422p10le", {"size": (128, 96)}),
    "e.ts": ("libx264", "yuv420p", {"options": {"bf": "2", "g": "4"}}),
    "f.h265": (
        "libx265",
        "yuv420p10le",
        {"options": {"x265-params": X265}, "tags": HDR10, "container": "hevc"},
    ),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bytes, list[bytes]]]:
    """The bytes of sound movies, and the digests of their frames."""
    folder = tmp_path_factory.mktemp("movies")
    found = {}
    for name, (codec, pixel_format, asked) in MOVIES.items():
        encode(folder / name, codec, pixel_format, **asked)
        with open_movie(folder / name) as movie:
            found[name] = ((folder / name).read_bytes(), [frame.digest() for frame in movie.frames()])
    return found


def read_all(path: Path) -> tuple[list[bytes], str]:
    """The digests that can be had, and the error that ended it."""
    digests: list[bytes] = []
    try:
        with open_movie(path) as movie:
            for frame in movie.frames():
                digests.append(frame.digest())
    except CandelaError as error:
        assert str(path) in str(error)
        return digests, str(error)
    return digests, ""


@pytest.mark.parametrize("name", ["b.mkv", "d.mxf"])
@pytest.mark.parametrize("part", range(1, 16, 2))
def test_a_movie_that_was_cut_gives_its_first_frames_and_names_the_next(
    name: str, part: int, sound: dict[str, tuple[bytes, list[bytes]]], tmp_path: Path
) -> None:
    data, digests = sound[name]
    path = tmp_path / name
    path.write_bytes(data[: len(data) * part // 16])
    found, error = read_all(path)
    assert found == digests[: len(found)] and error
    assert not found or f"frame {len(found)}: " in error


def test_a_movie_with_its_table_first_promises_the_frames_that_were_cut(
    sound: dict[str, tuple[bytes, list[bytes]]], tmp_path: Path
) -> None:
    data, digests = sound["a.mp4"]
    path = tmp_path / "a.mp4"
    path.write_bytes(data[: len(data) * 2 // 3])
    with open_movie(path) as movie:
        assert movie.info.count == len(digests) and any("truncated" in note for note in movie.info.notes)
        held = movie._index.held
        assert 0 < held < len(digests)
        assert [frame.digest() for frame in movie.frames(0, held - 1)] == digests[:held]
        with pytest.raises(MediaError, match=f"frame {held}: the file ends before it"):
            movie.frame(held)
        with pytest.raises(MediaError, match="truncated"):
            movie.frame_time(len(digests) - 1)


def test_a_movie_without_its_table(sound: dict[str, tuple[bytes, list[bytes]]], tmp_path: Path) -> None:
    data, _ = sound["c.mov"]
    (tmp_path / "c.mov").write_bytes(data[: len(data) // 2])
    with pytest.raises(MediaError, match="no moov box"):
        open_movie(tmp_path / "c.mov")


@pytest.mark.parametrize("name", MOVIES)
def test_no_bytes_end_in_anything_but_our_error(
    name: str, sound: dict[str, tuple[bytes, list[bytes]]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data, _ = sound[name]
    rng = np.random.default_rng(len(data))
    path = tmp_path / name
    for cut in [*range(0, 64, 9), *map(int, rng.integers(64, len(data), 8))]:
        path.write_bytes(data[:cut])
        read_all(path)
        path.write_bytes(data[:cut] + rng.bytes(700))
        read_all(path)
    for _ in range(12):
        damaged = bytearray(data)
        at = int(rng.integers(0, len(data) - 40))
        damaged[at : at + 40] = rng.bytes(40)
        path.write_bytes(damaged)
        read_all(path)
    assert capfd.readouterr().err == ""


def test_checksums_of_ffv1_are_held(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    encode(path, "ffv1", "yuv420p", options={"slicecrc": "1", "level": "3"})
    data = path.read_bytes()
    with open_movie(path) as movie:
        digests = [frame.digest() for frame in movie.frames()]
    for at in range(len(data) // 8, len(data) * 7 // 8, len(data) // 16):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        found, error = read_all(path)
        assert found == digests[: len(found)] and f"frame {len(found)}: " in error


def test_a_damaged_frame_is_named_and_later_groups_are_had(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    # HEVC with a hash of every picture: no damage passes.
    params = f"{X265}:hash=1:keyint=4:bframes=0:open-gop=0"
    encode(path, "libx265", "yuv420p10le", tags=HDR10, options={"x265-params": params})
    with open_movie(path) as movie:
        digests = [frame.digest() for frame in movie.frames()]
    with av.open(str(path)) as given:
        stream = given.streams.video[0]
        packet = next(p for p in given.demux(stream) if p.pts * stream.time_base * 24 == 5)
        at = packet.pos + packet.size // 2
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)
    found, error = read_all(path)
    assert found == digests[:5] and "frame 5: " in error
    with open_movie(path) as movie:
        with pytest.raises(
            MediaError, match=r"frame 6: a frame that it is predicted from|frame 6: it cannot"
        ):
            movie.frame(6)
        assert [movie.frame(number).digest() for number in (8, 11, 4)] == [digests[n] for n in (8, 11, 4)]


@pytest.mark.parametrize(
    ("second", "what"),
    [
        ({"size": (96, 64)}, "64x48 pixels to 96x64"),
        ({"pixel_format": "yuv422p"}, "yuv420p to format yuv422p"),
        ({"tags": HDR10}, "1/1/1 narrow to colour 9/16/9"),
    ],
)
def test_a_stream_that_changes_on_the_way(second: dict, what: str, tmp_path: Path) -> None:
    encode(tmp_path / "a.h264", count=5, options={"bf": "0"})
    encode(tmp_path / "b.h264", **{"count": 5, "options": {"bf": "0"}, **second})
    path = tmp_path / "c.h264"
    path.write_bytes((tmp_path / "a.h264").read_bytes() + (tmp_path / "b.h264").read_bytes())
    found, error = read_all(path)
    assert len(found) == 5 and "frame 5: the stream changes here" in error and what in error


def test_sound_alone(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as out:
        sound = out.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48000
        out.mux([*sound.encode(frame), *sound.encode(None)])
    with pytest.raises(MediaError, match=r"no video in it .it has audio"):
        open_movie(tmp_path / "a.mp4")


def test_an_encrypted_movie(sound: dict[str, tuple[bytes, list[bytes]]], tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(sound["a.mp4"][0].replace(b"avc1\0\0\0\0", b"encv\0\0\0\0", 1))
    with pytest.raises(MediaError, match="encrypted"):
        open_movie(tmp_path / "a.mp4")


def test_stills_texts_and_folders_are_no_movies(tmp_path: Path) -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(4000)
    for name, data in (
        ("a.png", png_bytes(np.zeros((8, 8, 3), np.uint8))),
        ("b.txt", b"movie"),
        ("c.heic", heic),
        ("d.mov", b""),
    ):
        (tmp_path / name).write_bytes(data)
        assert not is_movie(tmp_path / name)
        with pytest.raises(MediaError, match="no movie"):
            open_movie(tmp_path / name)
    for missing in (tmp_path, tmp_path / "none.mov"):
        with pytest.raises(MediaError):
            open_movie(missing)


def test_a_clip_that_is_a_movie_is_opened_as_one(
    sound: dict[str, tuple[bytes, list[bytes]]], tmp_path: Path
) -> None:
    (tmp_path / "movie.exr").write_bytes(sound["b.mkv"][0])
    assert is_movie(tmp_path / "movie.exr")
    with open_clip(str(tmp_path / "movie.exr"), colour=NAMED["srgb"]) as clip:
        assert clip.info.kind == "movie" and clip.info.state == NAMED["srgb"]
        assert clip.frame(2).digest() == sound["b.mkv"][1][2]


OPEN = {
    "live.mkv": {"container_options": {"live": "1"}},
    "fragments.mp4": {"container_options": {"movflags": "frag_keyframe+empty_moov+skip_trailer"}},
    "packets.ts": {},
    "faststart.mp4": {"container_options": {"movflags": "faststart"}},
    "whole.mkv": {},
}


@pytest.mark.parametrize("name", OPEN)
def test_a_cut_after_any_packet_leaves_the_numbers_of_frames_as_they_are(name: str, tmp_path: Path) -> None:
    """Frames are shown in another order than they lie in; what is not there may have come between."""
    path = tmp_path / name
    encode(path, options={"bf": "2", "g": "4"}, **OPEN[name])
    with open_movie(path) as movie:
        digests = [frame.digest() for frame in movie.frames()]
    with av.open(str(path)) as given:
        ends = [packet.pos + packet.size + 3 for packet in given.demux(video=0) if packet.size]
    data = path.read_bytes()
    for end in ends[:-1]:
        path.write_bytes(data[:end])
        found, error = read_all(path)
        assert found == digests[: len(found)] and "truncated" in error
        assert found == [] or f"frame {len(found)}: " in error


def test_a_frame_beyond_the_cut_is_asked_for_after_one_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    encode(path, "ffv1", "yuv420p")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_movie(path) as movie:
        held = movie.info.cut_after
        assert held is not None and held + 1 == movie.info.last
        assert len(list(movie.frames(0, held))) == held + 1
        for _ in range(2):
            with pytest.raises(MediaError, match=f"frame {held + 1}: .*truncated"):
                movie.frame(held + 1)
        assert movie.frame(held).number == held


@pytest.mark.parametrize(("name", "noted"), [*((n, n[0] in "lfp" and n != "faststart.mp4") for n in OPEN)])
def test_a_container_without_a_length_is_said_to_hide_a_cut(name: str, noted: bool, tmp_path: Path) -> None:
    encode(tmp_path / name, count=4, **OPEN[name])
    with open_movie(tmp_path / name) as movie:
        assert any("a cut at its end may not be seen" in note for note in movie.info.notes) is noted


def test_a_movie_that_is_cut_in_its_headers_is_called_truncated(
    sound: dict[str, tuple[bytes, list[bytes]]], tmp_path: Path
) -> None:
    path = tmp_path / "b.mkv"
    path.write_bytes(sound["b.mkv"][0][:300])
    with pytest.raises(MediaError, match="truncated, and what is left cannot be read: 300 bytes"):
        open_movie(path)
