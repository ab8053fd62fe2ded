"""The template run by openjd's own runner: chunks, one report, what fails and what does not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import opentimelineio as otio
import pytest
from tests.media.movies import HDR10, X265, encode

from candela_engines.scorer.engine import installed_engine
from candela_server.cli.run import run
from candela_server.farm import export_farm


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A timeline of three shots of one movie, brighter than the profile allows, and the command."""
    folder = tmp_path_factory.mktemp("show")
    options = {"x265-params": f"{X265}:keyint=8:bframes=0"}
    encode(folder / "reel.mp4", "libx265", "yuv420p10le", count=24, tags=HDR10, options=options)
    timeline = otio.schema.Timeline("cut")
    track = otio.schema.Track("V1", kind="Video")

    def span(first: int, count: int) -> otio.opentime.TimeRange:
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, 24), otio.opentime.RationalTime(count, 24)
        )

    for number, first in enumerate((0, 8, 16), 1):
        media = otio.schema.ExternalReference("reel.mp4", span(0, 24))
        track.append(otio.schema.Clip(f"sh{number:03d}", media, span(first, 8)))
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(folder / "cut.otio"))
    command = folder / "candela"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m candela_server.cli "$@"\n')
    command.chmod(0o755)
    export_farm(folder)
    return folder


def openjd(show: Path, step: str, *more: str, report: str = "report", **values: str) -> tuple[int, str]:
    """Exit code and log of `openjd run`."""
    given = {
        "Input": str(show / "cut.otio"), "ReportFolder": str(show / report), "WorkFolder": str(show / "work"),
        "Candela": str(show / "candela"), "Numbers": "1-4", "Shots": "1-3",
        "PerTask": "2", "SecondsPerTask": "0", **values,
    }  # fmt: skip
    parameters = [word for name, value in given.items() for word in ("-p", f"{name}={value}")]
    template = str(show / "candela_qc.template.yaml")
    done = subprocess.run(
        [sys.executable, "-m", "openjd", "run", template, "--step", step, *more, *parameters],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=240,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_a_job_runs_in_chunks_and_reports_once(show: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, log = openjd(show, "Report", "--run-dependencies")
    assert code == 0, log
    assert re.findall(r"Numbers\(CHUNK\[INT\]\) = (\S+)", log) == ["1-2", "3-4"]
    assert re.findall(r"Shots\(CHUNK\[INT\]\) = (\S+)", log) == ["1-2", "3-3"]
    assert "measured     2 of 3 parts, 16 frames" in log and "measured     1 of 3 parts, 8 frames" in log
    assert "openjd_progress: 100.0" in log and "openjd_status: QC failed: " in log
    assert "openjd_fail" not in log
    farm = json.loads((show / "report/qc.json").read_bytes())
    jsonschema.validate(farm, json.loads((show / "report/qc.schema.json").read_bytes()))
    assert [shot["name"] for shot in farm["clips"][0]["shots"]] == ["sh001", "sh002", "sh003"]
    cut = otio.adapters.read_from_file(str(show / "report/markers/cut.otio"))
    assert [clip.name for clip in cut.find_clips()] == ["sh001", "sh002", "sh003"]
    begins = {int(marker.marked_range.start_time.value) for marker in cut.tracks.markers}
    assert begins <= set(range(24)) and 0 in begins
    # The same pass in one piece on a desk: the same numbers.
    assert run(["qc", str(show / "cut.otio"), "--work", str(show / "desk"), "--json"]) == 1
    desk = json.loads(capsys.readouterr().out)
    assert desk["clips"] == farm["clips"] and not farm["summary"]["passed"]
    # What findings do to the task is a parameter; and nothing is left for the last task to measure.
    packs = {p.name for p in (show / "work").rglob("*") if p.suffix == ".npz" or p.parent.name == "scores"}
    if installed_engine() is not None:
        assert sum(name.endswith(".json") for name in packs) == 3
    code, log = openjd(show, "Report", report="failed", OnFindings="fail")
    assert code != 0 and re.search(r"openjd_fail: QC failed: \d+ Blocker", log), log
    assert "exited with code: 1 " in log
    assert json.loads((show / "failed/qc.json").read_bytes())["clips"] == farm["clips"]
    left = {p.name for p in (show / "work").rglob("*") if p.suffix == ".npz" or p.parent.name == "scores"}
    assert packs and left == packs


def test_what_cannot_be_done_is_a_failed_task_with_its_reason(show: Path) -> None:
    code, log = openjd(show, "Find", Input=str(show / "gone.mov"))
    assert code != 0 and "exited with code: 2 " in log, log
    assert re.search(r"openjd_fail: .*gone\.mov", log)
