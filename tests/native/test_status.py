"""Which path is in use, and why: said, not guessed."""

import subprocess
import sys
from pathlib import Path

import pytest

from candela_engines import native as module
from candela_engines.native import VARIABLE, native, native_status
from candela_server.service import runtime


def test_switching_it_off_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "0")
    assert native() is None
    if module._library is not None:
        assert native_status() == f"not in use: {VARIABLE}=0 in the environment"
        assert "Python reference" in runtime().streams


def test_a_missing_library_is_said() -> None:
    # A finder that hides the extension stands in for an installation without a compiler.
    code = (
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'candela_engines._native':\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}')\n"
        "sys.meta_path.insert(0, Hidden())\n"
        "from candela_engines.native import native, native_status\n"
        "assert native() is None\n"
        "print(native_status())\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = "not built: no C++ compiler, or the build failed, when candela-hdr was installed"
    assert said.stdout.strip() == expected


def test_an_old_library_is_left_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    if module._library is None:
        pytest.skip("the native library is not built here")
    monkeypatch.setattr(module, "ABI", module.ABI + 1)
    library, why = module._load()
    assert library is None
    assert "install candela-hdr again" in why


def test_with_a_compiler_it_is_built() -> None:
    """Where this suite runs from an installation that had a compiler, the library must be there."""
    import shutil

    if not any(shutil.which(c) for c in ("c++", "g++", "clang++")):
        pytest.skip("no C++ compiler")
    assert module._status == "in use"
    assert runtime().to_json()["runtime"]["native_library"] in ("in use", native_status())
    assert Path(module._library.__file__ or "").stem.startswith("_native")  # type: ignore[union-attr]


@pytest.mark.skipif(native() is None, reason="without the native library there is nothing to choose")
def test_an_instruction_set_that_nobody_has_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANDELA_ISA", "nonsense")
    assert "CANDELA_ISA=nonsense was passed over: there are" in native_status()
    monkeypatch.setenv("CANDELA_ISA", "portable")
    assert native_status() == "in use"
