"""Shot detection: ours beside PySceneDetect at its best settings, on reels whose cuts are known.

    python -m bench.cuts DATA [--tuning 20] [--held-out 14] [--jobs 2]

DATA holds `stills` and `clips`. Reels (`cut_material`) are made of the sources of one side. The settings of
the rivals are searched on the tuning side, and the weights of ours were fitted there; what is reported is the
held-out side, and the tuning side beside it. Wants `pip install scenedetect-headless` (extra `bench`).

Hard cuts count where they are found to the frame. A dissolve or fade counts as found if a find lies in it:
ours by the middle of its range, the rivals' by any cut. What rivals find in or beside a dissolve is never
held against them.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.cut_material import SIZE, Event, Reel, make_reel, sources_of
from bench.cut_rivals import Setting, cuts_of_rivals, settings, time_of_rival
from bench.environment import environment
from bench.pairs import CACHE
from candela_engines.media.cuts import CutFinder, proxy_of

__all__ = ["Count", "main", "score_ours", "score_rival"]

_VERSION = 1  # of the reels that are kept
_BESIDE = 2  # frames beside a dissolve that belong to it


@dataclass
class Count:
    """Right, invented and missed; adds up."""

    right: int = 0
    invented: int = 0
    missed: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.right + other.right, self.invented + other.invented, self.missed + other.missed)

    def to_dict(self) -> dict[str, float]:
        """The counts with precision, recall and F1."""
        found, there = self.right + self.invented, self.right + self.missed
        return {
            **asdict(self),
            "precision": self.right / found if found else 1.0,
            "recall": self.right / there if there else 1.0,
            "f1": 2 * self.right / (found + there) if found + there else 1.0,
        }


def score_rival(events: Sequence[Event], cuts: Sequence[int]) -> tuple[Count, Count]:
    """Hard cuts and soft joins of a detector that only knows cuts."""
    wanted = {e.first for e in events if e.kind == "cut"}
    soft = [e for e in events if e.kind in ("dissolve", "fade")]
    inside = {c: [e for e in soft if e.first - _BESIDE <= c <= e.last + _BESIDE] for c in cuts}
    free = {c for c in cuts if not inside[c] or c in wanted}
    hit = {id(e) for near in inside.values() for e in near}
    hard = Count(len(wanted & free), len(free - wanted), len(wanted - free))
    return hard, Count(len(hit), 0, len(soft) - len(hit))


def score_ours(events: Sequence[Event], reel: Reel) -> tuple[Count, Count, Count, float]:
    """Hard cuts, soft joins, grade pops of ours, and milliseconds of processor time a frame, proxies too."""
    finder = CutFinder()
    start = time.process_time()
    for number, frame in enumerate(reel.frames):
        finder.add(number, proxy_of(frame, 8))
    shots = finder.finish()
    spent = (time.process_time() - start) / len(reel.frames) * 1e3
    hard, _ = score_rival(events, [shot.first for shot in shots if shot.opening == "cut"])
    soft = [e for e in events if e.kind in ("dissolve", "fade")]
    hit: set[int] = set()
    invented = 0
    for first, last in (shot.transition for shot in shots[1:] if shot.transition):
        near = [i for i, e in enumerate(soft) if e.first - _BESIDE <= (first + last) / 2 <= e.last + _BESIDE]
        hit.update(near)
        invented += not near
    pops, told = {e.first for e in events if e.kind == "pop"}, {pop.frame for pop in finder.pops}
    pop = Count(len(pops & told), len(told - pops), len(pops - told))
    return hard, Count(len(hit), invented, len(soft) - len(hit)), pop, spent


def _reel(data: Path, tuning: bool, number: int) -> Reel:
    """A reel, kept under bench/.cache: making one takes ten times as long as judging it."""
    path = CACHE / "cuts" / f"{'tuning' if tuning else 'held_out'}-{number}.v{_VERSION}.npz"
    if path.is_file():
        with np.load(path) as kept:
            events = tuple(Event(kind, int(a), int(b)) for kind, a, b in json.loads(str(kept["events"])))
            return Reel(number, kept["frames"], events, json.loads(str(kept["spoilt"])))
    reel = make_reel(sources_of(data, tuning=tuning), number)
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    events_text = json.dumps([(e.kind, e.first, e.last) for e in reel.events])
    np.savez(
        packed, frames=reel.frames, events=np.array(events_text), spoilt=np.array(json.dumps(reel.spoilt))
    )
    path.write_bytes(packed.getvalue())
    return reel


def _measure(data: Path, tuning: bool, number: int, wanted: list[Setting]) -> dict[str, Any]:
    reel = _reel(data, tuning, number)
    hard, soft, pops, spent = score_ours(reel.events, reel)
    cuts = cuts_of_rivals(reel.frames, wanted)
    return {
        "ours": (hard, soft, pops),
        "ms": spent,
        "frames": len(reel.frames),
        "spoilt": reel.spoilt,
        "rivals": {s: score_rival(reel.events, found) for s, found in cuts.items()},
        "rival_ms": {s[0]: time_of_rival(reel.frames, s) for s in wanted[:1] + wanted[-1:]},
    }


def _side(data: Path, tuning: bool, count: int, wanted: list[Setting], jobs: int) -> dict[str, Any]:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        work = [pool.submit(_measure, data, tuning, number, wanted) for number in range(count)]
        parts = [job.result() for job in work]
    names = ("cuts", "dissolves and fades", "pops")
    total = {name: sum((p["ours"][i] for p in parts), Count()) for i, name in enumerate(names)}
    rivals = {s: tuple(sum((p["rivals"][s][i] for p in parts), Count()) for i in range(2)) for s in wanted}
    spoilt: dict[str, int] = {}
    for part in parts:
        for kind, times in part["spoilt"].items():
            spoilt[kind] = spoilt.get(kind, 0) + times
    return {
        "reels": count,
        "frames": sum(p["frames"] for p in parts),
        "spoilt": spoilt,
        "ours": total,
        "ms": float(np.median([p["ms"] for p in parts])),
        "rivals": rivals,
        "rival_ms": {
            name: float(np.median([p["rival_ms"][name] for p in parts])) for name in parts[0]["rival_ms"]
        },
    }


def _best(rivals: dict[Setting, tuple[Count, Count]], name: str) -> Setting:
    """The setting with the best F1 of hard cuts; of equal ones that with more dissolves found."""
    mine = [s for s in rivals if s[0] == name]
    return max(mine, key=lambda s: (rivals[s][0].to_dict()["f1"], rivals[s][1].right))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tuning", type=int, default=20, help="reels of the tuning side")
    parser.add_argument("--held-out", type=int, default=14, help="reels of the held-out side")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--json", type=Path, default=Path("bench/results/cuts.json"))
    asked = parser.parse_args(arguments)
    console = Console(width=None if Console().is_terminal else 120)
    sides = {"tuning": _side(asked.data, True, asked.tuning, settings(), asked.jobs)}
    best = {name: _best(sides["tuning"]["rivals"], name) for name in ("content", "adaptive")}
    # The defaults as well: what most people run.
    defaults = {
        "content, default": ("content", False, 27.0, 15, "MERGE"),
        "adaptive, default": ("adaptive", False, 3.0, 2, 15.0, 15),
    }
    wanted = [best["content"], *defaults.values(), best["adaptive"]]
    sides["held-out"] = _side(asked.data, False, asked.held_out, wanted, asked.jobs)
    rows = []
    for side, found in sides.items():
        rows.append(_row(side, "candela", None, *list(found["ours"].values())[:2], found["ms"]))
        for name, setting in {**best, **defaults}.items():
            if setting in found["rivals"]:
                ms = found["rival_ms"][setting[0]]
                rows.append(_row(side, f"PySceneDetect {name}", setting, *found["rivals"][setting], ms))
    console.print(_table(rows))
    for side, found in sides.items():
        console.print(
            f"{side}: {found['frames']} frames, spoilt {found['spoilt']}, pops "
            f"{found['ours']['pops'].to_dict()}"
        )
    result = {
        **environment(),
        "size": SIZE,
        "sides": {
            side: {
                **{k: found[k] for k in ("reels", "frames", "spoilt")},
                "pops": found["ours"]["pops"].to_dict(),
            }
            for side, found in sides.items()
        },
        "settings_tried": len(settings()),
        "rows": rows,
    }
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(result, indent=1) + "\n")


def _row(
    side: str, method: str, setting: Setting | None, hard: Count, soft: Count, ms: float
) -> dict[str, Any]:
    return {
        "side": side,
        "method": method,
        "setting": setting,
        "cuts": hard.to_dict(),
        "soft": soft.to_dict(),
        "ms_per_frame": round(ms, 3),
    }


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table("side", "method", "cuts P", "R", "F1", "soft P", "R", "F1", "ms")
    for row in rows:
        figures = [
            f"{row[kind][key]:.3f}" for kind in ("cuts", "soft") for key in ("precision", "recall", "f1")
        ]
        table.add_row(row["side"], row["method"], *figures, f"{row['ms_per_frame']:.2f}")
    return table


if __name__ == "__main__":
    main()
