"""Payloads with made networks, of every kind there is, without a fit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.itm.coding.quantise import encode_planes, quantise_planes, split_planes
from candela_engines.itm.default_model import coded_layers, default_numbers
from candela_engines.itm.features import feature_count
from candela_engines.itm.gamma_mlp import PARAMETERS as GAMMA_PARAMETERS
from candela_engines.itm.gamma_mlp import Norms, encode_gamma
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.network import Layers, quantise
from candela_engines.itm.payload import Fidelity, Payload
from candela_engines.itm.siren import LAYERS, encode_siren

__all__ = ["codes_of", "default_payload", "gamma_payload", "siren_payload"]

HEIGHT, WIDTH = 37, 61
FOURTH = Lattice("centred", 2)


def codes_of(seed: int = 0, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """A picture (H, W, 3) uint8 with ramps, a dark and a white part, and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    picture = np.stack([0.2 + 0.6 * x, 0.7 - 0.5 * y, 0.3 + 0.3 * x * y], -1)
    picture[x + y > 0.9] *= [0.3, 0.9, 1.4]
    picture += rng.normal(0, 0.01, picture.shape)
    picture[: height // 6] = 0
    picture[:, : width // 8] = 1
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def _payload(model: str, numbers: tuple[int, ...], blobs: tuple[bytes, ...], **more: object) -> Payload:
    size = {"width": WIDTH, "height": HEIGHT, "bits": 8, "picture_hash": bytes(16)}
    fields: dict[str, object] = {"sdr": NAMED["rec709"], "hdr": NAMED["rec2100-pq"], **size, **more}
    fidelity = Fidelity(50, 1, 2, 40, 0, 0)
    return Payload(model, fidelity=fidelity, numbers=numbers, blobs=blobs, **fields)  # type: ignore[arg-type]


def default_payload(
    hidden: tuple[int, ...] = (20,),
    *,
    domain: str = "pq",
    channels: int = 0,
    lattice: Lattice = FOURTH,
    strength: int = 0,
    time_keys: int = 0,
    frames: tuple[int, int] | None = None,
    sdr: ColourState = NAMED["rec709"],
    seed: int = 0,
) -> Payload:
    """A default network, with a plane where it has channels, of a shot where it has frames."""
    rng = np.random.default_rng(seed)
    extra = max(time_keys - 1, 0)
    sizes = [feature_count(channels) + extra, *hidden, 3]
    weights = [(rng.normal(size=(a, b)) / np.sqrt(a)).astype(np.float32) for a, b in pairwise(sizes)]
    biases = [rng.normal(0, 0.3, n).astype(np.float32) for n in sizes[1:]]
    weights[-1] *= np.float32(0.08 if domain == "pq" else 0.4)
    biases[-1] *= np.float32(0.05)
    blobs = [coded_layers(quantise(Layers(weights, biases), 8))]
    if channels:
        h, w = lattice.shape(HEIGHT, WIDTH)
        plane = rng.normal(0, 0.03, (h, w, channels))
        blobs.append(encode_planes(quantise_planes(split_planes(plane), 256), h, w))
    plain = default_numbers(domain, sizes, 8, channels, lattice, 256, 240, strength, 3100)  # type: ignore[arg-type]
    numbers = plain if frames is None else (*plain, time_keys, 1 if channels else 0)
    return _payload("default", numbers, tuple(blobs), frames=frames, sdr=sdr)


def siren_payload(seed: int = 0) -> Payload:
    """The published SIREN with random weights."""
    rng = np.random.default_rng(seed)
    parts = []
    for i, (_, n_in, n_out) in enumerate(LAYERS):
        bound = 1 / n_in if i in (0, 2) else np.sqrt(6 / n_in) / 30
        parts += [rng.uniform(-bound, bound, n_in * n_out), rng.uniform(-bound, bound, n_out)]
    numbers, blobs, _ = encode_siren(np.concatenate(parts))
    return _payload("paper", numbers, blobs)


def gamma_payload(seed: int = 0) -> Payload:
    """The gamma network with random weights."""
    vector = np.random.default_rng(seed).normal(0, 0.05, GAMMA_PARAMETERS)
    numbers, blobs, _ = encode_gamma(vector, Norms(0.3, 0.4, 0.7, 0.2))
    return _payload("gamma", numbers, blobs)
