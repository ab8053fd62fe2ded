"""A probe that does all right: no profile finds anything, and pixels come and go as they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from tests.ofx_host.build import Built
from tests.ofx_host.driver import FAILED, GENERAL, OK, PROFILES, Host, HostEnded, Plugin, Refused
from tests.ofx_host.effect import Effect

SIZE = (37, 23)


@pytest.fixture(params=PROFILES)
def host(built: Built, request: pytest.FixtureRequest) -> Iterator[Host]:
    with Host(built, request.param) as one:
        yield one


@pytest.fixture
def plain(built: Built) -> Iterator[Host]:
    with Host(built, "plain-1.5") as one:
        yield one


def good(host: Host, built: Built) -> Plugin:
    return host.load(built.probe("good"))["org.example.good"]


def picture(dtype: type = np.float32, channels: int = 4, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (SIZE[1], SIZE[0], channels)
    if np.issubdtype(dtype, np.floating):
        return rng.random(shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def inverted(pixels: np.ndarray) -> np.ndarray:
    if pixels.dtype == np.float16:
        return pixels  # the probe copies half floats
    top = 1 if pixels.dtype == np.float32 else np.iinfo(pixels.dtype).max
    return np.concatenate([top - pixels[..., :3], pixels[..., 3:]], axis=2).astype(pixels.dtype)


def effect_with(plugin: Plugin, pixels: np.ndarray, **how: object) -> Effect:
    effect = plugin.create(SIZE, like=pixels)
    effect.frame(pixels, **how)  # type: ignore[arg-type]
    return effect


def test_life_twice_over(built: Built, host: Host) -> None:
    plugin = good(host, built)
    for _ in range(2):
        described = plugin.describe()
        assert GENERAL in described["contexts"] or host.profile == "bare"
        effect = effect_with(plugin, picture())
        np.testing.assert_allclose(effect.render().pixels, inverted(picture()), atol=1e-6)
        assert effect.action("OfxActionSyncPrivateData") in (0, 14)
        assert effect.action("OfxActionPurgeCaches") in (0, 14)
        effect.destroy()
        assert plugin.unload() in (0, 14)
    host.close()
    good(host, built).describe()  # the binary itself again


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint16, np.uint8])
@pytest.mark.parametrize("channels", [3, 4])
def test_pixels_of_every_format_and_layout(built: Built, plain: Host, dtype: type, channels: int) -> None:
    pixels = picture(dtype, channels)
    plugin = good(plain, built)
    wanted = inverted(pixels)
    for padding, downwards, origin in ((0, False, (0, 0)), (24, True, (-5, 7)), (8, False, (100, -90))):
        effect = effect_with(plugin, pixels, padding=padding, downwards=downwards, origin=origin)
        whole = effect.render(padding=padding + 8, downwards=not downwards)
        np.testing.assert_allclose(whole.pixels, wanted, atol=1e-6)
        for fence in ("before", "after"):
            effect.frame(pixels, downwards=downwards, origin=origin, fence=fence)
            np.testing.assert_array_equal(effect.render(fence=fence).pixels, whole.pixels)
        effect.frame(pixels, padding=padding, downwards=downwards, origin=origin)
        x, y = origin
        tiles = [(x, y, x + 20, y + 23), (x + 20, y, x + 37, y + 10), (x + 20, y + 10, x + 37, y + 23)]
        for tight in (False, True):
            parts = effect.render(windows=tiles, threads=3, tight=tight, padding=padding, downwards=downwards)
            np.testing.assert_array_equal(parts.joined(SIZE, origin), whole.pixels)


def test_hosts_without_tiles_render_all_of_the_picture(built: Built) -> None:
    with Host(built, "resolve") as host:
        effect = effect_with(good(host, built), picture())
        assert effect.render(windows=[(0, 0, 8, 8)]).one.window == (0, 0, *SIZE)


def test_times_and_instances_at_once(built: Built, plain: Host) -> None:
    plugin = good(plain, built)
    effects = []
    for nth in range(3):
        effect = plugin.create(SIZE, frames=(1, 4), values={"amount": nth / 2})
        for time in range(1, 5):
            effect.frame(picture(seed=time), time=time)
        effects.append(effect)
    done = effects[0].render(times=[1, 2, 3, 4], beside=effects[1:], threads=4, repeat=2)
    assert len(done.all) == 12
    for one in done.all:
        source = picture(seed=int(one.time))
        wanted = source.copy()
        wanted[..., :3] += (1 - 2 * source[..., :3]) * one.instance / 2
        np.testing.assert_allclose(one.pixels, wanted, atol=1e-6)
        assert one.identity == ("Source" if one.instance == 0 else "")


def test_values_at_times(built: Built, plain: Host) -> None:
    effect = good(plain, built).create(SIZE, frames=(0, 10))
    for key, value in ((0, 0), (10, 1)):
        effect.set("amount", value, key=key)
    for time in (0, 5, 10):
        effect.frame(picture(), time=time)
    at_5 = next(one for one in effect.render(times=[0, 5, 10]).all if one.time == 5)
    np.testing.assert_allclose(at_5.pixels[..., :3], 0.5, atol=1e-6)
    assert effect.ask("identity", time=0, window="0,0,4,4")["clip"] == "Source"


def test_frames_that_are_not_there(built: Built, host: Host) -> None:
    effect = good(host, built).create(SIZE, frames=(1, 2), like=picture())
    effect.frame(picture(), time=1)
    assert [one.status for one in effect.render(times=[1, 2]).all] == [OK, FAILED]
    assert host.take_messages()[0]["text"] == "no source at 2"


def test_abort_stops_after_so_many_polls(built: Built, plain: Host) -> None:
    effect = effect_with(good(plain, built), picture())
    plain.strict = False
    stopped = effect.render(abort=5).one
    assert stopped.polls >= 6
    assert stopped.unwritten > 0
    assert effect.render().one.unwritten == 0


def test_commands_that_make_no_sense_are_refused(built: Built, plain: Host) -> None:
    plugin = good(plain, built)
    effect = effect_with(plugin, picture())
    for verb, values in (
        ("nonsense", {}),
        ("set", {"id": effect.id, "name": "nothing", "value": 1}),
        ("set", {"id": effect.id, "name": "amount", "value": "1,2"}),
        ("render", {"id": effect.id, "windows": "1,2,3"}),
        ("render", {"id": effect.id, "windows": "900,900,910,910"}),
        ("frame", {"id": effect.id, "file": "/nonexistent", "width": 4, "height": 4}),
        ("unload", {"plugin": plugin.identifier}),
    ):
        with pytest.raises(Refused):
            plain.command(verb, **values)


def test_a_bundle_that_is_none(built: Built, plain: Host) -> None:
    with pytest.raises(Refused, match="cannot be loaded"):
        plain.load(built.folder / "none.ofx.bundle")
    assert good(plain, built).describe()["status"] == 0


def test_a_profile_that_is_none(built: Built) -> None:
    with pytest.raises(HostEnded, match="no profile"), Host(built, "nobody") as host:
        host.load(built.probe("good"))
