"""Movies by real encoders: every frame by its number, its samples, and what is known before decoding."""

from __future__ import annotations

import hashlib
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import ColourStateError, InputError
from candela_engines.media.movie import open_movie
from candela_engines.media.movie_rgb import planes_to_rgb, video_model
from candela_engines.native import VARIABLE

from .movies import BT709, HDR10, X265, encode, samples

OPEN_GROUPS = f"{X265}:keyint=6:open-gop=1:bframes=3"
# Name, encoder, pixel format, and what else: lossless ones first, whose samples have to come back.
LOSSLESS = {
    "h264 in mkv": ("a.mkv", "libx264", "yuv444p", {"options": {"qp": "0", "bf": "2", "g": "4"}}),
    "hevc in mp4": (
        "a.mp4",
        "libx265",
        "yuv420p10le",
        {"options": {"x265-params": f"{OPEN_GROUPS}:lossless=1"}, "tags": HDR10},
    ),
    "hevc stream": (
        "a.h265",
        "libx265",
        "yuv420p10le",
        {"options": {"x265-params": f"{OPEN_GROUPS}:lossless=1"}, "tags": HDR10, "container": "hevc"},
    ),
    "hevc of 12 bits": (
        "a.mkv",
        "libx265",
        "yuv422p12le",
        {"options": {"x265-params": f"{X265}:keyint=5:lossless=1"}, "tags": HDR10},
    ),
    "ffv1 of 16 bits": ("a.mkv", "ffv1", "yuv444p16le", {}),
    "ffv1 in rgb": ("a.mkv", "ffv1", "gbrp12le", {"tags": (9, 16, 0, 2)}),
    "ffv1 in grey": ("a.mkv", "ffv1", "gray10le", {}),
    "raw rgb": ("a.mov", "rawvideo", "rgb24", {"tags": (1, 13, 0, 2)}),
    "raw in avi": ("a.avi", "rawvideo", "yuv420p", {}),
}
LOSSY = {
    "h264, open groups": (
        "a.mov",
        "libx264",
        "yuv422p10le",
        {"options": {"x264-params": "open-gop=1:keyint=6:bframes=3:b-pyramid=2"}, "count": 30},
    ),
    "h264 in ts": ("a.ts", "libx264", "yuv420p", {"options": {"bf": "2", "g": "5"}, "count": 20}),
    "h264 stream": ("a.h264", "libx264", "yuv420p", {"options": {"bf": "2", "g": "5"}, "count": 15}),
    "av1 in mp4": (
        "a.mp4",
        "libsvtav1",
        "yuv420p10le",
        {"options": {"preset": "12", "g": "5"}, "tags": HDR10},
    ),
    "av1 in ivf": (
        "a.ivf",
        "libsvtav1",
        "yuv420p10le",
        {"options": {"preset": "12", "g": "5"}, "tags": HDR10},
    ),
    "prores": ("a.mov", "prores_ks", "yuv422p10le", {"options": {"profile": "3"}}),
    "dnxhr in mxf": (
        "a.mxf",
        "dnxhd",
        "yuv422p10le",
        {"options": {"profile": "dnxhr_hqx"}, "size": (256, 128), "count": 5},
    ),
    "j2k in mxf": ("a.mxf", "jpeg2000", "yuv422p10le", {"size": (128, 96), "count": 5}),
}


def digest_by_hand(planes: list[np.ndarray], bits: int, kind: int, across: int, down: int) -> bytes:
    """The canonical form, written down once more from its description."""
    height, width = planes[0].shape
    head = b"CNDLMOV1" + bytes([bits, kind, across, down]) + struct.pack("<II", height, width)
    return hashlib.sha256(head + b"".join(plane.tobytes() for plane in planes)).digest()[:16]


@pytest.mark.parametrize("name", LOSSLESS)
def test_samples_come_back_and_any_frame_by_its_number(name: str, tmp_path: Path) -> None:
    file, codec, pixel_format, asked = LOSSLESS[name]
    put_in = encode(tmp_path / file, codec, pixel_format, **{"count": 14, **asked})
    colour = NAMED["rec709"] if file.endswith("avi") else None
    form = av.VideoFormat(pixel_format, 64, 48)
    bits = form.components[0].bits
    with open_movie(tmp_path / file, colour=colour) as movie:
        assert movie.info.count == len(put_in) and movie.info.bits == bits
        rng = np.random.default_rng(1)
        for number in [*range(14), *map(int, rng.permutation(14))]:
            planes = put_in[number]
            frame = movie.frame(number)
            assert frame.number == number and frame.bits == 32 and frame.codes.dtype == np.float32
            if pixel_format == "rgb24":
                planes = [planes[0][:, channel::3] for channel in range(3)]
            elif form.is_rgb:
                planes = [planes[2], planes[0], planes[1]]
            grey = len(planes) == 1
            across, down = (
                (1, 1) if grey or form.is_rgb else (64 // planes[1].shape[1], 48 // planes[1].shape[0])
            )
            assert frame.digest() == digest_by_hand(
                planes, bits, 2 if grey else int(form.is_rgb), across, down
            )
            matrix = "rgb" if grey or form.is_rgb else "bt2020nc" if asked.get("tags") == HDR10 else "bt709"
            model = video_model(matrix, "full" if form.is_rgb else "narrow", bits, across=across, down=down)
            np.testing.assert_array_equal(frame.codes, planes_to_rgb(planes * 3 if grey else planes, model))


@pytest.mark.parametrize("name", LOSSY)
def test_random_access_is_what_reading_in_order_gives(name: str, tmp_path: Path) -> None:
    file, codec, pixel_format, asked = LOSSY[name]
    count = len(encode(tmp_path / file, codec, pixel_format, **asked))
    with open_movie(tmp_path / file) as movie:
        assert movie.info.count == count
        digests = [frame.digest() for frame in movie.frames()]
        assert len(set(digests)) == count
        for number in map(int, np.random.default_rng(2).permutation(count)):
            assert movie.frame(number).digest() == digests[number]
        assert [frame.number for frame in movie.frames(2, 4)] == [2, 3, 4]


def test_iterators_may_be_interleaved(tmp_path: Path) -> None:
    encode(tmp_path / "a.mp4", options={"bf": "2", "g": "4"})
    with open_movie(tmp_path / "a.mp4") as movie:
        digests = [frame.digest() for frame in movie.frames()]
        one, other = movie.frames(), movie.frames(3)
        for number in range(9):
            assert next(one).digest() == digests[number]
            assert movie.frame(11 - number).digest() == digests[11 - number]
            assert next(other).digest() == digests[number + 3]


def test_frames_stay_what_they_were_when_others_follow(tmp_path: Path) -> None:
    encode(tmp_path / "a.mp4", options={"g": "4"})
    with open_movie(tmp_path / "a.mp4") as movie:
        kept = list(movie.frames())
        digests = [frame.digest() for frame in movie.frames()]
    assert [frame.digest() for frame in kept] == digests


def test_what_is_known_before_decoding(tmp_path: Path) -> None:
    light = (
        "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=900,350"
    )
    options = {"x265-params": f"{X265}:hdr10=1:{light}"}
    rate = Fraction(24000, 1001)
    encode(
        tmp_path / "a.mov",
        "libx265",
        "yuv420p10le",
        tags=HDR10,
        options=options,
        rate=rate,
        size=(66, 50),
        metadata={"timecode": "01:02:03:04"},
    )
    with open_movie(tmp_path / "a.mov") as movie:
        info = movie.info
        assert (info.kind, info.format, info.width, info.height, info.bits) == (
            "movie",
            "hevc in mov",
            66,
            50,
            10,
        )
        assert info.state is not None and info.state.peak_nits == 1000 and info.state.transfer == "pq"
        assert info.luminance == (900, 350) and info.timecode == "01:02:03:04" and not info.audio
        assert (info.first, info.last, info.rate) == (0, 11, rate)
        assert movie.frame_time(5) - movie.frame_time(0) == 5 / rate
        assert movie.frame(0).codes.shape == (50, 66, 3)


def test_a_rate_in_milliseconds_is_the_one_that_was_meant(tmp_path: Path) -> None:
    encode(tmp_path / "a.mkv", rate=Fraction(24000, 1001), count=40)
    with open_movie(tmp_path / "a.mkv") as movie:
        assert movie.info.rate == Fraction(24000, 1001) and not movie.info.notes


def test_frames_of_a_variable_rate_are_numbered_in_order(tmp_path: Path) -> None:
    times = [0, 40, 80, 200, 240, 280, 300, 400]
    encode(tmp_path / "a.mp4", options={"bf": "2"}, count=8, times=times)
    with open_movie(tmp_path / "a.mp4") as movie:
        assert [movie.frame_time(n) for n in range(8)] == [Fraction(time, 1000) for time in times]
        assert movie.info.rate == Fraction(7, 1) / Fraction(400, 1000)
        assert any("variable frame rate: 8.333 to 50.000" in note for note in movie.info.notes)


def test_frames_before_the_start_of_an_edit_are_not_shown(tmp_path: Path) -> None:
    put_in = encode(
        tmp_path / "a.mp4",
        pixel_format="yuv444p",
        options={"qp": "0", "bf": "2", "g": "4"},
        count=10,
        times=[40 * number - 120 for number in range(10)],
    )
    with open_movie(tmp_path / "a.mp4") as movie:
        assert movie.info.count == 7
        for number in (6, 0, 3):
            assert movie.frame(number).digest() == digest_by_hand(put_in[number + 3], 8, 0, 1, 1)


def test_alpha_comes_along(tmp_path: Path) -> None:
    encode(tmp_path / "a.mov", "prores_ks", "yuva444p10le", options={"profile": "4"}, tags=HDR10, count=2)
    with open_movie(tmp_path / "a.mov") as movie:
        frame = movie.frame(1)
        assert frame.alpha is not None and frame.alpha.shape == (48, 64) and frame.alpha.dtype == np.float32
        assert 0.15 < frame.alpha.min() < frame.alpha.max() < 0.85


def test_sound_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    encode(tmp_path / "picture.mov", "prores_ks", "yuv422p10le", count=2)
    with av.open(str(tmp_path / "picture.mov")) as given, av.open(str(path), "w") as out:
        video = out.add_stream_from_template(given.streams.video[0])
        sound = out.add_stream("pcm_s16le", rate=48000)
        for packet in given.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                out.mux(packet)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * 4000), np.int16), "s16", "stereo")
        frame.sample_rate = 48000
        out.mux([*sound.encode(frame), *sound.encode(None)])
    with open_movie(path) as movie:
        assert movie.info.audio and movie.info.count == 2


def test_an_untagged_stream_asks(tmp_path: Path) -> None:
    encode(tmp_path / "a.mkv", "ffv1", "yuv420p", tags=(2, 2, 2, 0), count=2)
    with open_movie(tmp_path / "a.mkv") as movie:
        assert movie.info.state is None and not movie.info.tagged and "no colour tags" in movie.info.found
        with pytest.raises(ColourStateError, match="--sdr-matrix"):
            movie.frame(0)
    with open_movie(tmp_path / "a.mkv", colour=NAMED["rec709"]) as movie:
        known = movie.frame(0).codes
        assert movie.info.state == NAMED["rec709"] and any(
            "bt709 follows" in note for note in movie.info.notes
        )
    with open_movie(tmp_path / "a.mkv", matrix="bt601", range="full") as movie:
        assert movie.info.state is None
        assert np.abs(movie.frame(0).codes - known).max() > 0.01


def test_a_container_that_contradicts_its_stream_leaves_the_state_open(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    encode(path, tags=HDR10)
    data = path.read_bytes()
    at = data.index(b"colrnclx") + 8
    path.write_bytes(data[:at] + struct.pack(">3H", 1, 1, 1) + data[at + 6 :])
    with open_movie(path) as movie:
        assert movie.info.state is None and "its container 1/1/1" in movie.info.found
        with pytest.raises(ColourStateError):
            movie.frame(0)
    with open_movie(path, colour=NAMED["rec2100-pq"]) as movie:
        assert movie.info.state == NAMED["rec2100-pq"] and movie.frame(0).number == 0


def test_numbers_outside_and_closed_movies(tmp_path: Path) -> None:
    encode(tmp_path / "a.mp4")
    movie = open_movie(tmp_path / "a.mp4")
    for number in (-1, 12):
        with pytest.raises(InputError, match=f"frame {number}: its frames are 0 to 11"):
            movie.frame(number)
        with pytest.raises(InputError):
            movie.frame_time(number)
    movie.close()
    movie.close()
    with pytest.raises(InputError, match="closed"):
        movie.frame(0)


def test_it_works_without_the_native_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encode(tmp_path / "a.mp4")
    with open_movie(tmp_path / "a.mp4") as movie:
        codes = movie.frame(3).codes
        monkeypatch.setenv(VARIABLE, "0")
        np.testing.assert_array_equal(movie.frame(3).codes, codes)


def test_pictures_turned_for_display_are_read_as_stored(tmp_path: Path) -> None:
    encode(tmp_path / "a.mp4", count=2)
    with av.open(str(tmp_path / "a.mp4")) as given, av.open(str(tmp_path / "b.mp4"), "w") as out:
        stream = out.add_stream_from_template(given.streams.video[0])
        stream.set_display_rotation(90)
        for packet in given.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    with open_movie(tmp_path / "b.mp4") as movie:
        assert movie.frame(0).codes.shape == (48, 64, 3)
        assert any("turns the picture by" in note for note in movie.info.notes)


def test_helpers_put_in_what_they_say(tmp_path: Path) -> None:
    put_in = encode(tmp_path / "a.mkv", "ffv1", "yuv420p10le", count=1, tags=BT709)
    with av.open(str(tmp_path / "a.mkv")) as given:
        frame = next(given.decode(video=0))
        for plane, expected in zip(samples(frame), put_in[0], strict=True):
            np.testing.assert_array_equal(plane, expected)


def test_avi_with_frames_in_another_order_than_they_are_shown(tmp_path: Path) -> None:
    """Its packets are numbered as they are decoded, which says nothing of when they are shown."""
    for name in ("a.avi", "a.mkv"):
        encode(tmp_path / name, options={"bf": "2", "g": "4", "qp": "10"})
    with open_movie(tmp_path / "a.avi") as avi, open_movie(tmp_path / "a.mkv") as mkv:
        assert [f.digest() for f in avi.frames()] == [f.digest() for f in mkv.frames()]
        assert avi.frame(5).digest() == mkv.frame(5).digest()
        assert any("no time stamps" in note for note in avi.info.notes)
