"""Shots of maps and movies that the test writes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from bench import pairs
from bench.pairs import SkippedError
from bench.shot_pairs import clip_nits, shots

from candela_engines.colour import pq


@pytest.fixture
def data(tmp_path: Path, write_exr, scene: np.ndarray) -> Path:
    sphere = np.tile(np.concatenate([scene[:, :, :], scene[:, ::-1, :]], axis=1), (6, 4, 1))[:256, :512]
    for name in ("stills", "clips"):
        (tmp_path / name).mkdir()
    write_exr("stills/sphere.exr", sphere)
    write_exr("stills/photograph.exr", scene)
    return tmp_path


def write_pq(path: Path, rgb_nits: tuple[float, float, float], *, trc: int = 16) -> None:
    """Two frames of one colour in 10-bit narrow-range YCbCr, by the formulae of BT.2100 table 6."""
    red, green, blue = pq.inverse_eotf(np.array(rgb_nits))
    luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue
    codes = (876 * luma + 64, 896 * (blue - luma) / 1.8814 + 512, 896 * (red - luma) / 1.4746 + 512)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p10le"
        stream.time_base = Fraction(1, 25)
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace, context.color_range = trc, 9, 9, 1
        for number in range(2):
            frame = av.VideoFrame(64, 48, "yuv420p10le")
            for plane, code in zip(frame.planes, codes, strict=True):
                plane.update(np.full(plane.buffer_size // 2, round(code), "<u2").tobytes())
            frame.pts, frame.time_base = number, Fraction(1, 25)
            frame.color_trc, frame.color_primaries, frame.colorspace, frame.color_range = trc, 9, 9, 1
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_maps_give_moves_and_photographs_do_not(data: Path) -> None:
    found = list(shots(data, size=(48, 27), count=5, moves=["pan", "hold"], everything=True))
    assert [(s.name, s.family) for s in found] == [
        (f"sphere/{move}", family) for move in ("pan", "hold") for family in pairs.SCENE_FAMILIES
    ]
    pan = [frame for frame, _ in found[0].frames()]
    assert len(pan) == 5 and pan[0].shape == (27, 48, 3) and pan[0].dtype == np.uint8
    assert np.abs(np.diff(np.stack(pan).astype(int), axis=0)).mean() > 0.5
    hold = list(found[4].frames())
    assert all(np.array_equal(hold[0][0], codes) for codes, _ in hold)
    again = list(found[0].frames())
    assert all(np.array_equal(a, b) for a, (b, _) in zip(pan, again, strict=True))
    assert again[0][1].dtype == np.float32 and again[0][1].max() > 5 * np.median(again[0][1])


def test_movies_are_decoded_to_nits(data: Path) -> None:
    write_pq(data / "clips" / "a.mkv", (400.0, 200.0, 80.0))
    write_pq(data / "clips" / "b.mkv", (10.0, 10.0, 10.0), trc=1)
    frames = list(clip_nits(data / "clips" / "a.mkv", 32))
    assert len(frames) == 2 and frames[0].shape == (24, 32, 3)
    np.testing.assert_allclose(frames[0][10, 10], (400, 200, 80), rtol=0.02)
    with pytest.raises(SkippedError, match="neither PQ nor HLG"):
        next(clip_nits(data / "clips" / "b.mkv"))
    found = [
        s for s in shots(data, size=(16, 9), count=2, everything=True, clip_width=32) if s.source == "a.mkv"
    ]
    assert [(s.family, s.count, s.size) for s in found] == [
        ("bt2446a", 2, (32, 24)),
        ("bt2446c", 2, (32, 24)),
    ]
    codes, nits = next(found[0].frames())
    np.testing.assert_allclose(nits[5, 5], (400, 200, 80), rtol=0.02)
    assert codes[5, 5, 0] > codes[5, 5, 1] > codes[5, 5, 2] > 0
