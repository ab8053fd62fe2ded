"""Faults of the picture, one at a time, in light: each is told by its rule, and a sound picture by none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.media.exr_frames import ExrFrames
from candela_engines.qc.findings import Finding
from candela_server.service.qc import qc
from candela_server.service.qc_request import QcRequest, QcSaid

WIDTH, HEIGHT, FRAMES = 256, 160, 24
Fault = Callable[[np.ndarray, int], np.ndarray]


def picture(number: int) -> np.ndarray:
    """Grey light of 0.02 to 600 nit that moves, with the grain of a camera: even on the scale of PQ."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    signal = (
        0.36 + 0.17 * np.sin(x / 23 + number / 4) * np.cos(y / 19) + 0.12 * np.sin((x + y) / 61 - number / 9)
    )
    bright = np.exp(-((x - 60 - number) ** 2 + (y - 50) ** 2) / 300)
    grain = np.random.default_rng(number).normal(0, 0.0015, signal.shape)
    light = np.asarray(pq.eotf(np.clip(signal + 0.1 * bright + grain, 0, 1)))
    return np.stack([light] * 3, axis=-1)


def found(tmp_path: Path, fault: Fault) -> list[Finding]:
    frames = ExrFrames(HEIGHT, WIDTH, NAMED["linear-rec2020"], bits=16)
    for number in range(1, FRAMES + 1):
        buffer = frames.buffer()
        buffer.rgb[:] = fault(picture(number), number)
        frames.write(tmp_path / f"a.{number:04d}.exr", buffer, max_cll=0.0, max_fall=0.0)
    profile = tmp_path / "all.toml"
    profile.write_text('title = "All rules as they are"\n')
    request = QcRequest(
        (tmp_path / "a.####.exr",), str(profile), QcSaid("linear-rec2020"), work=tmp_path / "w"
    )
    return [f for f in qc(request).result.findings if f.group in ("picture", "black", "time")]


def clipped(light: np.ndarray, number: int) -> np.ndarray:
    return np.minimum(light * 4, 400)


def crushed(light: np.ndarray, number: int) -> np.ndarray:
    return np.maximum(light - 12, 0)


def noisy(light: np.ndarray, number: int) -> np.ndarray:
    signal = np.asarray(pq.inverse_eotf(light))
    return np.asarray(
        pq.eotf(np.clip(signal + np.random.default_rng(number).normal(0, 0.02, (HEIGHT, WIDTH, 1)), 0, 1))
    )


def banded(light: np.ndarray, number: int) -> np.ndarray:
    x = np.arange(WIDTH)[None, :] + np.zeros((HEIGHT, 1)) + number
    signal = np.round((0.4 + x / 4000) * 160) / 160
    return np.repeat(np.asarray(pq.eotf(signal))[..., None], 3, axis=2)


def lifted(light: np.ndarray, number: int) -> np.ndarray:
    return np.maximum(light * 3 - 20, 2.0)


def tinted(light: np.ndarray, number: int) -> np.ndarray:
    return np.maximum(light - 4, 0) + np.array([0.02, 0.02, 0.2])


def flashed(light: np.ndarray, number: int) -> np.ndarray:
    return light * (1.9 if number == 13 else 1)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (clipped, "picture.clipped"),
        (crushed, "picture.crushed"),
        (noisy, "picture.noise"),
        (banded, "picture.banding"),
        (lifted, "black.level"),
        (tinted, "black.tint"),
        (flashed, "time.jump_within"),
    ],
)
def test_each_fault_is_told(tmp_path: Path, fault: Fault, code: str) -> None:
    codes = {f.code: f for f in found(tmp_path, fault)}
    assert code in codes, sorted(codes)
    if code == "time.jump_within":
        assert codes[code].first == 13


def test_a_sound_picture_has_none(tmp_path: Path) -> None:
    assert [f.sentence for f in found(tmp_path, lambda light, number: light)] == []


def test_a_cut_from_dark_to_bright_is_told(tmp_path: Path) -> None:
    def cut(light: np.ndarray, number: int) -> np.ndarray:
        return light * 0.05 if number <= 12 else light[::-1, ::-1] * 4

    jumps = [f for f in found(tmp_path, cut) if f.code == "time.jump"]
    assert [f.first for f in jumps] == [13]
