"""The OpenFX plugin inside the test host beside the kernel alone, on the project's own sample.

    python -m bench.openfx [--rounds 7] [--threads 2]

The sample is fitted at 1920x1080 and, enlarged, at 3840x2160. Host and kernel take turns, round by round,
and medians count. Kernel alone: the native library called with the same codes, the whole job of a frame, into
PQ as floats; once with the host's own layout (RGBA floats) and once with packed bytes, which is its quickest.
The host's time is that of the plugin's render action. Ratios are those of one run; milliseconds are this
machine's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from tests.ofx_host.build import PLUGIN, build
from tests.ofx_host.driver import Host

from bench.environment import environment
from candela_engines.itm.carriers import find_payload
from candela_engines.native import native

SAMPLE = "night_street"
SAMPLES = Path(__file__).parents[1] / "engines/candela_engines/samples"
RESULT = Path(__file__).parent / "results/openfx.json"


def fitted(folder: Path, factor: int) -> tuple[np.ndarray, Path]:
    """Codes (H, W, 3) uint8, each pixel `factor` times each way, and the file with the payload."""
    import OpenImageIO as oiio

    paths = []
    for name in ("sdr.png", "hdr.exr"):
        image = oiio.ImageBuf(str(SAMPLES / f"{SAMPLE}.{name}"))
        pixels = image.get_pixels(oiio.UINT8 if name == "sdr.png" else oiio.FLOAT)[..., :3]
        pixels = np.ascontiguousarray(pixels.repeat(factor, 0).repeat(factor, 1))
        spec = oiio.ImageSpec(image.spec())
        spec.width, spec.height = pixels.shape[1], pixels.shape[0]
        spec.full_width, spec.full_height = spec.width, spec.height
        out = oiio.ImageBuf(spec)
        out.set_pixels(oiio.ROI(), pixels)
        paths.append(folder / f"{factor}.{name}")
        out.write(str(paths[-1]))
        if name == "sdr.png":
            codes = pixels
    carrier = folder / f"{factor}.candela.png"
    command = [sys.executable, "-m", "candela_server.cli", "embed", str(paths[0]), "--hdr", str(paths[1])]
    subprocess.run([*command, "-o", str(carrier), "--effort", "fast"], check=True)
    return codes, carrier


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(
    codes: np.ndarray, carrier: Path, host: Host, bundle: Path, rounds: int, threads: int
) -> dict[str, Any]:
    height, width = codes.shape[:2]
    held = np.ones((height, width, 4), np.float32)
    held[..., :3] = codes / np.float32(255)
    found = find_payload(carrier)
    library = native()
    if found is None or library is None:
        raise SystemExit("bench.openfx: the native library is needed, and a payload in the sample")
    model = library.Model.of(found.payload)
    region, out3, out4 = (0, 0, width, height), np.empty((height, width, 3), np.float32), np.ones_like(held)

    def kernel(picture: np.ndarray, out: np.ndarray) -> float:
        return 1000 * seconds(lambda: model.render(0, picture, 8, out, 32, region, "pq", threads))

    plugin = host.load(bundle, cpus=threads)["candela.Reconstruct"]
    effects = {}
    looks: dict[str, dict[str, object]] = {
        "pq": {},
        "hlg_rolled_off": {"outputEncoding": "HLG, Rec.2020 (1000 nit)", "rollOff": 1},
        "acescct": {"outputEncoding": "ACEScct"},
    }
    for name, values in looks.items():
        effects[name] = plugin.create((width, height), like=held, values={"file": carrier, **values})
        effects[name].frame(held)
    times: dict[str, list[float]] = {}
    for _ in range(rounds + 1):
        times.setdefault("kernel_rgba", []).append(kernel(held, out4[..., :3]))
        times.setdefault("kernel_bytes", []).append(kernel(codes, out3))
        for name, effect in effects.items():
            times.setdefault(name, []).append(effect.render(check=False).one.milliseconds)
    same = bool(np.array_equal(effects["pq"].render().pixels[..., :3], out4[..., :3]))
    middle = {name: round(median(all_times[1:]), 2) for name, all_times in times.items()}
    one = effects["pq"]
    several: dict[str, float] = {}
    for count in (1, 2, 4):
        beside = []
        for _ in range(count - 1):
            beside.append(plugin.create((width, height), like=held, values={"file": carrier}))
            beside[-1].frame(held)
        renders = [one.render(beside=beside, threads=count, check=False) for _ in range(3)]
        several[str(count)] = round(median(1000 * count / r.milliseconds for r in renders), 2)
    usage = host.usage()
    return {
        "width": width,
        "height": height,
        "ms": middle,
        "over_kernel_rgba": {name: round(middle[name] / middle["kernel_rgba"], 3) for name in looks},
        "over_kernel_bytes": {name: round(middle[name] / middle["kernel_bytes"], 3) for name in looks},
        "bits_equal_those_of_the_kernel": same,
        "frames_a_second_by_instances": several,
        "host_peak_mib": round(usage["peak_kib"] / 1024, 1),
        "frame_mib": round(held.nbytes / 2**20, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    built = build(plugin=PLUGIN)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for factor in (1, 2):
            codes, carrier = fitted(Path(folder), factor)
            with Host(built, "plain-1.5") as host:
                rows.append(measure(codes, carrier, host, built.bundle, asked.rounds, asked.threads))
            print(json.dumps(rows[-1], indent=1))
    result = {"environment": environment(), "rounds": asked.rounds, "threads": asked.threads, "frames": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
