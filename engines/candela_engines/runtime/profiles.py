"""Shapes that TensorRT compiles an engine for: the smallest, the usual and the largest of every input."""

from __future__ import annotations

from candela_engines.runtime.engines import Engine

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "profiles"]

MAX_ROWS, MAX_COLUMNS = 128, 16384
"""Pixels that a strip may have: memory is set aside for the largest shapes, all at once."""

# Sizes by the name of the dimension.
_RANGES: dict[str, tuple[int, int, int]] = {
    "rows": (1, 128, MAX_ROWS),
    "columns": (1, 3840, MAX_COLUMNS),
    "rows_2": (3, 130, MAX_ROWS + 2),
    "columns_2": (3, 3842, MAX_COLUMNS + 2),
    "cell": (1, 4, 256),
    "requests": (1, 1, 8),
    "pixels": (1, 1 << 16, 1 << 19),
    "plane_rows": (1, 34, MAX_ROWS + 1),
    "plane_columns": (1, 960, MAX_COLUMNS),
    "plane_mean_rows": (2, 10, MAX_ROWS + 2),
    "plane_mean_columns": (2, 242, MAX_COLUMNS + 2),
    **{f"mean{c}_rows": (2, 128 // c + 2, MAX_ROWS // c + 3) for c in (4, 16, 64)},
    **{f"mean{c}_columns": (2, 3840 // c + 2, MAX_COLUMNS // c + 3) for c in (4, 16, 64)},
    **{f"width{i}": (1, 48, 128) for i in range(1, 5)},
}


def profiles(engine: Engine) -> tuple[str, str, str]:
    """Three lists as the providers take them: `codes:3x3x3,undo:2,…`."""
    lists = []
    for which in range(3):
        parts = []
        for t in engine.inputs:
            sizes = (d if isinstance(d, int) else _RANGES[d][which] for d in t.dims)
            parts.append(f"{t.name}:{'x'.join(map(str, sizes))}")
        lists.append(",".join(parts))
    return lists[0], lists[1], lists[2]
