"""The tables of known SDR operators: what every published way makes of a 1000-nit grade.

    python -m candela_engines.scorer.training.operator_tables --to FOLDER [--side 33]

Six operators take a grade as it is. ACES makes its SDR from the scene, so the scene is found first, by
undoing the rendering that a grade may have come from: ACES 2.0 at 1000 or 500 nit, ACES 1.1, or the plain
roll-off of `masters`; each is then shown by the SDR views of ACES 2.0 and of ACES 1. Writes
FOLDER/operators.npz.
"""

from __future__ import annotations

import argparse
import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from candela_engines.colour import bt2390, pq
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb, rgb_to_xyz
from candela_engines.media.atomic import write_atomic
from candela_engines.scorer.training import masters
from candela_engines.scorer.training.operators import OPERATORS, aces_config, sdr_code
from candela_engines.scorer.training.pictures import F32, PEAK_NITS

__all__ = ["SCENES", "main", "members", "table_of"]

SIDE = 33
SCENES = ("aces2", "aces2_500", "aces1", "linear")
"""Renderings of `masters` that are undone."""
_SCENE_OPERATORS = ("aces2", "aces1")


def members() -> tuple[tuple[str, str | None], ...]:
    """(operator, rendering undone or None) of each operator, in the order of the table."""
    plain = [(name, None) for name in OPERATORS if name not in _SCENE_OPERATORS]
    return (*plain, *((name, scene) for scene in SCENES for name in _SCENE_OPERATORS))


def _undo_view(nits: F32, transform: Any, code: F32) -> F32:
    light = np.ascontiguousarray(code, np.float32).reshape(-1, 3).copy()
    aces_config().config.getProcessor(transform).getDefaultCPUProcessor().applyRGB(light)
    return apply_matrix(np.nan_to_num(light.reshape(nits.shape)), rgb_to_rgb("ap0", "bt709"))


def _undo_aces2(nits: F32, view: str) -> F32:
    import PyOpenColorIO as ocio

    back = ocio.DisplayViewTransform(
        "ACES2065-1", masters._HDR_DISPLAY, masters._HDR_VIEWS[view], direction=ocio.TRANSFORM_DIR_INVERSE
    )
    return _undo_view(nits, back, pq.inverse_eotf(nits))


def _undo_aces1(nits: F32) -> F32:
    import PyOpenColorIO as ocio

    style = f"ACES-OUTPUT - ACES2065-1_to_CIE-XYZ-D65 - {masters._ACES1_HDR}"
    back = ocio.BuiltinTransform(style, ocio.TRANSFORM_DIR_INVERSE)
    return _undo_view(nits, back, apply_matrix(nits, rgb_to_xyz("bt2020")) / np.float32(100))


def _undo_linear(nits: F32) -> F32:
    """The roll-off is on max(R, G, B) and rises, so it is undone by its own curve."""
    levels = np.geomspace(1e-3, masters._LINEAR_PEAK, 4096).astype(np.float32)
    grey = np.repeat(levels[:, None], 3, axis=1)
    shown = bt2390.eetf_max_rgb(grey, source_peak=masters._LINEAR_PEAK, target_peak=PEAK_NITS)[:, 0]
    top = np.maximum(nits.max(axis=-1, keepdims=True), 1e-6)
    before = np.interp(top, np.maximum.accumulate(shown), levels)
    scene = nits * (before / top) / masters._LINEAR_NITS
    return apply_matrix(np.asarray(scene, np.float32), rgb_to_rgb("bt2020", "bt709"))


_UNDO: dict[str, Callable[[F32], F32]] = {
    "aces2": lambda nits: _undo_aces2(nits, "aces2"),
    "aces2_500": lambda nits: _undo_aces2(nits, "aces2_500"),
    "aces1": _undo_aces1,
    "linear": _undo_linear,
}


def table_of(nits: F32, operator: str, scene: str | None) -> F32:
    """BT.709 codes (…, 3) that a member makes of BT.2020 light in nits."""
    shaped = nits.reshape(1, -1, 3)
    code = sdr_code(operator, shaped, None if scene is None else _UNDO[scene](shaped))
    return np.asarray(code, np.float32).reshape(nits.shape)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--side", type=int, default=SIDE, help="points a side of the lattice")
    asked = parser.parse_args(arguments)
    top = float(pq.inverse_eotf(np.array([PEAK_NITS]))[0])
    ramp = np.linspace(0, top, asked.side)
    lattice = np.stack(np.meshgrid(ramp, ramp, ramp, indexing="ij"), axis=-1)
    nits = np.asarray(pq.eotf(lattice), np.float32)
    tables = [table_of(nits, *member) for member in members()]
    codes = np.round(np.clip(np.stack(tables, axis=3), 0, 1) * 65535).astype(np.uint16)
    names = [name if scene is None else f"{name} of {scene}" for name, scene in members()]
    buffer = io.BytesIO()
    np.savez_compressed(buffer, table=codes, names=np.array(names), top=np.array(top))
    asked.to.mkdir(parents=True, exist_ok=True)
    write_atomic(asked.to / "operators.npz", buffer.getvalue())
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    print(f"{len(names)} operators, {codes.shape}, {len(buffer.getvalue())} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
