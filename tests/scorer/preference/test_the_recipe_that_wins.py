"""The default recipe is the one that the kept results say wins, and they are of what was asked."""

from __future__ import annotations

import json
from pathlib import Path

from candela_engines.scorer.preference.recipes import DEFAULT, RECIPES

_KEPT = Path(__file__).parents[3] / "bench" / "results" / "preference_ablation.json"


def test_the_default_is_what_wins():
    kept = json.loads(_KEPT.read_text("utf-8"))
    rows = kept["tables"]["all levels"]
    scored = {name: row["srocc"][0] for name, row in rows.items() if name in RECIPES}
    assert set(scored) == set(RECIPES)
    assert max(scored, key=scored.__getitem__) == kept["winner"] == DEFAULT


def test_the_results_are_of_ten_seeds_and_several_levels_of_noise():
    kept = json.loads(_KEPT.read_text("utf-8"))
    assert kept["seeds"] >= 10
    assert kept["study"]["versions"] == 13
    assert len(kept["levels"]) >= 3
    assert any(level["adversarial"] for level in kept["levels"].values())
    assert "split half" in kept["tables"]["all levels"]
