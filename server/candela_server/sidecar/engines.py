"""The engines of this installation, as a client sees them."""

from __future__ import annotations

from dataclasses import dataclass

from candela_engines import __version__
from candela_engines.native import native
from candela_engines.weights import manifest

__all__ = ["EngineInfo", "engines"]

_FILES = {"default": "default_start.npz", "paper": "siren_start.npz", "gamma": "gamma_start.npz"}


@dataclass(frozen=True)
class EngineInfo:
    """sha256: of the weights that a fit starts from. provider: what computes on this machine."""

    name: str
    version: str
    sha256: str
    colour_in: str
    colour_out: str
    precision: str
    provider: str


def engines() -> list[EngineInfo]:
    """One for each network that can be embedded and rendered."""
    provider = "native kernel" if native() is not None else "ONNX Runtime on the CPU"
    return [
        EngineInfo(
            name,
            __version__,
            str(manifest().get(file, {}).get("sha256", "")),
            "codes of any SDR colour state, which the payload names",
            "linear light in BT.2020, nits",
            "float32",
            provider,
        )
        for name, file in _FILES.items()
    ]
