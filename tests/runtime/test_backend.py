"""Who renders: a server that is named, a GPU that is there, else the native kernel."""

from __future__ import annotations

import pytest
from tests.runtime.machines import FakeMachine

from candela_engines.errors import InfrastructureError
from candela_engines.native import native
from candela_engines.runtime.backend import backend
from candela_engines.runtime.local import LocalRunner
from candela_engines.runtime.open_inference import OpenInferenceRunner
from candela_engines.runtime.providers import VARIABLE


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def provider_of(*has: str, asked: str | None = None) -> str | None:
    found = backend(asked, machine=FakeMachine(*has))  # type: ignore[arg-type]
    assert found is None or isinstance(found, LocalRunner)
    return None if found is None else found.choice.provider


def test_a_gpu_is_used_and_a_cpu_is_left_to_the_native_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    assert provider_of("cuda") == "cuda"
    assert provider_of() == (None if native() is not None else "cpu")
    monkeypatch.setenv("CANDELA_NATIVE", "0")
    assert provider_of() == "cpu"


def test_what_is_asked_for_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert provider_of("cuda", asked="cpu") == "cpu"
    monkeypatch.setenv(VARIABLE, "cpu")
    assert provider_of("cuda") == "cpu"
    with pytest.raises(InfrastructureError, match="tensorrt was asked for"):
        provider_of("cuda", asked="tensorrt")


def test_a_server_goes_before_all() -> None:
    found = backend(server="127.0.0.1:1", machine=FakeMachine("cuda"))
    assert isinstance(found, OpenInferenceRunner)
    assert found.address == "127.0.0.1:1"
    found.close()
