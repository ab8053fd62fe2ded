"""The native library, where it was built: whether it is in use, and why not.

Everything runs without it, slower: where there is no compiler the installation leaves it out. With
`CANDELA_NATIVE=0` in the environment it is left unused.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType

__all__ = ["VARIABLE", "native", "native_status"]

VARIABLE = "CANDELA_NATIVE"
INSTRUCTION_SET = "CANDELA_ISA"
ABI = 5  # of the library that this program goes with


def _load() -> tuple[ModuleType | None, str]:
    try:
        library = import_module("candela_engines._native")
    except ModuleNotFoundError:
        return None, "not built: no C++ compiler, or the build failed, when candela-hdr was installed"
    except ImportError as error:
        return None, f"built, but it does not load: {error}"
    found = getattr(library, "ABI", 0)
    if found != ABI:
        return None, f"of another version (ABI {found}, {ABI} is needed): install candela-hdr again"
    return library, "in use"


_library, _status = _load()


def native() -> ModuleType | None:
    """The module `candela_engines._native`, or None where it is not built or not wanted."""
    return None if os.environ.get(VARIABLE) == "0" else _library


def native_status() -> str:
    """`in use`, or why it is not."""
    if _library is not None and os.environ.get(VARIABLE) == "0":
        return f"not in use: {VARIABLE}=0 in the environment"
    wanted = os.environ.get(INSTRUCTION_SET)
    if _library is not None and wanted and wanted not in (sets := _library.instruction_sets()):
        return f"{_status}; {INSTRUCTION_SET}={wanted[:40]} was passed over: there are {', '.join(sets)}"
    return _status
