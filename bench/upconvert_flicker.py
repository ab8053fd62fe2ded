"""How much up-conversion flickers on real clips, and what a context for every frame, a smoothed one or one a
shot changes.

    python -m bench.upconvert_flicker DATA [--frames 24] [--side 384] [--weights hdcfm=FILE] [--json FILE]
    python -m bench.upconvert_flicker DATA --distilled agcm --operators bt2390

DATA has HDR movies below `clips`. Frames in a row of each, shrunk, are masters of at most 1000 nit; every
operator makes SDR of 8 bits of them, each frame alone, and the engines see that. Two things are measured, in
ΔE_ITP: how the error to the master changes from frame to frame, following what moves (`metrics.Flicker`), and
how one and the same picture, the first frame, changes under the contexts of all frames in turn. A formula has
no context and a change of 0. Networks run as they ship, or on weights that are given. --distilled: engines
that are also fitted, a shot each, with the network of `candela embed`, which then gives the light.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.upconvert import engines_of
from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.errors import CandelaError
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.shot_fit import fit_part
from candela_engines.itm.shot_model import decode_shot
from candela_engines.itm.shot_pairs import PairFrame
from candela_engines.media.open_clip import open_clip
from candela_engines.metrics import Flicker, delta_e_itp
from candela_engines.scorer.training.masters import to_peak
from candela_engines.scorer.training.operators import eight_bits, sdr_code
from candela_engines.scorer.training.pictures import F32, fit_size, shrink_to
from candela_engines.upconvert.engine import Engine
from candela_engines.upconvert.learnt import LearntEngine, rec709_code
from candela_engines.upconvert.network import Context, Network, smoothed
from candela_server.service.rendering import renderer_of

__all__ = ["main"]

_STATE = NAMED["rec709"]
_BYTES = 16384  # of a distilled shot
_OPERATORS = ("bt2446a", "bt2446c", "reinhard", "bt2390", "hard_clip")
Row = dict[str, Any]
Light = Callable[[int, np.ndarray], F32]


def masters_of(path: Path, count: int, side: int) -> list[F32]:
    """Frames in a row of an HDR movie in nits, shrunk; none of one that is not PQ or HLG."""
    with open_clip(str(path)) as clip:
        info = clip.info
        if info.state is None or info.state.transfer not in ("pq", "hlg"):
            return []
        found = []
        for frame in clip.frames(info.first, min(info.last, info.first + count - 1)):
            codes = over_full_scale(frame.codes, frame.bits)
            nits = np.asarray(to_nits_rec2020(codes, info.state, bits=frame.bits), np.float32)
            height, width = fit_size(nits.shape[0], nits.shape[1], side)
            found.append(to_peak(shrink_to(np.maximum(nits, 0), height, width)))
        return found


def ways(engine: Engine, frames: Sequence[np.ndarray]) -> Iterator[tuple[str, Light]]:
    """Names of what the context can be, and the light of a picture as frame `number` by it."""
    if not isinstance(engine, LearntEngine):
        yield "formula", lambda number, codes: engine.light(codes, 8, _STATE)
        return
    network = engine.network
    own = [network.context(rec709_code(codes, 8, _STATE)) for codes in frames]
    shot = engine.of_shot(((codes, 8) for codes in frames), _STATE).context
    assert shot is not None
    for name, contexts in (("frame", own), ("smoothed", smoothed(own)), ("shot", [shot] * len(frames))):
        yield name, _by(network, contexts)


def _by(network: Network, contexts: Sequence[Context]) -> Light:
    return lambda number, codes: network.light(rec709_code(codes, 8, _STATE), contexts[number])


def distilled(engine: Engine, frames: Sequence[np.ndarray]) -> Light:
    """The light of the network that is fitted, at fast effort, to an engine's light of a shot."""
    shot = engine.of_shot(((c, 8) for c in frames), _STATE) if isinstance(engine, LearntEngine) else engine
    last = len(frames) - 1

    def pairs(first: int, last: int, wanted: Collection[int] | None = None) -> Iterator[PairFrame]:
        for number in range(first, last + 1):
            if wanted is None or number in wanted:
                codes = frames[number]
                digest = hashlib.sha256(codes.tobytes()).digest()[:16]
                yield PairFrame(number, codes, 8, shot.light(codes, 8, _STATE), digest)

    fitted = fit_part(
        pairs, 0, last, sdr_state=_STATE, budget=_BYTES, effort="fast", provenance="distilled"
    )  # fmt: skip
    renderer = renderer_of(decode_shot(fitted.payload), *frames[0].shape[:2])

    def light(number: int, codes: np.ndarray) -> F32:
        out = np.empty(codes.shape, np.float32)
        renderer.render(number, codes, 8, out)
        return out

    return light


def measured(masters: Sequence[F32], frames: Sequence[np.ndarray], light: Light) -> Row:
    """Of one engine, with one way of context, on one clip."""
    flicker, changes, before = Flicker(), [], None
    for number, (master, codes) in enumerate(zip(masters, frames, strict=True)):
        flicker.add(light(number, codes), master)
        same = light(number, frames[0])
        if before is not None:
            changes.append(delta_e_itp(same, before).mean)
        before = same
    levels = flicker.result().all
    return {
        "flicker_median": round(levels.median, 3),
        "flicker_p95": round(levels.p95, 3),
        "same_picture_mean": round(float(np.mean(changes)), 4),
        "same_picture_most": round(float(np.max(changes)), 4),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--side", type=int, default=384)
    parser.add_argument("--weights", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--operators", default=",".join(_OPERATORS), help="joined by commas")
    parser.add_argument("--distilled", default="", help="names of engines, joined by commas")
    parser.add_argument("--json", type=Path, default=Path("bench/results/upconvert_flicker.json"))
    asked = parser.parse_args(arguments)
    engines = engines_of(asked.weights)
    operators, fitted = asked.operators.split(","), asked.distilled.split(",")
    rows: list[Row] = []
    clips: dict[str, int] = {}
    for path in sorted((asked.data / "clips").iterdir()):
        try:
            masters = masters_of(path, asked.frames, asked.side)
        except CandelaError:
            continue
        if len(masters) < 3:
            continue
        clips[path.name] = len(masters)
        for operator in operators:
            frames = [eight_bits(sdr_code(operator, nits, None)) for nits in masters]
            for engine in engines:
                more = [("distilled", distilled(engine, frames))] if engine.info.name in fitted else []
                for way, light in [*ways(engine, frames), *more]:
                    found = measured(masters, frames, light)
                    head = {"clip": path.name, "operator": operator, "engine": engine.info.name}
                    rows.append({**head, "context": way} | found)
        print(path.name, len(masters), flush=True)
    table = Table(title=f"ΔE_ITP, medians over {len(clips)} clips and {len(operators)} operators")
    names = ("flicker_median", "flicker_p95", "same_picture_mean", "same_picture_most")
    for name in ("engine", "context", *names):
        table.add_column(name)
    summary: list[Row] = []
    for key in dict.fromkeys((row["engine"], row["context"]) for row in rows):
        of = [row for row in rows if (row["engine"], row["context"]) == key]
        medians = {name: round(float(np.median([row[name] for row in of])), 3) for name in names}
        summary.append({"engine": key[0], "context": key[1], **medians})
        table.add_row(*key, *(f"{value:.3f}" for value in medians.values()))
    Console(width=120).print(table)
    document = {**environment(), "side_px": asked.side, "clips": clips, "summary": summary, "rows": rows}
    asked.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
