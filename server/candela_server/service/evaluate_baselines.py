"""What any scorer has to beat: simple figures of the same frames, and scores that somebody else computed."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from pathlib import Path

import numpy as np

from candela_engines.errors import InputError
from candela_engines.metrics import delta_e_itp, pu_psnr
from candela_server.service.metrics_sides import SaidSide, open_side
from candela_server.service.score_sides import Frame, OpenGrade
from candela_server.service.versions import Version
from candela_server.service.versions_measured import Said

__all__ = ["BASELINES", "Baselines", "read_scores"]

BASELINES = (
    "PU-PSNR to the SDR at 203 nit",
    "ΔE_ITP to the SDR at 203 nit",
    "mean luminance",
    "PU-PSNR to the master",
    "ΔE_ITP to the master",
)
"""Distances with their sign turned, so that higher is better. The last two know the master, which no scorer
here is shown; the rest know what it knows."""
_SAME_DB = 100.0
"""A PU-PSNR of no difference at all, which has to be some number to be correlated."""
_MOST_BYTES = 64 << 20


class Baselines:
    """Collects means over the key frames of each version. said: how masters are read."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._found: dict[tuple[str, tuple[str, str]], list[float]] = defaultdict(list)

    def add(self, version: Version, grade: OpenGrade, frame: Frame) -> None:
        """A key frame of a version. Errors as of `open_side` for its master."""
        luma = frame.nits @ np.array([0.2627, 0.678, 0.0593], np.float32)
        self._keep("mean luminance", version, float(luma.mean(dtype=np.float64)))
        if frame.placed is not None:
            self._distances("the SDR at 203 nit", version, frame, frame.placed)
        if version.master is not None:
            said = SaidSide("--colour", version.colour or self._said.colour, ocio=self._said.ocio)
            with open_side(version.master, said) as side:
                number = frame.number if frame.number in side.numbers else side.numbers[0]
                light = side.light(number)
                if light.shape == frame.own.shape:
                    self._distances("the master", version, frame, light, own=True)

    def value(self, name: str, key: tuple[str, str]) -> float:
        """The mean; NaN where there is none."""
        found = self._found.get((name, key))
        return float(np.mean(found)) if found else math.nan

    def _distances(
        self, to: str, version: Version, frame: Frame, other: np.ndarray, *, own: bool = False
    ) -> None:
        light = frame.own if own else frame.nits
        self._keep(f"PU-PSNR to {to}", version, min(pu_psnr(light, other), _SAME_DB))
        self._keep(f"ΔE_ITP to {to}", version, -delta_e_itp(light, other).mean)

    def _keep(self, name: str, version: Version, value: float) -> None:
        self._found[name, version.key].append(value)


def read_scores(path: Path) -> dict[str, dict[tuple[str, str], float]]:
    """Scores of other programs, by scorer: CSV with scene, condition, and a column a scorer, higher is
    better.

    Raises InputError for a file that cannot be read, lacks a column, or holds what is no number.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: is above {_MOST_BYTES >> 20} MiB; that is no table of scores")
        text = path.read_text("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text.replace("\0", ""), newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as a table of scores: {error}") from error
    if not rows or "scene" not in rows[0] or "condition" not in rows[0]:
        raise InputError(f"{path}: needs the columns scene and condition, and one for every scorer")
    found: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for number, row in enumerate(rows, 2):
        for name, text in row.items():
            if name in ("scene", "condition") or not name or not (text or "").strip():
                continue
            try:
                value = float(text)
            except (TypeError, ValueError):
                value = math.nan
            if not math.isfinite(value):
                raise InputError(f"{path}, line {number}: {name} is {str(text)[:40]!r}; a number is needed")
            found[name][row["scene"], row["condition"]] = value
    return dict(found)
