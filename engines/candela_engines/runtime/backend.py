"""Where pictures are rendered: on an inference server, on this machine's GPU, or by the native kernel."""

from __future__ import annotations

from candela_engines.native import native
from candela_engines.runtime.local import LocalRunner
from candela_engines.runtime.onnx_machine import OnnxMachine
from candela_engines.runtime.open_inference import OpenInferenceRunner
from candela_engines.runtime.providers import Machine, wanted_provider

__all__ = ["backend"]


def backend(
    provider: str | None = None,
    server: str | None = None,
    *,
    machine: Machine | None = None,
    certificates: bytes | None = None,
    token: str | None = None,
) -> LocalRunner | OpenInferenceRunner | None:
    """What runs the engines; None where the native kernel is to render, the faster of the two on a CPU.

    server: address of an inference server, whose answers are held against ONNX Runtime here; certificates,
    token: for it, as of `OpenInferenceRunner`. provider: as of
    `LocalRunner`; `cpu`, asked for by name, is ONNX Runtime's. machine: default this one.
    Raises InputError for an unknown provider, InfrastructureError for one that cannot be used here, and where
    a package is missing.
    """
    here = machine or OnnxMachine()
    if server is not None:
        return OpenInferenceRunner(server, reference=here, root_certificates=certificates, token=token)
    runner = LocalRunner(here, provider)
    if runner.choice.provider == "cpu" and wanted_provider(provider) is None and native() is not None:
        return None
    return runner
