"""Payloads of every kind, made by the Python encoder out of a seed: no fit, but all that a fit can write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.itm.coding.quantise import encode_planes, quantise_planes, split_planes
from candela_engines.itm.coding.weights import encode_layers
from candela_engines.itm.default_model import DOMAINS, default_numbers
from candela_engines.itm.features import feature_count
from candela_engines.itm.gamma_mlp import PARAMETERS as GAMMA_PARAMETERS
from candela_engines.itm.gamma_mlp import Norms, encode_gamma
from candela_engines.itm.keys import key_spectrum
from candela_engines.itm.lattice import KINDS, Lattice
from candela_engines.itm.network import Layers, quantise
from candela_engines.itm.payload import Fidelity, Payload
from candela_engines.itm.siren import PARAMETERS as SIREN_PARAMETERS
from candela_engines.itm.siren import encode_siren

WIDTH, HEIGHT = 75, 52  # odd on purpose, and more than one tile
STATES = [NAMED["rec709"], NAMED["srgb"], NAMED["display-p3"], NAMED["p3-gamma26"], NAMED["rec2020"]]
STATES += [ColourState("bt709", "gamma22", "narrow"), ColourState("ap1", "bt1886", peak_nits=48.5)]

_DRAFT = Payload(
    *("default", WIDTH, HEIGHT, 8, bytes(range(16)), NAMED["rec709"], NAMED["rec2100-pq"]),
    *(Fidelity(41.25, 0.5, 3.75, float("inf"), 64, 0), (), ()),
)


def default(
    seed: int, *, time_keys: int = 0, plane_keys: int = 0, frames: tuple[int, int] | None = None
) -> Payload:
    """A default network of a still, or with frames of a shot; seeds go through what its numbers can say."""
    rng = np.random.default_rng(seed)
    domain = DOMAINS[seed % 3]
    channels = (0, 1, 3)[seed // 3 % 3] if frames is None else min(plane_keys, 1)
    lattice = Lattice(KINDS[seed % 2], int(rng.integers(0, 5)))
    width, depth, bits = int(rng.integers(3, 40)), int(rng.integers(0, 4)), int(rng.integers(5, 11))
    sizes = [feature_count(channels) + max(time_keys - 1, 0), *([width] * depth), 3]
    layers = Layers.random(sizes, rng)
    layers.weights[-1][:] = rng.normal(size=layers.weights[-1].shape) * 0.05
    stored = quantise(layers, bits)
    blobs = [encode_layers(list(zip(stored.weights, stored.biases, stored.scales, strict=True)))]
    step, coded = int(rng.integers(40, 4000)), plane_keys or channels
    if channels:
        h, w = lattice.shape(HEIGHT, WIDTH)
        planes = np.cumsum(np.cumsum(rng.normal(size=(h, w, coded)), 0), 1).astype(np.float32) * 0.02
        planes = key_spectrum(planes) if frames else planes
        blobs.append(encode_planes(quantise_planes(split_planes(planes), step), h, w))
    numbers = default_numbers(
        *(domain, sizes if depth else [sizes[0], 3], bits, channels, lattice, step),
        *(int(rng.integers(200, 330)), int(rng.integers(0, 9)), int(rng.integers(2000, 4097))),
    )
    if frames is not None:
        numbers = (*numbers, time_keys, plane_keys)
    return replace(
        _DRAFT,
        bits=(8, 10, 12, 16, 32)[seed % 5] if seed % 7 != 5 else 10,
        sdr=STATES[seed % 7],
        hdr=replace(NAMED["rec2100-pq"], peak_nits=1000.0 + seed) if seed % 2 else NAMED["rec2100-hlg"],
        numbers=numbers,
        blobs=tuple(blobs),
        frames=frames,
        clipped=(3000, 17) if seed % 3 else None,
    )


def shot(seed: int, first: int = 0, last: int = 11) -> Payload:
    """A default network in time; seeds go through keys of time and of the plane."""
    made = default(
        seed, time_keys=(0, 2, 3, 7)[seed % 4], plane_keys=(0, 1, 2, 3, 4)[seed % 5], frames=(first, last)
    )
    checks = bytes(range(2 * (last - first + 1))) if last - first < 100 else b""
    measured = {"worst": (last, 31.5), "flicker": (0.37, 1.4)}
    return replace(made, checks=checks, bits=8, provenance="distilled", **measured)


def paper(seed: int) -> Payload:
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=SIREN_PARAMETERS) * 0.04
    if seed % 2:  # such as zlib packs, by symbols of its own
        vector = np.round(vector * 8) / 8
    numbers, blobs, _ = encode_siren(vector)
    return replace(_DRAFT, model="paper", bits=10, numbers=numbers, blobs=blobs, sdr=STATES[seed % 7])


def gamma(seed: int) -> Payload:
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=GAMMA_PARAMETERS) * 0.3
    if seed % 3 == 2:
        vector = np.round(vector * 4) / 4
    norms = Norms(*(float(np.float32(v)) for v in (0.3, 0.5, 0.9, 0.4)))
    numbers, blobs, _ = encode_gamma(vector, norms, half=seed % 3 != 1)
    return replace(_DRAFT, model="gamma", numbers=numbers, blobs=blobs, sdr=STATES[seed % 5])


KINDS_OF_PAYLOAD: dict[str, Callable[[int], Payload]] = {
    "default": default,
    "shot": shot,
    "paper": paper,
    "gamma": gamma,
}


def picture(seed: int, bits: int = 8) -> np.ndarray:
    """Codes (HEIGHT, WIDTH, 3): gradients and grain; floats for 32 bits, some beyond full scale."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    light = 0.5 + 0.6 * np.sin((x[..., None] + 5 * np.arange(3)) / 11) * np.cos(y[..., None] / 7)
    light[: HEIGHT // 2] += rng.normal(size=(HEIGHT // 2, WIDTH, 3)) * 0.02
    if bits > 16:
        return light.astype(np.float32)
    top = (1 << bits) - 1
    return np.rint(np.clip(light, 0, 1) * top).astype(np.uint8 if bits == 8 else np.uint16)


def rendered(
    model: Any,
    codes: np.ndarray,
    bits: int,
    frame: int = 0,
    *,
    region: tuple[int, int, int, int] | None = None,
    encoding: str = "nits",
    threads: int = 1,
) -> np.ndarray:
    """What a native `Model` makes of codes, float32."""
    height, width = codes.shape[:2]
    left, top, right, bottom = region or (0, 0, width, height)
    out = np.full((bottom - top, right - left, 3), np.nan, np.float32)
    model.render(frame, codes, bits, out, 16, (left, top, right, bottom), encoding, threads)
    return out


def fields(payload: Payload) -> dict[str, object]:
    """As the native library gives them."""
    out = asdict(payload)
    out["reading"] = tuple(payload.reading.to_list())
    out["fidelity"] = tuple(out["fidelity"].values())
    return out
