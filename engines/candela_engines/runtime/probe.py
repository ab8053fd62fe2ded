"""A small call of every engine with a known answer: what a session has to pass before it is used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.runtime.engines import Engine, Feed
from candela_engines.runtime.providers import Session

__all__ = ["TOLERANCE", "differs", "probe_feed"]

TOLERANCE = 2e-5  # of PQ's full scale: TF32 is off by 1e-3 here, float32 by 1e-6
_ROWS, _COLUMNS, _WIDTH = 16, 24, 32
_SIZES = {
    "rows": _ROWS, "columns": _COLUMNS, "rows_2": _ROWS + 2, "columns_2": _COLUMNS + 2, "cell": 1,
    "requests": 1, "pixels": 96,
}  # fmt: skip


def probe_feed(engine: Engine) -> Feed:
    """A made input for an engine: the same in every run, with every part of the graph at work."""
    rng = np.random.default_rng(5)
    feed: dict[str, npt.NDArray[np.generic]] = {}
    for t in engine.inputs:
        shape = tuple(d if isinstance(d, int) else _size(d) for d in t.dims)
        if t.dtype == "int32":
            feed[t.name] = np.zeros(shape, np.int32)
        else:
            fan_in = shape[-2] if len(shape) > 1 else 4
            feed[t.name] = (rng.uniform(-1, 1, shape) / np.sqrt(fan_in)).astype(np.float32)
    for name in set(feed) & {"codes", "colour", "place"}:
        feed[name] = rng.uniform(0, 1, feed[name].shape).astype(np.float32)
    if "codes" in feed:
        feed |= {
            "undo": np.array([0.5, 1 / 255], np.float32),
            "curve": np.array([1, 0, 2.4, 0, -1, 1], np.float32),
            "matrix": np.array([[0.63, 0.07, 0.02], [0.33, 0.92, 0.09], [0.04, 0.01, 0.89]], np.float32),
            "finish": np.array([0, 0, 1, 49], np.float32),
            "grid_rows": np.tile(np.linspace(0, 0.9, _ROWS, dtype=np.float32), (4, 1)),
            "grid_columns": np.tile(np.linspace(0, 0.9, _COLUMNS, dtype=np.float32), (4, 1)),
        }
    return feed


def differs(session: Session, reference: Session, engine: Engine) -> str:
    """How far a session is from one that is trusted, in words; nothing where it is near enough."""
    feed = probe_feed(engine)
    found, right = session.run(feed), reference.run(feed)
    if found.shape != right.shape or not np.isfinite(found).all():
        return f"it gives {list(found.shape)} with {np.count_nonzero(~np.isfinite(found))} that are no number"
    scale = 1.0 if engine.output.name == "pq" else np.maximum(np.abs(right), 1.0) * 10
    off = float(np.max(np.abs(found - right) / scale))
    if off <= TOLERANCE:
        return ""
    return f"it is off by {off:.1e} where {TOLERANCE:.0e} is allowed; TF32 may be on: NVIDIA_TF32_OVERRIDE=0"


def _size(dim: str) -> int:
    if dim in _SIZES:
        return _SIZES[dim]
    return _WIDTH if dim.startswith("width") else 2
