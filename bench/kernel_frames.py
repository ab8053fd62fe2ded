"""Frames of 3840x2160 at their native density, and the networks that were fitted to them.

phone     an Ultra HDR photograph, cropped, with the HDR of its gain map
bt2446a   the same HDR, clipped at 1000 nit, with the SDR of BT.2446-1 method A
window    bt2446a with a soft local power window on the SDR
mirrored  a scene-referred still (median at 0.14, 1.0 = 300 nit, clipped at 1000 nit) by method A, mirrored
          until it fills the frame: native density, no upscaling
grain     bt2446a with film grain on the SDR: the network of the clean frame, refitted to the grainy one
dark      a fortieth of the light, with sensor noise: almost all codes near black
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.pairs import CACHE, PEAK_NITS, _power_window, _quantise, chosen_sources, exposed, read_scene
from candela_engines.colour import bt2446
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.itm.fit import fit_pair
from candela_engines.media.ultrahdr import read_ultrahdr

__all__ = ["HEIGHT", "WIDTH", "KernelFrame", "kernel_frames"]

HEIGHT, WIDTH = 2160, 3840
BUDGET = 8192
_VERSION = 1  # goes up when a frame would come out differently


@dataclass(frozen=True)
class KernelFrame:
    """codes (H, W, 3) uint8 in `state`, and the payload that was fitted to it."""

    name: str
    codes: NDArray[np.uint8]
    state: ColourState
    payload: bytes


def _filled(picture: NDArray[np.generic]) -> NDArray[np.generic]:
    """The middle of a picture, which is mirrored first if it is too small."""
    height, width = picture.shape[:2]
    more = ((0, max(0, HEIGHT - height)), (0, max(0, WIDTH - width)), (0, 0))
    picture = np.pad(picture, more, mode="symmetric")
    top, left = (picture.shape[0] - HEIGHT) // 2, (picture.shape[1] - WIDTH) // 2
    return np.ascontiguousarray(picture[top : top + HEIGHT, left : left + WIDTH])


def _codes(nits: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(bt2446.rec709_code(nits.astype(np.float64), method="a"))


def _pairs(path: Path) -> Iterator[tuple[str, NDArray[np.uint8], ColourState, NDArray[np.float32]]]:
    """Family, SDR codes, their state and the master's nits."""
    rec709 = NAMED["rec709"]
    if path.suffix.lower() not in (".jpg", ".jpeg"):
        scene = exposed(read_scene(path), WIDTH)
        nits = np.minimum(_filled(scene) * np.float32(300), PEAK_NITS).astype(np.float32)
        yield "mirrored", _quantise(_codes(nits), 8), rec709, nits
        return
    still, light = read_ultrahdr(path)
    light = np.asarray(_filled(light), np.float32)
    yield "phone", np.asarray(_filled(np.asarray(still.codes)), np.uint8), still.state or NAMED["srgb"], light
    nits = np.minimum(light, np.float32(PEAK_NITS))
    code = _codes(nits)
    yield "bt2446a", _quantise(code, 8), rec709, nits
    yield "window", _quantise(_power_window(code.astype(np.float32)), 8), rec709, nits
    rng = np.random.default_rng(0)
    grain = rng.normal(0, 2.5 / 255, code.shape[:2])[..., None] + rng.normal(0, 1.0 / 255, code.shape)
    yield "grain", _quantise(np.clip(code + grain, 0, 1), 8), rec709, nits
    dim = nits / 40
    noise = rng.normal(0, 1.5 / 255, code.shape)
    yield "dark", _quantise(np.clip(_codes(dim) + noise, 0, 1), 8), rec709, dim


def kernel_frames(
    folder: Path, *, sources: int, effort: str, only: Sequence[str] = ()
) -> Iterator[KernelFrame]:
    """Frames of the first `sources` photographs and as many stills that training does not use.

    Payloads are kept in the bench's cache by picture, code version not: the kernel is measured, not the fit.
    """
    chosen, _ = chosen_sources(folder, limit=sources)
    for path in chosen:
        for family, codes, state, nits in _pairs(path):
            name = f"{path.stem} {family}"
            if only and not any(word in name for word in only):
                continue
            key = hashlib.sha256(codes.tobytes() + f"{_VERSION} {effort}".encode()).hexdigest()[:24]
            stored = CACHE / "kernel" / f"{key}.payload"
            if not stored.is_file():
                stored.parent.mkdir(parents=True, exist_ok=True)
                fitted = fit_pair(codes, state, nits, budget=BUDGET, effort=effort)  # type: ignore[arg-type]
                stored.write_bytes(fitted.payload)
            yield KernelFrame(name, codes, state, stored.read_bytes())
