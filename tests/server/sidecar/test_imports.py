"""What the sidecar's own process has loaded when it serves: nothing that would have clients wait for it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "torch", "onnx", "onnxruntime", "colour", "PyOpenColorIO", "OpenImageIO", "imagecodecs", "av", "scipy",
    "matplotlib", "opentimelineio", "tritonclient", "PIL",
)  # fmt: skip
SERVE = """
import os, signal, sys, tempfile
from candela_server.cli.run import run
import candela_server.rpc.app as app

def ready(address):
    print(*sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
    os.kill(os.getpid(), signal.SIGTERM)

import candela_server.cli.serving as serving
serving._tell = ready
folder = tempfile.mkdtemp()
sys.exit(run(["serve", "--listen", f"unix:{folder}/s.sock", "--root", folder, "--workers", "1"]))
"""


def test_nothing_heavy_is_loaded_before_it_serves() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVE], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = set(next(line for line in done.stderr.splitlines() if " asyncio " in line).split())
    assert "grpc" in loaded, "the list is that of a process that serves"
    assert not loaded & set(HEAVY)
