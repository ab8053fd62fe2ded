"""Runtime: which engines this installation has, which of them is in use, and why."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from candela_engines.errors import CandelaError
from candela_engines.native import native, native_status
from candela_engines.runtime.onnx_machine import OnnxMachine
from candela_engines.runtime.providers import choose, wanted_provider
from candela_server.service.results import Json

__all__ = ["RuntimeResult", "runtime"]

_LIBRARIES = ("numpy", "onnxruntime-gpu", "onnxruntime", "opencolorio", "OpenImageIO", "imagecodecs")


@dataclass(frozen=True)
class RuntimeResult:
    """native: `in use`, or why not. onnx_runtime: what it is and offers. provider: of ONNX engines,
    where they are used. versions: by name."""

    native: str
    onnx_runtime: str
    streams: str
    network: str
    provider: str
    versions: dict[str, str]

    def to_json(self) -> Json:
        """As it stands."""
        return {
            "command": "inspect",
            "runtime": {
                "native_library": self.native,
                "onnx_runtime": self.onnx_runtime,
                "coded_streams": self.streams,
                "network": self.network,
                "engine_provider": self.provider,
                "versions": dict(self.versions),
            },
        }


def runtime() -> RuntimeResult:
    """Look at the installation."""
    library = native()
    in_use = library is not None
    # The first is used, the others the processor has as well.
    sets = [] if library is None else library.instruction_sets()
    return RuntimeResult(
        native_status(),
        _onnx_runtime(),
        "native library" if in_use else "Python reference, the same results, slower",
        f"native kernel, whole frames, {', '.join(sets)}" if sets else "ONNX Runtime on the CPU",
        _provider(),
        {"candela-hdr": version("candela-hdr"), "python": _python(), **_versions()},
    )


def _python() -> str:
    return f"{sys.version.split()[0]} on {platform.system()} {platform.machine()}"


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _provider() -> str:
    """What ONNX engines would run on, and why not on something better."""
    try:
        return choose(OnnxMachine(), wanted_provider()).text()
    except CandelaError as error:
        return f"none: {error}"


def _onnx_runtime() -> str:
    try:
        import onnxruntime as ort
    except ImportError as error:
        return f"missing: {error}"
    return f"{ort.__version__}, offers {', '.join(ort.get_available_providers())}"
