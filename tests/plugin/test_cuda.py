"""CUDA render: the kernels' functions of pixels, by a stand-in for a device, against the CPU's renderer.

There the host's "device memory" is the processor's, and a loop runs what threads of a device would. What a
device would run is compiled where its compiler is, and run nowhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.ofx_host.build import PLUGIN, Built, build, chosen, sanitized_plugin
from tests.ofx_host.driver import Host
from tests.plugin.clips import RECONSTRUCT, SCOPE, SIZE, TILES, Clip, clip, made, pixels, write

from candela_engines.itm.payload import Payload

TOLERANCE = 2e-6
SUPPORTED = "OfxImageEffectPropCudaRenderSupported"


@pytest.fixture(scope="module")
def both() -> Built:
    """A plugin with the stand-in. With a host that knows no CUDA it is the processor's renderer as ever."""
    checked = os.environ.get("CANDELA_OFX_CHECK")
    built = chosen(plugin=PLUGIN) if checked else sanitized_plugin(PLUGIN)
    if not built.stands_in:
        pytest.skip("this build has no stand-in")
    return built


@pytest.fixture
def device(both: Built) -> Iterator[Host]:
    with Host(both, "cuda") as host:
        yield host


@pytest.fixture
def processor(both: Built) -> Iterator[Host]:
    with Host(both, "plain-1.5") as host:
        yield host


def pair(device: Host, processor: Host, both: Built, folder: Path, payload: Payload) -> tuple[Clip, Clip]:
    plugins = [host.load(both.bundle)[RECONSTRUCT] for host in (device, processor)]
    path = write(folder, payload)
    return Clip(plugins[0], payload, path), Clip(plugins[1], payload, path)


def with_payload(clips: tuple[Clip, Clip], folder: Path, payload: Payload) -> tuple[Clip, Clip]:
    """The same plugins with another file."""
    path = write(folder, payload, f"{len(list(folder.iterdir()))}.candela")
    return Clip(clips[0].plugin, payload, path), Clip(clips[1].plugin, payload, path)


def close(found: np.ndarray, wanted: np.ndarray, *, linear: float | None = None) -> None:
    """linear: what light a nit is, where values are light."""
    np.testing.assert_array_equal(found[..., 3:], wanted[..., 3:])  # alpha, bit by bit
    a, b = found[..., :3].astype(np.float64), wanted[..., :3].astype(np.float64)
    if linear is not None:
        assert np.all(np.abs(a - b) <= 1e-5 * (np.abs(b).max(axis=-1, keepdims=True) + linear))
    elif found.dtype == np.float32:
        np.testing.assert_allclose(a, b, atol=TOLERANCE, rtol=0)
    elif found.dtype == np.float16:
        np.testing.assert_allclose(a, b, atol=TOLERANCE, rtol=2.0**-10)
    else:
        np.testing.assert_allclose(a, b, atol=1, rtol=0)


def test_it_is_offered_where_a_device_answers(both: Built, device: Host, processor: Host) -> None:
    for host, offered in ((device, "true"), (processor, "false")):
        found = host.load(both.bundle)
        assert found[RECONSTRUCT].describe()["effect"]["properties"][SUPPORTED] == [offered]
        assert found[SCOPE].describe()["effect"]["properties"][SUPPORTED] == ["false"]


def test_a_build_without_it_says_so(tmp_path: Path) -> None:
    if os.environ.get("CANDELA_OFX_CHECK"):
        pytest.skip("all builds with checks have the stand-in")
    plain = build(plugin=PLUGIN)
    with Host(plain, "cuda") as host:
        one = clip(host, plain.bundle, tmp_path, made("default", 0))
        assert one.plugin.describe()["effect"]["properties"][SUPPORTED] == ["false"]
        assert one.effect(pixels(np.float32)).render().one.status == 0
    told = subprocess.run(["ldd", *plain.bundle.glob("Contents/*/*.ofx")], capture_output=True, text=True)
    assert "cuda" not in told.stdout + told.stderr


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 7, 8, 11, 15, 17, 20])
def test_every_kind_of_default_network(
    both: Built, device: Host, processor: Host, tmp_path: Path, seed: int
) -> None:
    """All domains, lattices, planes, dequantisers, SDR states and bits that seeds go through."""
    one, other = pair(device, processor, both, tmp_path, made("default", seed))
    held = pixels(np.float32)
    close(one.effect(held).render().pixels, other.effect(held).render().pixels)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint16, np.uint8])
@pytest.mark.parametrize("channels", [3, 4])
def test_every_depth(
    both: Built, device: Host, processor: Host, tmp_path: Path, dtype: type, channels: int
) -> None:
    held = pixels(dtype, channels)
    clips = pair(device, processor, both, tmp_path, made("default", 0))
    for seed in (0, 3):  # 8 and 16 bits
        one, other = with_payload(clips, tmp_path, made("default", seed))
        close(one.effect(held).render().pixels, other.effect(held).render().pixels)


LOOKS: list[dict[str, object]] = [
    {"outputEncoding": "HLG, Rec.2020 (1000 nit)"},
    {"outputEncoding": "HLG, Rec.2020 (1000 nit)", "rollOff": 1, "peak": 400},
    {"outputEncoding": "ACEScct", "sceneWhite": 203},
    {"outputEncoding": "DaVinci Intermediate"},
    {"rollOff": 1, "peak": 300},
    {"strength": 0.25},
    {"strength": 0, "outputEncoding": "ACEScct"},
    {"view": "Difference"},
    {"view": "Split", "splitPosition": 0.4, "rollOff": 1, "peak": 150},
    {"view": "Confidence"},
    {"view": "Invented light"},
    {"unpremultiply": 1},
]
LIGHT = {"Linear Rec.2020, nits": 1.0, "Linear Rec.2020, 1.0 = 203 nit": 1 / 203, "ACEScg": 1 / 100}


@pytest.mark.parametrize("seed", [0, 2])
def test_every_look(both: Built, device: Host, processor: Host, tmp_path: Path, seed: int) -> None:
    one, other = pair(device, processor, both, tmp_path, made("default", seed))
    held = pixels(np.float32)
    for look in LOOKS:
        close(one.effect(held, **look).render().pixels, other.effect(held, **look).render().pixels)
    for label, nit in LIGHT.items():
        found = one.effect(held, outputEncoding=label).render().pixels
        close(found, other.effect(held, outputEncoding=label).render().pixels, linear=nit)


@pytest.mark.parametrize("label", ["sRGB", "BT.1886", "Linear", "ACEScg"])
def test_every_input(both: Built, device: Host, processor: Host, tmp_path: Path, label: str) -> None:
    """A code a rounding off moves HDR by as much as the network's slope there."""
    held = pixels(np.float32)
    clips = pair(device, processor, both, tmp_path, made("default", 0))
    for seed in (0, 1, 5):
        one, other = with_payload(clips, tmp_path, made("default", seed))
        found = one.effect(held, inputEncoding=label).render().pixels
        wanted = other.effect(held, inputEncoding=label).render().pixels
        error = np.abs(found[..., :3] - wanted[..., :3])
        assert np.median(error) < 1e-6 and np.quantile(error, 0.999) < 2e-5


def test_tiles_padding_origins_and_rows(both: Built, device: Host, tmp_path: Path) -> None:
    """The host gives the region of interest alone; guard bytes and NaN lie around what is written."""
    one = clip(device, both.bundle, tmp_path, made("default", 1))
    held = pixels(np.float32)
    wanted = one.effect(held).render().pixels
    effect = one.plugin.create(SIZE, like=held, values={"file": one.path})
    for padding, downwards, origin in ((0, True, (0, 0)), (16, False, (-40, 13))):
        effect.frame(held, padding=padding, downwards=downwards, origin=origin, fence="after")
        x, y = origin
        tiles = [(x1 + x, y1 + y, x2 + x, y2 + y) for x1, y1, x2, y2 in TILES]
        for tight in (False, True):
            found = effect.render(windows=tiles, threads=2, tight=tight, padding=12, downwards=not downwards)
            np.testing.assert_array_equal(found.joined(SIZE, origin), wanted)


@pytest.mark.parametrize("kind", ["paper", "gamma"])
def test_what_no_kernel_renders_goes_through_the_processor(
    both: Built, device: Host, processor: Host, tmp_path: Path, kind: str
) -> None:
    """Other networks, proxies, the marked SDR, and the source itself: to the same bits."""
    one, other = pair(device, processor, both, tmp_path, made(kind, 2))
    held = pixels(np.float32)
    for downwards in (False, True):
        effects = [c.effect(held) for c in (one, other)]
        for effect in effects:
            effect.frame(held, padding=8, downwards=downwards)
        found, wanted = (e.render(windows=TILES[:1], downwards=not downwards).pixels for e in effects)
        np.testing.assert_array_equal(found, wanted)


def test_messages_proxies_and_the_source(both: Built, device: Host, processor: Host, tmp_path: Path) -> None:
    one, other = pair(device, processor, both, tmp_path, made("default", 0))
    held = pixels(np.float32)
    marked = {"file": tmp_path / "none.png", "withoutPayload": 1}
    (tmp_path / "none.png").write_bytes(b"")
    found, wanted = (c.effect(held, **marked).render() for c in (one, other))
    assert found.one.status == wanted.one.status
    assert [m["text"] for m in device.take_messages()] == [m["text"] for m in processor.take_messages()]
    shown = [c.effect(held, view="Source").render(identity=False).pixels for c in (one, other)]
    np.testing.assert_array_equal(shown[0], held)
    np.testing.assert_array_equal(shown[1], held)
    small = np.ascontiguousarray(held[::2, ::2])
    halves = []
    for c in (one, other):
        effect = c.effect(held)
        effect.frame(small, scale=0.5)
        halves.append(effect.render(scale=0.5).pixels)
    np.testing.assert_array_equal(*halves)


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="CUDA's compiler is not here")
def test_the_kernels_compile(tmp_path: Path) -> None:
    """For one kind of device; without a driver the one C function says that there is none."""
    program = tmp_path / "asks.cpp"
    asks = 'int main() { std::puts(candela_cuda() ? "one" : "none"); }'
    program.write_text(f'#include "gpu/device.hpp"\n#include <cstdio>\n{asks}\n')
    flags = ["-std=c++17", "-arch=sm_90", "-I", str(PLUGIN / "src"), "-I", str(PLUGIN / "include")]
    flags += ["-Xcicc", "-O0", "-Xptxas", "-O0"]  # nothing runs: optimised, it takes four times as long
    command = ["nvcc", *flags, "-cudart", "static", str(program), str(PLUGIN / "cuda/cuda.cu")]
    done = subprocess.run([*command, "-o", str(tmp_path / "asks")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer = subprocess.run([tmp_path / "asks"], capture_output=True, text=True, check=True).stdout.strip()
    assert answer in ("none", "one")
    if not Path("/dev/nvidia0").exists():
        assert answer == "none"
