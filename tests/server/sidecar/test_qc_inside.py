"""Quality control through the sidecar: nothing outside the roots is read or written, nothing is a default."""

# ruff: noqa: F811 (fixtures)
from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from candela_engines.errors import CandelaError, InputError, MediaError
from candela_server.jobs.errors import FieldError, PathRefusedError
from candela_server.proto.candela.v1 import clips_pb2 as clips
from candela_server.proto.candela.v1 import scores_pb2 as pb
from candela_server.rpc.convert.qc import to_qc_request
from candela_server.service import QcRequest, QcSaid

from .conftest import Running
from .qc_reels import EDL, folder, reel  # noqa: F401


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
