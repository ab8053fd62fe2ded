"""What goes wrong around a sidecar: it stays up, answers others, loses nothing, and says what happened."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from candela_engines.errors import CandelaError, InfrastructureError
from candela_server.jobs.errors import QueueFullError, TooLargeError
from candela_server.proto.candela.v1 import frames_pb2, sidecar_pb2
from candela_server.rpc.errors import error_of
from candela_server.service import (
    EmbedRequest,
    InspectRequest,
    ReconstructRequest,
    ShotsRequest,
)

from ..pictures import Pair, make_pair
from ..shots import make_movies
from .conftest import Running, Start, wait_for

CALLS = (
    "ReconstructFrames",
    "Score",
    "Compare",
    "Measure",
    "Look",
    "Embed",
    "Reconstruct",
    "Verify",
    "Strip",
    "Inspect",
    "Upload",
    "RegisterSharedMemory",
    "Cancel",
)


def alive(running: Running) -> None:
    with running.client() as sidecar:
        assert sidecar.status().serving
        wait_for(lambda: not sidecar.status().jobs)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=st.sampled_from(CALLS), data=st.binary(max_size=300))
def test_bytes_that_are_no_message(shared: Running, call: str, data: bytes) -> None:
    with grpc.insecure_channel(shared.address) as channel:
        method = channel.unary_stream(f"/candela.v1.Sidecar/{call}")
        try:
            next(iter(method(data, timeout=10)))
        except (grpc.RpcError, StopIteration) as error:
            if isinstance(error, grpc.Call):
                assert error.code() not in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE)
    alive(shared)


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, bytes]:
    """Well-formed messages of any content."""
    text = st.text(max_size=20) | st.sampled_from(
        ["/etc/passwd", "..", "rec709", "ocio://x", "\0", "/dev/zero"]
    )
    number = st.sampled_from([0, 1, 3, 2**31 - 1, 2**32 - 1])
    request = sidecar_pb2.ReconstructRequest()
    memory = request.sdr.source.shared_memory
    if draw(st.booleans()):
        request.sdr.source.file.path = draw(text).encode("utf-8", "ignore").decode()
    else:
        memory.region = draw(text).encode("utf-8", "ignore").decode()
        memory.offset_bytes = draw(st.integers(0, 2**64 - 1))
        memory.row_stride_bytes = draw(st.integers(0, 2**64 - 1))
        memory.width_px, memory.height_px, memory.channels = draw(number), draw(number), draw(number)
        memory.bits = draw(number)
        memory.sample_type = draw(st.integers(0, 9))  # type: ignore[assignment]
    request.sdr.colour.name = draw(text).encode("utf-8", "ignore").decode()
    request.sdr.colour.range = draw(st.integers(0, 5))  # type: ignore[assignment]
    request.out.shared_memory.CopyFrom(memory)
    request.encoding.name = draw(text).encode("utf-8", "ignore").decode()
    request.view = draw(st.integers(0, 3))  # type: ignore[assignment]
    request.payload = draw(st.binary(max_size=60))
    request.ocio = draw(text).encode("utf-8", "ignore").decode()
    return "Reconstruct", request.SerializeToString()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=messages())
def test_messages_of_any_content_are_answered_with_an_error_of_ours(
    shared: Running, asked: tuple[str, bytes]
) -> None:
    with grpc.insecure_channel(shared.address) as channel:
        with pytest.raises(grpc.RpcError) as failed:
            next(iter(channel.unary_stream(f"/candela.v1.Sidecar/{asked[0]}")(asked[1], timeout=20)))
        assert failed.value.code() is not grpc.StatusCode.INTERNAL, failed.value.details()
        assert isinstance(error_of(failed.value), CandelaError)


def test_a_message_beyond_the_limit(shared: Running) -> None:
    with shared.client() as sidecar:
        with pytest.raises(grpc.RpcError) as failed:
            list(sidecar.stub.Reconstruct(sidecar_pb2.ReconstructRequest(payload=bytes(20 << 20))))
        assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    alive(shared)


def test_bytes_that_are_no_grpc(shared: Running) -> None:
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 1000, os.urandom(5000)):
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(shared.address.removeprefix("unix:"))
            raw.sendall(data)
    alive(shared)


def test_two_hundred_connections(shared: Running, files: Path) -> None:
    def look(number: int) -> str:
        with shared.client(retries=10) as sidecar:
            return sidecar.inspect(InspectRequest(files / "out.png")).found.carrier

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(look, range(200))) == ["png"] * 200
    alive(shared)


def test_two_hundred_that_stay(shared: Running, files: Path) -> None:
    channels = [
        grpc.insecure_channel(shared.address, [("grpc.use_local_subchannel_pool", 1)]) for _ in range(200)
    ]
    try:
        for channel in channels:
            grpc.channel_ready_future(channel).result(30)
        with shared.client() as sidecar:
            assert sidecar.inspect(InspectRequest(files / "out.png")).found.carrier == "png"
    finally:
        for channel in channels:
            channel.close()
    alive(shared)


def test_a_client_that_never_reads_holds_up_nobody(shared: Running, files: Path) -> None:
    pair = make_pair(files / "big", 600, 800)  # a result of more than what is under way in a connection
    with shared.client() as lazy, shared.client() as sidecar:
        sidecar.embed(EmbedRequest(pair.sdr, files / "big.png", pair.hdr, effort="fast", seconds=0.01))
        from candela_server.rpc.convert.requests import to_reconstruct
        from candela_server.sidecar.asks import File, Sent

        request = ReconstructRequest(files / "big.png", Path(), bits=32)
        message = to_reconstruct(request, File(str(files / "big.png")), Sent(".exr"))
        assert isinstance(message.sdr, frames_pb2.Frame)
        streams = [lazy.stub.Reconstruct(message) for _ in range(6)]
        wait_for(lambda: not sidecar.status().jobs)
        assert sidecar.inspect(InspectRequest(files / "out.png")).found.carrier == "png"
        for stream in streams:
            stream.cancel()
    alive(shared)


def test_an_engine_that_throws_gets_a_number(start: Start, made: tuple[Pair, Path], tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import candela_server.service as s\n"
        "def broken(*a): raise ZeroDivisionError('secret detail')\n"
        "s.verify = broken\n"
    )
    path = f"{hook}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    running = start(PYTHONPATH=path)
    shutil.copy(made[1], running.root / "out.png")
    from candela_server.service import VerifyRequest

    with running.client() as sidecar:
        with pytest.raises(InfrastructureError, match=r"incident [0-9a-f]{8}") as failed:
            sidecar.verify(VerifyRequest(running.root / "out.png"))
        assert "secret" not in str(failed.value)
        assert sidecar.inspect(InspectRequest(running.root / "out.png")).found.carrier == "png"
    incident = next(line for line in running.lines() if line["event"] == "incident")
    assert incident["incident"] in str(failed.value) and "secret detail" in incident["trace"]


def small_files_only() -> None:
    """As on a full disk: no file may grow beyond 40 KB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def test_a_full_disk(start: Start, made: tuple[Pair, Path]) -> None:
    running = start(before=small_files_only)
    shutil.copy(made[1], running.root / "out.png")
    (running.root / "x.png").write_bytes(b"old")
    with running.client() as sidecar:
        with pytest.raises(InfrastructureError, match="cannot be written"):
            sidecar.reconstruct(ReconstructRequest(running.root / "out.png", running.root / "x.exr", bits=32))
        parts = [sidecar_pb2.UploadRequest(suffix=".png")]
        parts += [sidecar_pb2.UploadRequest(data=bytes(10_000)) for _ in range(8)]
        with pytest.raises(grpc.RpcError) as failed:
            sidecar.stub.Upload(iter(parts))
        assert "free space" in str(error_of(failed.value))
        assert sidecar.inspect(InspectRequest(running.root / "out.png")).found.carrier == "png"
    assert not (running.root / "x.exr").exists() and (running.root / "x.png").read_bytes() == b"old"
    assert sorted(p.name for p in running.root.iterdir()) == ["out.png", "x.png"]


def test_a_full_queue_is_told_with_a_hint_and_clients_come_again(start: Start) -> None:
    running = start("--workers", 1, "--queue", 1)
    pair = make_pair(running.root / "p", 256, 256)
    long = EmbedRequest(pair.sdr, running.root / "never.png", pair.hdr, effort="best")

    def embed() -> None:
        with running.client(seconds=20) as sidecar, pytest.raises(CandelaError):
            sidecar.embed(long)

    threads = [threading.Thread(target=embed) for _ in range(2)]
    with running.client(retries=0) as sidecar:
        threads[0].start()
        wait_for(lambda: any(job.running for job in sidecar.status().jobs))
        threads[1].start()
        wait_for(lambda: len(sidecar.status().jobs) == 2)
        with pytest.raises(QueueFullError) as full:
            sidecar.inspect(InspectRequest(pair.sdr))
        assert full.value.retry_seconds > 0
    running.process.kill()
    for thread in threads:
        thread.join(30)


def test_pictures_and_memory_have_limits(start: Start, made: tuple[Pair, Path]) -> None:
    running = start("--max-pixels", 1000)
    shutil.copy(made[1], running.root / "out.png")
    with running.client() as sidecar, pytest.raises(CandelaError, match="--max-pixels"):
        sidecar.inspect(InspectRequest(running.root / "out.png"))
    movie, _ = make_movies(running.root)
    with running.client() as sidecar, pytest.raises(TooLargeError, match=r"3,072 pixels.*--max-pixels"):
        sidecar.shots(ShotsRequest(movie, detect=True))
    assert running.stop() == 0
    little = start("--memory", 0.01, name="t")
    with little.client() as sidecar, pytest.raises(CandelaError, match="--memory"):
        sidecar.inspect(InspectRequest(little.root / "out.png"))
