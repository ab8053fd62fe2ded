"""The OpenFX plugin inside the test host beside the kernel alone, on the project's own sample.

    python -m bench.openfx [--rounds 7] [--threads 2] [--sizes 1080 2160] [--out bench/results/openfx.json]

The sample is fitted at 1920x1080 and, enlarged, at 3840x2160. Host and kernel take turns, round by round,
and medians and the fastest of each count. Kernel alone: the native library called with the same codes, the
whole job of a frame, into PQ as floats; once with the host's own layout (RGBA floats) and once with packed
bytes, which is its quickest. The host's time is that of the plugin's render action; `processor` is what its
threads used, which others' work on the machine lengthens least. Several instances render one frame each at
once. Ratios are those of one run; milliseconds are this machine's. The file is written after every step, so
that what was measured stays.
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
from tests.ofx_host.build import PLUGIN, Built, build
from tests.ofx_host.driver import Host

from bench.environment import environment
from candela_engines.itm.carriers import find_payload
from candela_engines.native import native

SAMPLE = "night_street"
SAMPLES = Path(__file__).parents[1] / "engines/candela_engines/samples"
RESULT = Path(__file__).parent / "results/openfx.json"
LOOKS: dict[str, dict[str, object]] = {
    "pq": {},
    "nits": {"outputEncoding": "Linear Rec.2020, nits"},
    "acescg": {"outputEncoding": "ACEScg"},
    "acescct": {"outputEncoding": "ACEScct"},
    "intermediate": {"outputEncoding": "DaVinci Intermediate"},
    "hlg": {"outputEncoding": "HLG, Rec.2020 (1000 nit)"},
    "pq_rolled_off": {"rollOff": 1, "peak": 600},
    "hlg_rolled_off": {"outputEncoding": "HLG, Rec.2020 (1000 nit)", "rollOff": 1},
}


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


class Measured:
    """One size: the kernel in this process, effects of every look in the host's."""

    def __init__(self, codes: np.ndarray, carrier: Path, host: Host, bundle: Path, threads: int) -> None:
        self.height, self.width = codes.shape[:2]
        self.host, self.carrier, self.threads = host, carrier, threads
        self.codes = codes
        self.held = np.ones((self.height, self.width, 4), np.float32)
        self.held[..., :3] = codes / np.float32(255)
        found, library = find_payload(carrier), native()
        if found is None or library is None:
            raise SystemExit("bench.openfx: the native library is needed, and a payload in the sample")
        self.model = library.Model.of(found.payload)
        self.out3 = np.empty((self.height, self.width, 3), np.float32)
        self.out4 = np.ones_like(self.held)
        self.plugins = host.load(bundle, cpus=threads)
        self.effects = {name: self._effect(**values) for name, values in LOOKS.items()}
        self.row: dict[str, Any] = {"width": self.width, "height": self.height}

    def _effect(self, **values: object) -> Any:
        size = (self.width, self.height)
        values = {"file": self.carrier, **values}
        effect = self.plugins["candela.Reconstruct"].create(size, like=self.held, values=values)
        effect.frame(self.held)
        return effect

    def _kernel(self, picture: np.ndarray, out: np.ndarray) -> float:
        region = (0, 0, self.width, self.height)
        return 1000 * seconds(
            lambda: self.model.render(0, picture, 8, out, 32, region, "pq", self.threads)
        )

    def looks(self, rounds: int) -> None:
        """Every look beside the kernel, in turns; the first turn warms up."""
        times: dict[str, list[float]] = {}
        used: dict[str, list[float]] = {}
        for _ in range(rounds + 1):
            times.setdefault("kernel_rgba", []).append(self._kernel(self.held, self.out4[..., :3]))
            times.setdefault("kernel_bytes", []).append(self._kernel(self.codes, self.out3))
            for name, effect in self.effects.items():
                one = effect.render(check=False).one
                times.setdefault(name, []).append(one.milliseconds)
                used.setdefault(name, []).append(one.processor)
        same = np.array_equal(self.effects["pq"].render().pixels[..., :3], self.out4[..., :3])
        middle = {name: median(values[1:]) for name, values in times.items()}
        least = {name: min(values[1:]) for name, values in times.items()}
        self.row |= {
            "ms": {name: round(value, 2) for name, value in middle.items()},
            "least_ms": {name: round(value, 2) for name, value in least.items()},
            "processor_ms": {name: round(median(values[1:]), 2) for name, values in used.items()},
            "bits_equal_those_of_the_kernel": bool(same),
        }
        for beside in ("kernel_rgba", "kernel_bytes"):
            over = {name: round(middle[name] / middle[beside], 3) for name in LOOKS}
            fastest = {name: round(least[name] / least[beside], 3) for name in LOOKS}
            self.row[f"over_{beside}"] = over
            self.row[f"least_over_{beside}"] = fastest

    def instances(self) -> None:
        """Frames a second of several instances, each with one thread of the host's for itself.

        Once with what the host does around a render (it fills outputs, and keeps them), once by the times of
        the render actions alone, which ran side by side.
        """
        several: dict[str, float] = {}
        alone: dict[str, float] = {}
        one, beside = self.effects["pq"], []
        for count in (1, 2, 4):
            while len(beside) < count - 1:
                beside.append(self._effect())
            renders = [one.render(beside=beside, threads=count, repeat=3, check=False) for _ in range(4)][1:]
            several[str(count)] = round(median(3000 * count / r.milliseconds for r in renders), 2)
            rates = (sum(1000 / each.milliseconds for each in r.all) for r in renders)
            alone[str(count)] = round(median(rates), 2)
        self.row["frames_a_second_by_instances"] = several
        self.row["frames_a_second_of_render_actions"] = alone

    def scope(self, rounds: int) -> None:
        """The scope over the result: every view with legend and active picture, no QC result."""
        source = self.effects["pq"].render(check=False).pixels
        effect = self.plugins["candela.Scope"].create((self.width, self.height), like=source)
        effect.frame(source)
        times: dict[str, float] = {}
        for view in ("Picture", "False colour", "Out of gamut", "Over peak"):
            effect.set("view", view)
            times[view] = round(median(effect.render(check=False).one.milliseconds for _ in range(rounds)), 2)
        self.row["scope_ms"] = times

    def memory(self) -> None:
        """What the host's process takes, and how much more a second instance does."""
        self.row["host_peak_mib"] = round(self.host.usage()["peak_kib"] / 1024, 1)
        self.row["frame_mib"] = round(self.held.nbytes / 2**20, 1)


def memory_of_an_instance(built: Built, codes: np.ndarray, carrier: Path) -> dict[str, float]:
    """MiB of a host with one instance that has rendered, and of each of three more beside it."""
    held = np.ones((*codes.shape[:2], 4), np.float32)
    held[..., :3] = codes / np.float32(255)
    levels = []
    with Host(built, "plain-1.5") as host:
        plugin = host.load(built.bundle, cpus=1)["candela.Reconstruct"]
        for _ in range(4):
            effect = plugin.create((codes.shape[1], codes.shape[0]), like=held, values={"file": carrier})
            effect.frame(held)
            effect.render(check=False)
            levels.append(host.usage()["now_kib"] / 1024)
    frame = held.nbytes / 2**20  # the host keeps every instance's source
    return {"first_mib": round(levels[0], 1), "each_more_mib": round((levels[3] - levels[0]) / 3 - frame, 1)}


def table(result: dict[str, Any]) -> str:
    """Milliseconds and ratios as docs/openfx.md has them."""
    looks = [name for name in LOOKS if all(name in row["ms"] for row in result["frames"])]
    lines = [f"| | kernel | {' | '.join(looks).replace('_', ' ')} |", "|---" * (len(looks) + 2) + "|"]
    for row in result["frames"]:
        size = f"{row['width']}x{row['height']}"
        times = " | ".join(f"{row['ms'][name]:.0f}" for name in looks)
        lines.append(f"| {size}, ms | {row['ms']['kernel_rgba']:.0f} | {times} |")
        for beside, words in (("kernel_rgba", "in RGBA floats"), ("kernel_bytes", "on packed bytes")):
            ratios = " | ".join(f"{row[f'over_{beside}'][name]:.2f}" for name in looks)
            lines.append(f"| times the kernel {words} | 1 | {ratios} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true", help="print what was kept, and measure nothing")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sizes", type=int, nargs="+", choices=(1080, 2160), default=[1080, 2160])
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    if asked.table:
        print(table(json.loads(asked.out.read_text())))
        return
    built = build(plugin=PLUGIN)
    rows: list[dict[str, Any]] = []
    result = {"environment": environment(), "rounds": asked.rounds, "threads": asked.threads, "frames": rows}

    def keep(row: dict[str, Any]) -> None:
        if row not in rows:
            rows.append(row)
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(json.dumps(result, indent=1) + "\n")

    with tempfile.TemporaryDirectory() as folder:
        for size in asked.sizes:
            codes, carrier = fitted(Path(folder), size // 1080)
            with Host(built, "plain-1.5") as host:
                one = Measured(codes, carrier, host, built.bundle, asked.threads)
                one.looks(asked.rounds)
                keep(one.row)
                one.memory()
                one.instances()
                one.scope(asked.rounds)
                keep(one.row)
            one.row["memory"] = memory_of_an_instance(built, codes, carrier)
            keep(one.row)
            print(json.dumps(one.row, indent=1), flush=True)


if __name__ == "__main__":
    main()
