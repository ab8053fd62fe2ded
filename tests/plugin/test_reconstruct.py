"""Frames of the plugin are Python's, to 2e-6 of PQ's full scale, whatever layouts and threads a host has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.ofx_host.build import Built
from tests.ofx_host.driver import GENERAL, Host
from tests.plugin.clips import SIZE, TILES, clip, fed, made, pixels
from tests.plugin.reference import light

from candela_engines.colour import pq
from candela_engines.native import native

TOLERANCE = 2e-6
STILLS = [("default", 0), ("default", 1), ("default", 8), ("default", 20), ("gamma", 2)]
if native() is not None:
    # Sines of large numbers: numpy's and the library's are 1e-5 apart, and tests/native says why.
    STILLS.append(("paper", 1))


def compare(found: np.ndarray, wanted: np.ndarray) -> None:
    """PQ codes to the precision of what they are stored in."""
    if found.dtype == np.float32:
        np.testing.assert_allclose(found, wanted, atol=TOLERANCE, rtol=0)
    elif found.dtype == np.float16:
        # Which side of a tie a value falls on may differ: one step of the format.
        np.testing.assert_allclose(found.astype(np.float64), wanted, atol=TOLERANCE, rtol=2.0**-10)
    else:
        top = np.iinfo(found.dtype).max
        np.testing.assert_allclose(found, wanted * top, atol=0.5 + TOLERANCE * top, rtol=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint16, np.uint8])
@pytest.mark.parametrize(("kind", "seed"), STILLS)
def test_every_network_in_every_depth(
    built: Built, plain: Host, tmp_path: Path, kind: str, seed: int, dtype: type
) -> None:
    one = clip(plain, built.bundle, tmp_path, made(kind, seed))
    for channels in (3, 4):
        held = pixels(dtype, channels)
        found = one.effect(held).render()
        compare(found.pixels[..., :3], pq.inverse_eotf(light(*fed(held, one.payload))))
        np.testing.assert_array_equal(found.pixels[..., 3:], held[..., 3:])  # alpha, bit by bit


@pytest.mark.parametrize("profile", ["resolve", "nuke", "natron", "plain-1.5", "bare"])
def test_every_host(built: Built, tmp_path: Path, profile: str) -> None:
    with Host(built, profile) as host:
        one = clip(host, built.bundle, tmp_path, made("default", 0))
        held = pixels(np.float32)
        wanted = pq.inverse_eotf(light(one.payload, held[..., :3]))
        contexts = one.plugin.describe()["contexts"]
        assert GENERAL in contexts or profile == "bare"
        for context in contexts:
            effect = one.effect(held, context=context)
            compare(effect.render().pixels[..., :3], wanted)
            assert host.take_messages() == []
            effect.destroy()
        one.plugin.unload()


@pytest.mark.parametrize(("kind", "seed"), STILLS)
@pytest.mark.parametrize("whole", [False, True])
def test_windows_and_layouts_change_no_bit(
    built: Built, plain: Host, tmp_path: Path, kind: str, seed: int, whole: bool
) -> None:
    """Tiles of which the host gives only the region of interest, rows in any order, padding, origins."""
    one = clip(plain, built.bundle, tmp_path, made(kind, seed))
    held = pixels(np.float32)
    wanted = one.effect(held).render().pixels
    effect = one.plugin.create(SIZE, like=held, values={"file": one.path}, whole=whole)
    for padding, downwards, origin in ((0, True, (0, 0)), (16, False, (-40, 13)), (4, True, (7, -99))):
        effect.frame(held, padding=padding, downwards=downwards, origin=origin)
        x, y = origin
        tiles = [(x1 + x, y1 + y, x2 + x, y2 + y) for x1, y1, x2, y2 in TILES]
        for tight in (False, True):
            found = effect.render(windows=tiles, threads=2, tight=tight, padding=12, downwards=not downwards)
            np.testing.assert_array_equal(found.joined(SIZE, origin), wanted)
        one_pixel = effect.render(windows=[(x + 17, y + 5, x + 18, y + 6)], tight=True)
        np.testing.assert_array_equal(one_pixel.pixels[0, 0], wanted[SIZE[1] - 6, 17])


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint16, np.uint8])
@pytest.mark.parametrize("channels", [3, 4])
def test_no_byte_beside_an_image_is_touched(
    built: Built, plain: Host, tmp_path: Path, dtype: type, channels: int
) -> None:
    """Memory ends right beside the pixels: who reads or writes further ends the process."""
    one = clip(plain, built.bundle, tmp_path, made("default", 0))
    held = pixels(dtype, channels)
    effect = one.effect(held)
    wanted = effect.render().pixels
    for fence in ("before", "after"):
        for downwards in (False, True):
            effect.frame(held, fence=fence, downwards=downwards)
            for view in ("Result", "Split", "Difference", "Confidence", "Invented light"):
                effect.set("view", view)
                found = effect.render(fence=fence, downwards=not downwards)
                if view == "Result":
                    np.testing.assert_array_equal(found.pixels, wanted)
            for encoding in ("ACEScg", "HLG, Rec.2020 (1000 nit)"):
                effect.set("outputEncoding", encoding)
                effect.render(fence=fence, windows=TILES, tight=True)
            effect.set("outputEncoding", 0)
            effect.set("view", "Result")


def test_instances_and_threads_at_once(built: Built, plain: Host, tmp_path: Path) -> None:
    """Three instances with looks of their own, all tiles, four threads, three times over: as each alone."""
    one = clip(plain, built.bundle, tmp_path, made("default", 1))
    held = pixels(np.float32)
    looks = [{}, {"outputEncoding": "ACEScg", "strength": 0.5}, {"view": "Invented light"}]
    effects = [one.effect(held, **look) for look in looks]
    alone = [effect.render().pixels for effect in effects]
    for _ in range(3):
        together = effects[0].render(windows=TILES, beside=effects[1:], threads=4, repeat=3)
        for nth, wanted in enumerate(alone):
            together_of = [part for part in together.all if part.instance == nth]
            joined = type(together)(together_of, 0).joined(SIZE)
            np.testing.assert_array_equal(joined, wanted)


def test_pictures_at_half_the_scale(built: Built, plain: Host, tmp_path: Path) -> None:
    """A proxy is the picture scaled: what comes of it is near the full picture's light scaled down."""
    one = clip(plain, built.bundle, tmp_path, made("default", 0))
    held = np.repeat(np.repeat(pixels(np.float32)[::2, ::2], 2, 0), 2, 1)[: SIZE[1], : SIZE[0]]
    effect = one.effect(held)
    full = effect.render().pixels
    small = np.ascontiguousarray(held[::2, ::2])
    effect.frame(small, scale=0.5)
    found = effect.render(scale=0.5).pixels
    assert found.shape == small.shape
    np.testing.assert_array_equal(found[..., 3], small[..., 3])
    assert np.median(np.abs(found[..., :3] - full[::2, ::2, :3])) < 0.02


def test_abort_is_heard(built: Built, plain: Host, tmp_path: Path) -> None:
    one = clip(plain, built.bundle, tmp_path, made("default", 0))
    effect = one.effect(pixels(np.float32))
    wanted = effect.render().pixels
    stopped = effect.render(abort=0).one
    assert stopped.status == 1
    assert stopped.unwritten > 0
    assert plain.take_messages() == []  # nobody is to be told
    np.testing.assert_array_equal(effect.render().pixels, wanted)
