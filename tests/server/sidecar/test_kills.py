"""A sidecar that is killed, in the middle of the work or of a write, and one whose clock jumps."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from candela_engines.errors import CandelaError
from candela_server.jobs.errors import DeadlineError, UnreachableError
from candela_server.proto.candela.v1 import frames_pb2, sidecar_pb2
from candela_server.service import EmbedRequest, InspectRequest, StripRequest

from ..pictures import Pair, make_pair
from .conftest import Start, wait_for


def test_killed_in_the_middle_of_the_work(start: Start) -> None:
    running = start()
    pair = make_pair(running.root / "p", 256, 256)
    out = running.root / "o.png"
    out.write_bytes(b"the old one")
    begun = threading.Event()

    def embed() -> None:
        with running.client(retries=0) as sidecar, pytest.raises(CandelaError):
            sidecar.embed(EmbedRequest(pair.sdr, out, pair.hdr, effort="best"), lambda *a: begun.set())

    thread = threading.Thread(target=embed)
    thread.start()
    assert begun.wait(30)
    running.process.kill()
    running.process.wait()
    thread.join(30)
    assert out.read_bytes() == b"the old one"
    again = start()
    with again.client() as sidecar:
        sidecar.embed(EmbedRequest(pair.sdr, out, pair.hdr, effort="fast", seconds=0.01))
        assert sidecar.inspect(InspectRequest(out)).picture == "same"


JUMPS = """
import itertools, time
real, calls = time.time, itertools.count()
time.time = lambda: real() + (-1e9, 0, 1e9)[next(calls) % 3]
"""


def test_a_clock_that_jumps(start: Start, made: tuple[Pair, Path], tmp_path: Path) -> None:
    """Thirty years back and forth, at every look: deadlines and uploads are of the clock that none sets."""
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(JUMPS)
    running = start(PYTHONPATH=f"{hook}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    with running.client(retries=0) as sidecar:
        parts = [sidecar_pb2.UploadRequest(suffix=".png")]
        parts.append(sidecar_pb2.UploadRequest(data=made[1].read_bytes()))
        upload = sidecar.stub.Upload(iter(parts)).upload
        again = sidecar.stub.Upload(iter(parts)).upload  # it looks for those that lay there for too long
        source = frames_pb2.Source(stream=frames_pb2.StreamReference(upload=upload))
        for number in (upload, again):
            source.stream.upload = number
            found = sidecar.call(sidecar.stub.Inspect, sidecar_pb2.InspectRequest(source=source))
            assert found.carrier == "png"
        assert 0 <= sidecar.status().up_seconds < 600
        pair = make_pair(running.root / "p", 256, 256)
        long = EmbedRequest(pair.sdr, running.root / "never.png", pair.hdr, effort="best")
    with running.client(seconds=1.0, retries=0) as sidecar, pytest.raises(DeadlineError):
        sidecar.embed(long)
    with running.client() as sidecar:
        assert sidecar.status().serving
        wait_for(lambda: not sidecar.status().jobs)
    years = {str(line["time"])[:4] for line in running.lines()}
    assert len(years) > 1, "the clock did jump"


HALF = """
import time
import candela_server.service as s
from candela_engines.media.atomic import atomic_path

def half(request, progress):
    with atomic_path(request.out) as path:
        path.write_bytes(b"half of it")
        progress("write", 0.5)
        time.sleep(600)

s.strip = half
"""


def test_killed_in_the_middle_of_a_write(start: Start, made: tuple[Pair, Path], tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(HALF)
    running = start(PYTHONPATH=f"{hook}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    shutil.copy(made[1], running.root / "out.png")
    request = StripRequest(running.root / "out.png", running.root / "o.png")
    request.out.write_bytes(b"the old one")
    said: list[Exception] = []

    def strip() -> None:
        with running.client(retries=0) as sidecar:
            try:
                sidecar.strip(request)
            except CandelaError as error:
                said.append(error)

    thread = threading.Thread(target=strip)
    thread.start()
    wait_for(lambda: list(running.root.glob(".o.*.part.png")))
    running.process.kill()
    running.process.wait()
    thread.join(30)
    assert isinstance(said[0], UnreachableError)
    assert request.out.read_bytes() == b"the old one"
    with start().client() as sidecar:
        sidecar.strip(request)
    assert request.out.read_bytes().startswith(b"\x89PNG")
