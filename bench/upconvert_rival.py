"""A rival's public weights as one of the engines of bench.upconvert: HDRTVNet++'s global colour mapping.

    python -m bench.upconvert DATA --side 256 --rival AGCM.pth

AGCM.pth is `pretrained_models/AGCM.pth` of the repository xiaom233/HDRTVNet-plus (MIT), 35,251 parameters;
nothing of it is kept here. Its arithmetic is that of this project's own AGCM without an anchor, so that its
arrays are read under other names. It takes SDR code of BT.709 and gives PQ code of BT.2020. Its condition
comes from a proxy of 128 pixels here as ours does, where the publication shrinks the frame to a quarter.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from candela_engines.upconvert.engine import ENGINES
from candela_engines.upconvert.learnt import LearntEngine
from candela_engines.upconvert.network import load_network

__all__ = ["rival"]

_LAYERS = {
    "conv_first": "layers.0",
    "HRconv": "layers.1",
    "conv_last": "layers.2",
    "cond_scale_first": "modulations.0.gain",
    "cond_scale_HR": "modulations.1.gain",
    "cond_scale_last": "modulations.2.gain",
    "cond_shift_first": "modulations.0.offset",
    "cond_shift_HR": "modulations.1.offset",
    "cond_shift_last": "modulations.2.offset",
    "classifier.model.20": "condition.to_vector",
}
# Of every block a convolution and, but in the last, an instance norm: layers of one long sequence there.
_LAYERS |= {f"classifier.model.{4 * block}": f"condition.blocks.{block}.0" for block in range(5)}
_LAYERS |= {f"classifier.model.{4 * block + 3}": f"condition.blocks.{block}.3" for block in range(4)}


def rival(path: Path) -> LearntEngine:
    """The engine of a checkpoint."""
    import torch

    kept = torch.load(path, weights_only=True, map_location="cpu")
    weights: dict[str, np.ndarray] = {}
    for name, values in kept.items():
        layer, _, part = name.rpartition(".")
        weights[f"{_LAYERS[layer]}.{part}"] = values.numpy()
    info = replace(ENGINES["agcm"], name="hdrtvnet++ agcm")  # type: ignore[arg-type]
    return LearntEngine(info, load_network("agcm", weights, threads=1))
