"""Processes that do the work: what crashes, hangs or grows is ended, and everything else goes on."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from candela_engines.errors import CarrierError, InfrastructureError
from candela_server.client import Sidecar
from candela_server.jobs.errors import CancelledError, DeadlineError, MemoryLimitError, WorkerDiedError
from candela_server.proto.candela.v1 import sidecar_pb2
from candela_server.service import (
    EmbedRequest,
    InspectRequest,
    ReconstructRequest,
    StripRequest,
    VerifyRequest,
)

from ..conftest import Candela
from ..pictures import Pair
from .conftest import Running, Start, start_sidecar, wait_for

HOOK = """
import os, signal, time
import candela_server.service as s
from candela_engines.media.atomic import atomic_path

def crash(request, progress):
    os.kill(os.getpid(), signal.SIGSEGV)

def hang(request, progress):
    with atomic_path(request.out) as path:
        path.write_bytes(b"half of it")
        progress("write", 0.5)
        while True:
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                pass

def grow(request, progress):
    held = []
    while True:
        held.append(bytearray(b"x" * (50 << 20)))
        time.sleep(0.02)

def full(request, progress, measured):
    raise OSError(28, "No space left on device")

s.verify, s.strip, s.reconstruct, s.embed = crash, hang, grow, full
"""


@pytest.fixture(scope="module")
def broken(made: tuple[Pair, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sidecar in which verify crashes, strip hangs in the middle of a file, reconstruct grows."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "sitecustomize.py").write_text(HOOK)
    path = f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    running = start_sidecar(folder, "--memory", 0.4, PYTHONPATH=path)
    shutil.copy(made[1], running.root / "out.png")
    yield running
    assert running.stop() == 0


def others_go_on(running: Running, sidecar: Sidecar) -> None:
    assert sidecar.inspect(InspectRequest(running.root / "out.png")).found.carrier == "png"


def test_what_crashes_a_decoder_costs_one_call(broken: Running) -> None:
    running = broken
    with running.client() as sidecar:
        for _ in range(6):  # more than there are workers
            with pytest.raises(WorkerDiedError, match=r"request [0-9a-f]{32}.*SIGSEGV"):
                sidecar.verify(VerifyRequest(running.root / "out.png"))
        others_go_on(running, sidecar)
    line = next(line for line in running.lines() if line.get("call") == "Verify")
    assert line["status"] == "INTERNAL" and line["request"] in line["message"]


@pytest.mark.parametrize("how", ["cancel", "deadline", "vanish"])
def test_what_hangs_is_ended_and_leaves_nothing_half_written(broken: Running, how: str) -> None:
    running = broken
    out = running.root / "o.png"
    out.write_bytes(b"the old one")
    request = StripRequest(running.root / "out.png", out)
    with running.client() as other:

        def strip() -> None:
            seconds = 3.0 if how == "deadline" else 60.0
            with running.client(seconds=seconds) as sidecar:

                def progress(stage: str, fraction: float) -> None:
                    if how == "vanish" and stage == "write":
                        sidecar.close()

                expected = {"cancel": CancelledError, "deadline": DeadlineError, "vanish": Exception}[how]
                with pytest.raises(expected):
                    sidecar.strip(request, progress)

        thread = threading.Thread(target=strip)
        thread.start()
        wait_for(lambda: [job.progress.stage for job in other.status().jobs] == ["write"] or how != "cancel")
        if how == "cancel":
            assert list(running.root.glob(".o.*.part.png"))
            assert other.cancel(other.status().jobs[0].request_id)
        thread.join(30)
        wait_for(lambda: not other.status().jobs)
        others_go_on(running, other)
    assert sorted(path.name for path in running.root.iterdir()) == ["o.png", "out.png"]
    assert out.read_bytes() == b"the old one"


def test_what_grows_is_ended(broken: Running) -> None:
    running = broken
    with running.client() as sidecar:
        with pytest.raises(MemoryLimitError, match="--memory"):
            sidecar.reconstruct(ReconstructRequest(running.root / "out.png", running.root / "x.exr"))
        others_go_on(running, sidecar)


def test_what_the_system_refuses_is_said_and_costs_no_worker(broken: Running) -> None:
    with broken.client() as sidecar:
        request = EmbedRequest(broken.root / "out.png", broken.root / "x.png", broken.root / "out.png")
        for _ in range(5):
            with pytest.raises(InfrastructureError, match="No space left"):
                sidecar.embed(request)
    said = [str(line["message"]) for line in broken.lines() if line.get("call") == "Embed"]
    assert len(said) == 5 and not any("process" in text for text in said)


def test_workers_end_with_their_sidecar_and_not_before(
    start: Start, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # Short: a socket of multiprocessing goes there, whose path has at most 107 characters.
    place = tmp_path_factory.mktemp("t")
    running = start(TMPDIR=str(place))
    wait_for(lambda: len(list(place.glob("*/worker-*"))) == 4)  # they have begun
    children = below(running.process.pid)  # what they are copies of, its helper, and they
    assert len(children) == 6
    for number in (signal.SIGINT, signal.SIGTERM):  # as a terminal or systemd sends them to a whole group
        for process in children[2:]:
            os.kill(process, number)
    with running.client() as sidecar, pytest.raises(CarrierError):
        (running.root / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        sidecar.inspect(InspectRequest(running.root / "x.png"))
    assert all(alive(process) for process in children)
    running.process.kill()
    running.process.wait(30)
    wait_for(lambda: not any(alive(process) for process in children))


def below(process: int) -> list[int]:
    """The children of a process, and then theirs."""
    try:
        texts = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:
        return []
    own = sorted(int(child) for text in texts for child in text.split())
    return [*own, *(inner for child in own for inner in below(child))]


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_uploads_of_a_sidecar_that_was_killed_go_at_the_next_start(start: Start, tmp_path: Path) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    first = start(TMPDIR=str(place))
    parts = [sidecar_pb2.UploadRequest(suffix=".png"), sidecar_pb2.UploadRequest(data=bytes(1000))]
    with first.client() as sidecar:
        sidecar.stub.Upload(iter(parts))
    left = set(place.glob("candela-sidecar-*"))
    assert len(left) == 1 and list(left.copy().pop().glob("*.png"))
    second = start(TMPDIR=str(place), name="t")
    assert left < set(place.glob("candela-sidecar-*"))  # of one that lives
    first.process.kill()
    first.process.wait(30)
    start(TMPDIR=str(place), name="u")
    assert not left & set(place.glob("candela-sidecar-*"))
    assert second.stop() == 0


class TestConfigs:
    STUDIO = "ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"

    def test_the_clients_counts(
        self, candela: Candela, shared: Running, files: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = {}
        for config in (self.STUDIO, None):
            if config is not None:
                monkeypatch.setenv("OCIO", config)
            else:
                monkeypatch.delenv("OCIO", raising=False)
            line = ("reconstruct", files / "out.png", "--encoding", "ACEScg@100", "-o", files / "aces.exr")
            for address in ((), ("--sidecar", shared.address)):
                assert candela(*address, *line).code == 0
                made[config, len(address)] = (files / "aces.exr").read_bytes()
        assert made[self.STUDIO, 0] == made[self.STUDIO, 2] != made[None, 0] == made[None, 2]

    def test_one_outside_the_roots_is_said_where_it_is_needed(
        self, candela: Candela, shared: Running, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OCIO", str(tmp_path / "house.ocio"))
        line = ("--sidecar", shared.address, "reconstruct", files / "out.png", "-o", files / "h.exr")
        assert candela(*line).code == 0
        said = candela(*line, "--encoding", "ACEScg@100")
        assert said.code == 2 and "house.ocio (which this sidecar may not read)" in said.err
