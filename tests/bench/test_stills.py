"""Rows, figures, cache and results file, with a stand-in for the fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from bench import ours, stills
from bench.figures import figures, leads, rival_of
from bench.ours import Ours


def row(
    family: str, budget: int, pu: float, *, source: str = "a", size: int | None = None, de: float = 0.5
) -> dict:
    return {"source": source, "family": family, "budget": budget, "bytes": size or budget, "pu_psnr": pu,
            "delta_e_itp": de, "model": "default"}  # fmt: skip


def test_rival_is_the_least_budget_that_holds_our_bytes() -> None:
    rivals = [row("aces2", b, p) for b, p in ((2048, 40.0), (8192, 45.0))] + [row("window", 2048, 10.0)]
    frugal, full = row("aces2", 8192, 55.0, size=1500), row("aces2", 8192, 55.0, size=8192)
    assert rival_of(frugal, rivals)["budget"] == 2048
    assert rival_of(full, rivals)["budget"] == 8192
    assert rival_of(row("aces2", 8192, 1.0, size=9000), rivals) is None
    assert leads([frugal, full], rivals) == [15.0, 10.0]
    assert leads([frugal, full], rivals, same_budget=True) == [10.0, 10.0]


def test_figures_say_what_was_reached_misses_first() -> None:
    ours_rows = [row(f, b, p, source=s) for f, p in (("aces2", 56.0), ("bt2446a", 55.5), ("bt2446c", 54.0))
                 for b in (2048, 8192) for s in "xy"]  # fmt: skip
    rivals = [{**r, "pu_psnr": r["pu_psnr"] - (9 if r["family"] == "bt2446c" else 12)} for r in ours_rows]
    ours_rows += [row("phone", 8192, 50.0, source="p"), row("crop", 8192, 47.0, source="p")]
    rivals += [
        row("phone", 8192, 48.0, source="p") | {"recommended_offset": 46.0},
        row("crop", 8192, 47.5, source="p"),
    ]
    made = {f.name: f for f in figures(ours_rows, rivals)}
    states = [f.reached for f in made.values()]
    assert states == sorted(states, key=lambda s: (s is None, bool(s)))
    assert made["global operators, 8 KiB, median PU-PSNR"].value == 55.5
    assert made["global operators, 8 KiB, median PU-PSNR"].reached
    assert made["aces2, 8 KiB, median lead over gain map"].reached
    assert made["bt2446c, 8 KiB, median lead over gain map"].reached is False
    assert made["window, 8 KiB, median lead over gain map"].reached is None
    assert made["phone and crop, 8 KiB, median lead over gain map"].value == pytest.approx(0.75)
    assert made["phone and crop, 8 KiB, worst lead over gain map"].value == pytest.approx(-0.5)
    # With the offset that most writers take: only where that was measured.
    assert made["phone and crop, 8 KiB, worst lead over gain map of k = 1/64"].value == pytest.approx(4.0)
    assert made["aces2, 8 KiB, median lead over gain map of k = 1/64"].reached is None


@pytest.fixture
def data(write_exr, scene: np.ndarray) -> Path:
    write_exr("phalzer_forest_01.exr", scene)
    write_exr("lab.exr", scene, names=("Y", "RY", "BY"))
    return write_exr("forest.exr", scene[::-1]).parent


def test_run_is_written_and_resumed(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = []

    def fit(pair, *, model: str, budget: int | None, effort: str) -> Ours:
        calls.append((pair.source, pair.family, model, budget))
        return Ours(model, budget, effort, 1500, 55.0, 0.5, 2.0, 1.0, 0.1, {"layers": 2})

    monkeypatch.setattr(ours, "fit_and_score", fit)
    monkeypatch.setattr(
        ours.cached_fit, "__kwdefaults__", {**ours.cached_fit.__kwdefaults__, "cache": tmp_path / "c"}
    )
    for function in (stills.make_pairs, stills.cached_gain_maps):
        defaults = {**function.__kwdefaults__, "cache": tmp_path / "c"}
        monkeypatch.setattr(function, "__kwdefaults__", defaults)
    result = tmp_path / "out" / "stills.json"
    command = [str(data), "--families", "aces2", "--budgets", "1024,2048", "--json", str(result)]
    stills.main(command)
    models = [("default", 1024), ("default", 2048), ("paper", None), ("gamma", None)]
    assert calls == [("phalzer_forest_01.exr", "aces2", *model) for model in models]
    written = json.loads(result.read_text())
    assert written["left_to_training"] == ["forest.exr"]
    assert [reason.split(", ")[0] for reason in written["skipped"]] == ["lab.exr: no RGB: its channels are Y"]
    assert {r["model"] for r in written["rows"]} == {"default", "paper", "gamma", "gain map"}
    assert {"cpu", "cores", "commit", "date", "versions"} <= set(written)
    assert "host" not in json.dumps(written)
    said = capsys.readouterr().out
    assert "only sources not used in training; 1 left to training" in said
    assert "skipped: lab.exr" in said
    stills.main([*command, "--all"])
    assert len(calls) == 8, "the source that was measured before comes from the cache"
    assert "those of training too" in capsys.readouterr().out


def test_code_version_is_stable_and_short() -> None:
    assert ours.code_version() == ours.code_version()
    assert len(ours.code_version()) == 12
