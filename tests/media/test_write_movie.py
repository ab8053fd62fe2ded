"""Movies written with real encoders and read back: codes, tags, light, time; nothing left of failures."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.media.written_movies import HEIGHT, RATE, WIDTH, found_in, pq_frames

from candela_engines.colour.hlg import inverse_eotf as hlg_codes
from candela_engines.colour.names import NAMED
from candela_engines.colour.pq import eotf_codes
from candela_engines.errors import InfrastructureError, InputError
from candela_engines.media.mastering import MasteringDisplay
from candela_engines.media.rgb_to_yuv import rgb_to_yuv
from candela_engines.media.write_movie import open_movie_writer
from candela_engines.media.write_movie_boxes import children_of, light_of, video_entry

PQ, HLG = NAMED["rec2100-pq"], NAMED["rec2100-hlg"]
SIZE = (WIDTH, HEIGHT)
WRITTEN = [
    ("hevc", ".mp4", 10, "hvc1"), ("hevc", ".mov", 12, "hvc1"), ("hevc", ".mkv", 10, None),
    ("av1", ".mp4", 10, "av01"), ("av1", ".mkv", 10, None), ("prores4444", ".mov", 10, "ap4h"),
]  # fmt: skip


def best(codec: str) -> dict[str, Any]:
    """Lossless where there is such a thing, and quick."""
    presets = {"hevc": {"quality": 0, "preset": "ultrafast"}, "av1": {"quality": 0, "preset": "10"}}
    return presets.get(codec, {"preset": "4444xq"})


def wanted_planes(rgb: NDArray[Any], bits: int, chroma: Any) -> tuple[NDArray[np.uint16], ...]:
    across, down = (1 if chroma == "444" else 2), (2 if chroma == "420" else 1)
    h, w, _ = rgb.shape
    y, cb, cr = (np.zeros(s, np.uint16) for s in ((h, w), (h // down, w // across), (h // down, w // across)))
    rgb_to_yuv(rgb, (y, cb, cr), bits=bits, chroma=chroma)
    return y, cb, cr


@pytest.mark.parametrize(("codec", "suffix", "bits", "tag"), WRITTEN)
@pytest.mark.parametrize("state", [PQ, HLG], ids=["pq", "hlg"])
def test_what_is_written_comes_back(
    tmp_path: Path, codec: Any, suffix: str, bits: int, tag: str | None, state: Any
) -> None:
    path = tmp_path / f"out{suffix}"
    frames = list(pq_frames(5))
    with open_movie_writer(
        path, size=SIZE, rate=RATE, encoding=state, codec=codec, bits=bits, **best(codec)
    ) as writer:
        for frame in frames:
            writer.write(frame if state is PQ else eotf_codes(frame))
    found = found_in(path)
    assert (found.codec, found.rate, len(found.frames)) == (codec.removesuffix("4444"), RATE, 5)
    assert found.colour == (9, 16 if state is PQ else 18, 9, 1)
    assert tag is None or found.tag == tag.replace("ap4h", "ap4x")
    if suffix == ".mkv":
        # Its clock has milliseconds.
        assert [round(t * RATE) for t in found.times] == list(range(5))
    else:
        assert found.times == [n / RATE for n in range(5)]
    more = 12 - bits if codec == "prores4444" else 0  # its decoder gives 12 bits always
    chroma = "444" if codec == "prores4444" else "420"
    for frame, planes in zip(frames, found.frames, strict=True):
        rgb = frame if state is PQ else hlg_codes(eotf_codes(frame))
        for plane, expected in zip(planes, wanted_planes(rgb, bits, chroma), strict=True):
            error = np.abs(plane.astype(float) / (1 << more) - expected)
            # ProRes 4444 XQ keeps codes within two, the others are lossless; of HLG, the last bit of a float
            # may round a code otherwise.
            assert error.max() <= (2 if codec == "prores4444" else 0 if state is PQ else 1)


@pytest.mark.parametrize(("codec", "mean", "most"), [("hevc", 0.5, 3), ("av1", 0.5, 4)])
def test_high_quality_is_near_lossless(tmp_path: Path, codec: Any, mean: float, most: int) -> None:
    path = tmp_path / "out.mp4"
    with open_movie_writer(path, size=SIZE, rate=RATE, encoding=PQ, codec=codec, quality=1) as writer:
        for frame in pq_frames(3):
            writer.write(frame)
    found = found_in(path)
    for frame, planes in zip(pq_frames(3), found.frames, strict=True):
        for plane, expected in zip(planes, wanted_planes(frame, 10, "420"), strict=True):
            error = np.abs(plane.astype(float) - expected)
            assert error.mean() < mean
            assert error.max() <= most


def test_chroma_is_said_to_be_on_the_upper_left(tmp_path: Path) -> None:
    # Matroska repeats what the stream says: ChromaSitingHorz and ChromaSitingVert, 1 being collocated.
    for codec in ("hevc", "av1"):
        path = tmp_path / f"{codec}.mkv"
        with open_movie_writer(path, size=SIZE, rate=RATE, encoding=PQ, codec=codec) as writer:  # type: ignore[arg-type]
            writer.write(next(pq_frames(1)))
        assert b"\x55\xb7\x81\x01\x55\xb8\x81\x01" in path.read_bytes()


@pytest.mark.parametrize(("codec", "suffix", "bits", "tag"), WRITTEN)
@pytest.mark.parametrize("known", ["before", "after", "never"])
def test_light_is_in_stream_and_container(
    tmp_path: Path, codec: Any, suffix: str, bits: int, tag: str | None, known: str
) -> None:
    path = tmp_path / f"out{suffix}"
    display = MasteringDisplay(1000, 0.0001)
    # 256 and 1 put two zero bytes in a row, which HEVC has to break up.
    before = {"max_cll": 256.4, "max_fall": 1.2} if known == "before" else {}
    with open_movie_writer(
        path, size=SIZE, rate=RATE, encoding=PQ, codec=codec, bits=bits, mastering=display,
        timecode="01:00:59:23", **before, **best(codec),
    ) as writer:  # fmt: skip
        for frame in pq_frames(2):
            writer.write(frame)
        if known == "after":
            writer.measured(256.4, 1.2)
    found = found_in(path)
    assert found.light == (None if known == "never" else (256, 1))
    assert found.timecode == "01:00:59:23"
    assert found.mastering is not None
    near = Fraction(1, 1 << 15) if codec == "av1" else Fraction(1, 100_000)
    xy = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290)
    assert all(abs(float(a) - b) < near for a, b in zip(found.mastering, xy, strict=False))
    assert abs(float(found.mastering[8]) - 0.0001) <= 1 / (1 << 14)
    assert float(found.mastering[9]) == 1000
    if suffix != ".mkv":
        assert light_of(path) == (display, found.light)
        data = path.read_bytes()
        moov = next(body for kind, body in children_of(data) if kind == b"moov")
        colr = dict(children_of(video_entry(moov), 78))[b"colr"]
        assert colr[:10] == (b"nclc" if suffix == ".mov" else b"nclx") + bytes((0, 9, 0, 16, 0, 9))
        assert b"tmcd" in moov
        if codec == "prores4444":
            frame = data[data.index(b"icpf") + 4 :]
            # Apple ProRes frame header: primaries, transfer, matrix at bytes 14 to 16.
            assert tuple(frame[14:17]) == (9, 16, 9)


def test_groups_are_closed_and_of_one_length(tmp_path: Path) -> None:
    for codec, suffix in (("hevc", ".mp4"), ("av1", ".mp4")):
        path = tmp_path / f"{codec}{suffix}"
        with open_movie_writer(
            path, size=SIZE, rate=Fraction(4), encoding=PQ, codec=codec, **best(codec)
        ) as writer:  # type: ignore[arg-type]
            for n, frame in enumerate(pq_frames(20)):
                # A cut in the middle of a group makes no other group.
                writer.write(frame if n < 11 else frame[::-1] // 2)
        assert found_in(path).keys == [0, 8, 16]


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_nits_and_codes_make_the_same_movie(tmp_path: Path, kind: Any) -> None:
    for name in ("codes", "nits"):
        with open_movie_writer(
            tmp_path / f"{name}.mov", size=SIZE, rate=RATE, encoding=PQ, codec="prores4444"
        ) as writer:
            for frame in pq_frames(2):
                writer.write(frame if name == "codes" else eotf_codes(frame).astype(kind))
    one, other = found_in(tmp_path / "codes.mov"), found_in(tmp_path / "nits.mov")
    for a, b in zip(one.frames, other.frames, strict=True):
        # Codes of 12 bits; half has about a code of 10.
        assert max(np.abs(p.astype(int) - q).max() for p, q in zip(a, b, strict=True)) <= 8


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for codec, suffix in (("hevc", ".mp4"), ("av1", ".mp4"), ("prores4444", ".mov")):
        for name in ("a", "b"):
            with open_movie_writer(
                tmp_path / f"{name}{suffix}", size=SIZE, rate=RATE, encoding=PQ, codec=codec
            ) as writer:  # type: ignore[arg-type]
                for frame in pq_frames(3):
                    writer.write(frame)
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_nothing_is_left_of_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"what was there")
    for error in (KeyboardInterrupt, RuntimeError):
        for suffix in (".mp4", ".mkv"):
            with (
                pytest.raises(error),
                open_movie_writer(path.with_suffix(suffix), size=SIZE, rate=RATE, encoding=PQ) as writer,
            ):
                writer.write(next(pq_frames(1)))
                raise error
    with (
        pytest.raises(InputError, match=r"out\.mp4: no frame was written"),
        open_movie_writer(path, size=SIZE, rate=RATE, encoding=PQ),
    ):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]
    assert path.read_bytes() == b"what was there"


def test_a_frame_of_another_size_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=r"out\.mp4: frame 1 of shape \(48, 62, 3\) in a movie of 64x48"),
        open_movie_writer(tmp_path / "out.mp4", size=SIZE, rate=RATE, encoding=PQ) as writer,
    ):
        writer.write(next(pq_frames(1)))
        writer.write(next(pq_frames(1))[:, :-2])
    with (
        pytest.raises(InputError, match="float64"),
        open_movie_writer(tmp_path / "out.mp4", size=SIZE, rate=RATE, encoding=PQ) as writer,
    ):
        writer.write(np.zeros((HEIGHT, WIDTH, 3)))
    with pytest.raises(InputError, match="not open"):
        writer.write(next(pq_frames(1)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"path": "out.avi"}, r"hevc is written into \.mp4, \.mov, \.mkv, not \.avi"),
        ({"codec": "av1", "path": "out.mov"}, r"av1 is written into \.mp4, \.mkv"),
        ({"codec": "prores4444"}, r"into \.mov"),
        ({"codec": "vp9"}, "written are hevc, av1, prores4444"),
        ({"bits": 8}, "10 or 12"),
        ({"codec": "av1", "bits": 12}, "hevc has 12"),
        ({"size": (63, 48)}, "63x48 is odd"),
        ({"size": (64, 47)}, "prores4444"),
        ({"size": (8, 48)}, "16 to 16384"),
        ({"rate": Fraction(0)}, "frames a second"),
        ({"encoding": NAMED["rec709"]}, "rec2100-pq or rec2100-hlg, not rec709"),
        ({"encoding": NAMED["p3-pq"]}, "p3-pq"),
        ({"encoding": replace(PQ, ocio_space="x", ocio_config="y")}, "rec2100-pq or"),
        ({"quality": 52}, r"0 \(lossless\) to 51"),
        ({"codec": "prores4444", "path": "out.mov", "quality": 3}, "no number for quality"),
        ({"codec": "prores4444", "path": "out.mov", "preset": "422"}, "4444 and 4444xq"),
        ({"max_cll": 100}, "measure both"),
        ({"max_cll": 100, "max_fall": 200}, "0 < MaxFALL <= MaxCLL"),
        ({"timecode": "1:2:3"}, "HH:MM:SS:FF"),
        ({"timecode": "01:00:00:24"}, "below 24"),
        ({"timecode": "01:00:00;12"}, "29.97"),
    ],
)
def test_what_cannot_be_is_said_at_once(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    arguments: dict[str, Any] = {"size": SIZE, "rate": Fraction(24), "encoding": PQ, **change}
    path = tmp_path / arguments.pop("path", "out.mp4")
    with pytest.raises(InputError, match=said):
        open_movie_writer(path, **arguments)


def test_an_encoder_that_refuses_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(InfrastructureError, match=r"out\.mp4: frame 0: libx265 refused"),
        open_movie_writer(
            tmp_path / "out.mp4", size=SIZE, rate=RATE, encoding=PQ, preset="none such"
        ) as writer,
    ):
        writer.write(next(pq_frames(1)))
    assert not list(tmp_path.iterdir())


def test_drop_frame_timecode_is_kept(tmp_path: Path) -> None:
    path, rate = tmp_path / "out.mov", Fraction(30000, 1001)
    with open_movie_writer(
        path, size=SIZE, rate=rate, encoding=PQ, codec="prores4444", timecode="00:01:00;02"
    ) as w:
        w.write(next(pq_frames(1)))
    assert found_in(path).timecode == "00:01:00;02"


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="no schedulers to ask here")
def test_the_thread_that_writes_av1_is_scheduled_as_before(tmp_path: Path) -> None:
    before = os.sched_getscheduler(0)
    with open_movie_writer(
        tmp_path / "o.mp4", size=SIZE, rate=RATE, encoding=PQ, codec="av1", **best("av1")
    ) as writer:
        for frame in pq_frames(2):
            writer.write(frame)
            assert os.sched_getscheduler(0) == before
    assert os.sched_getscheduler(0) == before
