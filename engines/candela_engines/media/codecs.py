"""The one door to imagecodecs: imported when first needed, its refusals said as ours."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from candela_engines.errors import InfrastructureError, MediaError

__all__ = ["decode_with", "imagecodecs_module"]


def imagecodecs_module() -> ModuleType:
    """imagecodecs, or InfrastructureError naming the package to install."""
    try:
        return importlib.import_module("imagecodecs")
    except ImportError as error:
        raise InfrastructureError(
            f"the package imagecodecs is needed for this format and cannot be imported ({error}); "
            "install it with: pip install imagecodecs"
        ) from error


def decode_with(function: str, data: bytes, path: Path, **options: Any) -> Any:
    """The result of one imagecodecs decoder. Raises MediaError with its reason when it refuses."""
    module = imagecodecs_module()
    try:
        return getattr(module, function)(data, **options)
    except ImportError as error:
        kind = function.removesuffix("_decode").upper()
        raise MediaError(
            f"{path}: this installation of imagecodecs has no {kind} decoder; convert the picture to PNG, "
            "TIFF or EXR, or install a build of imagecodecs that has it"
        ) from error
    except MemoryError:
        raise InfrastructureError(f"{path}: not enough memory to decode it") from None
    except Exception as error:
        raise MediaError(f"{path}: cannot be decoded: {error}") from error
