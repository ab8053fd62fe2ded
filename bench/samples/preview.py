"""Look at a scene: the SDR grade at half size, and the HDR grade in the false colours of reports."""

from __future__ import annotations

import argparse
from pathlib import Path

import imagecodecs
import numpy as np
from grade import hdr_nits, sdr_code

from candela_engines.colour.false_colour import false_colour


def half(image: np.ndarray) -> np.ndarray:
    h, w = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    return image[:h, :w].reshape(h // 2, 2, w // 2, 2, 3).mean(axis=(1, 3))


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("scene", type=Path, help="scene-linear .npy written by render_all.py --keep")
    ap.add_argument("--out", type=Path, required=True, help="folder for the previews")
    args = ap.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    scene = np.load(args.scene)
    if scene.shape[1] > 1200:
        scene = half(scene)
    nits = hdr_nits(scene)
    # The HDR grade two stops down, gamma 2.4: shows what is inside the highlights.
    dark = np.clip(nits / 1000, 0, 1) ** (1 / 2.4) * 255
    for name, image in (
        ("sdr", sdr_code(scene)),
        ("nits", false_colour(nits)),
        ("hdr", dark.astype(np.uint8)),
    ):
        (args.out / f"{args.scene.stem}.{name}.png").write_bytes(imagecodecs.png_encode(image, level=3))


if __name__ == "__main__":
    main()
