"""Export: every engine as a model repository for a facility's inference server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import InputError
from candela_engines.runtime.triton_repository import Serving, write_repository
from candela_server.service.results import Json

__all__ = ["ExportTritonRequest", "ExportTritonResult", "ExportedEngine", "export_triton"]


@dataclass(frozen=True)
class ExportTritonRequest:
    """folder: to write, new, empty or with such a repository. tensorrt: have the server compile the engines;
    tensorrt_cache: folder on the server for what it compiled. instances: copies of each on every GPU."""

    folder: Path
    tensorrt: bool = False
    tensorrt_cache: str | None = None
    instances: int = 1


@dataclass(frozen=True)
class ExportedEngine:
    """An engine in the repository; sha256: of its model.onnx."""

    name: str
    version: int
    sha256: str


@dataclass(frozen=True)
class ExportTritonResult:
    """What was written."""

    folder: Path
    engines: tuple[ExportedEngine, ...]
    tensorrt: bool

    def to_json(self) -> Json:
        """As it stands."""
        return {
            "command": "export-triton",
            "folder": str(self.folder),
            "tensorrt": self.tensorrt,
            "engines": [{"name": e.name, "version": e.version, "sha256": e.sha256} for e in self.engines],
        }


def export_triton(request: ExportTritonRequest) -> ExportTritonResult:
    """Write the repository. InputError for what cannot be, InfrastructureError for a disk that refuses."""
    if request.tensorrt_cache is not None and not request.tensorrt:
        raise InputError("--tensorrt-cache: nothing is compiled without --tensorrt; give both or neither")
    serving = Serving(request.tensorrt, request.tensorrt_cache, request.instances)
    engines = write_repository(request.folder, serving)
    written = tuple(ExportedEngine(e.name, e.version, e.sha256) for e in engines)
    return ExportTritonResult(request.folder, written, request.tensorrt)
