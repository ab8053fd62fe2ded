"""Engines of up-conversion paired by source: what a mean is of, and how far it can be trusted."""

from __future__ import annotations

import pytest

pytest.importorskip("PyOpenColorIO")

from bench.upconvert import paired


def rows(apart: dict[tuple[str, str], float]) -> list[dict[str, object]]:
    return [
        {"source": source, "operator": operator, "engine": engine, "pu_psnr_db": 20 + db * (engine == "new")}
        for (source, operator), db in apart.items()
        for engine in ("old", "new")
    ]


def test_sources_count_alike_whatever_operators_they_have() -> None:
    found = paired(rows({("a", "x"): 1.0, ("a", "y"): 3.0, ("b", "x"): -1.0}), "new", "old")
    assert found["sources"] == 2 and found["mean_db"] == 0.5  # 2 of a and -1 of b
    assert (found["low_db"], found["high_db"]) == (-1, 2)
    assert found["operators"]["x"]["mean_db"] == 0 and found["operators"]["y"]["sources"] == 1


def test_the_same_everywhere_has_no_width() -> None:
    found = paired(rows({(f"s{n}", "x"): 0.25 for n in range(9)}), "new", "old")
    assert found["mean_db"] == found["low_db"] == found["high_db"] == 0.25
    back = paired(rows({(f"s{n}", "x"): 0.25 for n in range(9)}), "old", "new")
    assert back["mean_db"] == -0.25
