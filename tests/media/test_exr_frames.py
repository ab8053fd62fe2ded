"""Frames of a shot as OpenEXR and DPX: the light, the planes, and what each file says of its frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.media import read_still
from candela_engines.media.exr_frames import CONFIDENCE, EXR_COMPRESSIONS, ExrFrames
from candela_engines.media.write_dpx import encode_dpx

LINEAR, PQ = NAMED["linear-rec2020"], NAMED["rec2100-pq"]
HEIGHT, WIDTH = 18, 32
# Two digits a byte, hours first: SMPTE ST 12-1 as OpenEXR's `timeCode` holds it.
TIMECODES = {"01:00:00:23": 0x01000023, "10:59:01:00": 0x10590100}


def attributes(path: Path) -> dict[str, Any]:
    image = oiio.ImageInput.open(str(path))
    found = {a.name: a.value for a in image.spec().extra_attribs}
    image.close()
    return found


@pytest.mark.parametrize("compression", EXR_COMPRESSIONS)
@pytest.mark.parametrize("bits", [16, 32])
def test_the_light_and_the_plane_are_what_was_given(tmp_path: Path, compression: str, bits: int) -> None:
    rng = np.random.default_rng(bits)
    share = np.linspace(0, 1, WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)
    frames = ExrFrames(
        *(HEIGHT, WIDTH, LINEAR),
        bits=bits,
        compression=compression,
        planes=(CONFIDENCE,),
        text={"candela_shot": "1 to 2"},
        mastering_peak=1000,
        rate=Fraction(24000, 1001),
        timecode=True,
    )
    for number, (timecode, coded) in enumerate(TIMECODES.items()):
        light = (rng.random((HEIGHT, WIDTH, 3)) * 900).astype(np.float16)
        buffer = frames.buffer()
        buffer.rgb[...] = light
        buffer.planes[CONFIDENCE][...] = share
        path = tmp_path / f"{number}.exr"
        size = frames.write(path, buffer, max_cll=900, max_fall=100 + number, timecode=timecode, text={})
        assert size == path.stat().st_size
        still = read_still(path)
        assert still.state == LINEAR
        assert still.codes.dtype == (np.float16 if bits == 16 else np.float32)
        if compression.startswith("dwa"):
            np.testing.assert_allclose(still.codes.astype(float), light, rtol=0.2, atol=40)
        else:
            np.testing.assert_array_equal(still.codes.astype(np.float16), light)
        image = oiio.ImageInput.open(str(path))
        assert set(image.spec().channelnames) == {"R", "G", "B", CONFIDENCE}
        at = image.spec().channelnames.index(CONFIDENCE)
        plane = image.read_image("float")[:, :, at]
        image.close()
        np.testing.assert_allclose(plane, share, atol=2e-3 if compression.startswith("dwa") else 5e-4)
        found = attributes(path)
        assert found["smpte:TimeCode"][0] == coded
        assert found["FramesPerSecond"] == (24000, 1001)
        assert (found["maxCLL"], found["maxFALL"]) == (900, 100 + number)
        assert found["compression"].split(":")[0] == compression


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_dpx_says_rate_and_timecode(tmp_path: Path, bits: int) -> None:
    codes = np.random.default_rng(bits).integers(0, 1 << bits, (HEIGHT, WIDTH, 3)).astype(np.uint16)
    path = tmp_path / "a.dpx"
    path.write_bytes(encode_dpx(codes, PQ, bits, path, rate=Fraction(25), timecode="10:00:01:00"))
    np.testing.assert_array_equal(read_still(path).codes, codes)
    found = attributes(path)
    assert found["smpte:TimeCode"][0] == 0x10000100
    assert found["dpx:FrameRate"] == 25
    # Frames beyond 39 have no place in these bits: nothing is better than another timecode.
    path.write_bytes(encode_dpx(codes, PQ, bits, path, rate=Fraction(60), timecode="10:00:01:59"))
    assert "smpte:TimeCode" not in attributes(path)
