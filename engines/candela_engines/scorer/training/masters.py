"""1000-nit masters in BT.2020: renderings of scene light, legitimate other grades, wide-gamut versions."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from candela_engines.colour import bt2390, ictcp, pq
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.scorer.training.faults import contrast, saturation, white_balance
from candela_engines.scorer.training.operators import aces1, aces_config
from candela_engines.scorer.training.pictures import F32, PEAK_NITS, held
from candela_engines.scorer.training.sources import Picture
from candela_ocio import render

__all__ = [
    "RENDERINGS",
    "WAYS",
    "Style",
    "master",
    "random_style",
    "rendering_of",
    "styled",
    "to_peak",
    "wide",
]

RENDERINGS = ("aces2", "aces1", "linear", "aces2_500")
"""ACES 2.0, ACES 1.1, BT.2390's roll-off alone, ACES 2.0 for 500 nit (a low peak is a choice, no fault)."""
WAYS = ("bt2020", "p3d65", "expand")
_SHARES = {"view": (0.4, 0.25, 0.25, 0.1)}
_WHOLES = (0.7, 0.15, 0.15, 0.0)
_HDR_DISPLAY = "Rec.2100-PQ - Display"
_HDR_VIEWS = {
    "aces2": "ACES 2.0 - HDR 1000 nits (Rec.2020)",
    "aces2_500": "ACES 2.0 - HDR 500 nits (Rec.2020)",
}
_LINEAR_NITS = 107.0  # of scene-linear 1.0: the median of 0.14 at 15 nit
_LINEAR_PEAK = 10000.0
_ACES1_HDR = "HDR-VIDEO-1000nit-15nit-REC2020lim_1.1"


@dataclass(frozen=True, slots=True)
class Style:
    """A legitimate other grade: exposure in EV, warmth in mired, saturation, contrast as a power."""

    stops: float = 0.0
    mired: float = 0.0
    saturation: float = 1.0
    contrast: float = 1.0

    def to_dict(self) -> dict[str, float]:
        """As plain numbers."""
        return asdict(self)


def random_style(random: np.random.Generator) -> Style:
    """±0.7 EV, ±12 mired, saturation .85 to 1.2, contrast .92 to 1.12, all evenly."""
    return Style(
        float(random.uniform(-0.7, 0.7)),
        float(random.uniform(-12, 12)),
        float(random.uniform(0.85, 1.2)),
        float(random.uniform(0.92, 1.12)),
    )


def rendering_of(picture: Picture, random: np.random.Generator) -> str:
    """The rendering that the master of a source is made by: ACES 2.0 for most wholes, mixed for views."""
    if picture.scene is None:
        return "display"
    shares = _SHARES.get(picture.source.kind, _WHOLES)
    return str(random.choice(RENDERINGS, p=shares))


def master(picture: Picture, rendering: str, *, stops: float = 0.0) -> F32:
    """BT.2020 light in nits, at most 1000, of a picture exposed by `stops`.

    Scene light goes through the rendering, display light through BT.2390's EETF where it passes 1000 nit.
    """
    gain = np.float32(2.0**stops)
    if picture.scene is None:
        assert picture.nits is not None
        return to_peak(picture.nits * gain)
    return rendered(picture.scene * gain, rendering)


def rendered(scene: F32, rendering: str) -> F32:
    """BT.2020 light in nits of exposed scene-linear BT.709 (negative parts are colours outside it)."""
    if rendering in _HDR_VIEWS:
        view, source = _HDR_VIEWS[rendering], "Linear Rec.709 (sRGB)"
        code = render(aces_config(), scene, source=source, display=_HDR_DISPLAY, view=view)
        return held(pq.eotf(np.clip(code, 0, 1)))
    if rendering == "aces1":
        return aces1(scene, _ACES1_HDR)
    wide_light = np.maximum(apply_matrix(scene, rgb_to_rgb("bt709", "bt2020")), 0)
    return to_peak(wide_light * np.float32(_LINEAR_NITS), _LINEAR_PEAK)


def to_peak(nits: F32, source_peak: float | None = None) -> F32:
    """Light in nits held to the peak of masters: by BT.2390's EETF where it is brighter."""
    brightest = source_peak if source_peak is not None else float(np.percentile(nits.max(-1), 99.99))
    if brightest <= PEAK_NITS:
        return held(nits)
    bounded = np.minimum(nits, np.float32(min(brightest, 10000.0)))
    mapped = bt2390.eetf_max_rgb(bounded, source_peak=min(brightest, 10000.0), target_peak=PEAK_NITS)
    return held(mapped)


def styled(picture: Picture, rendering: str, style: Style) -> F32:
    """Another grade of the same picture: exposed before the rendering, the rest on display light."""
    nits = white_balance(master(picture, rendering, stops=style.stops), style.mired)
    return contrast(saturation(nits, style.saturation), style.contrast)


def wide(picture: Picture, base: F32, way: str) -> tuple[F32, F32 | None]:
    """A master with colours outside BT.709, and the scene light it came from where there is one.

    way: "bt2020" or "p3d65" reads the scene's numbers as being of those primaries; "expand" pushes what is
    saturated in `base` outwards, in ICtCp, and leaves neutral colours where they are.
    """
    if picture.scene is not None and way in ("bt2020", "p3d65"):
        scene = apply_matrix(picture.scene, rgb_to_rgb(way, "bt709"))
        # The rendering that keeps most of the gamut: ACES 2.0 as the base, or the plain one.
        return rendered(scene, "aces2"), scene
    itp = ictcp.from_nits(base)
    chroma = 720 * np.hypot(0.5 * itp[..., 1], itp[..., 2])
    share = np.clip((chroma - 12) / 60, 0, 1)
    itp[..., 1:] *= (1 + 1.0 * share * share * (3 - 2 * share))[..., None]
    return held(ictcp.to_nits(itp)), None
