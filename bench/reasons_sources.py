"""Sources of the bench of reasons: tuned on, measured before, and never looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

__all__ = ["FRESH", "MEASURED", "TUNED", "held_out"]

TUNED = {
    "Bonita",
    "Cannon",
    "Carrots",
    "Desk",
    "ToS-s01@0",
    "Adjuster",
    "CandleGlass",
    "KernerEnvLatLong",
    "Rec709",
    "StageEnvLatLong",
    "adams_place_bridge",
    "aerodynamics_workshop",
    "apartment",
    "aristea_wreck_puresky",
    "blocky_photo_studio",
    "blouberg_sunrise_2",
    "brown_photostudio_02",
    "christmas_photo_studio_01",
    "city",
    "desert_palms",
    "hdr10-av1@0",
    "hlg10-color-test@0",
    "moonless_golf",
    "multimsg-sei@0",
    "night",
    "noon_grass",
    "phalzer_forest_01",
    "provence_studio",
    "rainforest_trail",
    "sepulchral_chapel_rotunda",
    "studio_small_05",
    "studio_small_08",
    "textures_spiaggia_di_mondello",
}


MEASURED = (
    "dawn",
    "forest",
    "modern_buildings_2",
    "mpi_atrium_3",
    "narrow_moonlit_road",
    "night_highrise",
    "park",
    "photo_studio_loft_hall",
    "railway_bridge_02",
    "satara_night",
    "sky",
    "sunrise",
)
FRESH = ("Ultra_HDR_Samples_Originals_02", "autoshop_01", "dancing_hall", "fall-hlg@0", "venice")


def held_out(data: Path, names: Sequence[str]) -> list[str]:
    """The names, none of which may be a source that was tuned on or a sibling of one."""

    def group(name: str) -> str:
        return str(json.loads((data / "pictures" / name / "meta.json").read_text("utf-8"))["group"])

    tuned = {group(n) for n in TUNED if (data / "pictures" / n / "meta.json").is_file()}
    known = [name for name in names if name in TUNED or group(name) in tuned]
    if known:
        raise SystemExit(f"{', '.join(known)}: tuned on, or siblings of sources that were")
    return list(names)
