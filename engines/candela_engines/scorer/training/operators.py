"""SDR references of a master by different operators, with trims: none of it is a fault of the grade.

Every reference is (H, W, 3) uint8, BT.709 with BT.1886 gamma 2.4; its white is placed at 203 nit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.colour import bt2390, bt2446, gamma
from candela_engines.colour.gamuts import apply_matrix, luminance, rgb_to_rgb
from candela_engines.scorer.training.faults import white_balance_matrix
from candela_engines.scorer.training.pictures import F32, PEAK_NITS, codes_of, held
from candela_ocio import candela_config_path, in_force, render

__all__ = [
    "OPERATORS",
    "SDR_WHITE_NITS",
    "Trim",
    "aces_config",
    "placed",
    "random_trim",
    "sdr_code",
    "trimmed",
]

U8 = npt.NDArray[np.uint8]

SDR_WHITE_NITS = 203.0
_SCENE = "Linear Rec.709 (sRGB)"
_SDR_VIEW = ("Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)")
_HDR_VIEW = ("Rec.2100-PQ - Display", "ACES 2.0 - HDR 1000 nits (Rec.2020)")

OPERATORS = ("aces2", "bt2446a", "bt2446c", "reinhard", "bt2390", "bt2390_low", "hard_clip", "aces1")
"""aces1 needs scene light; the others take a master alone."""


def sdr_code(operator: str, nits: F32, scene: F32 | None) -> F32:
    """BT.709 gamma-2.4 codes (H, W, 3), 0..1, of a 1000-nit master in nits.

    scene: linear BT.709 light the master was rendered from, or None; then ACES 2.0 is undone and done again.
    Raises ValueError for aces1 without a scene, KeyError for a name that is no operator.
    """
    if operator == "aces2":
        return _aces2(nits, scene)
    if operator == "aces1":
        if scene is None:
            raise ValueError("aces1 has no inverse here: it needs scene light")
        return np.clip(aces1(scene, "SDR-VIDEO_1.0"), 0, 1)
    return np.clip(_PLAIN[operator](nits), 0, 1).astype(np.float32)


@lru_cache(maxsize=1)
def aces_config() -> Any:
    """The OCIO config with the ACES views."""
    return in_force(str(candela_config_path()))


def _aces2(nits: F32, scene: F32 | None) -> F32:
    light, space = scene, _SCENE
    if light is None:
        import PyOpenColorIO as ocio

        back = ocio.DisplayViewTransform("ACES2065-1", *_HDR_VIEW, direction=ocio.TRANSFORM_DIR_INVERSE)
        light = (codes_of(nits).astype(np.float32) / 65535).reshape(-1, 3).copy()
        aces_config().config.getProcessor(back).getDefaultCPUProcessor().applyRGB(light)
        light, space = np.nan_to_num(light.reshape(nits.shape)), "ACES2065-1"
    code = render(aces_config(), light, source=space, display=_SDR_VIEW[0], view=_SDR_VIEW[1])
    return np.clip(code, 0, 1)


def aces1(scene: F32, style: str) -> F32:
    """An ACES 1 output transform of scene-linear BT.709: "SDR-VIDEO_1.0" gives gamma-2.4 BT.709 codes,
    "HDR-VIDEO-1000nit-15nit-REC2020lim_1.1" BT.2020 light in nits.
    """
    import PyOpenColorIO as ocio

    built_in = ocio.BuiltinTransform(f"ACES-OUTPUT - ACES2065-1_to_CIE-XYZ-D65 - {style}")
    light = np.ascontiguousarray(apply_matrix(scene, rgb_to_rgb("bt709", "ap0")), np.float32).reshape(-1, 3)
    aces_config().config.getProcessor(built_in).getDefaultCPUProcessor().applyRGB(light)
    from candela_engines.colour.gamuts import xyz_to_rgb

    sdr = style.startswith("SDR")
    rgb = apply_matrix(light.reshape(scene.shape), xyz_to_rgb("bt709" if sdr else "bt2020"))
    if not sdr:
        return held(rgb * np.float32(100.0))
    return np.asarray(gamma.inverse_eotf(np.clip(rgb, 0, 1).astype(np.float32), 2.4))


def _reinhard(nits: F32) -> F32:
    """Extended Reinhard (2002, eq. 4) on luminance, white at the peak, 100 nit at the middle of the curve."""
    y = np.maximum(luminance(nits), 1e-4) / 100.0
    mapped = y * (1 + y / (PEAK_NITS / 100) ** 2) / (1 + y)
    return bt2446.sdr_rec2020_to_rec709_code(nits * (mapped / y)[..., None] / np.float32(100), white_nits=1.0)


def _eetf(nits: F32, white: float) -> F32:
    mapped = bt2390.eetf_max_rgb(nits, source_peak=PEAK_NITS, target_peak=white)
    return bt2446.sdr_rec2020_to_rec709_code(mapped, white_nits=white)


_PLAIN: dict[str, Callable[[F32], F32]] = {
    "bt2446a": lambda nits: bt2446.rec709_code(nits, method="a"),
    "bt2446c": lambda nits: bt2446.rec709_code(nits, method="c"),
    "reinhard": _reinhard,
    "bt2390": lambda nits: _eetf(nits, SDR_WHITE_NITS),
    "bt2390_low": lambda nits: _eetf(nits, 100.0),
    "hard_clip": lambda nits: bt2446.sdr_rec2020_to_rec709_code(nits, white_nits=SDR_WHITE_NITS),
}


@dataclass(frozen=True, slots=True)
class Trim:
    """What a colourist does to an SDR version by hand: lift + gain·code^gamma, saturation, warmth."""

    gain: float = 1.0
    gamma: float = 1.0
    lift: float = 0.0
    saturation: float = 1.0
    mired: float = 0.0

    def to_dict(self) -> dict[str, float]:
        """As plain numbers."""
        return asdict(self)


def random_trim(random: np.random.Generator) -> Trim:
    """A moderate trim: gain ±8 %, gamma ±7 %, lift to 1.2 %, saturation .88 to 1.12, ±5 mired."""
    return Trim(
        gain=float(random.uniform(0.92, 1.08)),
        gamma=float(random.uniform(0.93, 1.07)),
        lift=float(random.uniform(0.0, 0.012)),
        saturation=float(random.uniform(0.88, 1.12)),
        mired=float(random.uniform(-5, 5)),
    )


def trimmed(code: F32, trim: Trim) -> F32:
    """Codes 0..1 with a trim laid over them."""
    light = np.clip(code, 0, 1).astype(np.float32) ** np.float32(2.4 * trim.gamma)
    wide = apply_matrix(light, rgb_to_rgb("bt709", "bt2020"))
    light = apply_matrix(wide, rgb_to_rgb("bt2020", "bt709") @ white_balance_matrix(trim.mired))
    grey = luminance(light, "bt709")[..., None]
    light = np.maximum(grey + np.float32(trim.saturation) * (light - grey), 0)
    out = np.float32(trim.gain) * light ** np.float32(1 / 2.4)
    return np.clip(np.float32(trim.lift) + np.float32(1 - trim.lift) * out, 0, 1).astype(np.float32)


def eight_bits(code: npt.NDArray[np.floating]) -> U8:
    """Codes of 8 bits, full range."""
    return np.round(np.clip(code, 0, 1) * 255).astype(np.uint8)


def placed(sdr: U8) -> F32:
    """The SDR picture on an HDR display: BT.2020 light in nits, white at 203."""
    light = gamma.eotf(np.arange(256, dtype=np.float32) / 255, 2.4) * np.float32(SDR_WHITE_NITS)
    return np.maximum(apply_matrix(light[sdr], rgb_to_rgb("bt709", "bt2020")), 0).astype(np.float32)
