"""Networks as engines: states of SDR, and one context for a shot. Weights are random."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour.convert import from_nits_rec2020, to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.errors import ColourStateError
from candela_engines.upconvert.engine import ENGINES
from candela_engines.upconvert.learnt import LearntEngine, rec709_code
from candela_engines.upconvert.network import load_network

from .random_weights import random_weights
from .test_network import picture


@pytest.fixture(scope="module")
def engine() -> LearntEngine:
    weights = random_weights("agcm")
    weights["layers.2.weight"] *= 0.002
    weights["layers.2.bias"][:] = 0.5
    return LearntEngine(ENGINES["agcm"], load_network("agcm", weights, threads=1))


def test_states_come_to_one_code() -> None:
    code = picture(12, 20)
    light = to_nits_rec2020(code.astype(np.float64), NAMED["rec709"])
    np.testing.assert_array_equal(rec709_code(code, 32, NAMED["rec709"]), code)
    for name in ("srgb", "rec2020", "display-p3"):
        other = from_nits_rec2020(light, NAMED[name]).astype(np.float32)
        np.testing.assert_allclose(rec709_code(other, 32, NAMED[name]), code, atol=2e-5)
    eight = np.rint(code * 255).astype(np.uint8)
    np.testing.assert_allclose(rec709_code(eight, 8, NAMED["rec709"]), code, atol=0.5 / 255 + 1e-6)
    with pytest.raises(ColourStateError):
        rec709_code(code, 32, NAMED["rec2100-pq"])


def test_a_shot_has_one_context(engine: LearntEngine) -> None:
    frames = [picture(40, 64, seed) * np.float32(0.6 + 0.1 * seed) for seed in range(4)]
    shot = engine.of_shot(((frame, 32) for frame in frames), NAMED["rec709"])
    assert shot.context is not None and engine.context is None
    own = [engine.light(frames[0], 32, NAMED["rec709"]), engine.light(frames[3], 32, NAMED["rec709"])]
    assert all(np.isfinite(light).all() for light in own)
    # The same colours come out the same in every frame of the shot, and otherwise without it.
    both = np.concatenate([frames[0], frames[3]])
    apart = [shot.light(frame, 32, NAMED["rec709"]) for frame in (frames[0], frames[3])]
    together = shot.light(both, 32, NAMED["rec709"])
    np.testing.assert_allclose(np.concatenate(apart), together, rtol=2e-4)
    assert np.abs(np.concatenate(own) / together - 1).max() > 1e-3
    with pytest.raises(ValueError, match="without frames"):
        engine.of_shot([], NAMED["rec709"])
