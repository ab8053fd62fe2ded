"""Grades that a studio might compare, of real pictures, with what tastes look at measured on their pixels.

    python -m bench.house_grades DATA FILE.npz [--scenes 40]

DATA: a folder of stills and clips. Of every scene, one a place, nine grades beside one SDR reference: the
master, five other grades of it (exposure, balance, saturation, contrast and the height of highlights drawn
at random, two of them with skin turned by itself as well), and three such with a mild fault. FILE holds
`values` (S, V, N) descriptors of the pairs, `stock` (S, V) scores of the installed grade model, `sees`
(S, V, K) what `PROPERTIES` name, `fault` (S, V) rungs of a fault, `scene`, `group` (S,). Resumes where it
stopped.

Properties are measured on the grade's pixels by formulas of their own (CIE Lab and nits), not by the
descriptors that a house head looks at, so that a taste is nothing a head can say exactly by construction.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.colour import bt2390, ictcp
from candela_engines.colour.gamuts import apply_matrix, luminance, rgb_to_rgb, rgb_to_xyz
from candela_engines.metrics.skin_like import skin_hue, skin_like
from candela_engines.scorer.engine import installed_engine
from candela_engines.scorer.training.describe import light_709
from candela_engines.scorer.training.faults import contrast, lift, noise, saturation, soften, white_balance
from candela_engines.scorer.training.masters import master, rendering_of
from candela_engines.scorer.training.operators import eight_bits, random_trim, sdr_code, trimmed
from candela_engines.scorer.training.pictures import F32, codes_of, generator, held
from candela_engines.scorer.training.sources import Picture, UnusableError, find_sources, load
from candela_engines.scorer.training.versions import described_beside

__all__ = ["PROPERTIES", "grades_of", "properties_of"]

PROPERTIES = ("over_400", "peak", "skin_warmth", "key", "chroma", "shadows", "warmth", "contrast")
"""over_400: mean stops above 400 nit, times 100. peak: log2 nit of the brightest thousandth. skin_warmth:
stops of red over blue of skin-like pixels, median. key: log2 nit, mean. chroma: mean Lab chroma.
shadows: log2 nit of the darkest twentieth. warmth: mean b* of what is nearly neutral in the reference.
contrast: stops between the darkest and the brightest quarter. NaN where there is no skin.
"""
_VERSIONS, _SIDE = 9, 512


def _lab(nits: F32) -> tuple[F32, F32, F32]:
    """L*, a*, b* of BT.2020 light, white at 203 nit."""
    xyz = apply_matrix(nits / np.float32(203), rgb_to_xyz("bt2020"))
    white = rgb_to_xyz("bt2020") @ np.ones(3)
    t = np.maximum(xyz / white.astype(np.float32), 0)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return 116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])


def skin_of(nits: F32) -> npt.NDArray[np.bool_]:
    """Skin-like pixels of the reference's light, (H, W): nothing here knows a face from wood."""
    itp = ictcp.from_nits(nits)
    tritan, protan = 0.5 * 720 * itp[..., 1], 720 * itp[..., 2]
    return skin_like(skin_hue(tritan, protan), np.hypot(tritan, protan), luminance(nits))


def properties_of(nits: F32, reference: F32) -> list[float]:
    """In the order of PROPERTIES; both pictures in nits, BT.2020."""
    y = np.maximum(luminance(nits), 5e-3)
    stops = np.log2(y)
    _, a, b = _lab(nits)
    skin = skin_of(reference)
    _, ra, rb = _lab(reference)
    neutral = np.hypot(ra, rb) < 6
    red, blue = np.maximum(nits[..., 0], 0.01), np.maximum(nits[..., 2], 0.01)
    turned = float(np.median(np.log2(red / blue)[skin])) if skin.mean() > 0.005 else np.nan
    quarters = np.percentile(stops, (5, 25, 75))
    return [
        100 * float(np.maximum(stops - np.log2(400), 0).mean()),
        float(np.log2(np.percentile(y, 99.9))),
        turned,
        float(stops.mean()),
        float(np.hypot(a, b).mean()),
        float(quarters[0]),
        float(b[neutral].mean()) if neutral.mean() > 0.005 else 0.0,
        float(quarters[2] - quarters[1]),
    ]


def _warmer_skin(nits: F32, reference: F32, percent: float) -> F32:
    """Red and blue of skin-like pixels alone pulled apart, as a qualifier would."""
    gain = np.float32(percent / 100)
    there = skin_of(reference)[..., None] * np.array([0.35 * gain, 0.0, -gain], np.float32)
    return held(nits * (1 + there))


def _lower(nits: F32, peak: float) -> F32:
    """Highlights rolled off to `peak` nit."""
    if peak >= 1000:
        return nits
    return held(bt2390.eetf_max_rgb(nits, source_peak=1000.0, target_peak=peak))


def grades_of(picture: Picture) -> tuple[list[F32], npt.NDArray[np.uint8], list[float]]:
    """Nine grades in nits, the SDR reference, and how many rungs of a fault each has."""
    name = picture.source.name
    random = generator("house grades", name)
    rendering = rendering_of(picture, random)
    whole = master(picture, rendering)
    operator = str(random.choice(["aces2", "bt2446a", "reinhard", "bt2390"]))
    reference = eight_bits(trimmed(sdr_code(operator, whole, picture.scene), random_trim(random)))
    light = held(apply_matrix(light_709(reference), rgb_to_rgb("bt709", "bt2020")) * np.float32(203))
    grades, faults = [whole], [0.0]
    for number in range(_VERSIONS - 1):
        nits = master(picture, rendering, stops=float(random.uniform(-0.8, 0.8)))
        nits = white_balance(nits, float(random.uniform(-14, 14)))
        nits = contrast(saturation(nits, float(random.uniform(0.85, 1.25))), float(random.uniform(0.9, 1.15)))
        nits = _lower(nits, float(random.choice([250, 400, 600, 1000, 1000])))
        if number in (0, 3):
            nits = _warmer_skin(nits, light, float(random.uniform(-25, 25)))
        rung = 0.0
        if number >= _VERSIONS - 4:
            rung = float(random.integers(1, 3))
            which = number % 3
            if which == 0:
                nits = noise(nits, 1.2 * 2**rung, random=random)
            else:
                nits = soften(nits, 0.5 + 0.4 * rung) if which == 1 else lift(nits, 0.5 * 2**rung)
        grades.append(nits)
        faults.append(rung)
    return grades, reference, faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scenes", type=int, default=40)
    asked = parser.parse_args()
    engine = installed_engine()
    if engine is None:
        parser.error("no grade model is installed")
    kept = dict(np.load(asked.out)) if asked.out.is_file() else {}
    groups = set(kept.get("group", []))
    for source in find_sources(asked.data):
        if source.group in groups or source.kind == "view" or len(groups) >= asked.scenes:
            continue
        try:
            picture = load(source, side=_SIDE)
            grades, reference, faults = grades_of(picture)
        except (UnusableError, ValueError) as error:
            print(f"{source.name}: {error}", flush=True)
            continue
        groups.add(source.group)
        values = described_beside([codes_of(g) for g in grades], light_709(reference))
        light = held(apply_matrix(light_709(reference), rgb_to_rgb("bt709", "bt2020")) * np.float32(203))
        said = [engine.session.run(["score"], {"descriptors": v[None, : engine.count]})[0] for v in values]
        found = {
            "values": values, "stock": np.clip(np.ravel(said), -6, 10), "fault": np.array(faults),
            "sees": np.array([properties_of(g, light) for g in grades]),
            "scene": np.array(source.name), "group": np.array(source.group),
        }  # fmt: skip
        kept = {k: np.concatenate([kept[k], v[None]]) if k in kept else v[None] for k, v in found.items()}
        np.savez_compressed(asked.out, **kept)
        print(source.name, np.round(said, 1), flush=True)


if __name__ == "__main__":
    main()
