"""What the oracle said is kept for the very same pictures, and for no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from candela_engines.scorer.training import known
from candela_engines.scorer.training.jod import jods_of
from candela_engines.scorer.training.store import Store


def made(root: Path) -> Store:
    """One source: a master, two faults and an SDR reference."""
    random = np.random.default_rng(3)
    store = Store(root)
    variants = random.integers(0, 65536, (3, 8, 8, 3)).astype(np.uint16)
    arrays = {"variants": variants, "references": random.integers(0, 256, (1, 8, 8, 3)).astype(np.uint8)}
    notes = [{"parent": "base", "ladder": ladder} for ladder in ("master", "blur", "hue")]
    store.write_pictures("a", arrays, {"variants": notes, "references": [{"family": "base"}]})
    return store


def test_nothing_is_asked_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "KNOWN", tmp_path / "jods.npz")
    known.known_jods.cache_clear()
    asked: list[float] = []

    def oracle(test: np.ndarray, reference: np.ndarray) -> float:
        asked.append(float(np.abs(test - reference).mean()))
        return 9.0 - len(asked) / 8

    store = made(tmp_path / "set")
    first = jods_of(store, "a", oracle, known.known_jods())
    assert first["variants"] == [10.0, 8.875, 8.75] and first["references"] == [8.625] and len(asked) == 3
    store.write_json("jod", "a", first)
    known.main([str(store.root)])
    known.known_jods.cache_clear()
    assert jods_of(store, "a", oracle, known.known_jods()) == first and len(asked) == 3

    changed = store.array("a", "variants").copy()
    changed[1, 0, 0, 0] ^= 1
    store.write_pictures(
        "a", {"variants": changed, "references": store.array("a", "references")}, store.meta("a")
    )
    again = jods_of(store, "a", oracle, known.known_jods())
    assert len(asked) == 4 and again["variants"][1] != first["variants"][1]
    assert again["variants"][2] == first["variants"][2]
    known.known_jods.cache_clear()
