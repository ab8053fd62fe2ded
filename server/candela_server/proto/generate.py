"""Generate the Python of the contract: `python -m candela_server.proto.generate`, after a change of it.

Needs the extra `dev`. The result is committed; a test holds it against the contract.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["PROTOS", "command"]

ROOT = Path(__file__).parents[2]
PROTOS = tuple(f"candela_server/proto/candela/v1/{name}.proto" for name in ("frames", "results", "sidecar"))


def command(out: Path) -> list[str]:
    """What makes modules, type stubs and the service's classes into the folder `out`."""
    kinds = [f"--{kind}={out}" for kind in ("python_out", "mypy_out", "grpc_python_out", "mypy_grpc_out")]
    return [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT}", *kinds, *PROTOS]


if __name__ == "__main__":
    subprocess.run(command(ROOT), check=True)
    for proto in PROTOS[:2]:  # these have no service
        for ending in ("_pb2_grpc.py", "_pb2_grpc.pyi"):
            (ROOT / proto.replace(".proto", ending)).unlink(missing_ok=True)
