"""Generate the Python of the contract: `python -m candela_server.proto.generate`, after a change of it.

Needs the extra `dev` with grpcio-tools 1.76: what newer ones make asks for a newer protobuf of everybody who
installs Candela, and pyproject.toml names the version that this one asks for. The result is committed; a test
holds it against the contract.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path

__all__ = ["PROTOS", "ROOT", "generate", "protoc"]

ROOT = Path(__file__).parents[2]
_NAMES = ("frames", "options", "results", "clips", "scores", "upconvert", "sidecar")
PROTOS = tuple(f"candela_server/proto/candela/v1/{name}.proto" for name in _NAMES)
_TOOLS = "1.76."


def generate(out: Path) -> None:
    """Modules, type stubs and the service's classes into the folder `out`."""
    scripts = Path(sysconfig.get_path("scripts"))  # of this interpreter, wherever PATH leads
    plugins = [f"--plugin={name}={scripts / name}" for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")]
    kinds = [f"--{kind}={out}" for kind in ("python_out", "mypy_out", "grpc_python_out", "mypy_grpc_out")]
    protoc(*plugins, *kinds)


def protoc(*options: str) -> None:
    """Run the compiler over the contract in this process. RuntimeError where it fails, which it says on
    stderr."""
    from grpc_tools import protoc as compiler

    if compiler.main(["protoc", f"-I{ROOT}", *options, *PROTOS]):
        raise RuntimeError(f"protoc failed with {' '.join(options)}")


def _main() -> None:
    from importlib.metadata import version

    if not version("grpcio-tools").startswith(_TOOLS):
        raise SystemExit(f"grpcio-tools {version('grpcio-tools')} is here, and {_TOOLS}x is needed")
    generate(ROOT)
    for proto in PROTOS[:-1]:  # these have no service
        for ending in ("_pb2_grpc.py", "_pb2_grpc.pyi"):
            (ROOT / proto.replace(".proto", ending)).unlink(missing_ok=True)


if __name__ == "__main__":
    _main()
