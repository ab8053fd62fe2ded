"""Workers that start from anywhere, and what is said where they do not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from candela_engines.errors import InfrastructureError
from candela_server.frames.segments import Regions
from candela_server.jobs.job import Job
from candela_server.service import InspectRequest
from candela_server.sidecar.tasks import Engines
from candela_server.workers import place, pool
from candela_server.workers.pool import Pool

from ..conftest import Candela
from ..pictures import Pair
from .conftest import Start, wait_for


def test_a_temporary_folder_with_a_long_path(start: Start, made: tuple[Pair, Path], tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    deep.mkdir(parents=True)
    running = start(TMPDIR=str(deep))
    shutil.copy(made[1], running.root / "out.png")
    with running.client() as sidecar:
        assert sidecar.inspect(InspectRequest(running.root / "out.png")).found.carrier == "png"
        status = sidecar.status()
        assert status.workers and not status.trouble


def test_where_no_folder_will_do_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_LONGEST", 4)
    with pytest.raises(InfrastructureError, match=r"tmp is too long a path.*\$TMPDIR"):
        place.meet()


def test_whoever_has_work_is_told_why_there_are_no_workers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[str] = []

    def broken() -> None:
        raise OSError(11, "no more processes")

    monkeypatch.setattr(pool, "meet", broken)
    made = Pool(2, Regions(enabled=True, most=1), memory=1 << 30, scratch=tmp_path, trouble=told.append)
    try:
        with pytest.raises(InfrastructureError, match=r"workers do not start: .*no more processes"):
            made.run(Job("Inspect"), Engines())
        assert told and "no more processes" in made.staff.trouble
        assert (made.staff.there, made.staff.wanted) == (0, 2)
    finally:
        made.close()


def test_a_worker_that_ends_at_once_is_trouble_and_not_a_hang(
    start: Start, candela: Candela, made: tuple[Pair, Path], tmp_path: Path
) -> None:
    hook = tmp_path / "hook"
    hook.mkdir()
    # Of the worker's side alone, which ends before it is ready to work.
    (hook / "sitecustomize.py").write_text(
        "import candela_server.workers.process as p\n"
        "def full(**more): raise SystemExit(7)\n"
        "p.Regions = full\n"
    )
    running = start(PYTHONPATH=f"{hook}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    shutil.copy(made[1], running.root / "x.png")
    with running.client(retries=0) as sidecar:
        with pytest.raises(InfrastructureError, match="workers do not start: a process ended by itself"):
            sidecar.inspect(InspectRequest(running.root / "x.png"))
        assert sidecar.status().serving
    said = candela("status", "--listen", running.address)
    assert "0 of 4: a process ended by itself (exit code 7)" in " ".join(said.out.split())
    wait_for(lambda: any(line["event"] == "trouble" for line in running.lines()))
    assert running.stop() == 0
