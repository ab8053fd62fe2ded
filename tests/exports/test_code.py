"""Generated DCTL and BlinkScript, compiled with a shim in the host's place, against the engine's reference.

What is asserted is what is stated: single precision, 2e-6 of full scale in PQ for every network.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.itm.networks import (
    FOURTH,
    HEIGHT,
    WIDTH,
    codes_of,
    default_payload,
    gamma_payload,
    siren_payload,
)

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm.coding.quantise import encode_planes, quantise_planes, split_planes
from candela_engines.itm.decode import Decoded, model_of, render, to_signal
from candela_engines.itm.export.moment import Subject
from candela_engines.itm.export.output import ENCODINGS, Output, parse_encoding
from candela_engines.itm.export.prepare import Storage, write_blink, write_dctl
from candela_engines.itm.export.surroundings import Means
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.payload import Payload
from candela_engines.itm.timed_model import timed_model

from .compiled import COMPILER, CompiledBlink, CompiledDctl

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler: generated code cannot be compiled")

PQ_ERROR = 2e-6
PQ = Output("pq")


def reference(payload: Payload, codes: np.ndarray, place: int | None = None) -> np.ndarray:
    """Light (H, W, 3) in nits, in float64 from the features on."""
    model = model_of(payload) if place is None else timed_model(payload).at(place)
    signal = to_signal(codes, payload.bits)
    strips = model.strips(signal.astype(np.float64), payload.sdr, reference=True)
    return np.concatenate([nits for _, nits in strips])


def compare(
    payload: Payload,
    tmp_path: Path,
    *,
    output: Output = PQ,
    storage: Storage = "auto",
    means: Means = "baked",
    tolerance: float = PQ_ERROR,
) -> tuple[str, str]:
    """Both languages against the reference; their texts."""
    codes = codes_of()
    signal = to_signal(codes, payload.bits)
    wanted = output.apply(reference(payload, codes))
    subject = Subject(payload, codes)
    dctl = write_dctl(subject, output, ["a test"], storage=storage, means=means)
    blink = write_blink(subject, output, ["a test"], means=means)
    assert dctl.exact and blink.exact
    made = CompiledDctl(dctl.text, tmp_path)
    for trilinear in (False, True) if dctl.storage == "lut" else (False,):
        assert np.abs(made.run(signal, trilinear=trilinear) - wanted).max() <= tolerance
    data = None if blink.picture is None else blink.picture.pixels
    assert np.abs(CompiledBlink(blink.text, tmp_path).run(signal, data)[..., :3] - wanted).max() <= tolerance
    return dctl.text, blink.text


@pytest.mark.parametrize(
    ("domain", "kind", "shift", "channels"),
    [
        ("pq", "centred", 0, 1),
        ("gain", "centred", 0, 3),
        ("pq", "centred", 2, 3),
        ("gain", "centred", 5, 1),
        ("ratio", "shepard", 2, 1),
        ("pq", "shepard", 3, 3),
    ],
)
def test_a_plane_on_any_lattice(domain: str, kind: str, shift: int, channels: int, tmp_path: Path) -> None:
    lattice = Lattice(kind, shift)  # type: ignore[arg-type]
    payload = default_payload((9,), domain=domain, channels=channels, lattice=lattice, strength=5)
    means: Means = "read" if shift == 5 else "baked"
    compare(payload, tmp_path, storage="lut" if shift in (0, 3) else "auto", means=means)


@pytest.mark.parametrize("hidden", [(), (12, 12)])
def test_networks_without_a_plane(hidden: tuple[int, ...], tmp_path: Path) -> None:
    text, _ = compare(default_payload(hidden), tmp_path, means="read")
    assert "__TEXTURE__ p_TexR" in text  # the means are of other pixels


def test_published_networks(tmp_path: Path) -> None:
    text, blink = compare(siren_payload(), tmp_path / "paper")
    assert "float p_R, float p_G, float p_B)" in text and "__TEXTURE__" not in text
    assert "eAccessRandom" not in blink
    compare(gamma_payload(), tmp_path / "gamma")


@pytest.mark.parametrize(
    ("name", "peak"),
    [*((name, None) for name in ENCODINGS), ("hlg@2000", 200.0), ("linear@203", 150.0), ("pq", 200.0)],
)
def test_every_output(name: str, peak: float | None, tmp_path: Path) -> None:
    output, _ = parse_encoding(name)
    if peak is not None:
        output = output.with_peak(1500.0, peak)
    # Light has a relative error of some 1e-6: of linear encodings what 1.0 is decides what that comes to.
    tolerance = {"linear": 1e-3, "linear@203": 4e-6, "acescg": 8e-6}.get(name, 2e-6)
    compare(default_payload((8,)), tmp_path, output=output, tolerance=tolerance)


@pytest.mark.parametrize(
    "state",
    [
        NAMED["display-p3"],
        NAMED["p3-gamma26"],
        ColourState("bt709", "gamma22"),
        ColourState("bt2020", "bt1886", range="narrow"),
    ],
    ids=str,
)
def test_every_sdr_curve(state: ColourState, tmp_path: Path) -> None:
    compare(default_payload((8,), sdr=state, domain="gain"), tmp_path)


def test_a_colour_of_ocio_is_refused() -> None:
    state = replace(NAMED["rec709"], ocio_space="Camera Rec.709", ocio_config="some")
    with pytest.raises(InputError, match=r"Camera Rec\.709 cannot be written out"):
        write_dctl(Subject(default_payload(sdr=state)), PQ, [])


def moving(plane_keys: int = 3) -> Payload:
    """A shot whose first layer and plane both have keys in time."""
    payload = default_payload((10,), channels=1, strength=2, time_keys=4, frames=(1001, 1012), seed=3)
    h, w = FOURTH.shape(HEIGHT, WIDTH)
    planes = np.random.default_rng(5).normal(0, 0.04, (h, w, plane_keys))
    stream = encode_planes(quantise_planes(split_planes(planes), 256), h, w)
    numbers = (*payload.numbers[:-1], plane_keys)
    return replace(payload, numbers=numbers, blobs=(payload.blobs[0], stream))


def test_a_shot_moves(tmp_path: Path) -> None:
    """DCTL by the timeline's frame and where the shot begins there, a kernel by its own knob."""
    payload, codes = moving(), codes_of()
    signal = to_signal(codes, 8)
    written = write_dctl(Subject(payload), PQ, [])
    assert written.moves and "DEFINE_UI_PARAMS(shotStart" in written.text
    dctl = CompiledDctl(written.text, tmp_path)
    kernel = write_blink(Subject(payload), PQ, [])
    assert kernel.picture is not None
    blink = CompiledBlink(kernel.text, tmp_path)
    made = {}
    for place in (1001, 1006, 1012):
        wanted = PQ.apply(reference(payload, codes, place))
        made[place] = dctl.run(signal, frame=place - 1001 + 86400, start=86400.0)
        assert np.abs(made[place] - wanted).max() <= PQ_ERROR
        assert (
            np.abs(blink.run(signal, kernel.picture.pixels, frame=place)[..., :3] - wanted).max() <= PQ_ERROR
        )
    assert np.abs(made[1001] - made[1012]).max() > 1e-3  # it does move
    # Before and after the shot its ends hold.
    assert np.array_equal(dctl.run(signal, frame=5, start=86400.0), made[1001])
    still = write_dctl(Subject(payload, frame=1006), PQ, [])
    assert not still.moves and "TIMELINE_FRAME_INDEX" not in still.text
    fixed = CompiledDctl(still.text, tmp_path / "still").run(signal)
    assert np.abs(fixed - made[1006]).max() <= PQ_ERROR


def test_a_picture_of_another_size_shows_stripes(tmp_path: Path) -> None:
    small = to_signal(codes_of(height=20, width=40), 8)
    dctl = CompiledDctl(write_dctl(Subject(default_payload((4,))), PQ, []).text, tmp_path).run(small)
    blink = CompiledBlink(write_blink(Subject(default_payload((4,))), PQ, []).text, tmp_path).run(small)
    for made in (dctl, blink[..., :3]):
        assert {tuple(colour) for colour in made.reshape(-1, 3)} == {(0.5, 0.0, 0.5), (0.0, 0.0, 0.0)}


def test_alpha_passes_through(tmp_path: Path) -> None:
    alpha = np.linspace(0, 1, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
    text = write_blink(Subject(default_payload((4,))), PQ, []).text
    made = CompiledBlink(text, tmp_path).run(to_signal(codes_of(), 8), alpha=alpha)
    assert np.array_equal(made[..., 3], alpha)


def test_the_same_payload_gives_the_same_bytes() -> None:
    subject = Subject(default_payload((6,), channels=1), codes_of())
    first, second = (write_dctl(subject, PQ, ["x"], means="baked").text for _ in range(2))
    assert first == second
    assert first.isascii()
    # Single precision throughout: every literal with a point has its f.
    body = first[first.index("__DEVICE__ float3 transform") :]
    assert not re.search(r"\d\.\d+(e-?\d+)?(?![\dfe.])", re.sub(r"//.*", "", body))


def test_what_reconstruct_renders_agrees(tmp_path: Path) -> None:
    """Against `render` as well, native or on ONNX Runtime."""
    payload, codes = default_payload((12,), channels=3, strength=4), codes_of()
    made = CompiledDctl(write_dctl(Subject(payload, codes), PQ, []).text, tmp_path).run(to_signal(codes, 8))
    rendered = render(Decoded(payload, model_of(payload)), codes)
    assert np.abs(made - PQ.apply(rendered)).max() <= PQ_ERROR
