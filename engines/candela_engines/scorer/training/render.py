"""First stage: the pictures of every source. Stops and goes on at any moment, the same whatever the order.

    python -m candela_engines.scorer.training.render DATA OUT [--size 512|native-crop] [--part 1/2]

DATA holds `stills` and `clips`. With 512 a picture's longer side is at most 512 pixels and the faults are
made at that size. With native-crop they are made on the pixels of the file (at most 1024x512 of them): what
is kept is the whole picture shrunk to 512 and four windows of 256x256 untouched, for faults that shrinking
hides.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from candela_engines.colour.gamuts import luminance
from candela_engines.scorer.training.following import add_part, is_of_part
from candela_engines.scorer.training.masters import master, rendering_of
from candela_engines.scorer.training.operators import OPERATORS, eight_bits, random_trim, sdr_code, trimmed
from candela_engines.scorer.training.pictures import (
    F32,
    codes_of,
    fit_size,
    generator,
    nits_of,
    shrink_to,
)
from candela_engines.scorer.training.sources import Picture, Source, UnusableError, find_sources, load
from candela_engines.scorer.training.store import Store
from candela_engines.scorer.training.variants import Variants

__all__ = ["Settings", "main", "render_source"]

VERSION = 1  # goes up when a picture would come out differently
WIDE_OPERATORS = ("aces2", "bt2446a", "bt2446c", "hard_clip")
_SIDE = 512
_CROP = 256
_CROPS = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """What a data set is made with. size: "512" or "native-crop"."""

    size: str = "512"
    seed: int = 0
    styles: int = 5
    local: int = 6
    combined: int = 5
    trims: int = 2
    version: int = VERSION


def references(
    picture: Picture, family: str, nits: F32, scene: F32 | None, settings: Settings
) -> tuple[list[np.ndarray], list[dict[str, Any]]]:
    """SDR versions of a master: every operator that can, the source's own, and some with a trim."""
    random = generator(settings.seed, picture.source.name, "trims", family)
    operators = [
        n for n in (OPERATORS if family == "base" else WIDE_OPERATORS) if n != "aces1" or scene is not None
    ]
    made = {name: sdr_code(name, nits, scene) for name in operators}
    if family == "base" and picture.own_sdr is not None:
        made["own"] = picture.own_sdr ** np.float32(1 / 2.4)
    pictures = [eight_bits(code) for code in made.values()]
    notes: list[dict[str, Any]] = [{"operator": n, "family": family, "trim": None} for n in made]
    if family == "base":
        for number in random.choice(len(operators), settings.trims, replace=False):
            trim = random_trim(random)
            pictures.append(eight_bits(trimmed(made[operators[number]], trim)))
            notes.append({"operator": operators[number], "family": family, "trim": trim.to_dict()})
    return pictures, notes


def render_source(source: Source, store: Store, settings: Settings) -> str:
    """Make and store all pictures of one source; a line that says what came of it."""
    start = time.monotonic()
    native = settings.size == "native-crop"
    try:
        picture = load(source, side=_SIDE, native=native)
        rendering = rendering_of(picture, generator(settings.seed, source.name, "rendering"))
        base = nits_of(codes_of(master(picture, rendering)))
        if float(luminance(base).max()) < 1.0:
            raise UnusableError("a master without light")
    except UnusableError as reason:
        store.write_unusable(source.name, str(reason))
        return f"{source.name}: left out, {reason}"
    sdr, notes = references(picture, "base", base, picture.scene, settings)
    variants = Variants(picture, base, rendering, settings.seed)
    variants.make(sdr[0], styles=settings.styles, local=settings.local, combined=settings.combined)
    wide = next((i for i, note in enumerate(variants.notes) if note["kind"] == "wide"), None)
    if wide is not None:
        nits = nits_of(variants.codes[wide])
        more, more_notes = references(picture, "wide", nits, variants.wide_scene, settings)
        sdr, notes = sdr + more, notes + more_notes
    arrays, boxes = _arrays(
        variants, sdr, native=native, random=generator(settings.seed, source.name, "crops")
    )
    meta = {
        "source": source.name,
        "file": source.path.name,
        "kind": source.kind,
        "group": source.group,
        "rendering": rendering,
        "manner": asdict(variants.manner),
        "size": list(base.shape[:2]),
        "crops": boxes,
        "variants": variants.notes,
        "references": notes,
        "discarded": variants.discarded,
    }
    store.write_pictures(source.name, arrays, meta)
    seconds = time.monotonic() - start
    return (
        f"{source.name}: {len(variants.notes)} variants, {len(variants.discarded)} discarded, {seconds:.1f} s"
    )


def _arrays(
    variants: Variants, sdr: list[np.ndarray], *, native: bool, random: np.random.Generator
) -> tuple[dict[str, np.ndarray], list[list[int]]]:
    height, width = variants.base.shape[:2]
    masks = np.stack(variants.masks) if variants.masks else np.zeros((0, height, width), np.uint8)
    if not native:
        return {"variants": np.stack(variants.codes), "references": np.stack(sdr), "masks": masks}, []
    rows, columns = fit_size(height, width, _SIDE)
    boxes = _windows(variants.base, random)
    whole = [codes_of(shrink_to(nits_of(codes), rows, columns)) for codes in variants.codes]
    crops = [[codes[y : y + _CROP, x : x + _CROP] for y, x in boxes] for codes in variants.codes]
    small = [_shrunk_sdr(code, rows, columns) for code in sdr]
    sdr_crops = [[code[y : y + _CROP, x : x + _CROP] for y, x in boxes] for code in sdr]
    shrunk = [np.round(shrink_to(mask, rows, columns)).astype(np.uint8) for mask in masks]
    arrays = {
        "variants": np.stack(whole),
        "crops": np.array(crops),
        "references": np.stack(small),
        "reference_crops": np.array(sdr_crops),
        "masks": np.stack(shrunk) if shrunk else np.zeros((0, rows, columns), np.uint8),
    }
    return arrays, [list(box) for box in boxes]


def _shrunk_sdr(code: np.ndarray, rows: int, columns: int) -> np.ndarray:
    light = (np.arange(256, dtype=np.float32) / 255) ** np.float32(2.4)
    return eight_bits(shrink_to(light[code], rows, columns) ** np.float32(1 / 2.4))


def _windows(nits: F32, random: np.random.Generator) -> list[tuple[int, int]]:
    """Corners of windows that do not leave the picture, spread over it by jitter on a row of places."""
    height, width = nits.shape[:2]
    top, left = max(0, height - _CROP), max(0, width - _CROP)
    return [
        (int(random.integers(0, top + 1)), int(min(left, (k + random.uniform()) / _CROPS * (left + 1))))
        for k in range(_CROPS)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Render what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", choices=("512", "native-crop"), default="512")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="at most so many sources, in the fixed order")
    add_part(parser)
    asked = parser.parse_args(arguments)
    settings = Settings(size=asked.size, seed=asked.seed)
    store = Store(asked.out)
    store.claim(asdict(settings))
    store.tidy()
    sources = [s for s in find_sources(asked.data)[: asked.limit] if is_of_part(s.name, asked.part)]
    todo = [s for s in sources if not store.has("pictures", s.name)]
    for number, source in enumerate(todo, 1):
        print(f"{number}/{len(todo)} {render_source(source, store, settings)}", flush=True)


if __name__ == "__main__":
    main()
