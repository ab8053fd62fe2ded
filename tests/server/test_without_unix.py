"""What of Unix is not there on Windows is taken away: everything is still imported, and says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import candela_bridge
import candela_server

TAKE_AWAY = """
import importlib, os, socket, sys
# What others, and the standard library on this system, import for themselves.
import asyncio, multiprocessing.forkserver, multiprocessing.spawn, subprocess, tempfile
import grpc.aio, numpy, prometheus_client, typer
for name in ("fcntl", "resource", "pwd", "grp", "termios", "_posixshmem"):
    sys.modules[name] = None
del socket.AF_UNIX
for name in ("getuid", "geteuid", "fork", "setsid", "sysconf", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC",
             "O_PATH", "O_DIRECTORY", "preadv", "pwritev", "memfd_create", "waitstatus_to_exitcode"):
    delattr(os, name)
os.supports_dir_fd.clear()
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
SAY = """
from pathlib import Path
from candela_bridge.place import default_place, has_unix_sockets
from candela_engines.errors import CandelaError
from candela_server.cli.daemon import detach
from candela_server.client.memory import SharedFrames
from candela_server.frames.roots import Roots
from candela_server.frames.segments import Regions
from candela_server.rpc.address import Address, claim, default_address, parse_address
from candela_server.rpc.settings import Settings, check_settings

print(default_address().target, default_address().loopback)
check_settings(Settings())
with claim(default_address()):
    print("claimed")
here = Path(os.environ["LOCALAPPDATA"])
(here / "a.txt").write_text("x")
print(Roots([here]).source(str(here / "a.txt")) == here / "a.txt")
print(has_unix_sockets(), default_place().unix)

def refused(work):
    try:
        work()
    except CandelaError as error:
        print(error)

def enter():
    with claim(parse_address("unix:/tmp/x.sock")):
        pass

refused(enter)
refused(lambda: SharedFrames(None, 10))
refused(lambda: Regions(enabled=True, most=100).register_sealed(1, 2, 3))
refused(lambda: Regions(enabled=True, most=100).register_posix("a", 3))
refused(lambda: detach(None))
"""


def modules() -> list[str]:
    """Of the bridge and the server, but what needs Qt, Nuke or a generator of code."""
    found = []
    for package in (candela_bridge, candela_server):
        base = Path(package.__file__).parent
        for path in sorted(base.rglob("*.py")):
            parts = path.relative_to(base.parent).with_suffix("").parts
            if {"widgets", "folder", "generate", "__main__"} & set(parts):
                continue
            found.append(".".join(parts).removesuffix(".__init__"))
    return found


def run(text: str, *names: str, folder: Path) -> list[str]:
    command = [sys.executable, "-c", text, *names]
    env = {**os.environ, "LOCALAPPDATA": str(folder), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for name in ("CANDELA_BRIDGE_DIR", "XDG_RUNTIME_DIR"):
        env.pop(name, None)
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_everything_is_imported(tmp_path: Path) -> None:
    names = modules()
    assert {"candela_server.rpc.app", "candela_server.client.memory"} < set(names)
    assert {"candela_bridge.helper.serve", "candela_bridge.panel.looks"} < set(names)
    run(TAKE_AWAY, *names, folder=tmp_path)


def test_the_sidecar_listens_on_this_machine_and_the_rest_says_what_to_do(tmp_path: Path) -> None:
    said = run(TAKE_AWAY + SAY, folder=tmp_path)
    assert said[:4] == ["127.0.0.1:7410 True", "claimed", "True", "False False"]
    socket, frames, sealed, posix, daemon = said[4:]
    assert "Unix sockets are not there on this system; listen on 127.0.0.1:7410" in socket
    assert "on Linux alone; use files" in frames
    assert "no sealed shared memory; send files instead" in sealed
    assert "no POSIX shared memory; send files instead" in posix
    assert "--daemon is not there" in daemon
