"""Regenerate the samples: render each scene, grade it, write the files and the manifest.

python bench/samples/render_all.py                    # all three, full quality
python bench/samples/render_all.py interior --width 480 --spp 16 --keep /tmp/x   # a look
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from grade import hdr_nits, pq_psnr, read_hdr, sdr_code, statistics, write_hdr, write_sdr

HERE = Path(__file__).resolve().parent
OUT = HERE.parents[1] / "engines" / "candela_engines" / "samples"
SCENES = ("interior", "night_street", "low_sun")
COMPRESSION = "dwab:80"
LIMIT = 3_000_000


def scene_linear(name: str, width: int, spp: int | None) -> np.ndarray:
    module = importlib.import_module(name)
    height = width * 9 // 16
    if hasattr(module, "paint"):
        return np.asarray(module.paint(width, height, spp), np.float32)
    import common

    settings = dict(module.SETTINGS)
    settings["spp"] = spp or settings["spp"]
    layers = common.render(module.build(width, height), **settings)
    return np.asarray(module.finish(layers), np.float32)


def deliver(name: str, scene: np.ndarray, seconds: float) -> dict[str, Any]:
    """Grade one scene-linear picture and write its pair; returns its entry in the manifest."""
    hdr_path, sdr_path = OUT / f"{name}.hdr.exr", OUT / f"{name}.sdr.png"
    nits = hdr_nits(scene)
    write_hdr(hdr_path, nits, COMPRESSION)
    write_sdr(sdr_path, sdr_code(scene))
    back = read_hdr(hdr_path)
    files = {}
    for kind, path in (("hdr", hdr_path), ("sdr", sdr_path)):
        data = path.read_bytes()
        if len(data) > LIMIT:
            raise RuntimeError(f"{path.name}: {len(data)} bytes, more than {LIMIT}")
        files[kind] = {"file": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    psnr = pq_psnr(back, nits)
    if psnr < 60:
        raise RuntimeError(f"{name}: the master's compression leaves {psnr:.1f} dB, less than 60")
    return {
        **files,
        "width": scene.shape[1],
        "height": scene.shape[0],
        "compression": COMPRESSION,
        "master_pq_psnr_db": round(psnr, 2),
        **statistics(back),
        "render_seconds": round(seconds),
        "command": f"python bench/samples/render_all.py {name}",
    }


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("scenes", nargs="*", default=SCENES, metavar="SCENE", help=f"of {', '.join(SCENES)}")
    ap.add_argument("--width", type=int, default=1920)
    ap.add_argument("--spp", type=int, help="samples a pixel; the scene's own figure when absent")
    ap.add_argument("--keep", type=Path, help="folder for the scene-linear picture; nothing is delivered")
    ap.add_argument(
        "--from", dest="source", type=Path, help="grade pictures kept earlier instead of rendering"
    )
    args = ap.parse_args()
    manifest_path = OUT / "manifest.json"
    manifest = json.loads(manifest_path.read_text()) if manifest_path.exists() else {"samples": {}}
    for name in args.scenes:
        start = time.time()
        kept = args.source / f"{name}.npy" if args.source else None
        scene = np.load(kept) if kept else scene_linear(name, args.width, args.spp)
        seconds = float(kept.with_suffix(".seconds").read_text()) if kept else time.time() - start
        print(f"{name}: {seconds:.0f} s", flush=True)
        if args.keep:
            args.keep.mkdir(parents=True, exist_ok=True)
            np.save(args.keep / f"{name}.npy", scene)
            (args.keep / f"{name}.seconds").write_text(f"{seconds:.0f}")
            continue
        manifest["samples"][name] = deliver(name, scene, seconds)
        manifest["samples"] = {k: manifest["samples"][k] for k in SCENES if k in manifest["samples"]}
        manifest["licence"] = "CC0-1.0"
        manifest_path.write_text(json.dumps(manifest, indent=2) + "\n")
        print(json.dumps(manifest["samples"][name], indent=2))


if __name__ == "__main__":
    main()
