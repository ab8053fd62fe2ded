"""Scopes of one frame as samples for whoever draws them: waveform, CIE plane, levels."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.qc.scopes import chromaticities, sampled, waveform
from candela_server.service.results import Json

__all__ = ["LookScopes", "scopes_of"]

F32 = NDArray[np.float32]
_EPS = 1e-4


@dataclass(frozen=True, eq=False)
class LookScopes:
    """waveform, cie: how many pixels lie in each cell, as opacity of 8 bits, rows from the top; sizes and
    scales as in `qc.scopes`. max_nits, mean_nits: of max(R, G, B), of every pixel of the frame, bars too.
    outside_p3, outside_709: shares of the sampled pixels with light that those gamuts do not hold.
    """

    frame: int
    waveform: bytes
    waveform_width: int
    waveform_height: int
    cie: bytes
    cie_width: int
    cie_height: int
    max_nits: float
    mean_nits: float
    outside_p3: float
    outside_709: float

    def to_json(self) -> Json:
        """Everything but the samples."""
        return {f.name: v for f in fields(self) if not isinstance(v := getattr(self, f.name), bytes)}


def scopes_of(nits: F32, frame: int, max_nits: float, mean_nits: float) -> LookScopes:
    """nits: (H, W, 3) float32, linear BT.2020 in cd/m², as `sampled` thins a frame. The levels are of all of
    it."""
    wave, cie = waveform(nits), chromaticities(nits)
    some = sampled(nits).reshape(-1, 3)
    return LookScopes(
        frame,
        _opacity(wave, 0.16, 0.5), wave.shape[1], wave.shape[0],
        _opacity(cie, 0.30, 0.4), cie.shape[1], cie.shape[0],
        max_nits, mean_nits,
        _outside(some, "p3d65"), _outside(some, "bt709"),
    )  # fmt: skip


def _outside(rgb: F32, primaries: str) -> float:
    inner = np.asarray(apply_matrix(rgb, rgb_to_rgb("bt2020", primaries)))
    room = np.float32(_EPS) * np.maximum(np.abs(inner).max(axis=1), 1)
    return float((inner.min(axis=1) < -room).mean())


def _opacity(counts: NDArray[np.uint32], least: float, gamma: float) -> bytes:
    """A single pixel is seen, and the crowd does not hide the rest."""
    top = float(np.percentile(counts[counts > 0], 99)) if counts.any() else 1.0
    share = np.clip(counts / max(top, 1.0), 0, 1)
    codes = np.where(counts > 0, np.rint(255 * (least + (1 - least) * share**gamma)), 0)
    return codes.astype(np.uint8).tobytes()
