"""What frames of the plugin are held against: Python's own, and the standards in double precision."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour import bt2390, gamuts, hlg, pq
from candela_engines.itm.decode import Decoded, model_of, render
from candela_engines.itm.payload import Payload

F64 = npt.NDArray[np.float64]

# Blackmagic Design, "DaVinci Resolve 17 Wide Gamut Intermediate", 2021: chromaticities of R, G, B and D65.
WIDE_GAMUT = ((0.8000, 0.3130), (0.1682, 0.9877), (0.0790, -0.1155), (0.3127, 0.3290))


def light(payload: Payload, codes: np.ndarray) -> F64:
    """Nits of linear BT.2020 (H, W, 3) that Python reconstructs out of codes."""
    return render(Decoded(payload, model_of(payload)), np.ascontiguousarray(codes[..., :3])).astype(
        np.float64
    )


def rolled_off(nits: F64, source_peak: float, target_peak: float) -> F64:
    return np.asarray(bt2390.eetf_max_rgb(nits, source_peak=source_peak, target_peak=target_peak), np.float64)


def _primaries(xy: tuple[tuple[float, float], ...]) -> F64:
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in xy]).T
    white = np.linalg.solve(columns[:, :3], columns[:, 3])
    return np.asarray(columns[:, :3] * white)


def wide_gamut(rgb: F64) -> F64:
    """Linear BT.2020 to DaVinci Wide Gamut; both have the white D65."""
    return rgb @ (np.linalg.inv(_primaries(WIDE_GAMUT)) @ gamuts.rgb_to_xyz("bt2020")).T


def acescct(x: F64) -> F64:
    """Academy S-2016-001, equation for ACEScct."""
    low = 10.5402377416545 * x + 0.0729055341958355
    return np.where(x <= 0.0078125, low, (np.log2(np.maximum(x, 1e-30)) + 9.72) / 17.52)


def intermediate(x: F64) -> F64:
    """DaVinci Intermediate, from the same publication as the gamut."""
    return np.where(
        x <= 0.00262409, x * 10.44426855, (np.log2(np.maximum(x, -0.0074) + 0.0075) + 7) * 0.07329248
    )


def encoded(nits: F64, encoding: str, unit: float) -> F64:
    """Nits of linear BT.2020 in an encoding; unit: nits of 1.0 in the scene-linear ones."""
    ap1 = np.asarray(gamuts.apply_matrix(nits, gamuts.rgb_to_rgb("bt2020", "ap1")), np.float64)
    if encoding == "pq":
        return np.asarray(pq.inverse_eotf(nits), np.float64)
    if encoding == "hlg":
        return np.asarray(hlg.inverse_eotf(nits, peak_nits=1000.0), np.float64)
    if encoding == "nits":
        return nits
    if encoding == "white":
        return nits / 203
    if encoding == "acescg":
        return ap1 / unit
    if encoding == "acescct":
        return acescct(ap1 / unit)
    assert encoding == "intermediate"
    return intermediate(wide_gamut(nits / unit))
