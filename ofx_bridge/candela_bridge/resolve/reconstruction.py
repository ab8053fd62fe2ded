"""HDR on a shot in Resolve: what to put into the OpenFX effect, or a DCTL or cube for a node."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, Dict, List, Optional

from candela_bridge.install.places import Machine, here, resolve_luts
from candela_bridge.resolve.errors import ResolveError
from candela_bridge.shot import Shot

__all__ = ["FOLDER", "effect_lines", "lut_path", "shot_number", "transfer"]

FOLDER = "Candela"
"""Of ours, inside the master LUT folder."""
KINDS = ("dctl", "cube")


def effect_lines(found: Dict[str, Any]) -> List[str]:
    """What an artist sets in the effect Candela Reconstruct, as no call sets what is in an effect.

    found: of the helper's `setup`.
    """
    lines = [f"File: {found['file']}", f"Input: {found['input']} ({found['sdr_transfer']})"]
    if found.get("frame_covered") is False:
        lines.append("The shot's first frame carries no HDR: the effect shows the plain SDR there.")
    if found.get("needs_ocio"):
        lines.append(f"It needs the OCIO config {found['needs_ocio']}.")
    return lines


def lut_path(shot: Shot, kind: str, folder: Optional[str] = None, machine: Optional[Machine] = None) -> Path:
    """Where the LUT of a shot goes. folder: the master LUT folder, None for the usual one. ResolveError where
    that is not there, or may not be written into."""
    if kind not in KINDS:
        raise ResolveError(f"{kind}: is neither dctl nor cube")
    master = Path(folder) if folder is not None else Path(str(resolve_luts(machine or here())))
    if not master.is_dir():
        raise ResolveError(
            f"{master}: Resolve's LUT folder is not there; say which one it is (Project Settings > Color "
            "Management > Open LUT Folder)"
        )
    place = master / FOLDER
    if not os.access(place if place.is_dir() else master, os.W_OK):
        raise ResolveError(
            f"{place}: may not be written into; have an administrator make it yours (mkdir, chown), once"
        )
    place.mkdir(exist_ok=True)
    about = hashlib.sha256(f"{shot.path} {shot.media}".encode("utf-8", "surrogateescape")).hexdigest()[:8]
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in shot.name)[:60]
    return place / f"{stem}_{about}.{kind}"


def shot_number(found: Dict[str, Any], shot: Shot) -> Optional[int]:
    """Which of the shots that a clip carries covers this one, from 1; None for a still. ResolveError where
    none does, or more than one would be needed."""
    shots = found.get("shots")
    if shots is None:
        return None
    if shot.media is None:
        raise ResolveError(f"{shot.name}: {shot.trouble}")
    first, last = shot.media
    for number, (begin, end) in enumerate(shots, 1):
        if begin <= first and last <= end:
            return number
    raise ResolveError(
        f"{shot.name}: no one network of {shot.path} covers its frames {first} to {last}; cut it where the "
        "file's shots change, or use the OpenFX effect, which changes networks by itself"
    )


def transfer(project: Any) -> str:
    """The encoding that a DCTL on a node gives out, for what the project works in. ResolveError where that
    has no name here: in a wrong one light would be wrong without anybody seeing it."""
    mode = str(project.GetSetting("colorScienceMode") or "").lower()
    space = str(project.GetSetting("colorSpaceTimeline") or "").strip().lower()
    named = {
        "davinci wg": "davinci-intermediate",
        "davinci wide gamut": "davinci-intermediate",
        "davinci wide gamut intermediate": "davinci-intermediate",
        "davinci wg/intermediate": "davinci-intermediate",
        "rec.2100 st2084": "pq",
        "rec.2020 st2084": "pq",
        "rec.2100 hlg": "hlg",
        "rec.2020 hlg": "hlg",
    }
    aces = {"acescct": "acescct", "acescc": None}
    found = aces[mode] if mode in aces else named.get(space)
    if found is None:
        raise ResolveError(
            f"the project works in {space or mode or '?'}, which has no encoding here; say pq, hlg, "
            "davinci-intermediate or acescct"
        )
    return found
