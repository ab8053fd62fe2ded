"""A made table of 20 sources, two ladders of five rungs each, for the tests of what is trained on it."""

from __future__ import annotations

import numpy as np

from candela_engines.scorer.training.dataset import FOLDS, Dataset


def table() -> Dataset:
    """20 sources, two ladders of five rungs; column 0 tells the first ladder's strength, 1 the second's."""
    random = np.random.default_rng(0)
    rows = [(s, ladder, rung) for s in range(20) for ladder in ("master", "blur", "hue") for rung in range(6)]
    rows = [row for row in rows if (row[1] == "master") == (row[2] == 0)]
    source, ladder, rung = (np.array(column) for column in zip(*rows, strict=True))
    count = len(rows)
    values = random.normal(0, 0.02, (count, 4)).astype(np.float32)
    values[:, 0] += np.where(ladder == "blur", rung, 0)
    values[:, 1] += np.where(ladder == "hue", rung, 0)
    text = np.array([f"s{i:02d}" for i in source])
    same = np.full(count, "base")
    zeros, floats = np.zeros(count, np.int64), np.zeros(count)
    return Dataset(
        values=values,
        valid=np.ones(values.shape, bool),
        source=text,
        group=text,
        file_kind=same,
        rendering=same,
        parent=same,
        kind=np.where(ladder == "master", "master", "fault"),
        ladder=ladder,
        operator=same,
        name=np.array([f"base/{a}/{b}" for a, b in zip(ladder, rung, strict=True)]),
        variant=np.arange(count),
        reference=zeros,
        rung=rung,
        fold=source % FOLDS,
        trimmed=np.zeros(count, bool),
        visible=np.ones(count, bool),
        asked=np.ones(count, bool),
        parameter=floats,
        mix=10 - 0.8 * rung,
        score=floats,
        jod=floats,
        jod_star=floats,
        delta_e=floats,
        pu_psnr=floats,
        sdr_delta_e=floats,
        sdr_pu_psnr=floats,
        luminance=floats,
        zero=np.full(count, 5.0),
        components=((),) * count,
    )
