"""The weights of `candela_engines.media.cuts_score`: two logistic regressions on the tuning side's reels.

    python -m bench.cut_fit DATA [--tuning 20]

The weights in use came of this and of another draw of pairs, so PAIR_WEIGHTS come out a little otherwise.

CUT_WEIGHTS: is there a cut into this frame. Frames in and beside dissolves and fades are left out, and, after
a first fit, changes that look like cuts and are none (flashes, dropouts): the score leaves those to the rule
about what comes back. Pops stay in. PAIR_WEIGHTS: are two frames up to 12 apart of different shots.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.cut_material import Reel
from bench.cuts import _reel
from candela_engines.media.cuts_compare import compare
from candela_engines.media.cuts_proxy import look_at, proxy_of
from candela_engines.media.cuts_score import AROUND, RETURN, cut_measures, pair_measures

Floats = NDArray[np.float64]


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tuning", type=int, default=20, help="reels")
    asked = parser.parse_args()
    cuts, pairs = [], []
    for number in range(asked.tuning):
        changed, paired = _examples(_reel(asked.data, True, number))
        cuts += changed
        pairs += paired
    measures, labels, pops = (np.array(part) for part in zip(*cuts, strict=True))
    used = np.ones(len(labels), bool)
    for _ in range(4):
        weights = _fit(measures[used], labels[used], 0.3)
        outside = (labels == 0) & (measures @ weights[:-1] + weights[-1] > -0.5) & ~pops
        used = ~outside
    print("CUT_WEIGHTS =", tuple(round(float(w), 3) for w in weights))
    measures, labels = (np.array(part) for part in zip(*pairs, strict=True))
    print("PAIR_WEIGHTS =", tuple(round(float(w), 3) for w in _fit(measures, labels, 1.0)))


def _examples(reel: Reel) -> tuple[list[tuple], list[tuple]]:
    """(measures, cut or not, pop or not) of changes, and (measures, different or not) of pairs."""
    looks = [look_at(proxy_of(frame, 8)) for frame in reel.frames]
    changes = [compare(a, b) for a, b in itertools.pairwise(looks)]
    cuts = [e.first for e in reel.events if e.kind == "cut"]
    pops = {e.first for e in reel.events if e.kind == "pop"}
    soft = [e for e in reel.events if e.kind in ("dissolve", "fade")]

    def mixed(a: int, b: int) -> bool:
        return any(e.first - 2 <= b and a <= e.last + 2 for e in soft)

    changed = []
    for frame in range(1, len(looks)):
        if frame in cuts or not mixed(frame, frame):
            low = max(0, frame - 1 - AROUND)
            taken = cut_measures(changes[low : frame + AROUND], frame - 1 - low)
            changed.append((taken, float(frame in cuts), frame in pops))
    rng = np.random.default_rng(0)
    drawn = [
        (int(a), int(a + d)) for a, d in rng.integers([0, 2], [len(looks) - RETURN, RETURN + 1], (300, 2))
    ]
    near = [(c - 1 - int(i), c + int(j)) for c in cuts for i, j in rng.integers(0, 6, (2, 2))]
    paired = []
    for a, b in [*drawn, *near]:
        between = sum(a < cut <= b for cut in cuts)
        if a >= 0 and b < len(looks) and between <= 1 and not mixed(a, b):
            paired.append((pair_measures(compare(looks[a], looks[b])), float(between)))
    return changed, paired


def _fit(measures: Floats, labels: Floats, ridge: float) -> Floats:
    """Newton's method on standardised measures; the constant is the last weight."""
    mean, scale = measures.mean(axis=0), measures.std(axis=0)
    rows = np.column_stack([(measures - mean) / scale, np.ones(len(measures))])
    penalty = np.diag([ridge] * measures.shape[1] + [0.0])
    weights = np.zeros(rows.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (p - labels) + penalty @ weights
        weights -= np.linalg.solve((rows.T * (p * (1 - p))) @ rows + penalty, slope)
    plain = weights[:-1] / scale
    return np.append(plain, weights[-1] - float((plain * mean).sum()))


if __name__ == "__main__":
    main()
