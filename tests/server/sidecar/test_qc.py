"""Quality control through the sidecar: the reports and exit codes of the local command, inside the roots."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.qc.golden import write_reel
from tests.qc.test_references import with_model, write_sdr
from tests.qc.test_sequences import write as write_frames

from candela_engines.errors import CandelaError, InputError, MediaError
from candela_engines.qc.findings import Box, Finding, Severity
from candela_server.jobs.errors import CancelledError, FieldError, PathRefusedError
from candela_server.proto.candela.v1 import clips_pb2 as clips
from candela_server.proto.candela.v1 import scores_pb2 as pb
from candela_server.rpc.convert.qc import outcome_of, to_qc_request, to_qc_responses
from candela_server.service import QcRequest, QcSaid, qc_calls
from candela_server.service.leftovers import remove_stages
from candela_server.service.results import Work
from candela_server.sidecar.asks import QcChunk
from candela_server.sidecar.qc_tasks import QcDone

from ..conftest import Candela, Said
from .conftest import Running, Start, wait_for

EDL = """TITLE: cut
001  AX       V     C        00:00:00:00 00:00:00:10 01:00:00:00 01:00:00:10
* FROM CLIP NAME: reel.mp4
002  AX       V     C        00:00:00:10 00:00:00:20 01:00:00:10 01:00:00:20
* FROM CLIP NAME: reel.mp4
"""


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty frames in two shots, the first too bright and the second too green."""
    numbers = [*range(4, 14), *range(28, 38)]
    return write_reel(tmp_path_factory.mktemp("reel") / "reel.mp4", numbers=numbers)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sdr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in BT.709."""
    numbers = [*range(4, 14), *range(28, 38)]
    return write_sdr(tmp_path_factory.mktemp("sdr") / "reel_sdr.mp4", numbers)  # type: ignore[arg-type]


@pytest.fixture
def folder(shared: Running, request: pytest.FixtureRequest, reel: Path) -> Iterator[Path]:
    """A folder of the test in the shared sidecar's root, with reel.mp4."""
    path = shared.root / re.sub(r"\W+", "-", request.node.name)
    path.mkdir()
    shutil.copy(reel, path / "reel.mp4")
    yield path
    shutil.rmtree(path)


def timeless(text: str) -> str:
    """Without when it began and ended, which no two passes have in common."""
    return re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z| UTC)?", "WHEN", text)


def report_in(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): timeless(path.read_text()) for path in files}


class TestAsLocally:
    @pytest.fixture
    def same(
        self, candela: Candela, shared: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[..., Said]:
        """What a command says and reports, here and there, which has to be the same to the letter."""
        monkeypatch.chdir(folder)  # paths come back as they were said

        def call(*line: object) -> Said:
            found = []
            for where, work in ((), "here"), (("--sidecar", shared.address), "there"):
                said = candela(*where, *line, "--work", work)
                report = report_in(Path("report")) if Path("report").is_dir() else {}
                err = re.sub(r"^.*, \d+%.*\n", "", said.err, flags=re.MULTILINE)  # how far it is, if slow
                found.append((said.code, timeless(said.out), err, report))
                shutil.rmtree("report", ignore_errors=True)
            assert found[0] == found[1]
            return said

        return call

    def test_a_movie_with_its_report(self, same: Callable[..., Said], folder: Path) -> None:
        said = same("qc", "reel.mp4", "-o", "report")
        assert said.code == 1 and "reel.mp4, hevc" in said.out and "report/qc.html" in said.out
        assert json.loads(same("qc", "reel.mp4", "--json").out)["inputs"] == ["reel.mp4"]
        assert same("qc", "reel.mp4", "--on-findings", "tell", "--no-score").code == 0
        assert same("qc", "reel.mp4", "--fail-on", "blocker", "--no-score").code == 0

    @with_model
    def test_beside_an_sdr_reference(self, same: Callable[..., Said], folder: Path, sdr: Path) -> None:
        (folder / "sdr").mkdir()
        shutil.copy(sdr, folder / "sdr" / "reel_sdr.mp4")
        said = same("qc", "reel.mp4", "--reference", "sdr/reel_sdr.mp4", "-o", "report")
        assert "sdr/reel_sdr.mp4, bt709 bt1886, narrow range" in said.out
        said = same("qc", "reel.mp4", "--reference", "sdr", "--reference-colour", "srgb", "--json")
        clip = json.loads(said.out)["clips"][0]
        assert clip["reference"]["path"] == "sdr/reel_sdr.mp4"
        assert clip["reference"]["colour"]["sources"]["transfer"] == "flag"
        assert all(shot["score"]["score"] is not None for shot in clip["shots"])
        (folder / "sdr" / "reel.mp4").symlink_to(folder / "sdr" / "reel_sdr.mp4")
        same("qc", "reel.mp4", "--reference", "sdr", "--shots", "1")  # one file by two names is one

    def test_waivers_and_own_profiles(
        self, same: Callable[..., Said], candela: Candela, folder: Path
    ) -> None:
        (folder / "house").mkdir()
        base = 'inherits = "hdr10-1000"\n[rules."gamut.p3"]\nseverity = "fyi"\n'
        (folder / "house" / "base.toml").write_text(base)
        (folder / "house" / "show.toml").write_text('title = "Show"\ninherits = "base.toml"\n')
        first = same("qc", "reel.mp4", "--profile", "house/show.toml", "--no-score", "--json")
        document = json.loads(first.out)
        assert document["profile"]["file"] == "house/show.toml" and document["profile"]["title"] == "Show"
        key = next(f["key"] for c in document["clips"] for f in c["findings"] if f["code"] == "light.max_cll")
        waive = ("waive", "reel.mp4", key, "--reason", "sun", "--author", "A", "--work", "here")
        assert candela(*waive).code == 0
        assert "let pass by A" in same("qc", "reel.mp4", "--no-score", "-o", "report").out

    def test_a_timeline_and_clips_that_cannot_be_read(self, same: Callable[..., Said], folder: Path) -> None:
        (folder / "plates").mkdir()
        (folder / "reel.mp4").rename(folder / "plates" / "reel.mp4")
        (folder / "cut.edl").write_text(EDL)
        (folder / "bad.mov").write_bytes(b"no movie")
        said = same("qc", "cut.edl", "--media", "plates", "--rate", "24", "-o", "report", "--no-score")
        assert "plates/reel.mp4" in said.out and "report/markers/" in said.out
        assert same("qc", "plates/reel.mp4", "bad.mov", "-o", "report", "--no-score").code == 2

    def test_frames_in_a_folder(self, same: Callable[..., Said], folder: Path) -> None:
        write_frames(folder / "frames", list(range(1001, 1013)))
        line = ("--colour", "linear-rec2020", "--profile", "archive", "--rate", "24", "--no-score")
        assert "frames" in same("qc", "frames", *line, "-o", "report").out
        same("qc", "frames/plate.####.exr", *line, "--json")

    def test_in_parts_as_on_a_farm(self, same: Callable[..., Said], candela: Candela, folder: Path) -> None:
        assert "2" in same("qc", "reel.mp4", "--find-shots").out
        parts = json.loads(same("qc", "reel.mp4", "--find-parts", "--json").out)["parts"]
        assert parts[0]["clip"] == "reel.mp4"
        assert "1 of 2 shots" in same("qc", "reel.mp4", "--shots", "2").out
        assert json.loads(same("qc", "reel.mp4", "--parts", "1", "--json").out)["frames"] == 20
        assert same("qc", "reel.mp4", "--measure-only").code == 0

    def test_errors(self, same: Callable[..., Said], candela: Candela, shared: Running, folder: Path) -> None:
        assert "did you mean hlg" in same("qc", "reel.mp4", "--profile", "hlgg").err
        assert same("qc", "reel.mp4", "--matrix", "none").code == 2
        there = candela("--sidecar", shared.address, "qc", "none.mov")
        assert there.code == 2 and "none.mov" in there.err
        assert candela("--sidecar", shared.address, "waive", "reel.mp4").code == 2


class TestInside:
    @pytest.fixture
    def refused(self, shared: Running) -> Callable[[QcRequest, str], CandelaError]:
        def call(request: QcRequest, words: str) -> CandelaError:
            with shared.client(retries=0) as sidecar, pytest.raises(CandelaError, match=words) as failed:
                sidecar.qc(request)
            return failed.value

        return call

    def test_paths_of_the_request(
        self, refused: Callable[[QcRequest, str], CandelaError], folder: Path, reel: Path, tmp_path: Path
    ) -> None:
        good = QcRequest((folder / "reel.mp4",), work=folder / "work")
        (tmp_path / "p.toml").write_text('inherits = "hlg"\n')
        (folder / "link").symlink_to(tmp_path)
        for request in (
            replace(good, inputs=(reel,)),
            replace(good, inputs=(folder / "reel.mp4", folder / "link" / "reel.mp4")),
            replace(good, profile=str(tmp_path / "p.toml")),
            replace(good, report=tmp_path / "report"),
            replace(good, report=folder / "link" / "report"),
            replace(good, work=tmp_path),
            replace(good, media=(tmp_path,)),
            replace(good, references=(reel,)),
            replace(good, references=(folder / "link",)),
            replace(good, said=QcSaid(ocio=str(tmp_path / "p.toml"))),
        ):
            assert isinstance(refused(request, "not inside|leads out"), PathRefusedError)
        assert [path.name for path in tmp_path.iterdir()] == ["p.toml"]

    def test_what_lies_beside_or_in_a_folder(
        self, refused: Callable[[QcRequest, str], CandelaError], folder: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "secret").write_text("secret")
        good = QcRequest((folder / "reel.mp4",), work=folder / "work")
        for name, request in (
            ("reel.mp4.candela-qc.json", good),
            ("reel.mp4.candela", good),
            ("work/measures/x/y.npz", good),
            ("report/qc.json", replace(good, report=folder / "report")),
            ("frames/plate.1001.exr", replace(good, inputs=(folder / "frames",))),
            ("frames/plate.candela-qc.json", replace(good, inputs=(folder / "frames" / "plate.####.exr",))),
            ("sdr/reel_sdr.mp4", replace(good, references=(folder / "sdr",))),
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(tmp_path / "secret")
            refused(request, "leads out")
            (folder / name).unlink()
        assert (tmp_path / "secret").read_text() == "secret"

    def test_what_a_profile_or_a_timeline_names(
        self, refused: Callable[[QcRequest, str], CandelaError], folder: Path, reel: Path, tmp_path: Path
    ) -> None:
        work = folder / "work"
        (tmp_path / "p.toml").write_text("secret = 1\n")
        (folder / "p.toml").write_text(f'inherits = "{tmp_path}/p.toml"\n')
        request = QcRequest((folder / "reel.mp4",), str(folder / "p.toml"), work=work)
        failed = refused(request, "nothing may be read")
        assert "secret" not in str(failed)
        (folder / "reel.mp4").unlink()
        (folder / "cut.edl").write_text(EDL.replace("reel.mp4", "other.mp4"))
        request = QcRequest((folder / "cut.edl",), work=work, media=(folder / "plates",), rate=Fraction(24))
        (folder / "plates").mkdir()
        (folder / "plates" / "other.mp4").symlink_to(reel)
        refused(request, "nothing may be read")
        refused(replace(request, media=()), "nothing may be read")
        (folder / "plates" / "other.mp4").unlink()
        shutil.copy(reel, folder / "plates" / "other.mp4")
        (folder / "plates" / "other.mp4.candela-qc.json").symlink_to(tmp_path / "p.toml")
        refused(replace(request, media=()), "nothing may be read")
        (folder / "plates" / "other.mp4.candela-qc.json").unlink()
        (folder / "plates" / "other.mp4").unlink()
        os.mkfifo(folder / "plates" / "other.mp4")
        assert isinstance(refused(replace(request, media=()), "other.mp4"), MediaError | InputError)

    @pytest.mark.parametrize(
        ("field", "spoil"),
        [
            ("clips", lambda m: m.ClearField("clips")),
            ("clips", lambda m: m.clips.add(path="/b").colour.CopyFrom(m.clips[0].colour) or setattr(
                m.clips[1], "matrix", "bt709")),
            ("references", lambda m: m.references.extend([pb_clip("/a", m), pb_clip("/b", m, "bt709")])),
            ("references[0].path", lambda m: m.references.append(pb_clip("", m))),
            ("clips[0].colour", lambda m: m.clips[0].ClearField("colour")),
            ("clips[0].path", lambda m: m.clips[0].ClearField("path")),
            ("profile", lambda m: m.ClearField("profile")),
            ("fail_on", lambda m: m.ClearField("fail_on")),
            ("rate.text", lambda m: setattr(m.rate, "text", "1/0")),
            ("chunk.unit", lambda m: m.chunk.SetInParent()),
            ("chunk.numbers", lambda m: chunk_of(m, 1, 1 << 60)),
            ("chunk.numbers", lambda m: chunk_of(m, 0, 4)),
            ("chunk.numbers", lambda m: chunk_of(m, 4, 3)),
        ],
    )  # fmt: skip
    def test_nothing_is_a_default(
        self, shared: Running, field: str, spoil: Callable[[pb.QcRequest], None]
    ) -> None:
        message = to_qc_request(QcRequest((Path("/a"),)))
        spoil(message)
        with shared.client() as sidecar, pytest.raises(FieldError) as failed:
            list(sidecar.events(sidecar.stub.Qc, message))
        assert failed.value.field == field


def pb_clip(path: str, message: pb.QcRequest, matrix: str = "") -> clips.Clip:
    return clips.Clip(path=path, colour=message.clips[0].colour, matrix=matrix)


def chunk_of(message: pb.QcRequest, first: int, last: int) -> None:
    message.chunk.unit = pb.QC_UNIT_SHOT
    message.chunk.numbers.add(first=first, last=last)


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
