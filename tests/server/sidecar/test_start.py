"""Starting and stopping: addresses, tokens, a second sidecar, a graceful end."""

from __future__ import annotations

import os
import signal
import socket
import threading
import urllib.request
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tests.runtime.certificate import certificate

from candela_engines.errors import InputError
from candela_server.client import Sidecar
from candela_server.jobs.errors import TokenError, UnreachableError
from candela_server.rpc.address import Address, claim, parse_address
from candela_server.rpc.settings import Settings, check_settings, read_token
from candela_server.service import EmbedRequest

from ..conftest import Candela
from ..pictures import make_pair
from .conftest import SERVE, Start, wait_for


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class TestAddresses:
    @pytest.mark.parametrize(
        ("text", "target", "loopback"),
        [
            ("unix:/run/s.sock", "unix:/run/s.sock", True),
            ("/run/s.sock", "unix:/run/s.sock", True),
            ("127.0.0.1:7410", "127.0.0.1:7410", True),
            ("127.8.9.1:1", "127.8.9.1:1", True),
            ("[::1]:7410", "[::1]:7410", True),
            ("localhost:7410", "localhost:7410", True),
            ("0.0.0.0:7410", "0.0.0.0:7410", False),
            ("[::]:7410", "[::]:7410", False),
            ("farm.example:7410", "farm.example:7410", False),
            ("10.0.0.1:1", "10.0.0.1:1", False),
            ("localhost.evil.example:1", "localhost.evil.example:1", False),
        ],
    )
    def test_forms(self, text: str, target: str, loopback: bool) -> None:
        address = parse_address(text)
        assert (address.target, address.loopback) == (target, loopback)

    @pytest.mark.parametrize(
        "text", ["", "7410", "host:", ":1", "host:70000", "host:-1", "unix:rel", "unix:", "/" * 200]
    )
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(InputError):
            parse_address(text)

    @pytest.mark.parametrize("listen", ["0.0.0.0:7410", "[::]:7410", "farm.example:7410"])
    def test_wider_needs_tls_and_a_token(self, listen: str, tmp_path: Path) -> None:
        pem = tmp_path / "x.pem"
        address = parse_address(listen)
        for settings in (
            Settings(address),
            Settings(address, tls_cert=pem, tls_key=pem),
            Settings(address, token_file=pem),
        ):
            with pytest.raises(InputError, match="--token-file"):
                check_settings(settings)
        both = Settings(address, tls_cert=pem, tls_key=pem, token_file=pem)
        check_settings(both)
        with pytest.raises(InputError, match="--shared-memory"):
            check_settings(Settings(address, tls_cert=pem, tls_key=pem, token_file=pem, shared_memory=True))
        with pytest.raises(InputError, match="go together"):
            check_settings(Settings(Address(host="127.0.0.1", port=1), tls_cert=pem))

    def test_the_command_refuses_it(self, candela: Candela) -> None:
        said = candela("serve", "--listen", "0.0.0.0:0")
        assert said.code == 2 and "--tls-cert" in said.err

    def test_token_files(self, tmp_path: Path) -> None:
        path = tmp_path / "token"
        for text, mode in (("short", 0o600), ("t" * 32, 0o644), ("two words and more", 0o600), ("", 0o600)):
            path.write_text(text)
            path.chmod(mode)
            with pytest.raises(InputError, match="--token-file"):
                read_token(path)
        path.write_text("t" * 32 + "\n")
        path.chmod(0o600)
        assert read_token(path) == "t" * 32


class TestSockets:
    def test_a_second_start_says_so_and_the_socket_goes_with_the_first(
        self, start: Start, candela: Candela
    ) -> None:
        running = start()
        path = Path(running.address.removeprefix("unix:"))
        assert path.stat().st_mode & 0o077 == 0, "its user's alone"
        said = candela("serve", "--listen", running.address)
        assert said.code == 2 and f"process {running.process.pid}" in said.err
        with running.client() as sidecar:
            assert sidecar.status().serving, "and the first one goes on"
        assert running.stop() == 0 and not path.exists()

    def test_a_second_start_on_a_port_says_so_and_metrics(self, start: Start, candela: Candela) -> None:
        port, metrics = free_port(), free_port()
        start("--listen", f"127.0.0.1:{port}", "--metrics-port", metrics)
        said = candela("serve", "--listen", f"127.0.0.1:{port}")
        assert said.code == 2 and "already" in said.err
        with Sidecar(f"127.0.0.1:{port}", seconds=20) as sidecar:
            sidecar.status()
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics") as answer:
            text = answer.read().decode()
        assert 'candela_calls_total{call="GetStatus",status="OK"} 1.0' in text
        assert "candela_jobs_waiting 0.0" in text

    def test_a_socket_that_was_left_behind_is_taken_over(self, start: Start) -> None:
        first = start()
        first.process.kill()
        first.process.wait()
        path = Path(first.address.removeprefix("unix:"))
        assert path.is_socket()
        with start().client() as sidecar:
            assert sidecar.status().serving

    def test_a_folder_of_others_is_refused(self, tmp_path: Path) -> None:
        folder = tmp_path / "open"
        folder.mkdir()
        folder.chmod(0o777)
        with pytest.raises(InputError, match="others can write"), claim(Address(socket=folder / "s")):
            pass

    def test_a_new_folder_is_private(self, tmp_path: Path) -> None:
        with claim(Address(socket=tmp_path / "new" / "s")):
            assert (tmp_path / "new").stat().st_mode & 0o077 == 0

    def test_a_lock_that_is_a_link_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "precious").write_text("kept")
        (tmp_path / "s.lock").symlink_to(tmp_path / "precious")
        with pytest.raises(OSError), claim(Address(socket=tmp_path / "s")):
            pass
        assert (tmp_path / "precious").read_text() == "kept"


class TestTls:
    def test_a_token_is_needed_and_enough(self, start: Start, tmp_path: Path) -> None:
        token = tmp_path / "token"
        token.write_text("t" * 40)
        token.chmod(0o600)
        running = start("--token-file", token)
        with running.client(token="t" * 40) as sidecar:
            assert sidecar.status().serving
        for wrong in (None, "t" * 39, "T" * 40, "ü" * 20):
            with running.client(token=None if wrong == "ü" * 20 else wrong) as sidecar:
                with pytest.raises(TokenError):
                    sidecar.status()
                with pytest.raises(TokenError):
                    sidecar.embed(EmbedRequest(Path("/a.png"), Path("/b.png"), Path("/c.exr")))
        with grpc.insecure_channel(running.address) as channel:
            with pytest.raises(grpc.RpcError) as refused:
                health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert "t" * 39 not in running.log.read_text(), "no token in the log"

    def test_tls(self, start: Start, tmp_path: Path) -> None:
        key, cert = certificate()
        (tmp_path / "c.pem").write_bytes(cert)
        (tmp_path / "k.pem").write_bytes(key)
        (tmp_path / "token").write_text("t" * 40)
        (tmp_path / "token").chmod(0o600)
        port = free_port()
        start(
            "--tls-cert",
            tmp_path / "c.pem",
            "--tls-key",
            tmp_path / "k.pem",
            "--token-file",
            tmp_path / "token",
            "--listen",
            f"0.0.0.0:{port}",
        )
        with Sidecar(f"localhost:{port}", ca=tmp_path / "c.pem", token="t" * 40, seconds=20) as sidecar:
            assert sidecar.status().serving
        with (
            Sidecar(f"localhost:{port}", token="t" * 40, seconds=2, retries=0) as plain,
            pytest.raises((UnreachableError, Exception)),
        ):
            plain.status()

    def test_clients_send_no_token_in_the_clear(self) -> None:
        with pytest.raises(InputError, match="certificate"):
            Sidecar("farm.example:7410", token="t" * 40)


class TestStopping:
    def test_work_that_is_there_is_finished(self, start: Start) -> None:
        running = start("--drain", 60)
        pair = make_pair(running.root / "p", 128, 128)
        begun, done = threading.Event(), []

        def embed() -> None:
            with running.client() as sidecar:
                request = EmbedRequest(pair.sdr, running.root / "o.png", pair.hdr, effort="normal")
                done.append(sidecar.embed(request, lambda stage, fraction: begun.set()))

        thread = threading.Thread(target=embed)
        thread.start()
        with grpc.insecure_channel(running.address) as channel:
            watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
            assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
            assert begun.wait(30)
            running.process.send_signal(signal.SIGTERM)
            assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
            watch.cancel()
        thread.join(60)
        assert done and (running.root / "o.png").exists()
        assert running.process.wait(30) == 0
        assert running.lines()[-1]["event"] == "stopped" and running.lines()[-1]["all_done"]

    def test_work_beyond_the_limit_is_stopped(self, start: Start) -> None:
        running = start("--drain", 0.2)
        pair = make_pair(running.root / "p", 256, 256)
        begun, said = threading.Event(), []

        def embed() -> None:
            with running.client(retries=0) as sidecar:
                request = EmbedRequest(pair.sdr, running.root / "o.png", pair.hdr, effort="best")
                try:
                    sidecar.embed(request, lambda stage, fraction: begun.set())
                except Exception as error:
                    said.append(error)

        thread = threading.Thread(target=embed)
        thread.start()
        assert begun.wait(30)
        assert running.stop() == 0
        thread.join(30)
        assert said and not (running.root / "o.png").exists()
        assert not [p for p in running.root.iterdir() if "part" in p.name or p.name.startswith(".candela")]


def test_in_the_background(tmp_path: Path) -> None:
    import subprocess

    address = f"unix:{tmp_path}/d.sock"
    line = [*SERVE, "--listen", address, "--root", str(tmp_path), "--daemon", "--log", str(tmp_path / "log")]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True)
    assert "in the background" in done.stdout
    with Sidecar(address, seconds=30) as sidecar:
        process = sidecar.status().process_id
    again = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    os.kill(process, signal.SIGTERM)
    assert again.returncode == 2 and "serves there already" in again.stderr, "which no restart mends"
    wait_for(lambda: not Path(address.removeprefix("unix:")).exists())
