"""The plugin and `candela reconstruct` on the same frame: one picture, whoever makes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from tests.ofx_host.build import Built
from tests.ofx_host.driver import Host
from tests.plugin.clips import RECONSTRUCT, SIZE, TILES, made, pixels, write

from candela_engines.colour import pq
from candela_engines.media.hashing import hash_samples
from candela_server.cli.run import run

HELD = pixels(np.float32)


def picture_file(path: Path, codes: np.ndarray) -> Path:
    out = oiio.ImageBuf(oiio.ImageSpec(codes.shape[1], codes.shape[0], 3, oiio.UINT8))
    assert out.set_pixels(oiio.ROI(), codes) and out.write(str(path))
    return path


@pytest.mark.parametrize("kind", ["default", "paper", "gamma"])
def test_the_frame_is_that_of_candela_reconstruct(
    built: Built, plain: Host, tmp_path: Path, kind: str
) -> None:
    codes = pixels(np.uint8, 3)
    payload = made(kind, 0)
    payload = replace(payload, bits=8, picture_hash=hash_samples(codes, 8)[: len(payload.picture_hash)])
    file = picture_file(tmp_path / "out.png", codes)
    write(tmp_path, payload, "out.png.candela")
    assert run(["-q", "reconstruct", str(file), "-o", str(tmp_path / "hdr.exr"), "--bit-depth", "32"]) == 0
    nits = np.asarray(oiio.ImageBuf(str(tmp_path / "hdr.exr")).get_pixels(oiio.FLOAT))[..., :3]
    effect = plain.load(built.bundle)[RECONSTRUCT].create(SIZE, like=HELD, values={"file": file})
    effect.frame(HELD)
    found = effect.render(windows=TILES, threads=2).joined(SIZE)[..., :3]
    np.testing.assert_allclose(found, pq.inverse_eotf(nits.astype(np.float64)), atol=2e-6, rtol=0)
