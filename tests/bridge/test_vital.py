"""Processes that say nothing: at work, asleep, stopped, gone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from candela_bridge.vital import Looks, _waits_for_a_disk, listener, look

from .conftest import wait_for

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="Linux alone says it")


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """It works while it is told to, and sleeps otherwise."""
    text = "import sys\nwhile sys.stdin.buffer.read(1) == b'w':\n    n = 0\n    while n < 10**10: n += 1"
    with subprocess.Popen([sys.executable, "-S", "-c", text], stdin=subprocess.PIPE) as made:
        yield made
        made.kill()


def sleeps(process: int) -> bool:
    """Python is up, and waits for its input."""
    looks = Looks()
    looks.hangs(process)
    time.sleep(0.1)
    return looks.hangs(process)


def test_asleep_at_two_looks_is_hung_and_one_look_tells_nothing(process: subprocess.Popen[bytes]) -> None:
    wait_for(lambda: sleeps(process.pid))
    looks = Looks()
    assert not looks.hangs(process.pid) and looks.hangs(process.pid)
    looks.heard()
    assert not looks.hangs(process.pid), "an answer makes all looks so far worth nothing"


def test_one_at_work_is_not_hung_however_often_one_looks(process: subprocess.Popen[bytes]) -> None:
    wait_for(lambda: sleeps(process.pid))
    assert process.stdin is not None
    process.stdin.write(b"w")
    process.stdin.flush()
    wait_for(lambda: (found := look(process.pid)) is not None and not found.asleep)
    looks = Looks()
    for _ in range(20):
        assert not looks.hangs(process.pid)
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGSTOP)
    wait_for(lambda: looks.hangs(process.pid))


@pytest.mark.parametrize(
    ("where", "works"),
    [("request_wait_answer", True), ("nfs_wait_client_init_complete", True), ("futex_wait_queue", False),
     ("do_epoll_wait", False), ("0", False), ("p9_client_rpc", True)],
)  # fmt: skip
def test_who_sleeps_over_a_disk_of_a_network_is_at_work(tmp_path: Path, where: str, works: bool) -> None:
    """Such a sleep looks like any other's by its state: names are those of the kernel's functions."""
    (tmp_path / "wchan").write_text(where)
    assert _waits_for_a_disk(tmp_path) is works and not _waits_for_a_disk(tmp_path / "nothing")


def test_who_is_not_there_cannot_be_told(process: subprocess.Popen[bytes]) -> None:
    looks = Looks()
    assert look(2**31 - 1) is None and not looks.hangs(None) and not looks.hangs(2**31 - 1)


def test_who_listens_at_a_socket(tmp_path: Path) -> None:
    path = tmp_path / "s"
    assert listener(str(path)) is None
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        assert listener(str(path)) is None, "it is bound, and nobody listens"
        door.listen()
        assert listener(str(path)) == os.getpid()
