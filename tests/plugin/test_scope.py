"""The scope: marks of light where they belong, every other pixel as it was, and a QC result as text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.ofx_host.build import Built
from tests.ofx_host.driver import FAILED, OK, PROFILES, Host
from tests.ofx_host.effect import Effect
from tests.plugin.clips import SCOPE
from tests.plugin.reference import encoded

from candela_engines.colour import gamuts, srgb
from candela_engines.colour.false_colour import BANDS

SIZE = (320, 240)
QUIET = {"legend": 0, "activePicture": 0, "reasons": 0}
ENCODINGS = ("pq", "hlg", "nits", "white", "acescg", "acescct", "intermediate")  # choices 1 to 7
EDGES = [band.nits for band in BANDS[1:]]
BLOCKER, OUTSIDE_709, OUTSIDE_P3, OVER_PEAK = (255, 72, 72), (255, 176, 32), (232, 32, 200), (255, 32, 32)


def light(seed: int = 3) -> np.ndarray:
    """Nits of linear BT.2020 (H, W, 3) over six decades."""
    rng = np.random.default_rng(seed)
    level = 10 ** np.linspace(-2, 3.9, SIZE[0])[None, :, None]
    return np.asarray(level * rng.uniform(0.2, 1, (SIZE[1], SIZE[0], 3)))


def held(nits: np.ndarray, encoding: str = "pq") -> np.ndarray:
    alpha = np.random.default_rng(5).random((*nits.shape[:2], 1))
    return np.concatenate([encoded(nits, encoding, 100), alpha], axis=2).astype(np.float32)


def painted(colour: tuple[int, int, int], encoding: str = "pq") -> np.ndarray:
    nits = 203 * np.asarray(srgb.eotf(np.array(colour) / 255), np.float64)
    return encoded(np.asarray(gamuts.apply_matrix(nits, gamuts.rgb_to_rgb("bt709", "bt2020"))), encoding, 100)


def scope(host: Host, bundle: Path, pixels: np.ndarray, **values: object) -> Effect:
    plugin = host.load(bundle)[SCOPE]
    effect = plugin.create((pixels.shape[1], pixels.shape[0]), like=pixels, values={**QUIET, **values})
    effect.frame(pixels)
    return effect


def is_colour(found: np.ndarray, colour: np.ndarray) -> np.ndarray:
    return np.all(np.abs(found[..., :3] - colour) < 1e-4 * (1 + np.abs(colour)), axis=-1)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_false_colours_are_bands_of_light(built: Built, plain: Host, encoding: str) -> None:
    nits = light()
    pixels = held(nits, encoding)
    effect = scope(plain, built.bundle, pixels, view="False colour", encoding=1 + ENCODINGS.index(encoding))
    found = effect.render().pixels
    largest = nits.max(axis=-1)
    clear = np.all(np.abs(largest[..., None] / np.array(EDGES) - 1) > 1e-3, axis=-1)
    band = np.digitize(largest, EDGES)
    for place, one in enumerate(BANDS):
        here = found[clear & (band == place)]
        assert len(here) > 20, one.words
        assert np.all(is_colour(here, painted(one.colour, encoding))), one.words
    np.testing.assert_array_equal(found[..., 3], pixels[..., 3])


def test_light_over_the_peak_and_nothing_else_is_marked(built: Built, plain: Host) -> None:
    nits = light()
    pixels = held(nits)
    found = scope(plain, built.bundle, pixels, view="Over peak", peak=600).render().pixels
    over = nits.max(axis=-1) > 600 * 1.001
    under = nits.max(axis=-1) < 600
    assert np.all(is_colour(found[over], painted(OVER_PEAK)))
    np.testing.assert_array_equal(found[under], pixels[under])  # bit by bit


def test_colours_outside_gamuts_are_marked(built: Built, plain: Host) -> None:
    rng = np.random.default_rng(1)
    shape = (60, SIZE[0], 3)
    parts = [rng.uniform(1, 500, shape) for _ in range(3)]
    inside = gamuts.apply_matrix(parts[0], gamuts.rgb_to_rgb("bt709", "bt2020"))
    parts[1][..., 0] *= 0.001  # a cyan that only P3 has …
    parts[1][..., 1:] += 100
    p3 = gamuts.apply_matrix(parts[1], gamuts.rgb_to_rgb("p3d65", "bt2020"))
    parts[2][..., ::2] *= 1e-4  # … and a green that neither has
    parts[2][..., 1] += 100
    nits = np.asarray(np.concatenate([inside, p3, parts[2]]), np.float64)
    pixels = held(nits)
    found = scope(plain, built.bundle, pixels, view="Out of gamut").render().pixels
    np.testing.assert_array_equal(found[:60], pixels[:60])
    assert np.all(is_colour(found[60:120], painted(OUTSIDE_709)))
    assert np.all(is_colour(found[120:], painted(OUTSIDE_P3)))


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint16, np.uint8])
@pytest.mark.parametrize("channels", [3, 4])
def test_pixels_that_are_not_marked_stay(built: Built, plain: Host, dtype: type, channels: int) -> None:
    pixels = held(light())[..., :channels]
    top = 1 if np.issubdtype(dtype, np.floating) else np.iinfo(dtype).max
    pixels = (np.clip(pixels, 0, 1) * top).astype(dtype)
    effect = scope(plain, built.bundle, pixels, view="Over peak", peak=10000)
    for fence in ("before", "after"):
        effect.frame(pixels, fence=fence)
        np.testing.assert_array_equal(effect.render(fence=fence, identity=False).pixels, pixels)


def test_a_scope_that_shows_nothing_is_the_source(built: Built, plain: Host) -> None:
    effect = scope(plain, built.bundle, held(light()), view="Picture")
    assert effect.render().one.identity == "Source"


def test_the_active_picture_is_outlined(built: Built, plain: Host) -> None:
    nits = light()
    nits[:30] = nits[-30:] = 0
    pixels = held(nits)
    effect = scope(plain, built.bundle, pixels, view="Picture", activePicture=1)
    found = effect.render().pixels
    changed = np.any(found[..., :3] != pixels[..., :3], axis=-1)
    rows = np.flatnonzero(changed[:, 200:240].all(axis=1))  # where it is bright
    assert rows.min() == 30
    assert rows.max() == SIZE[1] - 31
    np.testing.assert_array_equal(found[:30], pixels[:30])
    tiles = [(0, 0, 100, 100), (100, 0, 320, 100), (0, 100, 320, 240)]
    np.testing.assert_array_equal(effect.render(windows=tiles, threads=2).joined(SIZE), found)


def test_the_active_picture_is_that_of_the_frame(built: Built, plain: Host) -> None:
    """Searched once for tiles of a frame, whoever renders them, and anew for another picture in its place."""
    effect = None
    tiles = [(x, y, x + 80, y + 60) for y in range(0, 240, 60) for x in range(0, 320, 80)]
    for bar in (30, 50):
        nits = np.full((SIZE[1], SIZE[0], 3), 100.0)
        nits[:bar] = nits[-bar:] = 0
        pixels = held(nits)
        effect = effect or scope(plain, built.bundle, pixels, view="Picture", activePicture=1)
        effect.frame(pixels)
        whole = effect.render().pixels
        changed = np.any(whole[..., :3] != pixels[..., :3], axis=-1)
        assert np.flatnonzero(changed.all(axis=1)).tolist() == [bar, SIZE[1] - bar - 1]
        np.testing.assert_array_equal(effect.render(windows=tiles, threads=4, repeat=3).joined(SIZE), whole)


def qc(folder: Path) -> Path:
    reason = {"kind": "clipped", "sentence": "Highlights clip at 1000 nit", "severity": "blocker"}
    shots = [
        {
            "first": 1,
            "last": 10,
            "name": "sh010",
            "score": 3.25,
            "reasons": [{**reason, "box": [40, 30, 160, 120]}],
        },
        {"first": 11, "last": 20, "name": "sh020", "score": -1.5, "reasons": []},
    ]
    path = folder / "qc.json"
    path.write_text(json.dumps({"width_px": SIZE[0], "height_px": SIZE[1], "shots": shots}))
    return path


def test_a_qc_result_is_drawn_where_it_says(built: Built, plain: Host, tmp_path: Path) -> None:
    pixels = held(light())
    effect = scope(plain, built.bundle, pixels, view="Picture", reasons=1, qcFile=qc(tmp_path))
    found = effect.render().pixels
    drawn = is_colour(found, painted(BLOCKER))
    assert drawn[30, 40:160].all() and drawn[30:120, 40].all()
    assert drawn[119, 40:160].all() and drawn[30:120, 159].all()
    text = np.any(found[..., :3] != pixels[..., :3], axis=-1)
    assert text[200:].any()
    assert not text[130:160, 200:].any()
    tiles = [(0, 0, 100, 100), (100, 0, 320, 100), (0, 100, 320, 240)]
    np.testing.assert_array_equal(effect.render(windows=tiles, threads=3).joined(SIZE), found)
    for time in (15, 30):
        effect.frame(pixels, time=time)
    second, none = effect.render(times=[15, 30]).all
    assert np.any(second.pixels != found)
    assert np.any(none.pixels != second.pixels)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"shots": 3}', b'{"shots": [{}]}', b"\xff\xfe", b"[" * 100000, b'{"shots":' * 99],
)
def test_results_that_are_none_are_told(built: Built, plain: Host, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "qc.json"
    path.write_bytes(content)
    effect = scope(plain, built.bundle, held(light()), view="Picture", reasons=1, qcFile=path)
    assert effect.render().one.status == FAILED
    (said,) = plain.take_messages()
    assert "qc.json" in said["text"]
    qc(tmp_path)
    assert effect.render().one.status == OK


@pytest.mark.parametrize("profile", PROFILES)
def test_every_host(built: Built, tmp_path: Path, profile: str) -> None:
    with Host(built, profile) as host:
        pixels = held(light())
        effect = scope(host, built.bundle, pixels, legend=1, activePicture=1, reasons=1, qcFile=qc(tmp_path))
        for view in range(4):
            effect.set("view", view)
            done = effect.render(threads=2, windows=[(0, 0, 160, 240), (160, 0, 320, 240)])
            assert {one.status for one in done.all} == {OK}
        effect.destroy()
