"""Which provider is taken, why not another, and what the driver says of its GPU."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import pytest
from tests.runtime.machines import FakeMachine

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.runtime.gpu import Gpu, find_gpu
from candela_engines.runtime.local import ON_CPU, ON_GPU, LocalRunner
from candela_engines.runtime.onnx_machine import OnnxMachine
from candela_engines.runtime.providers import PROVIDERS, VARIABLE, choose, wanted_provider


@pytest.mark.parametrize(
    ("has", "taken"),
    [
        (("tensorrt", "tensorrt-rtx", "cuda"), "tensorrt"),
        (("tensorrt-rtx", "cuda"), "tensorrt-rtx"),
        (("cuda",), "cuda"),
        ((), "cpu"),
    ],
)
def test_the_best_is_taken(has: tuple[Any, ...], taken: str) -> None:
    choice = choose(FakeMachine(*has))
    assert choice.provider == taken
    better = PROVIDERS[: PROVIDERS.index(taken)]  # type: ignore[arg-type]
    assert [name for name, _ in choice.passed_over] == list(better)
    assert all(f"there is no {name} in this test" in choice.text() for name in better)


def test_what_is_asked_for_is_taken_or_refused() -> None:
    machine = FakeMachine("tensorrt", "cuda")
    assert choose(machine, "cuda").text() == "cuda as asked"
    with pytest.raises(
        InfrastructureError, match="tensorrt-rtx was asked for and cannot be used: there is no"
    ):
        choose(machine, "tensorrt-rtx")


def test_argument_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert wanted_provider() is None
    monkeypatch.setenv(VARIABLE, "cuda")
    assert wanted_provider() == "cuda"
    assert wanted_provider("cpu") == "cpu"
    assert wanted_provider("auto") is None
    with pytest.raises(InputError, match=r"provider: 'gpu'; one of auto, tensorrt, tensorrt-rtx, cuda, cpu"):
        wanted_provider("gpu")
    monkeypatch.setenv(VARIABLE, "metal")
    with pytest.raises(InputError, match=r"\$CANDELA_PROVIDER is 'metal'"):
        wanted_provider()


def test_strips_are_larger_on_a_gpu() -> None:
    assert LocalRunner(FakeMachine(), "cpu").pixels == ON_CPU
    assert LocalRunner(FakeMachine("cuda"), "cuda").pixels == ON_GPU


class Driver:
    """The driver's library, with one card."""

    def __init__(self, **fails: int) -> None:
        self.fails, self.cards = fails, 1

    def cuInit(self, flags: int) -> int:
        return self.fails.get("init", 0)

    def cuDeviceGetCount(self, out: Any) -> int:
        out._obj.value = self.cards
        return 0

    def cuDeviceGet(self, out: Any, number: int) -> int:
        return 0

    def cuDeviceGetName(self, out: Any, size: int, device: Any) -> int:
        out.value = b"A card of the studio"
        return 0

    def cuDeviceGetAttribute(self, out: Any, which: int, device: Any) -> int:
        out._obj.value = {75: 8, 76: 9}[which]
        return self.fails.get("attribute", 0)

    def cuDriverGetVersion(self, out: Any) -> int:
        out._obj.value = 13020
        return 0


def test_the_gpu_as_its_driver_describes_it() -> None:
    assert find_gpu(lambda name: Driver()) == Gpu("A card of the studio", (8, 9), (13, 2))


def test_why_there_is_no_gpu() -> None:
    def missing(name: str) -> ctypes.CDLL:
        raise OSError(name)

    none = Driver()
    none.cards = 0
    assert "no NVIDIA driver" in str(find_gpu(missing))
    assert "CUDA error 100" in str(find_gpu(lambda name: Driver(init=100)))
    assert "CUDA_VISIBLE_DEVICES" in str(find_gpu(lambda name: none))
    assert "CUDA error 1)" in str(find_gpu(lambda name: Driver(attribute=1)))


def with_gpu(found: Gpu | str) -> OnnxMachine:
    machine = OnnxMachine()
    machine.__dict__["_gpu"] = found
    return machine


def test_what_onnx_runtime_lacks_is_said() -> None:
    old = with_gpu(Gpu("An old card", (7, 5), (12, 0)))
    assert old.lacks("tensorrt-rtx") == "An old card is older than the Ampere generation"
    none = with_gpu("no NVIDIA driver")
    assert {none.lacks(p) for p in PROVIDERS} == {"no NVIDIA driver", ""}
    assert none.lacks("cpu") == ""


class Without:
    """An ONNX Runtime that lists providers whose libraries are not there, as all of them do."""

    SessionOptions = staticmethod(lambda: SimpleNamespace())

    def __init__(self, *took: str, raises: str = "") -> None:
        self.took, self.raises, self.asked = took, raises, []

    def get_available_providers(self) -> list[str]:
        return ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]

    def InferenceSession(self, model: bytes, options: Any, **how: Any) -> Any:
        self.asked.append(how)
        if self.raises:
            raise RuntimeError(self.raises)
        return SimpleNamespace(get_providers=lambda: list(self.took))


def test_a_list_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "0")  # it is set else, for the rest of the process
    machine = with_gpu(Gpu("A new card", (8, 9), (13, 0)))
    machine._ort = Without("CPUExecutionProvider")
    assert machine.lacks("cuda").startswith("it does not load: ONNX Runtime took CPUExecutionProvider")
    assert machine.lacks("cuda").endswith("pip install 'candela-hdr[cuda]' brings its libraries")
    machine._ort = Without(raises="libcublas.so.13 is missing\nand more")
    assert machine.lacks("tensorrt").startswith("it does not load: libcublas.so.13 is missing; pip install")
    assert machine._ort.asked[0]["enable_fallback"] == 0
    machine = with_gpu(Gpu("A new card", (8, 9), (13, 0)))
    machine._ort = Without("CUDAExecutionProvider", "CPUExecutionProvider")
    assert [machine.lacks("cuda"), machine.lacks("cuda")] == ["", ""]
    assert len(machine._ort.asked) == 1  # once is enough
    assert dict(machine._ort.asked[0]["providers"][0][1])["use_tf32"] == "0"


def test_the_rtx_plug_in_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime_ep_nv_tensorrt_rtx", None)
    new = with_gpu(Gpu("A new card", (8, 9), (13, 0)))
    assert new.lacks("tensorrt-rtx") == "not installed: pip install 'candela-hdr[tensorrt-rtx]'"


def test_a_plug_in_that_does_not_load_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class PlugIn:
        @staticmethod
        def get_ep_name() -> str:
            return "NvTensorRTRTXExecutionProvider"

        @staticmethod
        def get_library_path() -> str:
            return "/nowhere/libplugin.so"

    monkeypatch.setitem(__import__("sys").modules, "onnxruntime_ep_nv_tensorrt_rtx", PlugIn)
    new = with_gpu(Gpu("A new card", (8, 9), (13, 0)))
    assert new.lacks("tensorrt-rtx").startswith("the plug-in does not load: ")
    assert "libplugin.so" in new.lacks("tensorrt-rtx")
