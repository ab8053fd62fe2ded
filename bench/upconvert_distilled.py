"""How much of an engine's closeness to masters is lost in distilling it into an embedded network.

    python -m bench.upconvert_distilled DATA PAIRS [--side 256] [--effort fast] [--json FILE]

Of the sources that training on PAIRS keeps for tests every one is rendered to SDR by one operator, in turn.
The engines see the SDR; a network as of `candela embed` is fitted to what each makes of it. PU-PSNR in dB of
both to the master, and of the one to the other: what is asked is that the first two are .3 dB apart at most.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.upconvert import test_sources, trained, versions
from candela_engines.colour.names import NAMED
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.payload import decode
from candela_engines.itm.shot_model import decode_shot
from candela_engines.metrics import pu_psnr
from candela_engines.scorer.training.masters import master, rendering_of
from candela_engines.scorer.training.pictures import generator
from candela_engines.scorer.training.sources import UnusableError, find_sources, load
from candela_engines.upconvert.engine import ENGINES, Engine, open_engine
from candela_server.service.rendering import renderer_of

__all__ = ["main"]

_STATE = NAMED["rec709"]
Row = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--effort", default="fast", choices=("fast", "normal", "best"))
    parser.add_argument("--engines", default="bt2446c,agcm", help="names, joined by commas")
    parser.add_argument("--weights", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--json", type=Path, default=Path("bench/results/upconvert_distilled.json"))
    asked = parser.parse_args(arguments)
    engines: list[Engine] = [open_engine(name) for name in asked.engines.split(",") if name in ENGINES]
    engines += [trained(text) for text in asked.weights]
    kept, rows = test_sources(asked.pairs), list[Row]()
    for source in find_sources(asked.data):
        if source.kind == "view" or source.name not in kept:
            continue
        try:
            picture = load(source, side=asked.side)
        except UnusableError:
            continue
        nits = master(picture, rendering_of(picture, generator(0, source.name)))
        made = list(versions(picture, nits))
        operator, codes = made[len({row["source"] for row in rows}) % len(made)]
        for engine in engines:
            head = {"source": source.name, "operator": operator}
            rows.append(head | row_of(engine, codes, nits, asked.effort))
            print(rows[-1], flush=True)
    table = Table(title=f"{asked.effort} effort, longer side {asked.side}", title_justify="left")
    for name in ("engine", "pictures", "lost, median", "lost, most", "within .3 dB", "to the engine"):
        table.add_column(name)
    summary: dict[str, Row] = {}
    for name in dict.fromkeys(row["engine"] for row in rows):
        lost = np.array([row["lost_db"] for row in rows if row["engine"] == name])
        near = [row["distilled_to_engine_db"] for row in rows if row["engine"] == name]
        summary[name] = {
            "pictures": len(lost), "lost_db_median": round(float(np.median(lost)), 3),
            "lost_db_most": round(float(lost.max()), 3), "within_0_3_db": int((lost <= 0.3).sum()),
            "distilled_to_engine_db_median": round(float(np.median(near)), 2),
        }  # fmt: skip
        table.add_row(name, *(str(value) for value in summary[name].values()))
    Console(width=120).print(table)
    document = {
        **environment(), "side_px": asked.side, "effort": asked.effort, "summary": summary, "rows": rows
    }  # fmt: skip
    asked.json.write_text(json.dumps(document, indent=1) + "\n")


def row_of(engine: Engine, codes: np.ndarray, nits: np.ndarray, effort: Any) -> Row:
    """Of one engine on one SDR picture (H, W, 3) uint8, held against its master (H, W, 3) in nits."""
    teacher = engine.light(codes, 8, _STATE)
    fitted = fit_pair(codes, _STATE, teacher, effort=effort, provenance="distilled")
    by = rendered(fitted.payload, codes)
    to_master, of_engine = pu_psnr(by, nits), pu_psnr(teacher, nits)
    return {
        "engine": engine.info.name,
        "engine_db": round(of_engine, 3),
        "distilled_db": round(to_master, 3),
        "lost_db": round(of_engine - to_master, 3),
        "distilled_to_engine_db": round(pu_psnr(by, teacher), 2),
    }


def rendered(payload: bytes, codes: np.ndarray) -> np.ndarray:
    """What a reader of the payload makes of the SDR: nits (H, W, 3)."""
    out = np.empty(codes.shape, np.float32)
    renderer_of(decode_shot(decode(payload)), *codes.shape[:2]).render(0, codes, 8, out)
    return out


if __name__ == "__main__":
    main()
