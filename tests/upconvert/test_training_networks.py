"""The networks in torch: sizes as published, and the ONNX graphs give what they give."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from candela_engines.colour import pq  # noqa: E402
from candela_engines.upconvert.graphs import CONTEXT_SIZES  # noqa: E402
from candela_engines.upconvert.levels import LEVELS  # noqa: E402
from candela_engines.upconvert.network import SIDES, load_network, proxy_of, shares  # noqa: E402
from candela_engines.upconvert.training.anchor import Anchored  # noqa: E402
from candela_engines.upconvert.training.networks import PARAMETERS, count, network_named  # noqa: E402

from .random_weights import random_weights  # noqa: E402
from .test_network import picture  # noqa: E402


def named(name: str) -> tuple[object, dict[str, np.ndarray]]:
    weights = random_weights(name)
    last = "layers.2" if name == "agcm" else "leave"
    weights[f"{last}.weight"] *= 0.002
    weights[f"{last}.bias"][:] = 0.4
    network = network_named(name).eval()
    network.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
    return network, weights


def test_sizes() -> None:
    assert count(network_named("agcm")) == PARAMETERS["agcm"] == 35_251
    assert count(network_named("hdcfm")) == PARAMETERS["hdcfm"] == 100_682


@pytest.mark.parametrize("name", ["agcm", "hdcfm"])
def test_graphs_are_the_networks(name: str) -> None:
    network, weights = named(name)
    code = picture(50, 90)
    engine = load_network(name, weights, threads=1)
    found = engine.context(code)
    proxy, active = proxy_of(code, SIDES[name])
    with torch.no_grad():
        context = network.context(torch.from_numpy(proxy.transpose(2, 0, 1)[None]))
        x = torch.from_numpy(np.ascontiguousarray(code.transpose(2, 0, 1)[None]))
        if name == "agcm":
            flat = [context["vector"]]
            made = network(x, context)
        else:
            parts = [context[f"{kind}{n}"] for kind in ("gate", "kernel") for n in range(5)]
            flat = [context["vector"], *parts, context["map"]]
            local = torch.nn.functional.interpolate(context["map"], size=(50, 90), mode="bilinear")
            made = network(x, context, local)
    numbers = np.concatenate([part.reshape(-1).numpy() for part in flat])
    assert len(numbers) >= CONTEXT_SIZES[name] and active == (0, 0, 50, 90)
    np.testing.assert_allclose(found.numbers, numbers, rtol=2e-4, atol=2e-5)
    wanted = np.clip(made[0].numpy().transpose(1, 2, 0), 0, 1)
    np.testing.assert_allclose(
        pq.inverse_eotf(engine.light(code, found, tile=32).astype(np.float64)), wanted, atol=2e-5
    )


def test_the_local_condition_has_no_edges_and_is_read_the_same_anywhere() -> None:
    cells = np.random.default_rng(3).random((6, 3, 4)).astype(np.float32)
    rows, columns = shares(np.arange(-6, 78), 6, 60, 3), shares(np.arange(40, 90), 0, 96, 4)
    wanted = torch.nn.functional.interpolate(torch.from_numpy(cells[None]), size=(60, 96), mode="bilinear")[0]
    np.testing.assert_allclose((rows @ cells @ columns.T)[:, 12:72], wanted[:, :, 40:90], atol=1e-6)
    np.testing.assert_array_equal(rows[:12], np.tile([1, 0, 0], (12, 1)))  # bars have the nearest cells


def test_an_hdcfm_begins_as_an_agcm() -> None:
    torch.manual_seed(5)
    agcm, hdcfm = Anchored("agcm"), Anchored("hdcfm")
    with torch.no_grad():
        for parameter in agcm.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    hdcfm.begin_as(agcm.arrays())
    proxy, levels, x = torch.rand(2, 3, 64, 96), torch.rand(2, LEVELS), torch.rand(2, 3, 20, 24)
    anchors, local = torch.rand(2, 3, 3, 20, 24), torch.rand(2, 6, 20, 24)
    with torch.no_grad():
        wanted = agcm.eval()(x, anchors, agcm.context(proxy, levels))
        made = hdcfm.eval()(x, anchors, hdcfm.context(proxy, levels), local)
    torch.testing.assert_close(made, wanted, rtol=1e-4, atol=1e-5)
    hdcfm(x, anchors, hdcfm.context(proxy, levels), local).square().mean().backward()
    for name in ("filters.0.spatial.weight", "filters.4.spatial.weight"):
        gradient = hdcfm.network.get_parameter(name).grad
        # Every tap of a filter learns from the first step on, not the middle one alone.
        assert gradient is not None and gradient.flatten(1).any(1).all(), name
    own, taken = hdcfm.own()
    assert sum(p.numel() for p in taken) == sum(p.numel() for p in agcm.parameters())
    assert sum(p.numel() for p in own) == PARAMETERS["hdcfm"] - PARAMETERS["agcm"]
    other = Anchored("agcm").eval()
    other.begin_as(agcm.arrays())
    with torch.no_grad():
        torch.testing.assert_close(other(x, anchors, other.context(proxy, levels)), wanted, rtol=0, atol=0)
    with pytest.raises(KeyError, match="condition"):
        hdcfm.begin_as({})


def test_crops_and_frames_are_one_in_training_too() -> None:
    network, _ = named("hdcfm")
    code = picture(64, 96)
    proxy, _ = proxy_of(code, SIDES["hdcfm"])
    with torch.no_grad():
        context = network.context(torch.from_numpy(proxy.transpose(2, 0, 1)[None]))
        local = torch.nn.functional.interpolate(context["map"], size=(64, 96), mode="bilinear")
        x = torch.from_numpy(np.ascontiguousarray(code.transpose(2, 0, 1)[None]))
        whole = network(x, context, local)
        crop = network(x[..., 8:56, 16:80], context, local[..., 8:56, 16:80])
    np.testing.assert_allclose(crop[..., 6:-6, 6:-6], whole[..., 14:50, 22:74], atol=2e-6)
