"""Stage beside `describe`: what every known SDR operator makes of every variant, against its SDR references.

    python -m candela_engines.scorer.training.beside OUT [--follow] [--references 3]

Kept apart from the other descriptors, operator by operator, so that one of them can be taken away: an
operator that is held out must be unknown to training and to the descriptors alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.descriptors import names
from candela_engines.scorer.descriptors.pair_operator import GROUP, SPECS, summaries
from candela_engines.scorer.descriptors.table import DESCRIPTORS
from candela_engines.scorer.frames import grade_frame, sdr_frame
from candela_engines.scorer.operator_bank import installed_bank, made_of, measures, reference_code
from candela_engines.scorer.training.describe import light_709, references_of
from candela_engines.scorer.training.following import follow, parser_of
from candela_engines.scorer.training.pictures import held, nits_of
from candela_engines.scorer.training.store import Store

__all__ = ["COLUMNS", "columns", "main", "measured", "places_of"]

COLUMNS = tuple(place for place, name in enumerate(names()) if name.startswith(GROUP))
"""Where the descriptors of this stage stand in the table: its end."""


def places_of(operator: str) -> tuple[int, ...]:
    """Places of the members of the bank that are this SDR operator, whatever scene it is given."""
    return tuple(
        place for place, name in enumerate(installed_bank().names) if name.split(" of ")[0] == operator
    )


def columns(
    raw: npt.NDArray[np.floating], without: Sequence[int] = ()
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Values and validity (P, S) of the descriptors, as `describe` gives them, of `measured`'s raw."""
    found = summaries(raw, without)
    valid = np.isfinite(found)
    neutral = np.array([DESCRIPTORS[place].neutral for place in COLUMNS])
    assert found.shape[1] == len(SPECS) == len(COLUMNS)
    return np.where(valid, found, neutral).astype(np.float32), valid


def measured(
    store: Store, name: str, count: int, *, only: Sequence[int] | None = None
) -> dict[str, np.ndarray]:
    """raw (P, M, K) float32, variant and reference (P,) int32: one row a pair. only: places of references."""
    meta = store.meta(name)
    codes, sdr = store.array(name, "variants"), store.array(name, "references")
    bank = installed_bank()
    frames = {
        place: (family, sdr_frame(light_709(sdr[place])))
        for place, family in references_of(meta["references"], name, count)
        if only is None or place in only
    }
    wanted = {place: reference_code(frame) for place, (_, frame) in frames.items()}
    rows, raw = [], []
    for index, note in enumerate(meta["variants"]):
        nits = held(nits_of(codes[index]))
        family = "wide" if note["parent"] == "wide" else "base"
        grades = {}
        for place, (of, frame) in frames.items():
            if of != family:
                continue
            if frame.area not in grades:
                grades[frame.area] = made_of(bank, grade_frame(nits, area=frame.area))
            rows.append((index, place))
            raw.append(measures(bank, grades[frame.area], wanted[place]))
    pairs = np.array(rows, np.int32).reshape(-1, 2)
    return {
        "raw": np.stack(raw).astype(np.float32),
        "variant": pairs[:, 0],
        "reference": pairs[:, 1],
        "names": np.array(bank.names),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is not measured yet."""
    parser = parser_of(__doc__)
    parser.add_argument("--references", type=int, default=3, help="SDR references a variant stands beside")
    asked = parser.parse_args(arguments)
    store = Store(asked.out)
    follow(
        store,
        "beside",
        lambda name: store.write_arrays("beside", name, measured(store, name, asked.references)),
        wait=asked.follow,
        part=asked.part,
    )


if __name__ == "__main__":
    main()
