"""Whole payloads by engines on ONNX Runtime's CPU provider, against the renderer that everybody uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.itm.networks import HEIGHT, WIDTH, codes_of, default_payload, gamma_payload, siren_payload

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InfrastructureError, PayloadError
from candela_engines.itm.engine_renderer import EngineRenderer
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.payload import Payload
from candela_engines.itm.shot_model import ShotRenderer, decode_shot
from candela_engines.runtime.engine_cache import EngineCache
from candela_engines.runtime.engines import Engine, Feed
from candela_engines.runtime.local import LocalRunner
from candela_engines.runtime.onnx_machine import OnnxMachine
from candela_engines.runtime.profiles import MAX_COLUMNS

BOUND = 4e-6  # of PQ's full scale: both sides are float32, each within 2e-6 of float64

PAYLOADS = {
    "a small network": default_payload((12,)),
    "two layers and a plane": default_payload((24, 24), channels=3, strength=6),
    "a plane between pixels": default_payload(
        (16, 16), channels=1, lattice=Lattice("shepard", 3), domain="gain"
    ),
    "a deep one": default_payload((8, 8, 8), domain="ratio"),
    "nothing but a linear layer": default_payload(()),
    "display P3": default_payload(sdr=NAMED["display-p3"]),
    "narrow range": default_payload(sdr=ColourState("bt709", "bt1886", range="narrow")),
    "the published SIREN": siren_payload(),
    "the gamma network": gamma_payload(),
}


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRunner]:
    cache = EngineCache(tmp_path_factory.mktemp("cache"))
    with LocalRunner(OnnxMachine(threads=1), "cpu", cache=cache) as made:
        yield made


def both(payload: Payload, runner: LocalRunner) -> tuple[EngineRenderer, ShotRenderer]:
    model = decode_shot(payload)
    return EngineRenderer(model, HEIGHT, WIDTH, runner), ShotRenderer(model, HEIGHT, WIDTH)


@pytest.mark.twice
@pytest.mark.parametrize("name", PAYLOADS)
def test_the_same_as_without_an_engine(name: str, runner: LocalRunner) -> None:
    by_engine, plain = both(PAYLOADS[name], runner)
    codes = codes_of()
    light = [np.asarray(r.render(0, codes, 8), np.float64) for r in (by_engine, plain)]
    np.testing.assert_allclose(*(pq.inverse_eotf(v) for v in light), atol=BOUND, rtol=0)
    half = [r.render(0, codes, 8, np.empty((HEIGHT, WIDTH, 3), np.float16)) for r in (by_engine, plain)]
    np.testing.assert_allclose(*half, rtol=2e-3, atol=1e-3)
    stored = [
        r.render(0, codes, 8, np.empty((HEIGHT, WIDTH, 3), np.uint16), "pq", out_bits=12)
        for r in (by_engine, plain)
    ]
    assert np.abs(stored[0].astype(int) - stored[1].astype(int)).max() <= 1


@pytest.mark.twice
def test_every_frame_of_a_shot_has_its_network(runner: LocalRunner) -> None:
    payload = default_payload((16,), channels=1, time_keys=3, frames=(10, 13))
    by_engine, plain = both(payload, runner)
    codes = codes_of()
    found = [np.array(by_engine.render(n, codes, 8)) for n in (10, 12, 13)]
    for n, light in zip((10, 12, 13), found, strict=True):
        due = np.asarray(plain.render(n, codes, 8), np.float64)
        np.testing.assert_allclose(
            pq.inverse_eotf(light.astype(np.float64)), pq.inverse_eotf(due), atol=BOUND, rtol=0
        )
    assert np.abs(found[0] - found[2]).max() > 1
    with pytest.raises(PayloadError, match="frame 14 is outside"):
        by_engine.render(14, codes, 8)


def test_it_says_what_renders(runner: LocalRunner) -> None:
    chosen, how = both(PAYLOADS["a small network"], runner)[0].by_engine(0)
    assert chosen is not None
    assert (chosen.name, how) == ("candela_default_nits", "cpu")
    assert both(PAYLOADS["a deep one"], runner)[0].by_engine(0)[0].name == "candela_deep_nits"  # type: ignore[union-attr]
    assert both(PAYLOADS["the published SIREN"], runner)[0].by_engine(0)[0].name == "candela_paper"  # type: ignore[union-attr]
    none, why = both(PAYLOADS["the gamma network"], runner)[0].by_engine(0)
    assert none is None
    assert "double precision" in why


def test_colours_through_ocio_go_without_an_engine(runner: LocalRunner) -> None:
    state = ColourState("bt709", "bt1886", ocio_space="some space", ocio_config="a config")
    none, why = both(default_payload(sdr=state), runner)[0].by_engine(0)
    assert none is None
    assert "OCIO" in why


def test_a_picture_that_is_too_wide_goes_without_an_engine(runner: LocalRunner) -> None:
    model = decode_shot(replace(default_payload(), width=MAX_COLUMNS + 1))
    none, why = EngineRenderer(model, HEIGHT, MAX_COLUMNS + 1, runner).by_engine(0)
    assert none is None
    assert "wider than 16384" in why


@pytest.mark.twice
def test_floats_beyond_full_scale_and_what_is_no_number(runner: LocalRunner) -> None:
    by_engine, plain = both(PAYLOADS["two layers and a plane"], runner)
    codes = (codes_of() / 255).astype(np.float32)
    codes[10, 10] = [-0.2, 1.5, 0.5]
    codes[20, 30] = np.nan
    light, due = (np.asarray(r.render(0, codes, 32), np.float64) for r in (by_engine, plain))
    sound = np.isfinite(light)
    assert np.count_nonzero(~sound) == 27  # the square of 3 that the dequantiser reads
    np.testing.assert_array_equal(sound, np.isfinite(due))
    np.testing.assert_allclose(pq.inverse_eotf(light[sound]), pq.inverse_eotf(due[sound]), atol=BOUND, rtol=0)


def test_a_picture_of_another_size_is_refused(runner: LocalRunner) -> None:
    with pytest.raises(PayloadError, match=r"61x37.*60x37"):
        both(PAYLOADS["a small network"], runner)[0].render(0, codes_of()[:, :-1], 8)


class WrongShape:
    pixels = 1000

    def run(self, engine: Engine, feed: Feed) -> np.ndarray:
        return np.zeros((1, 1, 3), np.float32)

    def describe(self, engine: Engine) -> str:
        return "a server of another version"


def test_an_engine_that_answers_something_else_is_not_believed() -> None:
    renderer = EngineRenderer(decode_shot(PAYLOADS["a small network"]), HEIGHT, WIDTH, WrongShape())
    with pytest.raises(InfrastructureError, match=r"gave float32 \[1, 1, 3\] where float32 \[16, 61, 3\]"):
        renderer.render(0, codes_of(), 8)


def test_no_compiled_engine_is_kept_where_none_is_compiled(tmp_path: Path) -> None:
    with LocalRunner(OnnxMachine(threads=1), "cpu", cache=EngineCache(tmp_path / "cache")) as runner:
        both(PAYLOADS["a small network"], runner)[0].render(0, codes_of(), 8)
    assert not (tmp_path / "cache").exists()
