"""The GPU of this machine as its driver tells it: no CUDA toolkit and no package is needed to ask."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Gpu", "find_gpu"]

_LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
_MAJOR, _MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, …_MINOR: CUDA driver API, cuda.h


@dataclass(frozen=True)
class Gpu:
    """name: as the driver has it. capability: such as (8, 6). driver: the CUDA version it serves, (13, 0)."""

    name: str
    capability: tuple[int, int]
    driver: tuple[int, int]


def find_gpu(load: Callable[[str], Any] = ctypes.CDLL) -> Gpu | str:
    """The first GPU, or why there is none. load: opens a library by name, OSError where it is not there."""
    try:
        cuda = load(_LIBRARY)
    except OSError:
        return f"no NVIDIA driver: {_LIBRARY} is not on this machine"
    number, count, device = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    failed = cuda.cuInit(0)
    if failed:
        return f"the NVIDIA driver does not start (CUDA error {failed}); nvidia-smi may say more"
    if cuda.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        return "the NVIDIA driver finds no GPU; CUDA_VISIBLE_DEVICES may hide it"
    name = ctypes.create_string_buffer(256)
    found: list[int] = []
    asked = [cuda.cuDeviceGet(ctypes.byref(device), 0), cuda.cuDeviceGetName(name, len(name), device)]
    for attribute in (_MAJOR, _MINOR):
        asked.append(cuda.cuDeviceGetAttribute(ctypes.byref(number), attribute, device))
        found.append(number.value)
    asked.append(cuda.cuDriverGetVersion(ctypes.byref(number)))
    if any(asked):
        return f"the NVIDIA driver does not describe its GPU (CUDA error {next(filter(None, asked))})"
    driver = (number.value // 1000, number.value % 1000 // 10)
    return Gpu(name.value.decode("utf-8", "replace"), (found[0], found[1]), driver)
