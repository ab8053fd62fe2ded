"""Files with payloads, and the SDR pictures that go with them, in every format that hosts have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tests.native.payloads import HEIGHT, KINDS_OF_PAYLOAD, WIDTH, picture
from tests.ofx_host.driver import FILTER, Host, Plugin
from tests.ofx_host.effect import Effect

from candela_engines.itm.carriers.sidecar import wrapped
from candela_engines.itm.payload import Payload, encode

SIZE = (WIDTH, HEIGHT)
RECONSTRUCT, SCOPE = "candela.Reconstruct", "candela.Scope"
TILES = [(0, 0, 32, 20), (32, 0, WIDTH, 20), (0, 20, 50, HEIGHT), (50, 20, WIDTH, HEIGHT)]


def write(folder: Path, payload: Payload, name: str = "shot.candela") -> Path:
    """A file that carries a payload, as pipelines keep it beside a picture."""
    path = folder / name
    path.write_bytes(wrapped(encode(payload)))
    return path


def made(kind: str, seed: int) -> Payload:
    return KINDS_OF_PAYLOAD[kind](seed)


def pixels(dtype: type, channels: int = 4, seed: int = 1) -> np.ndarray:
    """The picture (H, W, channels) as a host of this depth holds it: codes of 8 bits, and an alpha."""
    codes = picture(seed)
    alpha = np.random.default_rng(seed).integers(0, 256, (*codes.shape[:2], 1), np.uint8)
    codes = np.concatenate([codes, alpha], axis=2)[..., :channels]
    if dtype is np.uint8:
        return codes
    if dtype is np.uint16:
        return codes.astype(np.uint16) * 257
    return (codes / np.float32(255)).astype(dtype)


def fed(held: np.ndarray, payload: Payload) -> tuple[Payload, np.ndarray]:
    """Codes that the network is fed with: bytes and words with bits of their own, floats with the payload's.

    Words are floats over full scale where the payload has fewer bits: hosts put everything into 16.
    """
    rgb = np.ascontiguousarray(held[..., :3])
    if rgb.dtype == np.uint8:
        return replace(payload, bits=8), rgb
    if rgb.dtype == np.uint16 and payload.bits != 16:
        return payload, rgb.astype(np.float32) / np.float32(65535)
    return payload, rgb if rgb.dtype == np.uint16 else rgb.astype(np.float32)


@dataclass
class Clip:
    """A payload in its file, with the plugin in a host."""

    plugin: Plugin
    payload: Payload
    path: Path

    def effect(self, held: np.ndarray, *, context: str = FILTER, **values: object) -> Effect:
        """An instance that has its picture at frame 1."""
        named = {"file": self.path, **values}
        effect = self.plugin.create((held.shape[1], held.shape[0]), like=held, context=context, values=named)
        effect.frame(held)
        return effect


def clip(host: Host, bundle: Path, folder: Path, payload: Payload) -> Clip:
    return Clip(host.load(bundle)[RECONSTRUCT], payload, write(folder, payload))
