"""Scores, comparisons and measurements through the sidecar: what the local command gives, bit for bit."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import grpc
import numpy as np
import pytest

from candela_engines.errors import ColourStateError, InputError
from candela_engines.media import read_still
from candela_engines.scorer.engine import Grade, installed_engine
from candela_engines.scorer.eye.head import Head
from candela_engines.scorer.eye.house import HouseModel, save_house
from candela_server.client import FixedFrame
from candela_server.jobs.errors import CancelledError, FieldError, PathRefusedError
from candela_server.proto.candela.v1 import frames_pb2 as frames
from candela_server.proto.candela.v1 import scores_pb2 as pb
from candela_server.proto.candela.v1 import sidecar_pb2
from candela_server.rpc.convert.judging import to_judge_request
from candela_server.service import CompareRequest, MetricsRequest, SaidSide, ScoreRequest, score
from candela_server.service.engines import engines

from ..conftest import Candela
from ..pictures import grade, light
from ..test_score import exr, sdr, texture
from .conftest import Running, wait_for

SIDE = SaidSide("--colour")
OTHER = SaidSide("--reference-colour")


def house() -> HouseModel:
    """Of the stock score alone, twice."""
    engine = installed_engine()
    assert engine is not None
    one = np.ones(1)
    head = Head(2 * one, 0.0, 0 * one, one, -6 * one, 10 * one, one)
    return HouseModel("North", head, ("stock_score",), engine.sha256, {})


@pytest.fixture
def folder(shared: Running, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of the test in the shared sidecar's root: a grade, one that clips, the SDR of both."""
    path = shared.root / request.node.name.replace("[", "-").replace("]", "")
    path.mkdir()
    nits = np.minimum(texture(), 990)
    exr(path / "grade.exr", nits)
    exr(path / "clipped.exr", np.minimum(nits, 150))
    sdr(path / "sdr.png", nits)
    yield path
    shutil.rmtree(path)


def same(candela: Candela, shared: Running, *line: object) -> str:
    """What a command says, here and there, which has to be the same to the letter."""
    local, there = candela(*line), candela("--sidecar", shared.address, *line)
    assert (there.code, there.out, there.err) == (local.code, local.out, local.err)
    return local.out


class TestAsLocally:
    def test_scores_with_their_overlays(
        self, candela: Candela, shared: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(folder)  # paths come back as they were said
        line = ("score", "clipped.exr", "--reference", "sdr.png", "--fail-on", 0.05, "--overlay", "looks/new")
        local = candela("--json", *line)
        before = {path.name: path.read_bytes() for path in (folder / "looks" / "new").iterdir()}
        shutil.rmtree("looks")
        lines = len(shared.lines())
        there = candela("--json", "--sidecar", shared.address, *line)
        assert there.code == local.code == 1 and there.out == local.out
        assert {p.name: p.read_bytes() for p in (folder / "looks" / "new").iterdir()} == before
        wait_for(lambda: [line for line in shared.lines()[lines:] if line.get("call") == "Score"])
        calls = [line["status"] for line in shared.lines()[lines:] if line.get("call") == "Score"]
        assert calls == ["OK"], "a client that has its result did not cancel"
        assert "highlights_clipped" in there.out and len(before) == 3
        assert "grade.exr" in same(candela, shared, "score", "grade.exr", "clipped.exr")

    def test_comparisons_and_measurements(
        self, candela: Candela, shared: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(folder)
        line = ("compare", "grade.exr", "clipped.exr", "--reference", "sdr.png")
        assert '"better": "first"' in same(candela, shared, "--json", *line)
        assert "the first" in same(candela, shared, *line)
        found = same(candela, shared, "metrics", "sdr.png", "grade.exr", "--sdr-white", "203")
        assert "sdr.png, 256x144" in found
        assert '"pu_psnr_db": null' in same(candela, shared, "--json", "metrics", "grade.exr", "grade.exr")

    def test_a_house_model_scores(
        self, candela: Candela, shared: Running, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It says twice what the stock model does, and has to lie in the roots."""
        monkeypatch.chdir(folder)
        save_house(folder / "house.npz", house())
        line = ("score", "grade.exr", "--reference", "sdr.png", "--model", "house.npz")
        said = json.loads(same(candela, shared, "--json", *line))
        stock = candela("--json", *line[:-2]).json["shots"][0]["score"]
        assert said["engine"]["name"] == "house model North"
        assert said["shots"][0]["score"] == pytest.approx(min(2 * stock, 10))
        assert "one studio's" in same(candela, shared, *line)
        compared = ("compare", "grade.exr", "clipped.exr", *line[2:])
        assert "one studio's" in json.loads(same(candela, shared, "--json", *compared))["meaning"]
        save_house(tmp_path / "away.npz", house())
        away = candela("--sidecar", shared.address, *line[:-1], tmp_path / "away.npz")
        assert away.code == 2 and "away.npz" in away.err

    def test_a_sequence(
        self, candela: Candela, shared: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(folder)
        for number in range(3):
            shutil.copy("clipped.exr" if number == 1 else "grade.exr", f"a.{1001 + number}.exr")
            shutil.copy("sdr.png", f"sdr.{number + 1:04}.png")
        line = ("--json", "score", "a.####.exr", "--reference", "sdr.####.png", "--key-frames", 2)
        (shot,) = json.loads(same(candela, shared, *line))["shots"]
        assert len(shot["frames"]) == 2 and (shot["first"], shot["last"]) == (1001, 1003)
        same(candela, shared, "metrics", "a.####.exr", "a.####.exr", "--frames", "1001-1002", "--json")

    def test_errors(
        self, candela: Candela, shared: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sdr(folder / "small.png", texture(72, 128))
        (folder / "cut.edl").write_text("TITLE: a\n")
        for line, words in (
            (("score", folder / "grade.exr", "--reference", folder / "small.png"), "128x72"),
            (("score", folder / "sdr.png"), "no HDR grade"),
            (("score", folder / "grade.exr", "--matrix", "bt709"), "leave --matrix out"),
            (("compare", folder / "grade.exr", folder / "cut.edl"), "timeline"),
            (("metrics", folder / "grade.exr", folder / "small.png"), "one size"),
            (("score", folder / "none.exr"), "none.exr"),
        ):
            local, there = candela(*line), candela("--sidecar", shared.address, *line)
            assert local.code == there.code == 2 and words in there.err, there.err
            assert "none.exr" in words or there.err == local.err

    def test_a_grade_model_and_its_score_travel(
        self, shared: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another than the one that ships: what it says comes back as it was."""
        from candela_server.rpc.convert.judging import judge_result, to_judge_response
        from candela_server.service import score as use_case

        class Engine:
            name, version, sha256 = "grader", "3", "ab" * 32
            needs_reference = False

            def grade(self, description: object, *, with_reference: bool) -> Grade:
                return Grade(7.123456789 if with_reference else -1.0, 5.25, 8.5, (), {"soft": 0.5})

            def to_json(self) -> dict[str, str]:
                return dict.fromkeys(("name", "version", "sha256", "inputs", "reference"), "x")

        monkeypatch.setattr(sys.modules[use_case.__module__], "installed_engine", Engine)
        request = ScoreRequest(folder / "grade.exr", SIDE, folder / "sdr.png", OTHER)
        local = use_case(request)
        assert local.to_json()["shots"][0]["score"] == 7.123  # type: ignore[index]
        assert local.to_json()["shots"][0]["score_interval"] == [5.25, 8.5]  # type: ignore[index]
        monkeypatch.setattr("candela_server.service.engines.installed_engine", Engine)
        assert [e.sha256 for e in engines() if e.name == "grader"] == ["ab" * 32]
        response = pb.ScoreResponse.FromString(to_judge_response(local, pb.ScoreResponse).SerializeToString())
        assert response.result.meaning and response.result.pooling
        assert judge_result(response.result, request).to_json() == local.to_json()


class TestOtherWaysIn:
    def test_frames_in_memory_are_judged_as_files(self, shared: Running, folder: Path) -> None:
        hdr, codes = read_still(folder / "grade.exr").pixels, grade(np.minimum(texture(), 990))
        hdr_said = SaidSide("--colour", "linear-rec2020", "full")
        sdr_said = SaidSide("--reference-colour", "rec709", "full")
        request = ScoreRequest(Path("a"), hdr_said, Path("b"), sdr_said, overlay=folder / "looks")
        with shared.client() as sidecar, FixedFrame(sidecar, hdr) as a, FixedFrame(sidecar, codes) as b:
            places = {Path("a"): a.place, Path("b"): b.place}
            found = sidecar.score(request, places=places)
            files = sidecar.score(ScoreRequest(folder / "grade.exr", SIDE, folder / "sdr.png", OTHER))
            assert [s.to_json() for s in found.shots] == [s.to_json() for s in files.shots]
            assert {path.name for path in found.overlays} == {
                f"grade-frame.{kind}.png" for kind in ("nits", "faults", "delta")
            }
            mixed = sidecar.metrics(
                MetricsRequest(Path("a"), folder / "grade.exr", request.said, OTHER), places=places
            )
            assert mixed.whole.pu_psnr == float("inf")
            nobody = replace(request, said=SIDE)
            with pytest.raises(ColourStateError, match="shared memory"):
                sidecar.score(nobody, places=places)
            with pytest.raises(InputError, match="96x64"):
                small = np.zeros((64, 96, 3), np.float32)
                with FixedFrame(sidecar, small) as c:
                    sidecar.compare(
                        CompareRequest(Path("a"), Path("c"), request.said, request.said, None, request.said),
                        places={**places, Path("c"): c.place},
                    )

    def test_a_still_that_was_sent(self, shared: Running, folder: Path) -> None:
        request = to_judge_request(ScoreRequest(folder / "grade.exr", SIDE, folder / "sdr.png", OTHER), {})
        with shared.client() as sidecar:
            parts = [sidecar_pb2.UploadRequest(suffix=".exr")]
            parts.append(sidecar_pb2.UploadRequest(data=(folder / "grade.exr").read_bytes()))
            sent = sidecar.stub.Upload(iter(parts)).upload
            colour = request.grade.clip.colour
            request.grade.still.source.stream.upload = sent
            request.grade.still.colour.CopyFrom(colour)
            events = list(sidecar.events(sidecar.stub.Score, request))
            assert events[-1].result.shots[0].frames[0].area.width_px == 256
            assert sidecar.status().uploads == 0
            with pytest.raises(InputError, match="used before"):
                list(sidecar.events(sidecar.stub.Score, request))


class TestRefused:
    def test_what_lies_outside(self, shared: Running, folder: Path, tmp_path: Path) -> None:
        good = ScoreRequest(folder / "grade.exr", SIDE, folder / "sdr.png", OTHER)
        outside = exr(tmp_path / "grade.exr", texture())
        (folder / "link").symlink_to(tmp_path)
        (folder / "full").mkdir()
        (folder / "full" / "grade.nits.png").symlink_to(tmp_path / "out.png")
        (folder / "file").write_text("")
        with shared.client() as sidecar:
            for request in (
                replace(good, grade=outside),
                replace(good, reference=outside),
                replace(good, overlay=tmp_path),
                replace(good, overlay=folder / "link" / "looks"),
                replace(good, overlay=folder / "full"),
                replace(good, overlay=folder / "file" / "looks"),
                replace(good, said=SaidSide("--colour", ocio=str(outside))),
            ):
                with pytest.raises((PathRefusedError, InputError)):
                    sidecar.score(request)
        assert [path.name for path in tmp_path.iterdir()] == ["grade.exr"]
        assert [path.name for path in (folder / "full").iterdir()] == ["grade.nits.png"]

    @pytest.mark.parametrize(
        ("field", "spoil"),
        [
            ("grade", lambda m: m.ClearField("grade")),
            ("grade.clip.colour", lambda m: m.grade.clip.ClearField("colour")),
            ("grade.clip.path", lambda m: m.grade.clip.ClearField("path")),
            ("reference.clip.colour.range", lambda m: m.reference.clip.colour.ClearField("range")),
            ("reference.still.source", lambda m: m.reference.still.SetInParent()),
            ("key_frames", lambda m: setattr(m, "key_frames", 51)),
        ],
    )
    def test_nothing_is_a_default(
        self, shared: Running, field: str, spoil: Callable[[pb.ScoreRequest], None]
    ) -> None:
        message = to_judge_request(ScoreRequest(Path("/a"), SIDE, Path("/b"), OTHER), {})
        spoil(message)
        with shared.client() as sidecar, pytest.raises(FieldError) as failed:
            list(sidecar.events(sidecar.stub.Score, message))
        assert failed.value.field == field

    def test_one_config_and_one_white(self, shared: Running) -> None:
        request = MetricsRequest(Path("/a"), Path("/b"), replace(SIDE, white_nits=203.0), OTHER)
        with shared.client() as sidecar, pytest.raises(InputError, match="one SDR white"):
            sidecar.metrics(request)
        message = pb.MeasureRequest(sdr_white_nits=0.5)
        for side in (message.test, message.reference):
            side.still.source.file.path = "/a"
            side.still.colour.name, side.still.colour.range = "rec709", frames.RANGE_FULL
        with shared.client() as sidecar, pytest.raises(FieldError, match="1 to 10000"):
            list(sidecar.events(sidecar.stub.Measure, message))


def test_a_score_that_is_cancelled_ends_soon_and_leaves_nothing(shared: Running, folder: Path) -> None:
    exr(folder / "big.exr", np.minimum(light(1400, 2000), 990))
    request = ScoreRequest(folder / "big.exr", SIDE, None, OTHER, overlay=folder / "looks")
    begun, found = threading.Event(), []

    def ask() -> None:
        with shared.client() as sidecar:
            message = to_judge_request(request, {})
            stream = sidecar.stub.Score(message, metadata=[("candela-request-id", "judge-1")])
            try:
                for _ in stream:
                    begun.set()
            except grpc.RpcError as error:
                found.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert begun.wait(30)
    with shared.client() as sidecar:
        assert sidecar.cancel("judge-1")
        thread.join(30)
        wait_for(lambda: not sidecar.status().jobs)
    from candela_server.rpc.errors import error_of

    assert isinstance(error_of(found[0]), CancelledError)
    left = list((folder / "looks").iterdir()) if (folder / "looks").exists() else []
    assert not [path for path in left if ".part" in path.name]
    assert score(replace(request, grade=folder / "grade.exr", overlay=None)).shots
