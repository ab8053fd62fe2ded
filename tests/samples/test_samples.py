"""The bundled pairs are what their manifest says, and fit to be judged by."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import OpenImageIO as oiio
import pytest

from candela_engines.samples import NAMES, manifest, sample_paths

LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])


def pixels(path: str, kind: object) -> np.ndarray:
    image = oiio.ImageInput.open(path)
    assert image is not None, oiio.geterror()
    try:
        return np.asarray(image.read_image(kind))[..., :3]
    finally:
        image.close()


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    out, at = [], 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        out.append((kind, data[at + 8 : at + 8 + size]))
        at += 12 + size
    return out


@pytest.mark.parametrize("name", NAMES)
def test_files_are_those_of_the_manifest(name: str) -> None:
    pair, entry = sample_paths()[name], manifest()["samples"][name]
    for path, said in ((pair.hdr, entry["hdr"]), (pair.sdr, entry["sdr"])):
        data = path.read_bytes()
        assert path.name == said["file"]
        assert len(data) == said["bytes"] <= 3_000_000
        assert hashlib.sha256(data).hexdigest() == said["sha256"]


@pytest.mark.parametrize("name", NAMES)
def test_master_is_hdr_in_nits(name: str) -> None:
    path = str(sample_paths()[name].hdr)
    spec = oiio.ImageInput.open(path).spec()
    assert (spec.width, spec.height, spec.nchannels) == (1920, 1080, 3)
    assert spec.format == oiio.HALF
    assert spec.getattribute("candela:state") == "linear-rec2020"
    assert spec.getattribute("whiteLuminance") == 1.0
    white_and_primaries = spec.getattribute("chromaticities")
    assert np.allclose(
        white_and_primaries, (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290), atol=1e-5
    )
    nits = pixels(path, oiio.FLOAT)
    assert np.isfinite(nits).all()
    y = nits @ LUMA_2020
    entry = manifest()["samples"][name]
    assert 600 < y.max() <= 1010
    assert nits.max() == pytest.approx(entry["max_cll"], abs=0.1)
    assert 0.001 < (y > 203).mean() < 0.5
    assert (y > 203).mean() == pytest.approx(entry["share_above_203_nits"], abs=1e-4)
    # Deep shadows are there too, and they are not a floor of one value.
    assert np.percentile(y, 2) < 5
    assert y[y < np.percentile(y, 10)].std() > 0
    assert entry["share_outside_bt709"] > 0


@pytest.mark.parametrize("name", NAMES)
def test_grade_is_a_tagged_picture(name: str) -> None:
    path = sample_paths()[name].sdr
    found = chunks(path.read_bytes())
    kinds = [k for k, _ in found]
    assert kinds[0] == b"IHDR"
    assert kinds.index(b"cICP") < kinds.index(b"IDAT")
    assert dict(found)[b"cICP"] == bytes((1, 1, 0, 1))
    code = pixels(str(path), oiio.UINT8)
    assert code.shape == (1080, 1920, 3)
    assert code.astype(float).std() > 25
    assert code.min() < 16
    assert code.max() > 235
    # A picture, not a ramp: neighbouring pixels differ in most of the frame.
    luma = code.astype(float).mean(axis=-1)
    assert (np.abs(np.diff(luma, axis=1)) > 0).mean() > 0.3


@pytest.mark.parametrize("name", NAMES)
def test_grade_and_master_show_the_same_picture(name: str) -> None:
    """Light and dark lie in the same places: the pair registers."""
    pair = sample_paths()[name]
    y = np.log(np.maximum(pixels(str(pair.hdr), oiio.FLOAT) @ LUMA_2020, 0.01)).ravel()[::37]
    code = pixels(str(pair.sdr), oiio.UINT8).astype(float).mean(axis=-1).ravel()[::37]
    rank = [np.argsort(np.argsort(v)) for v in (y, code)]
    assert np.corrcoef(*rank)[0, 1] > 0.95
