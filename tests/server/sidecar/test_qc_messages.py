"""Quality control through the sidecar: documents of any length, and passes that are ended."""

# ruff: noqa: F811 (fixtures)
from __future__ import annotations

import json
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.qc.test_sequences import write as write_frames

from candela_engines.errors import CandelaError, InputError
from candela_engines.qc.findings import Box, Finding, Severity
from candela_server.jobs.errors import CancelledError
from candela_server.proto.candela.v1 import scores_pb2 as pb
from candela_server.rpc.convert.qc import outcome_of, to_qc_request, to_qc_responses
from candela_server.service import QcRequest, QcSaid, qc_calls
from candela_server.service.leftovers import remove_stages
from candela_server.service.results import Work
from candela_server.sidecar.asks import QcChunk
from candela_server.sidecar.qc_tasks import QcDone

from .conftest import Running, Start, wait_for
from .qc_reels import folder, reel  # noqa: F401


class TestMessages:
    def test_documents_and_findings_without_end(self, reel: Path, tmp_path: Path) -> None:
        outcome = qc_calls.qc(QcRequest((reel,), work=tmp_path, score=False))
        result = replace(outcome.result, notes=("ü" * (5 << 20),))
        one = Finding(
            "light.max_cll", Severity.FYI, "light", "a.mov", None, 3, 4, None, None, 2, 3, Box(2, 4, 12, 24),
            2.5, 1.0, "nit", "", "candela", "too bright", "ab" * 12,
        )  # fmt: skip
        grave = replace(one, severity=Severity.BLOCKER, first=None, box=None, clip="bad-\udcff.mov")
        done = QcDone("hlg", False, (one,) * 6000 + (grave,), result.to_text(), ("/r/qc.json",), ("why",))
        messages = list(to_qc_responses(done))
        assert max(m.ByteSize() for m in messages) < 4 << 20 and len(messages) > 4
        last = messages[-1].result
        assert (len(last.findings), last.findings_in_all) == (5000, 6001)
        assert last.findings[0].severity == pb.SEVERITY_BLOCKER and not last.findings[0].HasField("frames")
        box = last.findings[1].box
        assert (box.left_px, box.top_px, box.width_px, box.height_px) == (2, 4, 10, 20)
        again = outcome_of(last, b"".join(m.chunk.data for m in messages[:-1]))
        assert again.result.to_json() == result.to_json() and again.reports == (Path("/r/qc.json"),)

    def test_a_document_that_fits_is_in_the_result(self, shared: Running, folder: Path) -> None:
        """As a client sees it that knows the contract alone."""
        message = to_qc_request(QcRequest((folder / "reel.mp4",), work=folder / "work", score=False))
        message.ClearField("called")
        with shared.client() as sidecar:
            events = list(sidecar.events(sidecar.stub.Qc, message))
        stages = {event.progress.stage for event in events[:-1]}
        assert "measure" in stages
        result = events[-1].result
        assert json.loads(result.document)["summary"]["passed"] is result.passed is False
        assert {f.clip for f in result.findings} == {str(folder / "reel.mp4")}

    def test_chunks_are_those_of_the_request(self) -> None:
        message = to_qc_request(QcRequest((Path("/a"),)), QcChunk("part", ((1, 3), (7, 7))))
        assert [(n.first, n.last) for n in message.chunk.numbers] == [(1, 3), (7, 7)]


def test_a_pass_that_is_cancelled_goes_on_where_it_was(shared: Running, folder: Path, reel: Path) -> None:
    for number in range(6):
        shutil.copy(reel, folder / f"r{number}.mp4")
    clips = tuple(folder / f"r{number}.mp4" for number in range(6))
    request = QcRequest(clips, work=folder / "work", report=folder / "report", score=False)
    begun, said = threading.Event(), []

    def measuring(work: Work) -> None:
        if work.stage == "measure":
            begun.set()

    def ask() -> None:
        with shared.client() as sidecar:
            try:
                sidecar.as_call("qc-1", 60).qc(request, measuring)
            except CandelaError as error:
                said.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert begun.wait(60)
    with shared.client() as sidecar:
        assert sidecar.cancel("qc-1")
        thread.join(30)
        wait_for(lambda: not sidecar.status().jobs)
        assert isinstance(said[0], CancelledError)
        assert not (folder / "report").exists()
        assert len(sidecar.qc(request).result.clips) == 6
    assert (folder / "report" / "qc.html").is_file()


STUCK = """
import time
import candela_server.reports.writing as w
real = w._write

def write(path, data):
    real(path, data)
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass

w._write = write
"""


def test_a_report_that_hangs_leaves_nothing_half_written(start: Start, reel: Path, tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(STUCK)
    running = start(PYTHONPATH=f"{hook}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    shutil.copy(reel, running.root / "reel.mp4")
    report = running.root / "report"
    request = QcRequest((running.root / "reel.mp4",), work=running.root / "work", report=report, score=False)

    def ask() -> None:
        with running.client() as sidecar, pytest.raises(CancelledError, match="goes on from there"):
            sidecar.as_call("qc-1", 60).qc(request)

    thread = threading.Thread(target=ask)
    thread.start()
    wait_for(lambda: list(report.glob(".*.part/qc.json")))
    with running.client() as sidecar:
        assert sidecar.cancel("qc-1")
        thread.join(30)
        wait_for(lambda: not sidecar.status().jobs)
    assert not report.exists()


def test_stages_of_others_stay(tmp_path: Path) -> None:
    for name in (".0123456789ab.part", ".0123456789ab.part.otio", "mine.part"):
        (tmp_path / name).mkdir()
    remove_stages(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".0123456789ab.part.otio", "mine.part"}


def test_frames_are_looked_at_before_room_is_made(shared: Running, folder: Path, start: Start) -> None:
    """A still whose header claims more than the sidecar takes, in a folder, is not measured."""
    write_frames(folder / "frames", [1, 2], {1: np.zeros((108, 192, 3), np.float32)})
    running = start("--max-pixels", 1000)
    shutil.copytree(folder / "frames", running.root / "frames")
    with running.client() as sidecar, pytest.raises(InputError, match="max-pixels"):
        sidecar.qc(QcRequest((running.root / "frames",), said=QcSaid("linear-rec2020")))
