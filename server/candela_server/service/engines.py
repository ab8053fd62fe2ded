"""The engines of this installation, and what computes each: for whoever asks a sidecar."""

from __future__ import annotations

from candela_engines import __version__
from candela_engines.native import native
from candela_engines.runtime.listing import EngineFacts, listed
from candela_engines.scorer.engine import installed_engine
from candela_engines.weights import manifest
from candela_server.service.rendering import describe, engine_runner

__all__ = ["EngineFacts", "engines"]


def engines() -> list[EngineFacts]:
    """Those of `runtime.engines`, the network that has no graph there, as around it are doubles, and the
    model that scores, where one is installed."""
    runner = engine_runner()
    here = describe()
    # A server that is not to be reached is said to be so, and not what it would do.
    elsewhere = None if here.startswith("native") else runner
    found = listed((lambda _: here) if elsewhere is None else elsewhere.describe)
    weights = str(manifest().get("gamma_start.npz", {}).get("sha256", ""))
    gamma = EngineFacts(
        "candela_gamma", __version__, weights, found[0].colour_in, found[1].colour_out, "float32",
        "ONNX Runtime on the CPU" if native() is None else "native kernel",
    )  # fmt: skip
    grade = installed_engine()
    if grade is None:
        return [*found, gamma]
    score = EngineFacts(
        grade.name, grade.version, grade.sha256, "descriptors of HLG light, 1000 nit, BT.2020", "a score",
        "float32", "ONNX Runtime on the CPU, one thread",
    )  # fmt: skip
    return [*found, gamma, score]
