"""The rival: the best gain map, by ISO 21496-1, that fits a number of bytes.

`python -m bench.gainmap DATA` makes it for every pair that is measured by default and keeps it in the cache,
so that `bench.stills` finds it. Everything in doubt is decided in favour of the map: only the codestream
counts (no metadata of 61 to 141 bytes, no file structure), all of the bytes may be filled, and for every pair
and every size of its own the best is taken over

    scale 1, 2, 3, 4, 6, 8; one or three channels; JPEG, JPEG XL, JPEG 2000; the quality that fills the bytes;
    the offset k; the gamut; a range of its own for every channel or one for all; the encoding gamma;
    how far invisible gains are smoothed; the reader's interpolation.

Beside it stands the best with k = 1/64, the offset that Adobe's specification and most writers recommend.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from bench.gainmap_search import BUDGETS, Rival, best_gain_maps
from bench.pairs import CACHE, FAMILIES, Pair, SkippedError, chosen_sources, families_of, make_pairs

__all__ = ["BUDGETS", "Rival", "best_gain_maps", "cached_gain_maps", "main"]

_VERSION = 1  # goes up when a rival would come out differently


def cached_gain_maps(
    pair: Pair, budgets: Sequence[int] = BUDGETS, *, cache: Path | None = CACHE
) -> dict[int, Rival]:
    """As `best_gain_maps`; what was found before for the same samples is read from the cache."""
    path = cache and cache / "gainmap" / f"{pair.key}.v{_VERSION}.json"
    known: dict[int, Rival] = {}
    if path and path.is_file():
        stored = json.loads(path.read_text())
        known = {int(budget): Rival(**fields) for budget, fields in stored["rivals"].items()}
    missing = [budget for budget in budgets if budget not in known]
    if missing:
        known |= best_gain_maps(pair, missing)
        if path:
            rivals = {str(budget): rival.to_dict() for budget, rival in sorted(known.items())}
            text = json.dumps({"source": pair.source, "family": pair.family, "rivals": rivals}, indent=1)
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}.tmp")
            temporary.write_text(text)
            temporary.replace(path)
    return {budget: best for budget, best in _never_worse(known).items() if budget in budgets}


def _never_worse(rivals: dict[int, Rival]) -> dict[int, Rival]:
    """What fits a smaller budget fits a larger one too."""
    best: dict[int, Rival] = {}
    before: Rival | None = None
    for budget, rival in sorted(rivals.items()):
        if before and before.pu_psnr > rival.pu_psnr:
            rival = replace(before, budget=budget)
        best[budget] = before = rival
    return best


def _lines(path: Path, family: str, max_side: int, budgets: Sequence[int]) -> Iterator[str]:
    start = time.perf_counter()
    try:
        for pair in make_pairs(path, [family], max_side=max_side):
            for budget, rival in cached_gain_maps(pair, budgets).items():
                yield (
                    f"{path.name:34} {family:8} {budget:6} {rival.pu_psnr:6.2f} dB "
                    f"{rival.delta_e_itp:5.2f} {rival.bytes:6} B  {rival.name}"
                )
    except SkippedError as reason:
        yield f"{path.name:34} {family:8} skipped: {reason}"
    yield f"{path.name:34} {family:8} {time.perf_counter() - start:.0f} s"


def _job(path: Path, family: str, max_side: int, budgets: Sequence[int]) -> list[str]:
    return list(_lines(path, family, max_side, budgets))


def main() -> None:
    """Fill the cache."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with HDR stills")
    parser.add_argument("--budgets", type=lambda t: tuple(int(n) for n in t.split(",")), default=BUDGETS)
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--sources", type=int, help="at most so many of each kind of source")
    parser.add_argument("--all", action="store_true", help="also the sources that training may use")
    parser.add_argument("--max-side", type=int, default=1536)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    asked = parser.parse_args()
    chosen, _ = chosen_sources(asked.data, everything=asked.all, limit=asked.sources)
    families = asked.families.split(",")
    work = [(path, family) for path in chosen for family in families if family in families_of(path)]
    # The workers are the parallelism; a matrix product that takes every core would only disturb them.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_job, path, family, asked.max_side, asked.budgets) for path, family in work]
        for job in jobs:
            print(*job.result(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
