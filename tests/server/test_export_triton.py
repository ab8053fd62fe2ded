"""`candela export-triton`: what it says, writes and refuses."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from tests.runtime.inference_server import read_config

from .conftest import Candela


def test_it_writes_every_engine(candela: Candela, tmp_path: Path) -> None:
    said = candela("--json", "export-triton", tmp_path / "models", "--tensorrt")
    assert said.code == 0
    assert said.json["tensorrt"]
    for engine in said.json["engines"]:
        folder = tmp_path / "models" / engine["name"]
        onnx.checker.check_model(onnx.load(folder / str(engine["version"]) / "model.onnx"))
        assert read_config(folder).parameters["candela_sha256"].string_value == engine["sha256"]
    words = candela("export-triton", tmp_path / "models")
    assert words.code == 0
    assert words.out.splitlines()[0] == f"written      {tmp_path / 'models'}"
    assert "candela_paper 1, SHA-256" in words.out


def test_what_it_refuses(candela: Candela, tmp_path: Path) -> None:
    alone = candela("export-triton", tmp_path / "models", "--tensorrt-cache", "/var/cache/triton")
    assert (alone.code, "give both or neither" in alone.err) == (2, True)
    many = candela("export-triton", tmp_path / "models", "--instances", "1000")
    assert (many.code, "1 to 64 are possible" in many.err) == (2, True)
    nowhere = candela("export-triton", tmp_path / "none" / "models")
    assert (nowhere.code, "create it first" in nowhere.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_the_provider_is_shown(candela: Candela) -> None:
    said = candela("--json", "inspect", "--runtime")
    assert said.json["runtime"]["engine_provider"].split()[0] in ("cpu", "cuda", "tensorrt", "tensorrt-rtx")


def test_a_provider_that_is_not_there_is_shown(candela: Candela, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANDELA_PROVIDER", "metal")
    said = candela("inspect", "--runtime")
    assert said.code == 0
    assert "ONNX engines none: provider: $CANDELA_PROVIDER is 'metal'" in said.out
