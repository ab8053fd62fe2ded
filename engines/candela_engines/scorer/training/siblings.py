"""Looking for near-siblings: perceptual hashes and ΔE_ITP of thumbnails, maps turned against each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.colour import ictcp
from candela_engines.scorer.training.pictures import F32, held, shrink_to
from candela_engines.scorer.training.sources import Source, UnusableError, find_sources, load

__all__ = ["difference", "found_groups", "perceptual_hash", "thumbnail"]

_SIZE = (16, 32)
_NITS = 107.0  # of scene-linear 1.0: brings the median of 0.14 to 15 nit
#: Below these two pictures count as one place: bits of 63, mean ΔE_ITP of thumbnails.
HASH_BITS = 9
DELTA_E = 32.0
#: Known by their sources: one place under a name that does not say so.
_ALIASES = {"studio": "studio_small", "hilly_terrain": "night"}


def thumbnail(source: Source) -> F32:
    """(16, 32, 3) ICtCp of a source, held to 1000 nit."""
    picture = load(source, side=512)
    light = picture.nits if picture.nits is not None else np.asarray(picture.scene) * np.float32(_NITS)
    return np.asarray(ictcp.from_nits(held(shrink_to(held(light), *_SIZE))), np.float32)


def perceptual_hash(thumb: F32) -> npt.NDArray[np.bool_]:
    """63 bits: the lowest 8x8 cosine coefficients of intensity, but the mean, against their median."""
    rows, columns = thumb.shape[:2]
    k = np.arange(8)[:, None]
    down = np.cos(np.pi * k * (np.arange(rows) + 0.5) / rows)
    across = np.cos(np.pi * k * (np.arange(columns) + 0.5) / columns)
    low = (down @ thumb[..., 0] @ across.T).reshape(-1)[1:]
    return np.asarray(low > np.median(low))


def difference(a: F32, b: F32, *, turns: bool) -> tuple[int, float]:
    """Bits by which the hashes differ and the mean ΔE_ITP, the least over turns of one map."""
    own = perceptual_hash(a)
    best = (63, float("inf"))
    for shift in range(a.shape[1]) if turns else (0,):
        turned = np.roll(b, shift, axis=1)
        # Exposure is ours to choose, so a difference of mean intensity is none.
        level = np.zeros(3, np.float32)
        level[0] = turned[..., 0].mean() - a[..., 0].mean()
        colour = float(ictcp.delta_e_itp(a, turned - level).mean())
        bits = int((own != perceptual_hash(turned)).sum())
        best = min(best, (bits, colour), key=lambda found: found[1])
    return best


def found_groups(data: Path) -> tuple[dict[str, str], list[str]]:
    """Group by file name of all usable sources, and a line for every pair joined by sight."""
    from candela_engines.scorer.training.groups import by_name

    thumbs: dict[str, F32] = {}
    kinds: dict[str, str] = {}
    for source in find_sources(data):
        if source.kind == "view" or source.path.name in thumbs:
            continue
        try:
            thumbs[source.path.name] = thumbnail(source)
        except UnusableError:
            continue
        kinds[source.path.name] = source.kind
    names = sorted(thumbs)
    owner = {name: _ALIASES.get(by_name(name), by_name(name)) for name in names}
    reasons = [f"{name} = {owner[name]}: known" for name in names if owner[name] != by_name(name)]
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            maps = kinds[first] == kinds[second] == "still"
            bits, colour = difference(thumbs[first], thumbs[second], turns=maps)
            if owner[first] != owner[second] and (bits <= HASH_BITS or colour < DELTA_E):
                reasons.append(f"{first} = {second}: {bits} bits, ΔE_ITP {colour:.1f}")
                old, new = owner[second], owner[first]
                owner = {name: new if group == old else group for name, group in owner.items()}
    return owner, reasons
