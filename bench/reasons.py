"""What the reasons of the scorer find: faults of known kind and place, and false alarms, on held-out sources.

    python -m bench.reasons DATA [--sources 12] [--part 1/2] [--out bench/results/reasons.json]
    python -m bench.reasons --join PART… --out bench/results/reasons.json

DATA: a folder as `candela_engines.scorer.training.render` makes it: masters of real pictures, other grades of
them, ladders of faults, local faults with their masks, SDR references. The thresholds were tuned on the
sources of TUNED; measured here are others, none of them a sibling of those.

Average precision of a kind: pictures of that kind's ladder, second rung and up, against masters and styles
(`ap_legitimate`), and against all pictures that do not have the fault by construction (`ap_all`; consequences
are left out: a contrast of 1.7 clips). IoU: of a planted region and the mask of the reasons that name a
place, the best of them. A false alarm: a violation told of a master or of a legitimate other grade.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from bench.environment import environment
from candela_engines.colour import pq
from candela_engines.scorer.evidence import evidence_of
from candela_engines.scorer.reasons import find_reasons
from candela_engines.scorer.reasons_measure import amounts
from candela_engines.scorer.training.kinds import FOLLOWS, LADDERS

_EIGHT = ((np.arange(256) / 255) ** 2.4 * 100).astype(np.float32)
_CODES = pq.eotf(np.arange(65536) / 65535).astype(np.float32)


TUNED = {
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


def held_out(data: Path, count: int) -> list[str]:
    """Names of the sources that are measured."""
    names = sorted(p.name for p in (data / "pictures").iterdir() if (p / "meta.json").is_file())
    groups = {n: json.loads((data / "pictures" / n / "meta.json").read_text("utf-8"))["group"] for n in names}
    tuned = {groups[n] for n in names if n in TUNED}
    return [n for n in names if n not in TUNED and groups[n] not in tuned][:count]


def wanted(note: dict[str, Any]) -> bool:
    """Masters, styles, every second rung from the second on, local faults."""
    if note["kind"] in ("master", "style"):
        return True
    if note["parent"] != "base":
        return False
    return note["kind"] == "local" or (note["kind"] == "fault" and note["rung"] in (2, 3, 4))


def measure(data: Path, name: str) -> list[dict[str, Any]]:
    """One row a picture: what it is, the amounts of all kinds, and the reasons told."""
    folder = data / "pictures" / name
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    variants, references = np.load(folder / "variants.npy", mmap_mode="r"), np.load(folder / "references.npy")
    masks = np.load(folder / "masks.npy", mmap_mode="r")
    base = [i for i, r in enumerate(meta["references"]) if r["family"] == "base"]
    rows = []
    for place, note in enumerate(meta["variants"]):
        if not wanted(note):
            continue
        # Masters and styles beside several operators, faults beside one that differs from source to source.
        legitimate = note["kind"] in ("master", "style")
        turn = sum(map(ord, note["name"] + name))
        beside = base[:5] if note["kind"] == "master" else [base[turn % 5]]
        for reference in beside:
            evidence = evidence_of(_CODES[variants[place]], _EIGHT[references[reference]], threads=1)
            found = find_reasons(evidence)
            row = {
                "source": name,
                "operator": meta["references"][reference]["operator"],
                "kind": note["kind"],
                "ladder": "master" if legitimate else note["ladder"].removeprefix("local:"),
                "rung": note["rung"],
                "amounts": {
                    k: None if math.isnan(v) else round(v, 5)
                    for k, v in amounts(evidence.description).items()
                },
                "violations": [r.kind for r in found if r.reason_class == "violation"],
                "beyond": [r.kind for r in found if r.reason_class == "deviation" and not r.within],
            }
            if note["mask"] is not None:
                truth = masks[note["mask"]] > 127
                row["iou"] = {
                    r.kind: round(_iou(r.mask.full(*truth.shape), truth), 3)
                    for r in found
                    if r.mask is not None
                }
            rows.append(row)
    return rows


def _iou(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / max((a | b).sum(), 1))


def average_precision(score: np.ndarray, truth: np.ndarray) -> float:
    """Mean precision at every positive, the best first; ties count as their worst order."""
    order = np.lexsort((truth, -score))
    hits = truth[order]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean()) if hits.any() else math.nan


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The tables."""
    legitimate = [r for r in rows if r["kind"] in ("master", "style")]
    kinds = {}
    for kind, ladders in LADDERS.items():
        fault = [r for r in rows if r["kind"] == "fault" and r["ladder"] in ladders]
        if kind == "tones_reversed":
            fault = [r for r in fault if r["rung"] == 4]
        apart = {*ladders, *FOLLOWS.get(kind, ())}
        others = [r for r in rows if r["kind"] == "fault" and r["ladder"] not in apart]
        told = sum(kind in r["violations"] + r["beyond"] for r in fault)
        alarms = sum(kind in r["violations"] for r in legitimate)
        kinds[kind] = {
            "pictures": len(fault),
            "ap_legitimate": _ap(kind, fault, legitimate),
            "ap_all": _ap(kind, fault, legitimate + others),
            "chance_all": round(len(fault) / max(len(fault) + len(legitimate) + len(others), 1), 3),
            "told_share": round(told / max(len(fault), 1), 3),
            "false_violations_of_legitimate": round(alarms / max(len(legitimate), 1), 4),
        }
    alarms = {}
    for name in ("master", "style"):
        some = [r for r in rows if r["kind"] == name]
        alarms[name] = {
            "pictures": len(some),
            "with_a_violation": sum(bool(r["violations"]) for r in some),
            "with_a_deviation_beyond_styles": sum(bool(r["beyond"]) for r in some),
            "violations": sorted(
                {f"{r['source']} {r['operator']} {k}" for r in some for k in r["violations"]}
            ),
        }
    local = {}
    for ladder in sorted({r["ladder"] for r in rows if r["kind"] == "local"}):
        best = [
            max(r["iou"].values(), default=0.0)
            for r in rows
            if r["kind"] == "local" and r["ladder"] == ladder
        ]
        local[ladder] = _spread(best)
    every = [max(r["iou"].values(), default=0.0) for r in rows if r["kind"] == "local"]
    return {"kinds": kinds, "false_alarms": alarms, "local": local, "local_all": _spread(every)}


def _ap(kind: str, fault: list[dict[str, Any]], others: list[dict[str, Any]]) -> float | None:
    signed = kind in ("exposure", "white_balance", "hue", "saturation", "contrast")
    raw = [r["amounts"][kind] for r in fault + others]
    score = np.array([0.0 if v is None else abs(v) if signed else v for v in raw])
    truth = np.arange(len(raw)) < len(fault)
    value = average_precision(score, truth)
    return None if math.isnan(value) else round(value, 4)


def _spread(values: list[float]) -> dict[str, Any]:
    found = np.array(values)
    return {
        "regions": len(values),
        "iou_median": round(float(np.median(found)), 3) if len(found) else None,
        "iou_mean": round(float(found.mean()), 3) if len(found) else None,
        "share_over_half": round(float((found >= 0.5).mean()), 3) if len(found) else None,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--sources", type=int, default=12)
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--rows", type=Path, help="where the rows of a part are kept")
    parser.add_argument("--join", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path)
    said = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for path in said.join:
        rows += json.loads(path.read_text("utf-8"))
    if said.data is not None:
        part, parts = map(int, said.part.split("/"))
        for name in held_out(said.data, said.sources)[part - 1 :: parts]:
            rows += measure(said.data, name)
            print(name, len(rows), flush=True)
            if said.rows is not None:
                said.rows.write_text(json.dumps(rows), "utf-8")
    found = summary(rows)
    print(json.dumps(found, indent=1))
    if said.out is not None:
        sources = sorted({r["source"] for r in rows})
        document = {"environment": environment(), "sources": sources, "pictures": len(rows), **found}
        said.out.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
