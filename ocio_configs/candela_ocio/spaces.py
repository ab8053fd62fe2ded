"""Spaces of a config by name, and pixels between them and the config's interchange spaces."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from candela_ocio.errors import OcioConfigError
from candela_ocio.in_force import ResolvedConfig, _library

__all__ = ["Direction", "Space", "apply", "find_space", "render", "space_names"]

Reference = Literal["scene", "display"]
Direction = Literal["to_reference", "from_reference"]

_ROLES: dict[Reference, str] = {"scene": "aces_interchange", "display": "cie_xyz_d65_interchange"}
_STANDARD: dict[Reference, str] = {"scene": "ACES2065-1", "display": "CIE XYZ-D65 - Display-referred"}
_BLOCK_ROWS = 1 << 18


@dataclass(frozen=True, slots=True)
class Space:
    """A colour space of a config: its canonical name, OCIO encoding ("" when unset) and reference.

    reference: "scene" means that 1.0 is a reflectance or exposure and has no luminance of its own; "display"
    means light of a display, on OCIO's scale of 1.0 = 100 nit. is_data: not colour at all.
    """

    name: str
    encoding: str
    reference: Reference
    is_data: bool


def space_names(resolved: ResolvedConfig) -> list[str]:
    """Names of all spaces, active or not, then all roles."""
    ocio = _library()
    names = resolved.config.getColorSpaceNames(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL)
    return [*names, *(role for role, _ in resolved.config.getRoles())]


def find_space(resolved: ResolvedConfig, name: str) -> Space | None:
    """The space of that name, alias or role (OCIO ignores case), or None."""
    ocio = _library()
    space = resolved.config.getColorSpace(name)
    if space is None:
        return None
    scene = space.getReferenceSpaceType() == ocio.REFERENCE_SPACE_SCENE
    return Space(space.getName(), space.getEncoding(), "scene" if scene else "display", bool(space.isData()))


def apply(
    resolved: ResolvedConfig, space: Space, rgb: npt.NDArray[np.float32], direction: Direction
) -> npt.NDArray[np.float32]:
    """Pixels between a space and the interchange space of its reference.

    rgb: (…, 3) float32. The interchange is ACES2065-1 for scene-referred spaces and CIE XYZ (D65 white, 1.0 =
    100 nit) for display-referred ones. Returns a new (…, 3) float32 array; what is clamped is the space's own
    doing. Raises OcioConfigError for a data space, a config without that interchange, or a failing transform.
    """
    if space.is_data:
        raise OcioConfigError(f"OCIO space {space.name!r} holds data, not colour: it cannot be converted")
    return _run(
        resolved,
        rgb,
        lambda: _processor(resolved.path_or_uri, resolved.sha256, space, direction, _Held(resolved.config)),
        f"OCIO space {space.name!r}",
    )


def render(
    resolved: ResolvedConfig, rgb: npt.NDArray[np.float32], *, source: str, display: str, view: str
) -> npt.NDArray[np.float32]:
    """Codes of a display for pixels of `source`, seen through a view such as an ACES output transform.

    rgb: (…, 3) float32. source: a space, alias or role; display, view: as the config names them. Returns a
    new (…, 3) float32 array. Raises OcioConfigError for names that the config lacks, or a failing transform.
    """
    ocio = _library()
    config = resolved.config
    if display not in config.getDisplays() or view not in config.getViews(display):
        raise OcioConfigError(
            f"OCIO config {resolved.name} has no view {view!r} of a display {display!r}; it has "
            + "; ".join(f"{d}: {', '.join(config.getViews(d))}" for d in config.getDisplays())[:600]
        )
    transform = ocio.DisplayViewTransform(source, display, view)
    return _run(
        resolved,
        rgb,
        lambda: config.getProcessor(transform).getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS),
        f"OCIO view {view!r} of {display!r} from {source!r}",
    )


def _run(
    resolved: ResolvedConfig, rgb: npt.NDArray[np.float32], make: Callable[[], Any], what: str
) -> npt.NDArray[np.float32]:
    ocio = _library()
    # A copy always: applyRGB works in place and refuses anything but contiguous float32.
    out = np.array(rgb, dtype=np.float32, order="C", copy=True)
    rows = out.reshape(-1, 3)
    blocks = [rows[start : start + _BLOCK_ROWS] for start in range(0, len(rows), _BLOCK_ROWS)]
    try:
        processor = make()
        if len(blocks) == 1:
            processor.applyRGB(rows)
        elif blocks:
            # OCIO leaves Python's lock while it works; every pixel is its own, so threads change no result.
            with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
                list(pool.map(processor.applyRGB, blocks))
    except ocio.Exception as error:
        reason = " ".join(str(error).split())[:400]
        raise OcioConfigError(f"{what}, config {resolved.name}: {reason}") from error
    return out


class _Held:
    """Carries a config through a cache key without being part of it."""

    def __init__(self, config: Any) -> None:
        self.config = config

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=32)
def _processor(_path: str, _sha256: str, space: Space, direction: Direction, held: _Held) -> Any:
    ocio = _library()
    config = held.config
    interchange = _interchange(config, space)
    pair = (space.name, interchange) if direction == "to_reference" else (interchange, space.name)
    # Lossless: the default replaces curves by tables, which costs round trips their exactness.
    return config.getProcessor(*pair).getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)


def _interchange(config: Any, space: Space) -> str:
    ocio = _library()
    role = _ROLES[space.reference]
    if config.hasRole(role):
        return role
    # Configs older than 2.1 have no such role; OCIO can recognise the space by what it does.
    builtin = ocio.Config.CreateFromBuiltinConfig("cg-config-v1.0.0_aces-v1.3_ocio-v2.1")
    try:
        return str(ocio.Config.IdentifyBuiltinColorSpace(config, builtin, _STANDARD[space.reference]))
    except ocio.Exception as error:
        raise OcioConfigError(
            f"this OCIO config has no role {role!r} and no space that is {_STANDARD[space.reference]}: "
            f"{space.name!r} cannot be related to light; add the role to the config"
        ) from error
