"""Movies, sequences and timelines through the sidecar: what the local command gives, bit for bit."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import opentimelineio as otio
import pytest

from candela_engines.errors import InputError, MediaError
from candela_server.jobs.errors import CancelledError, FieldError, PathRefusedError
from candela_server.proto.candela.v1 import clips_pb2
from candela_server.service import EmbedShotsRequest, ReconstructClipRequest, ShotsRequest, Work
from candela_server.service.shots_job import job_folder

from ..conftest import Candela, Said
from ..shots import make_movies, make_sequence
from .conftest import Running, wait_for

FAST = ("--effort", "fast")


@pytest.fixture
def folder(shared: Running, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of the test in the shared sidecar's root."""
    path = shared.root / request.node.name.replace("[", "-").replace("]", "")
    path.mkdir()
    yield path
    shutil.rmtree(path)


def both(candela: Candela, shared: Running, *line: object) -> tuple[Said, Said]:
    """What a command says here, and there; `OUT` in it is `here` and `there`."""
    said = [
        candela(*address, *(str(word).replace("OUT", name) for word in line))
        for address, name in (((), "here"), (("--sidecar", shared.address), "there"))
    ]
    assert said[0].code == said[1].code, said[1].err
    return said[0], said[1]


def unnamed(text: str) -> str:
    """Without what differs: names, and how long it took."""
    return "\n".join(line for line in text.replace("there", "here").splitlines() if "fitted in" not in line)


class TestMovies:
    def test_everything_about_one(
        self, candela: Candela, shared: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sdr, hdr = make_movies(folder, cut=3)
        monkeypatch.chdir(folder)
        line = ("embed", sdr.name, "--hdr", hdr.name, "-o", f"OUT{sdr.suffix}", "--cuts", 3, *FAST)
        here, there = both(candela, shared, *line)
        made = folder / f"there{sdr.suffix}"
        assert made.read_bytes() == (folder / f"here{sdr.suffix}").read_bytes()
        assert unnamed(there.out) == unnamed(here.out)
        for command in (
            ("inspect", made.name),
            ("verify", made.name, "--hdr", hdr.name, "--min-psnr", 90, "--json"),
            ("shots", made.name, "--json"),
            ("shots", sdr.name, "--detect", "--json"),
        ):
            here, there = both(candela, shared, *command)
            assert unnamed(there.out) == unnamed(here.out)
        both(candela, shared, "shots", made.name, "--html", "OUT.html", "--confidence")
        assert unnamed((folder / "there.html").read_text()) == unnamed((folder / "here.html").read_text())
        both(candela, shared, "strip", made.name, "-o", f"OUT-plain{sdr.suffix}")
        assert (folder / f"there-plain{sdr.suffix}").read_bytes() == sdr.read_bytes()

    def test_reconstructed_files_are_the_same(self, candela: Candela, shared: Running, folder: Path) -> None:
        sdr, hdr = make_movies(folder, cut=None)
        made = folder / f"out{sdr.suffix}"
        assert candela("embed", sdr, "--hdr", hdr, "-o", made, *FAST).code == 0
        for out in ("h.####.exr", "h.####.dpx", "h.mp4"):
            (folder / "here").mkdir(exist_ok=True)
            (folder / "there").mkdir(exist_ok=True)
            both(candela, shared, "reconstruct", made, "-o", folder / "OUT" / out, "--peak", 500)
        here = {path.name: path.read_bytes() for path in (folder / "here").iterdir()}
        assert here and here == {path.name: path.read_bytes() for path in (folder / "there").iterdir()}

    def test_the_document_of_a_reconstruction(self, shared: Running, folder: Path, candela: Candela) -> None:
        sdr, hdr = make_movies(folder, cut=3)
        made = folder / f"out{sdr.suffix}"
        assert candela("embed", sdr, "--hdr", hdr, "-o", made, *FAST).code == 0
        here, there = both(candela, shared, "reconstruct", made, "-o", folder / "OUT.mov", "--json")
        one, other = here.json, there.json
        assert one.pop("stages").keys() == other.pop("stages").keys()
        assert one == {**other, "out": one["out"]}


class TestSequences:
    def test_everything_about_one(self, candela: Candela, shared: Running, folder: Path) -> None:
        made = make_sequence(folder / "in")
        for name in ("here", "there"):
            (folder / name).mkdir()
        line = ("embed", made.sdr, "--hdr", made.hdr, "-o", folder / "OUT" / "s.####.png", "--no-cuts")
        both(candela, shared, *line, "--rate", 24, *FAST)
        here = {path.name: path.read_bytes() for path in (folder / "here").iterdir()}
        assert len(here) == 4
        assert here == {path.name: path.read_bytes() for path in (folder / "there").iterdir()}
        pattern = folder / "there" / "s.####.png"
        one, other = both(candela, shared, "inspect", pattern, "--json")
        assert one.json == other.json
        both(candela, shared, "strip", pattern, "-o", folder / "OUT" / "t.####.png")
        for number in range(made.first, made.last + 1):
            assert (folder / "there" / f"t.{number}.png").read_bytes() == made.file(number).read_bytes()

    def test_links_that_lead_out_are_refused(self, shared: Running, folder: Path, tmp_path: Path) -> None:
        made = make_sequence(folder / "in", count=2)
        secret = tmp_path / "secret.png"
        shutil.copy(made.file(made.first), secret)
        made.file(made.first).unlink()
        made.file(made.first).symlink_to(secret)
        with shared.client() as sidecar, pytest.raises(PathRefusedError, match="leads out"):
            sidecar.embed_shots(EmbedShotsRequest(made.sdr, folder / "o.####.png", made.hdr))
        with shared.client() as sidecar, pytest.raises(PathRefusedError):
            sidecar.shots(ShotsRequest(tmp_path))


def write_timeline(path: Path, media: Path) -> None:
    """One clip of three frames."""
    times = [otio.opentime.RationalTime(value, 24) for value in (0, 3, 6)]
    reference = otio.schema.ExternalReference(str(media), otio.opentime.TimeRange(times[0], times[2]))
    clip = otio.schema.Clip("a", reference, otio.opentime.TimeRange(times[0], times[1]))
    timeline = otio.schema.Timeline("t", tracks=[otio.schema.Track("V", [clip])])
    otio.adapters.write_to_file(timeline, str(path))


class TestTimelines:
    def test_media_outside_the_roots_are_not_there(
        self, candela: Candela, shared: Running, folder: Path, tmp_path: Path
    ) -> None:
        sdr, hdr = make_movies(folder, cut=None)
        masters, cut = folder / "masters", folder / "cut.otio"
        masters.mkdir()
        hdr.rename(masters / sdr.name)
        write_timeline(cut, sdr)
        both(candela, shared, "embed", cut, "--hdr", masters, "-o", folder / "OUT", *FAST)
        assert (folder / "here" / sdr.name).read_bytes() == (folder / "there" / sdr.name).read_bytes()
        outside = tmp_path / "outside.mkv"
        shutil.copy(sdr, outside)
        write_timeline(cut, outside)
        shutil.copy(masters / sdr.name, masters / outside.name)
        request = EmbedShotsRequest(cut, folder / "never", masters)
        with shared.client() as sidecar, pytest.raises(MediaError, match="not found"):
            sidecar.embed_shots(request)
        (folder / outside.name).symlink_to(outside)
        with shared.client() as sidecar, pytest.raises(MediaError, match="leads"):
            sidecar.embed_shots(request)
        said = candela("--sidecar", shared.address, "shots", cut, "--html", folder / "t.html", "--json")
        assert said.code == 0 and "leads" in said.json["shots"][0]["trouble"]
        assert not (folder / "never").exists()
        assert candela("embed", cut, "--hdr", masters, "-o", folder / "mine", *FAST).code == 0


def test_cancelled_work_goes_on_where_it_was(shared: Running, folder: Path, candela: Candela) -> None:
    sdr, hdr = make_movies(folder, cut=3)
    out = folder / f"o{sdr.suffix}"
    request = EmbedShotsRequest(sdr, out, hdr, effort="fast", cuts=(3,))
    seen: list[Work] = []
    with shared.client() as sidecar, shared.client() as other:

        def progress(work: Work) -> None:
            seen.append(work)
            if any(path.stat().st_size for path in job_folder(out).glob("*.shot")):
                for job in other.status().jobs:
                    other.cancel(job.request_id)

        try:
            sidecar.embed_shots(request, progress)
        except CancelledError as error:
            assert "finished and kept" in str(error) or "what was finished is kept" in str(error)
        wait_for(lambda: not other.status().jobs)
        again = sidecar.embed_shots(request)
    assert seen and {work.unit for work in seen} <= {"frames", "clips", "shots"}
    assert again.shots[0].count == 3 and not job_folder(out).exists()
    assert candela("embed", sdr, "--hdr", hdr, "-o", folder / f"l{sdr.suffix}", "--cuts", 3, *FAST).code == 0
    assert out.read_bytes() == (folder / f"l{sdr.suffix}").read_bytes()


def test_a_client_that_goes_leaves_no_work(shared: Running, folder: Path) -> None:
    sdr, hdr = make_movies(folder, cut=3)
    begun = threading.Event()
    with shared.client() as sidecar:

        def progress(work: Work) -> None:
            begun.set()
            sidecar.close()

        with pytest.raises(Exception):  # noqa: B017  whatever a closed channel says
            sidecar.embed_shots(EmbedShotsRequest(sdr, folder / "x.mkv", hdr, effort="best"), progress)
    with shared.client() as other:
        wait_for(lambda: not other.status().jobs)


@pytest.mark.parametrize("field", ["sdr.colour", "hdr.colour", "effort", "sdr.path", "rate.text"])
def test_nothing_is_a_default(shared: Running, field: str) -> None:
    from candela_server.rpc.convert.clip_requests import to_clip_request

    message = to_clip_request(EmbedShotsRequest(Path("/a"), Path("/b"), Path("/c")))
    assert isinstance(message, clips_pb2.EmbedShotsRequest)
    for name in ("sdr", "hdr"):
        if field.startswith(name):
            getattr(message, name).ClearField(field.partition(".")[2])
    if field == "effort":
        message.ClearField("effort")
    if field == "rate.text":
        message.rate.text = "1/0"
    with shared.client() as sidecar:
        with pytest.raises(FieldError) as failed:
            list(sidecar.events(sidecar.stub.EmbedShots, message))
        assert failed.value.field == field


def test_colours_of_what_carries_its_own_are_not_said(shared: Running, folder: Path) -> None:
    from candela_server.rpc.convert.clip_requests import to_clip_request

    message = to_clip_request(ReconstructClipRequest(folder, folder / "x.####.exr"))
    message.clip.colour.name = "rec709"
    with shared.client() as sidecar, pytest.raises(InputError, match="as_recorded"):
        list(sidecar.events(sidecar.stub.ReconstructClip, message))
