"""ONNX Runtime on this machine: its providers, its sessions. The one module of engines that imports it.

TensorRT and CUDA paths: what was tried where is in docs/hosts-engines.md.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError
from candela_engines.runtime.engines import PQ, Engine, Feed
from candela_engines.runtime.gpu import Gpu, find_gpu
from candela_engines.runtime.graph import Graph, Tensor
from candela_engines.runtime.profiles import profiles
from candela_engines.runtime.providers import Provider

__all__ = ["OnnxMachine"]

_NAMES: dict[Provider, str] = {
    "tensorrt": "TensorrtExecutionProvider",
    "tensorrt-rtx": "NvTensorRTRTXExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
_RTX_MODULE = "onnxruntime_ep_nv_tensorrt_rtx"
_AMPERE = (8, 0)


def _trial() -> bytes:
    g = Graph()
    return g.model("candela_trial", _TRIAL.inputs, _TRIAL.output, g.op("Add", "x", g.const(1)))


_TRIAL = Engine("candela_trial", 1, None, PQ, (Tensor("x", ("pixels",)),), Tensor("y", ("pixels",)), _trial)


class _Session:
    """A session that runs on the provider it was made for."""

    def __init__(self, session: Any, output: str) -> None:
        self._session, self._output = session, output

    def run(self, feed: Feed) -> npt.NDArray[np.float32]:
        result: npt.NDArray[np.float32] = self._session.run([self._output], dict(feed))[0]
        return result


class OnnxMachine:
    """threads: of the CPU provider, 0 for as many as the machine has."""

    def __init__(self, threads: int = 0) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise InfrastructureError("ONNX Runtime is missing: pip install candela-hdr brings it") from error
        self._ort, self._threads = onnxruntime, threads
        self._found: dict[Provider, str] = {}

    @functools.cached_property
    def _gpu(self) -> Gpu | str:
        return find_gpu()

    @functools.cached_property
    def _rtx(self) -> list[Any] | str:
        """Devices of the RTX plug-in provider, or why there are none."""
        try:
            plugin = importlib.import_module(_RTX_MODULE)
        except ImportError:
            return "not installed: pip install 'candela-hdr[tensorrt-rtx]'"
        try:
            name = plugin.get_ep_name()
            self._ort.register_execution_provider_library(name, plugin.get_library_path())
            found = [d for d in self._ort.get_ep_devices() if d.ep_name == name]
        except Exception as error:  # the binding raises classes of its own
            return f"the plug-in does not load: {_first_line(error)}"
        return found or "the plug-in finds no device that it can use"

    def lacks(self, provider: Provider) -> str:
        """Why a provider cannot be used; nothing where it can be tried."""
        if provider == "cpu":
            return ""
        if isinstance(self._gpu, str):
            return self._gpu
        if provider == "tensorrt-rtx":
            if self._gpu.capability < _AMPERE:
                return f"{self._gpu.name} is older than the Ampere generation"
            return self._rtx if isinstance(self._rtx, str) else self._tried(provider)
        if _NAMES[provider] not in self._ort.get_available_providers():
            return "this ONNX Runtime has none: pip install onnxruntime-gpu in place of onnxruntime"
        return self._tried(provider)

    def _tried(self, provider: Provider) -> str:
        """Why a provider that is listed does not load; a list is no proof, a session of a small graph is."""
        if provider not in self._found:
            try:
                self.session(_TRIAL, provider)
                self._found[provider] = ""
            except Exception as error:  # the binding raises classes of its own
                hint = f"pip install 'candela-hdr[{provider}]'"
                self._found[provider] = f"it does not load: {_first_line(error)}; {hint} brings its libraries"
        return self._found[provider]

    def compiles(self, provider: Provider) -> bool:
        """TensorRT does, in both its forms."""
        return provider.startswith("tensorrt")

    def facts(self) -> Mapping[str, str]:
        """GPU, driver and libraries."""
        gpu = self._gpu
        here = {"gpu": gpu} if isinstance(gpu, str) else {
            "gpu": gpu.name, "capability": f"{gpu.capability}", "driver": f"{gpu.driver}"
        }  # fmt: skip
        packages = ("tensorrt", "onnxruntime-ep-nv-tensorrt-rtx-cu13")
        return here | {"onnxruntime": self._ort.__version__} | {p: _version(p) or "none" for p in packages}

    def session(self, engine: Engine, provider: Provider, cache: Path | None = None) -> _Session:
        """An engine on a provider. InfrastructureError where ONNX Runtime would take another in its place."""
        options = self._ort.SessionOptions()
        options.log_severity_level = 3
        if provider == "cpu" and self._threads:
            options.intra_op_num_threads = self._threads
        if provider != "cpu":
            self._load_libraries(provider)
        where: dict[str, Any] = {"providers": _provider_list(engine, provider, cache)}
        if provider == "tensorrt-rtx":
            assert not isinstance(self._rtx, str)
            options.add_provider_for_devices(self._rtx[:1], _rtx_options(engine, cache))
            where = {}
        # Its own fallback would go on without a word on another provider; whoever chose this one decides.
        made = self._ort.InferenceSession(engine.model(), options, enable_fallback=0, **where)
        taken = made.get_providers()
        if _NAMES[provider] not in taken[:1]:
            raise InfrastructureError(
                f"ONNX Runtime took {', '.join(taken)} for {engine.name} where {provider} was due; its log "
                "may say which library is missing"
            )
        return _Session(made, engine.output.name)

    def _load_libraries(self, provider: Provider) -> None:
        """Libraries that came as Python packages: the system's loader does not find them by itself."""
        if self.compiles(provider):
            # TF32 keeps ten bits of a mantissa: a hundred times the error that a PQ code may have. There is
            # no option against it here; the libraries read this when they are first used.
            os.environ.setdefault("NVIDIA_TF32_OVERRIDE", "0")
        if provider == "tensorrt":
            with contextlib.suppress(ImportError):
                importlib.import_module("tensorrt")
        if hasattr(self._ort, "preload_dlls"):
            with contextlib.redirect_stdout(sys.stderr):  # it tells what it did not find
                self._ort.preload_dlls()


def _provider_list(engine: Engine, provider: Provider, cache: Path | None) -> list[Any]:
    """Providers with options, the one that is wanted first: the next take what it cannot do."""
    cpu = _NAMES["cpu"]
    if provider == "cpu":
        return [cpu]
    cuda = (_NAMES["cuda"], {"device_id": "0", "use_tf32": "0"})
    if provider == "cuda":
        return [cuda, cpu]
    smallest, usual, largest = profiles(engine)
    options = {
        "device_id": "0",
        "trt_fp16_enable": "0",
        "trt_profile_min_shapes": smallest,
        "trt_profile_opt_shapes": usual,
        "trt_profile_max_shapes": largest,
    }
    if cache is not None:
        options |= {
            "trt_engine_cache_enable": "1",
            "trt_engine_cache_path": os.fspath(cache),
            "trt_timing_cache_enable": "1",
            "trt_timing_cache_path": os.fspath(cache),
        }
    return [(_NAMES["tensorrt"], options), cuda, cpu]


def _rtx_options(engine: Engine, cache: Path | None) -> dict[str, str]:
    smallest, usual, largest = profiles(engine)
    options = {
        "nv_profile_min_shapes": smallest,
        "nv_profile_opt_shapes": usual,
        "nv_profile_max_shapes": largest,
    }
    return options if cache is None else options | {"nv_runtime_cache_path": os.fspath(cache)}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
