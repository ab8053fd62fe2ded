"""What the reasons of the scorer find: faults of known kind and place, and false alarms, on held-out sources.

    python -m bench.reasons DATA [--names a,b] [--part 1/2] [--out bench/results/reasons.json]
    python -m bench.reasons --join PART… --out bench/results/reasons.json

DATA: a folder as `candela_engines.scorer.training.render` makes it: masters of real pictures, other grades of
them, ladders of faults, local faults with their masks, SDR references. The thresholds were tuned on the
sources of `reasons_sources.TUNED`; measured here are others, none of them a sibling of those: MEASURED, which
earlier versions were measured on, and FRESH, whose pictures and figures nobody had looked at before. The
measured amounts alone decide: a grade model has seen every source of DATA (`bench.fault_heads` has the
figures of heads).

Average precision of a kind: pictures of that kind's ladder, second rung and up, against masters and styles
(`ap_legitimate`), and against all pictures that do not have the fault by construction (`ap_all`; consequences
are left out: a contrast of 1.7 clips). Told: of all rungs two to four (`told_share`), of those that are
visible, a loss of a tenth of a JOD to ColorVideoVDP with the master in hand (`told_visible`; DATA/jod), and
of those of these that a reference can prove (`told_provable`): of a clip or crush, half a hundredth of the
picture is held where the reference has 4 PU21 units of range; of a lift, half a hundredth of the reference
is under a nit.

IoU: the best of the masks of reasons that name a place, with where the fault was planted (`iou`) and with
where, of that, it changed the master by a ΔE_ITP of 1 (`iou_changed`): a clip in a window changes its
highlights. A false alarm: a violation told of a master or of a legitimate other grade.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from bench.environment import environment
from bench.reasons_sources import FRESH, MEASURED, held_out
from candela_engines.colour import ictcp, pq, pu21
from candela_engines.colour.gamuts import luminance
from candela_engines.scorer.evidence import evidence_of
from candela_engines.scorer.reasons import Reason, find_reasons
from candela_engines.scorer.reasons_measure import amounts
from candela_engines.scorer.training.kinds import FOLLOWS, LADDERS

_EIGHT = ((np.arange(256) / 255) ** 2.4 * 100).astype(np.float32)
_CODES = pq.eotf(np.arange(65536) / 65535).astype(np.float32)


_SEEN_JOD = 0.1
_HELD, _RANGE = 0.005, 4.0


def provable(note: dict[str, Any], master: np.ndarray, reference: np.ndarray) -> bool | None:
    """Whether a clip, crush or lift of the master can be seen in the reference; None of other ladders.

    master, reference: light in nits, the reference's white at 100.
    """
    if note["kind"] != "fault" or note["ladder"] not in ("hl_clip", "crush", "lift"):
        return None
    placed = reference * np.float32(2.03)
    if note["ladder"] == "lift":
        return bool((luminance(placed, "bt709") < 1.0).mean() >= _HELD)
    if note["ladder"] == "hl_clip":
        held, value = master.max(-1) >= note["parameter"], placed.max(-1)
    else:
        held, value = luminance(master) <= note["parameter"], luminance(placed, "bt709")
    if held.mean() < _HELD:
        return False
    low, high = np.quantile(pu21.encode(np.maximum(value[held], 0.005)), (0.05, 0.95))
    return bool(high - low >= _RANGE)


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
    names = [note["name"] for note in meta["variants"]]
    master = _CODES[variants[names.index("base/master")]]
    master_itp = ictcp.from_nits(master)
    oracle = data / "jod" / f"{name}.json"
    jods = json.loads(oracle.read_text("utf-8"))["variants"] if oracle.is_file() else [math.nan] * len(names)
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
                "jod_loss": None if math.isnan(jods[place]) else round(10 - jods[place], 4),
                "provable": provable(note, master, _EIGHT[references[reference]]),
                "regions": sorted(r.kind for r in found if _is_region(r)),
                "violations": [r.kind for r in found if r.reason_class == "violation"],
                "beyond": [r.kind for r in found if r.reason_class == "deviation" and not r.within],
            }
            if note["mask"] is not None:
                truth = masks[note["mask"]] > 127
                off = (ictcp.from_nits(_CODES[variants[place]]) - master_itp) * np.float32(720)
                off[..., 1] *= np.float32(0.5)
                changed = truth & (np.sqrt((off * off).sum(-1)) >= 1)
                for key, where in (("iou", truth), ("iou_changed", changed)):
                    row[key] = {
                        r.kind: round(_iou(r.mask.full(*truth.shape), where), 3)
                        for r in found
                        if r.mask is not None
                    }
            rows.append(row)
    return rows


def _is_region(reason: Reason) -> bool:
    """Whether it says that a part of the picture is unlike the rest."""
    return reason.kind == "local_grade" or any(m.name == "region_share" for m in reason.evidence)


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
        seen = [r for r in fault if r["jod_loss"] is not None and r["jod_loss"] >= _SEEN_JOD]
        proved = [r for r in seen if r["provable"] is not False]
        accused = sum(kind in r["violations"] for r in legitimate)
        kinds[kind] = {
            "pictures": len(fault),
            "ap_legitimate": _ap(kind, fault, legitimate),
            "ap_all": _ap(kind, fault, legitimate + others),
            "chance_all": round(len(fault) / max(len(fault) + len(legitimate) + len(others), 1), 3),
            "told_share": _told(kind, fault),
            "visible": len(seen),
            "told_visible": _told(kind, seen),
            "provable": len(proved),
            "told_provable": _told(kind, proved),
            "false_violations_of_legitimate": round(accused / max(len(legitimate), 1), 4),
        }
    alarms: dict[str, Any] = {}
    for name in ("master", "style"):
        some = [r for r in rows if r["kind"] == name]
        alarms[name] = {
            "pictures": len(some),
            "with_a_violation": sum(bool(r["violations"]) for r in some),
            "with_a_deviation_beyond_styles": sum(bool(r["beyond"]) for r in some),
            "with_a_region": sum(bool(r["regions"]) for r in some),
            "beyond_styles": dict(sorted(Counter(k for r in some for k in r["beyond"]).items())),
            "violations": sorted(
                {f"{r['source']} {r['operator']} {k}" for r in some for k in r["violations"]}
            ),
        }
    regions = [r for r in rows if r["kind"] == "local"]
    local = {
        ladder: _spread([r for r in regions if r["ladder"] == ladder])
        for ladder in sorted({r["ladder"] for r in regions})
    }
    return {"kinds": kinds, "false_alarms": alarms, "local": local, "local_all": _spread(regions)}


def _told(kind: str, rows: list[dict[str, Any]]) -> float | None:
    told = sum(kind in r["violations"] + r["beyond"] for r in rows)
    return round(told / len(rows), 3) if rows else None


def _ap(kind: str, fault: list[dict[str, Any]], others: list[dict[str, Any]]) -> float | None:
    signed = kind in ("exposure", "white_balance", "hue", "saturation", "contrast")
    raw = [r["amounts"][kind] for r in fault + others]
    score = np.array([0.0 if v is None else abs(v) if signed else v for v in raw])
    truth = np.arange(len(raw)) < len(fault)
    value = average_precision(score, truth)
    return None if math.isnan(value) else round(value, 4)


def _spread(rows: list[dict[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {"regions": len(rows)}
    if not rows:
        return out
    for key in ("iou", "iou_changed"):
        found = np.array([max(r[key].values(), default=0.0) for r in rows])
        out[f"{key}_median"] = round(float(np.median(found)), 3)
        out[f"{key}_mean"] = round(float(found.mean()), 3)
        out["share_over_half" + key.removeprefix("iou")] = round(float((found >= 0.5).mean()), 3)
    return out


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--names", default=",".join((*FRESH, *MEASURED)))
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
        for name in held_out(said.data, said.names.split(","))[part - 1 :: parts]:
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
