"""Commands that are cancelled leave nothing behind, whenever the signal comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from candela_server.cli.progress import ProgressBar

from .pictures import QUICK, Pair


def test_a_signal_whose_exception_got_lost_still_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Python drops one that a handler raises inside of a destructor."""
    monkeypatch.setattr("candela_server.cli.progress.SIGNALS", [])
    with ProgressBar(quiet=True) as bar:
        bar("fit", 0.1)
        monkeypatch.setattr("candela_server.cli.progress.SIGNALS", [2])
        with pytest.raises(KeyboardInterrupt):
            bar("fit", 0.2)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_ctrl_c_inside_of_a_destructor(pair: Pair, tmp_path: Path) -> None:
    """Python drops what the handler raises there; the command stops nevertheless, and without a traceback."""
    code = (
        "import os, signal, sys\n"
        "from candela_server.cli.run import run\n"
        "from candela_server import service\n"
        "class Late:\n"
        "    def __del__(self): os.kill(os.getpid(), signal.SIGINT); sum(range(1000))\n"
        "def embed(request, sdr, progress):\n"
        "    Late()\n"
        "    progress('fit', 0.5)\n"
        "    raise AssertionError('went on')\n"
        "service.embed = embed\n"
        f"sys.exit(run(['embed', {str(pair.sdr)!r}, '--hdr', {str(pair.hdr)!r}, '-o', 'x.png']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    assert "cancelled" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cancelling_leaves_nothing_behind(pair: Pair, tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "out.png"
    out.write_bytes(b"what was there before")
    arguments = ["embed", str(pair.sdr), "--hdr", str(pair.hdr), "-o", str(out), "--effort", "best"]
    code = (
        "import sys; from candela_server.cli.run import run; from candela_server import service; "
        f"print('ready', flush=True); sys.exit(run({arguments!r}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job starts with SIGINT ignored, and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(0.7)  # anywhere in the work: the outcome has to be the same
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "cancelled" in err and "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
    assert out.read_bytes() == b"what was there before"


INTERRUPTED = """
import shutil, signal, sys
from candela_server.cli.run import run
from candela_server.service import outputs

remove, left = shutil.rmtree, [1]

def interrupted(*given, **more):
    if left:
        left.pop()
        signal.raise_signal(signal.SIGTERM)
    return remove(*given, **more)

def broken(*given, **more):
    try:
        signal.raise_signal(signal.SIGTERM)
    except KeyboardInterrupt:
        raise ImportError("as numpy says it") from None

if sys.argv[1] == "remove":
    shutil.rmtree = interrupted
else:
    outputs.carrier_for = broken
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("where", ["remove", "import"])
def test_cancelling_at_a_bad_moment(pair: Pair, tmp_path: Path, where: str) -> None:
    """While what was tried is removed, and inside of what makes another error of it."""
    line = ["embed", str(pair.sdr), "--hdr", str(pair.hdr), "-o", str(tmp_path / "out.png"), *QUICK]
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, where, *line], capture_output=True, text=True)
    assert done.returncode == 130 and "cancelled" in done.stderr, done.stderr
    assert not list(tmp_path.iterdir())
