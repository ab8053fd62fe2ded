"""Compiling in the background: what answers meanwhile, the swap, and all that may go wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tests.runtime.machines import COMPILED, FakeMachine

from candela_engines.errors import InfrastructureError
from candela_engines.runtime.engine_cache import EngineCache
from candela_engines.runtime.engines import engine
from candela_engines.runtime.probe import probe_feed
from candela_engines.runtime.providers import Choice
from candela_engines.runtime.warm import WarmEngine

ENGINE = engine("candela_default_pq")
FEED = probe_feed(ENGINE)


def started(machine: FakeMachine, folder: Path, provider: str = "tensorrt") -> WarmEngine:
    return WarmEngine(ENGINE, machine, Choice(provider), EngineCache(folder))  # type: ignore[arg-type]


def settled(machine: FakeMachine, folder: Path) -> WarmEngine:
    machine.go.set()
    warm = started(machine, folder)
    assert warm.wait(20)
    return warm


@pytest.mark.parametrize(("has", "quick"), [(("tensorrt", "cuda"), "cuda"), (("tensorrt",), "cpu")])
def test_it_answers_while_it_compiles_and_is_swapped(
    has: tuple[str, ...], quick: str, tmp_path: Path
) -> None:
    machine = FakeMachine(*has)  # type: ignore[arg-type]
    machine.off["tensorrt"] = 1e-6  # shows who answered
    warm = started(machine, tmp_path)
    assert warm.run(FEED)[0, 0, 0] == np.float32(0.25)
    assert warm.text() == f"{quick}; TensorRT is compiling"
    machine.go.set()
    assert warm.wait(20)
    assert warm.text() == "tensorrt"
    assert warm.run(FEED)[0, 0, 0] == np.float32(0.25 + 1e-6)
    warm.close()


def test_the_next_one_loads_what_was_compiled(tmp_path: Path) -> None:
    machine = FakeMachine("tensorrt", "cuda")
    assert settled(machine, tmp_path).provider == "tensorrt"
    assert (machine.compiled, machine.loaded) == (1, 1)  # once more, to know that it loads
    assert settled(machine, tmp_path).provider == "tensorrt"
    assert (machine.compiled, machine.loaded) == (1, 2)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_another_driver_has_an_engine_of_its_own(tmp_path: Path) -> None:
    machine = FakeMachine("tensorrt", "cuda")
    settled(machine, tmp_path)
    machine.versions = {**machine.versions, "driver": "13.1"}
    settled(machine, tmp_path)
    assert machine.compiled == 2
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("damage", ["spoiled", "half", "no list", "list of nonsense"])
def test_a_broken_entry_is_thrown_away_and_made_anew(damage: str, tmp_path: Path) -> None:
    machine = FakeMachine("tensorrt", "cuda")
    settled(machine, tmp_path)
    (entry,) = tmp_path.iterdir()
    if damage == "spoiled":
        (entry / COMPILED).write_bytes(b"spoilt!!")
    elif damage == "half":
        (entry / COMPILED).write_bytes(b"comp")
    elif damage == "no list":
        (entry / "entry.json").unlink()
    else:
        (entry / "entry.json").write_bytes(b"\xff{")
    warm = settled(machine, tmp_path)
    assert warm.provider == "tensorrt"
    assert machine.compiled == 2
    assert (entry / COMPILED).read_bytes() == b"compiled"


def test_a_whole_entry_that_does_not_load_is_made_anew_too(tmp_path: Path) -> None:
    machine = FakeMachine("tensorrt", "cuda")
    cache = EngineCache(tmp_path)
    key = cache.key(ENGINE.sha256, "tensorrt", machine.facts())
    part = cache.begin(key)
    (part / COMPILED).write_bytes(b"of another library")
    cache.keep(key, part)
    warm = settled(machine, tmp_path)
    assert warm.provider == "tensorrt"
    assert warm.notes == ("a compiled engine was thrown away: the plan does not deserialise",)


@pytest.mark.parametrize("how", ["does not load", "is off", "runs out of memory"])
def test_a_build_that_fails_changes_nothing(how: str, tmp_path: Path) -> None:
    machine = FakeMachine("tensorrt", "cuda")
    if how == "does not load":
        machine.does_not_load.add("tensorrt")
        said = "libnvinfer.so is missing"
    elif how == "is off":
        machine.off["tensorrt"] = 1e-3
        said = "off by 1.0e-03"
    else:
        machine.breaks.add("tensorrt")
        said = "tensorrt ran out of memory"
    warm = settled(machine, tmp_path)
    assert warm.run(FEED)[0, 0, 0] == np.float32(0.25)
    assert warm.text().startswith("cuda; tensorrt is not used: ")
    assert said in warm.text()
    assert "more lines" not in warm.text()
    assert list(tmp_path.iterdir()) == []


def test_one_that_fails_later_is_used_no_longer(tmp_path: Path) -> None:
    machine = FakeMachine("tensorrt", "cuda")
    machine.off["tensorrt"] = 1e-6
    warm = settled(machine, tmp_path)
    machine.breaks.add("tensorrt")
    assert warm.run(FEED)[0, 0, 0] == np.float32(0.25)
    assert warm.text() == "cuda; tensorrt failed and is used no longer: tensorrt ran out of memory"
    warm.run(FEED)
    assert len(warm.notes) == 1


def test_where_nothing_is_left_it_is_an_error(tmp_path: Path) -> None:
    machine = FakeMachine("tensorrt", "cuda")
    warm = settled(machine, tmp_path)
    machine.breaks |= {"tensorrt", "cuda"}
    with pytest.raises(
        InfrastructureError, match="candela_default_pq failed on cuda: cuda ran out of memory"
    ):
        warm.run(FEED)


def test_cuda_that_does_not_load_is_replaced_by_the_cpu(tmp_path: Path) -> None:
    machine = FakeMachine("cuda")
    machine.does_not_load.add("cuda")
    warm = started(machine, tmp_path, "cuda")
    assert warm.text() == "cpu; cuda does not load: cuda: libnvinfer.so is missing"
    machine.does_not_load.add("cpu")
    with pytest.raises(InfrastructureError, match="candela_default_pq does not load"):
        started(machine, tmp_path, "cuda")


def test_without_a_place_to_keep_it_it_is_compiled_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_bytes(b"")
    machine = FakeMachine("tensorrt", "cuda")
    warm = settled(machine, file / "cache")
    assert warm.provider == "tensorrt"
    assert "cannot be kept" in warm.notes[0]
    assert "CANDELA_ENGINE_CACHE" in warm.notes[0]


def test_a_feed_that_does_not_fit_is_refused_before_it_runs(tmp_path: Path) -> None:
    machine = FakeMachine()
    warm = started(machine, tmp_path, "cpu")
    with pytest.raises(InfrastructureError, match="missing or unknown: w0"):
        warm.run({k: v for k, v in FEED.items() if k != "w0"})
    with pytest.raises(InfrastructureError, match=r"w1 is float32 \[32, 32\]|w1 is float32 \[31, 32\]"):
        warm.run({**FEED, "w1": FEED["w1"][:-1]})
    with pytest.raises(InfrastructureError, match="row_phase is int64"):
        warm.run({**FEED, "row_phase": FEED["row_phase"].astype(np.int64)})


def test_threads_that_run_while_it_is_swapped(tmp_path: Path) -> None:
    machine = FakeMachine("tensorrt", "cuda")
    machine.off["tensorrt"] = 1e-6
    warm = started(machine, tmp_path)
    before, after = np.float32(0.25), np.float32(0.25 + 1e-6)

    def results(_: int) -> list[np.float32]:
        return [warm.run(FEED)[0, 0, 0] for _ in range(50)]

    with ThreadPoolExecutor(4) as pool:
        running = pool.map(results, range(4))
        machine.go.set()
        seen = [result for each in running for result in each]
    assert warm.wait(20)
    assert set(seen) <= {before, after}
    assert results(0)[-1] == after


def test_of_two_that_compile_the_same_the_first_keeps_its_entry(tmp_path: Path) -> None:
    cache = EngineCache(tmp_path)
    parts = [cache.begin("key"), cache.begin("key")]
    for part, text in zip(parts, ("first", "second"), strict=True):
        (part / COMPILED).write_text(text)
    entries = [cache.keep("key", part) for part in parts]
    for part in parts:
        cache.drop(part)
    assert entries[0] == entries[1] == cache.find("key")
    assert (entries[0] / COMPILED).read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["key"]
    assert entries[0].stat().st_mode & 0o077 == 0
