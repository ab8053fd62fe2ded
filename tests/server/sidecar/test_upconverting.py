"""Up-conversion through the sidecar: the files and words of the local command, inside the roots."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import CandelaError, InputError
from candela_engines.media import write_sdr_png
from candela_server.jobs.errors import CancelledError, FieldError, PathRefusedError
from candela_server.proto.candela.v1 import upconvert_pb2 as pb
from candela_server.rpc.convert.upconverting import to_upconvert_request
from candela_server.service import DistilRequest, UpconvertClipRequest, UpconvertRequest
from candela_server.service.results import Work

from ..conftest import Candela, Said
from ..pictures import Pair
from ..shot_clips import MadeShots, codes_at, write_movie, write_sequence
from .conftest import Running, wait_for

DISTIL = ("--distil", "--effort", "fast", "--bytes", "1400")


@pytest.fixture
def folder(shared: Running, request: pytest.FixtureRequest, pair: Pair) -> Iterator[Path]:
    """A folder of the test in the shared sidecar's root, with grade.png."""
    path = shared.root / re.sub(r"\W+", "-", request.node.name)
    path.mkdir()
    shutil.copy(pair.sdr, path / "grade.png")
    yield path
    shutil.rmtree(path)


def timeless(text: str) -> str:
    """Without how long anything took."""
    return re.sub(r".*(second|faster|frames_a_s|a frame |took | ms\b|\d s\b|fps).*", "TOOK", text)


@pytest.fixture
def same(
    candela: Candela, shared: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """What a command says and writes, here and there, which has to be the same to the byte."""
    monkeypatch.chdir(folder)

    def call(*line: object, out: str) -> Said:
        found = []
        for where in ((), ("--sidecar", shared.address)):
            before = {p: p.read_bytes() for p in Path().rglob("*") if p.is_file()}
            said = candela(*where, "upconvert", *line, "-o", out)
            files = {p: p.read_bytes() for p in sorted(Path().rglob("*")) if p.is_file()}
            new = {str(p): data for p, data in files.items() if p not in before}
            err = said.err.replace(f"{folder}/", "") if said.code else ""
            found.append((said.code, timeless(said.out), err, new))
            for path in new:
                Path(path).unlink()
        assert found[0] == found[1]
        assert found[0][3] or said.code
        return said

    return call


def test_a_still(same: Callable[..., Said]) -> None:
    said = same("grade.png", "--engine", "bt2446c", "--confidence", out="out.exr")
    assert said.code == 0 and "bt2446c" in said.out and "out.exr" in said.out
    assert same("grade.png", "--view", "confidence", "--json", out="out.png").json["levels"]
    assert same("grade.png", "--peak", "150", "--reference-white", "100", out="hdr.avif").code == 0


def test_a_lut_and_a_distilled_still(same: Callable[..., Said]) -> None:
    assert "nodes" in same("grade.png", "--engine", "bt2446a", out="look.cube").out
    document = same("grade.png", *DISTIL, "--engine", "bt2446c", "--json", out="carrying.png").json
    assert document["provenance"] == "distilled" and document["out"] == "carrying.png"


def test_frames_and_a_movie(same: Callable[..., Said], folder: Path) -> None:
    pattern = write_sequence(folder / "in", MadeShots((), ()), 1001, 1003).relative_to(folder)
    (folder / "made").mkdir()
    document = same(pattern, "--engine", "bt2446c", "--json", out="made/hdr.####.exr").json
    assert (document["frames"], document["engine"]) == (3, "bt2446c")
    said = same(pattern, *DISTIL, "--engine", "bt2446c", "--rate", "24", out="made/sdr.####.png")
    assert said.code == 0 and "no HDR master" in said.out
    write_movie(folder / "clip.mov", ((0, 3),), 4)
    assert same("clip.mov", "--engine", "bt2446c", "--confidence", out="made/m.####.exr").code == 0


def test_refusals_are_the_same(same: Callable[..., Said], folder: Path) -> None:
    assert "HDR already" in same("grade.png", "--sdr-colour", "rec2100-pq", out="o.exr").err


def test_paths_are_held_to_the_roots(shared: Running, folder: Path, pair: Pair, tmp_path: Path) -> None:
    good = UpconvertRequest(folder / "grade.png", folder / "o.exr")
    distil = DistilRequest(folder / "grade.png", folder / "o.png")
    (folder / "link").symlink_to(tmp_path)
    with shared.client(retries=0) as sidecar:
        calls: list[tuple[Callable[..., object], object]] = [
            (sidecar.upconvert, replace(good, file=pair.sdr)),
            (sidecar.upconvert, replace(good, out=tmp_path / "o.exr")),
            (sidecar.upconvert, replace(good, out=folder / "link" / "o.exr")),
            (sidecar.upconvert, replace(good, ocio=str(tmp_path / "c.ocio"))),
            (sidecar.upconvert, replace(good, out=tmp_path / "o.cube")),
            (sidecar.distil, replace(distil, file=pair.sdr)),
            (sidecar.distil, replace(distil, out=tmp_path / "o.png")),
        ]
        for call, request in calls:
            with pytest.raises(CandelaError, match=r"not inside|leads out") as failed:
                call(request)
            assert isinstance(failed.value, PathRefusedError)
        (folder / "grade.png.candela").symlink_to(tmp_path / "secret")
        with pytest.raises(CandelaError, match="leads out"):
            sidecar.distil(distil)
    assert not (tmp_path / "o.exr").exists() and not (folder / "o.png").exists()


@pytest.mark.parametrize(
    ("field", "spoil"),
    [
        ("clip.path", lambda m: m.clip.ClearField("path")),
        ("clip.colour", lambda m: m.clip.ClearField("colour")),
        ("out", lambda m: m.ClearField("out")),
        ("engine", lambda m: m.ClearField("engine")),
        ("encoding", lambda m: m.ClearField("encoding")),
        ("view", lambda m: m.ClearField("view")),
        ("rate.text", lambda m: setattr(m.rate, "text", "1/0")),
        ("distil.effort", lambda m: m.distil.SetInParent()),
    ],
)
def test_nothing_is_a_default(
    shared: Running, field: str, spoil: Callable[[pb.UpconvertRequest], None]
) -> None:
    message = to_upconvert_request(UpconvertRequest(Path("/a.png"), Path("/b.exr")))
    spoil(message)
    with shared.client() as sidecar, pytest.raises(FieldError) as failed:
        list(sidecar.events(sidecar.stub.Upconvert, message))
    assert failed.value.field == field


def test_hdr_fields_are_none_of_distilling(shared: Running) -> None:
    message = to_upconvert_request(DistilRequest(Path("/a.png"), Path("/b.png")))
    message.peak_nits = 600
    with shared.client() as sidecar, pytest.raises(FieldError, match="distil writes SDR"):
        list(sidecar.events(sidecar.stub.Upconvert, message))


def test_a_clip_that_is_cancelled_goes_on_where_it_was(shared: Running, folder: Path) -> None:
    (folder / "shot").mkdir()
    for number in range(1, 25):
        write_sdr_png(folder / "shot" / f"s.{number:04d}.png", codes_at(number), state=NAMED["rec709"])
    request = UpconvertClipRequest(
        folder / "shot" / "s.####.png", folder / "made" / "o.####.exr", engine="bt2446a", sdr_colour="rec709"
    )
    (folder / "made").mkdir()
    begun, said = threading.Event(), list[BaseException]()

    def wrote(work: Work) -> None:
        if work.done and work.stage not in ("read", "cut"):
            begun.set()

    def ask() -> None:
        with shared.client() as sidecar:
            try:
                sidecar.as_call("upconverting").upconvert_clip(request, wrote)
            except CandelaError as error:
                said.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    begun.wait(60)
    with shared.client() as sidecar:
        sidecar.cancel("upconverting")
        asking.join(60)
        wait_for(lambda: not sidecar.status().jobs)
        if said:  # on a fast machine it may be over before
            assert isinstance(said[0], CancelledError)
            kept = len(list((folder / "made").glob("*.exr")))
            again = sidecar.upconvert_clip(request)
            # The frame that was being written is made anew.
            assert kept - 1 <= again.clip.tally.resumed <= kept
    assert len(list((folder / "made").glob("*.exr"))) == 24


def test_timelines_are_refused(shared: Running, folder: Path) -> None:
    (folder / "cut.edl").write_text("TITLE: cut\n")
    with shared.client() as sidecar, pytest.raises(InputError, match="timeline"):
        sidecar.upconvert_clip(UpconvertClipRequest(folder / "cut.edl", folder / "o.####.exr"))
