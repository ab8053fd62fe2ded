"""What a network loses on its way into a host: DCTL, BlinkScript and LUTs against the reconstruction.

    python -m bench.exports DATA [--sources 2] [--side 512] [--sizes 33] [--families aces2 window crop]
                                 [--networks default paper gamma] [--budgets 8192] [--no-shots] [--out FILE]

Pairs of held-out sources are fitted (`--effort fast`), exported, and compared with what `reconstruct` makes
of the same codes. Generated code is compiled with the shim of the tests and run over whole frames; its error
is the largest of any sample, in PQ codes over full scale, against the reference in double precision. LUTs and
planes of fewer samples are measured as the commands measure them, in PU-PSNR and ΔE_ITP against the full
reconstruction, and LUTs against the master too, where `reconstruct` stands beside them. Shots: what
`--means fast` costs.

Most of the time goes into LUTs of 65 (275,000 nodes, solved for up to eight times) and into fits and frames
of full size: unless asked otherwise, pictures have at most 512 pixels a side and LUTs 33 nodes.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from tests.exports.compiled import CompiledBlink, CompiledDctl

from bench.environment import environment
from bench.ours import CARRIER_BYTES
from bench.pairs import Pair, SkippedError, chosen_sources, make_pairs
from bench.shot_pairs import shots
from candela_engines.itm.decode import decode_payload, render
from candela_engines.itm.export.approximate import approximate_strips
from candela_engines.itm.export.cube_fit import fit_cube, pool_of
from candela_engines.itm.export.default_code import DefaultNetwork
from candela_engines.itm.export.moment import Subject, at_frame
from candela_engines.itm.export.output import Output
from candela_engines.itm.export.prepare import write_blink, write_dctl
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.quality import measure
from candela_engines.itm.shot_fit import fit_part
from candela_engines.itm.shot_model import ShotRenderer, decode_shot
from candela_engines.itm.shot_pairs import PairFrame
from candela_engines.media.hashing import hash_samples

PQ = Output("pq")
RESULTS = Path(__file__).parent / "results" / "exports.json"
SHOT_FRAMES = 12


def smaller(pair: Pair, side: int) -> Pair:
    """The middle of a pair, where it is larger: samples stay the file's own."""
    height, width = pair.sdr_codes.shape[:2]
    top, left = max(0, height - side) // 2, max(0, width - side) // 2
    part = np.s_[top : top + side, left : left + side]
    return replace(pair, sdr_codes=pair.sdr_codes[part], hdr_pq=pair.hdr_pq[part])


def still_row(pair: Pair, model: str, budget: int | None, sizes: Sequence[int]) -> dict[str, Any]:
    """One pair, one network, LUTs of these sizes."""
    room = {} if budget is None else {"budget": budget - CARRIER_BYTES}
    fitted = fit_pair(
        pair.sdr_codes, pair.sdr_state, pair.hdr_nits, model=model, effort="fast", seed=0, **room
    )
    decoded = decode_payload(fitted.payload)
    signal = over_full_scale(pair.sdr_codes, 8)
    nits = render(decoded, pair.sdr_codes)
    strips = decoded.model.strips(signal.astype(np.float64), decoded.payload.sdr, reference=True)
    wanted = PQ.apply(np.concatenate([part for _, part in strips]))
    subject = Subject(decoded.payload, pair.sdr_codes)
    dctl = write_dctl(subject, PQ, [], means="baked")
    blink = write_blink(subject, PQ, [], means="baked")
    row: dict[str, Any] = {
        "source": pair.source,
        "family": pair.family,
        "model": model,
        "budget_bytes": budget,
        "size": list(pair.sdr_codes.shape[1::-1]),
        "reconstruct_pu_psnr_db": level(measure([(0, nits)], pair.hdr_nits).pu_psnr),
        "storage": dctl.storage,
        "dctl_bytes": len(dctl.text),
        "constant_bytes": dctl.constant_bytes,
        "reads_per_pixel": dctl.reads,
        "reconstruct_error": float(np.abs(PQ.apply(nits) - wanted).max()),
    }
    with tempfile.TemporaryDirectory() as folder:
        made = CompiledDctl(dctl.text, Path(folder)).run(signal)
        row["dctl_error"] = float(np.abs(made - wanted).max())
        data = None if blink.picture is None else blink.picture.pixels
        made = CompiledBlink(blink.text, Path(folder)).run(signal, data)[..., :3]
        row["blink_error"] = float(np.abs(made - wanted).max())
    if dctl.storage == "lut":
        small = write_dctl(subject, PQ, [], storage="constants", means="baked")
        assert isinstance(small.network, DefaultNetwork) and small.plane_shift is not None
        found = measure(approximate_strips(small.network, decoded.payload, pair.sdr_codes), nits)
        row["constants"] = {
            "plane_cell_px": [1 << shift for shift in small.plane_shift],
            "plane_bits": small.plane_bits,
            "pu_psnr_db": level(found.pu_psnr),
            "delta_e_itp_mean": round(found.delta_e_mean, 3),
        }
    for size in sizes:
        row[f"cube_{size}"] = cube_row(pair, signal, nits, size)
    return row


def cube_row(pair: Pair, signal: np.ndarray, nits: np.ndarray, size: int) -> dict[str, Any]:
    """A LUT of a reconstruction."""
    codes, light = signal.reshape(-1, 3), nits.reshape(-1, 3)
    judging = np.random.default_rng(0).random(len(codes)) < 0.2
    pools = [pool_of(codes[some], light[some], PQ) for some in (~judging, judging)]
    cube = fit_cube(pools[0], pools[1], PQ, pair.sdr_state, 8, size)
    made = np.maximum(PQ.light(cube.apply(signal)), 0).astype(np.float32)
    against, master = measure([(0, made)], nits), measure([(0, made)], pair.hdr_nits)
    return {
        "shaper": cube.shaper is not None,
        "pu_psnr_db": level(against.pu_psnr),
        "delta_e_itp_mean": round(against.delta_e_mean, 3),
        "master_pu_psnr_db": level(master.pu_psnr),
    }


def shot_rows(data: Path, limit: int) -> Iterator[dict[str, Any]]:
    """What `--means fast` costs on shots."""
    for pair in shots(data, count=SHOT_FRAMES, limit=limit, families=("aces2", "bt2446c", "window")):
        frames = [
            PairFrame(n, codes, 8, nits, hash_samples(codes, 8)[:16])
            for n, (codes, nits) in enumerate(pair.frames())
            if n < SHOT_FRAMES
        ]

        def source(a: int, b: int, wanted: Any = None, frames: Any = frames) -> Iterator[PairFrame]:
            return (f for f in frames[a : b + 1] if wanted is None or f.number in wanted)

        last = len(frames) - 1
        part = fit_part(source, 0, last, sdr_state=pair.sdr_state, budget=4096, effort="fast")
        model = decode_shot(part.payload)
        written = write_dctl(Subject(model.payload), PQ, [], means="fast")
        assert isinstance(written.network, DefaultNetwork)
        height, width = frames[0].codes.shape[:2]
        renderer, levels = ShotRenderer(model, height, width), []
        for frame in (frames[0], frames[last // 2], frames[last]):
            nits = np.asarray(renderer.render(frame.number, frame.codes, 8), np.float32)
            network = at_frame(written.network, model.payload, frame.number)
            levels.append(measure(approximate_strips(network, model.payload, frame.codes), nits).pu_psnr)
        yield {
            "shot": pair.name,
            "family": pair.family,
            "moves": written.moves,
            "storage": written.storage,
            "reads_per_pixel": written.reads,
            "reconstruct_pu_psnr_db": level(model.payload.fidelity.pu_psnr),
            "worst_frame_pu_psnr_db": level(min(levels)),
        }


def level(value: float) -> float | None:
    """For JSON, which has no infinity."""
    return None if np.isinf(value) else round(value, 2)


def summary(stills: list[dict[str, Any]], moving: list[dict[str, Any]]) -> dict[str, Any]:
    """What the pages quote."""
    out: dict[str, Any] = {}
    for model in ("default", "paper", "gamma"):
        rows = [row for row in stills if row["model"] == model]
        if rows:
            out[f"{model}_largest_error"] = {k: max(r[k] for r in rows) for k in ERRORS}
    for family in sorted({row["family"] for row in stills if row["model"] == "default"}):
        rows = [row for row in stills if row["family"] == family and row["model"] == "default"]
        small = [row["constants"]["pu_psnr_db"] for row in rows if "constants" in row]
        out[family] = {
            "pairs": len(rows),
            "reconstruct_pu_psnr_db": median(r["reconstruct_pu_psnr_db"] for r in rows),
            **{
                f"cube_{n}_{key}": median(r[f"cube_{n}"][key] for r in rows)
                for n in (33, 65)
                if rows and f"cube_{n}" in rows[0]
                for key in ("pu_psnr_db", "delta_e_itp_mean", "master_pu_psnr_db")
            },
            "constants_pu_psnr_db": median(small) if small else None,
        }
    if moving:
        levels = [
            row["worst_frame_pu_psnr_db"] for row in moving if row["worst_frame_pu_psnr_db"] is not None
        ]
        out["fast_means"] = {"shots": len(moving), "worst_db": min(levels), "median_db": median(levels)}
    return out


def table(document: dict[str, Any]) -> str:
    """The stills as docs/exports.md has them."""
    lines = [
        "| pair | network | `reconstruct` | DCTL | BlinkScript | constants only | LUT of 33 | LUT of 65 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in document["stills"]:
        small = row.get("constants")
        cubes = [row.get(f"cube_{n}") for n in (33, 65)]
        cells = [
            f"{row['source'].partition('.')[0]}, {row['family']}",
            row["model"],
            f"{row['reconstruct_pu_psnr_db']:.1f} dB",
            f"{row['dctl_error']:.1e} ({row['storage']})",
            f"{row['blink_error']:.1e}",
            "" if small is None else f"{small['pu_psnr_db']:.1f} dB",
            *("" if c is None else f"{c['pu_psnr_db']:.1f} dB, {c['delta_e_itp_mean']:.2f}" for c in cubes),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


ERRORS = ("reconstruct_error", "dctl_error", "blink_error")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--sources", type=int, default=2)
    parser.add_argument("--budgets", type=int, nargs="+", default=[8192])
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--sizes", type=int, nargs="*", default=[33])
    parser.add_argument("--families", nargs="+", default=["aces2", "bt2446c", "window", "crop"])
    parser.add_argument("--networks", nargs="+", default=["default", "paper", "gamma"])
    parser.add_argument("--no-shots", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULTS)
    said = parser.parse_args()
    os.environ["CANDELA_SHIM_FLAGS"] = "-O1"
    stills: list[dict[str, Any]] = []
    folder = said.data / "stills" if (said.data / "stills").is_dir() else said.data
    sources, _ = chosen_sources(folder, limit=said.sources)
    for path in sources:
        try:
            pairs = list(make_pairs(path, said.families, max_side=said.side))
        except SkippedError as error:
            print(f"{path.name}: left out, {error}", flush=True)
            continue
        for pair in (smaller(pair, said.side) for pair in pairs):
            jobs: list[tuple[str, int | None]] = []
            if "default" in said.networks:
                jobs += [("default", budget) for budget in said.budgets]
            if pair.family in ("aces2", "crop"):  # once for a source of either kind
                jobs += [(name, None) for name in said.networks if name != "default"]
            for model, budget in jobs:
                stills.append(still_row(pair, model, budget, said.sizes if model == "default" else ()))
                print(json.dumps(stills[-1]), flush=True)
                write(said.out, stills, [])
    moving = []
    for row in () if said.no_shots else shot_rows(said.data, said.sources):
        moving.append(row)
        print(json.dumps(row), flush=True)
        write(said.out, stills, moving)
    document = write(said.out, stills, moving)
    print(json.dumps(document["summary"], indent=1))
    print(table(document))


def write(out: Path, stills: list[dict[str, Any]], moving: list[dict[str, Any]]) -> dict[str, Any]:
    """The results, also of a run that is not at its end."""
    document = {
        "environment": environment(),
        "summary": summary(stills, moving),
        "stills": stills,
        "shots": moving,
    }
    out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return document


if __name__ == "__main__":
    main()
