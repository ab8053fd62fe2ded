"""Colour states named through OCIO. Loaded only when one is met; the rest of `colour` is OCIO-free."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

import candela_ocio
from candela_engines.colour._arrays import FloatArray, as_float, elementwise
from candela_engines.colour.gamuts import GAMUTS, apply_matrix, rgb_to_rgb, rgb_to_xyz, xyz_to_rgb
from candela_engines.colour.state import ColourState, Primaries
from candela_engines.errors import ColourStateError, InputError

__all__ = ["from_nits_rec2020", "linear_primaries", "resolved_config", "state_of", "to_nits_rec2020"]

DISPLAY_UNIT_NITS = 100.0
"""Luminance of 1.0 in a display-referred linear OCIO space."""

# Configs met in this process, so that a state finds the one it was named in, whatever is in force by then.
_met: dict[str, candela_ocio.ResolvedConfig] = {}


def resolved_config(config: str | None = None) -> candela_ocio.ResolvedConfig:
    """The config in force: `config` (what `--ocio` was given), $OCIO, or ours. Raises ColourStateError."""
    try:
        resolved = candela_ocio.in_force(config)
    except candela_ocio.OcioConfigError as error:
        raise ColourStateError(str(error)) from error
    _met[resolved.identity] = resolved
    return resolved


def state_of(
    name: str,
    *,
    unit_nits: float | None = None,
    config: str | None = None,
    suggest: Callable[[str, list[str]], list[str]] | None = None,
) -> ColourState:
    """State of an OCIO colour space, alias or role.

    Display-referred spaces have a luminance: 1.0 of their linear form is 100 nit, OCIO's convention.
    Scene-referred ones (ACEScg, camera logs, textures) have none until somebody renders them or says what
    1.0 is. Any guess would be wrong for somebody, so `unit_nits` has to be given for those, as `ACEScg@100`:
    the light is then taken as it is, without a rendering. Where OCIO calls a space SDR video (displays,
    and textures such as `sRGB - Texture@100`), its 1.0 is white and the state that of an SDR picture.
    `unit_nits` for a display space that is not SDR, whose codes are absolute, is refused. The state's
    primaries tell the two apart: ap0, the interchange of scene-referred spaces, or bt2020.
    Raises ColourStateError for that, an unknown name or a data space.
    """
    resolved = resolved_config(config)
    space = candela_ocio.find_space(resolved, name)
    if space is None:
        close = suggest(name, candela_ocio.space_names(resolved)) if suggest else []
        hint = f"; close to it: {', '.join(repr(c) for c in close)}" if close else ""
        raise ColourStateError(
            f"unknown colour {name[:80]!r}: neither Candela's nor in the OCIO config in force "
            f"({resolved.path_or_uri}, from {resolved.source}){hint}. Give another name, or --ocio "
            "another config"
        )
    if space.is_data:
        raise ColourStateError(
            f"colour {name!r} is a data space of {resolved.name}: it says nothing of light"
        )
    if space.reference == "scene" and unit_nits is None:
        raise ColourStateError(
            f"colour {space.name!r} is scene-referred: 1.0 has no luminance until it is rendered. "
            f"Say what it is, for example '{space.name}@100' (taken as light, 1.0 = 100 nit), or render "
            "the picture through a view first and name that display, for example rec2100-pq"
        )
    sdr = space.encoding == "sdr-video"
    relative = space.reference == "scene" or sdr
    if not relative and unit_nits is not None:
        raise ColourStateError(
            f"colour {space.name!r} is display light, whose luminance OCIO fixes; leave '@{unit_nits:g}' out"
        )
    unit = DISPLAY_UNIT_NITS if unit_nits is None else unit_nits
    return ColourState(
        "ap0" if space.reference == "scene" else "bt2020",
        "linear",
        peak_nits=unit if sdr else 10000.0,
        reference_white_nits=unit if sdr else 203.0,
        unit_nits=unit,
        ocio_space=space.name,
        ocio_config=resolved.identity,
    )


def _open(state: ColourState) -> tuple[candela_ocio.ResolvedConfig, candela_ocio.Space]:
    assert state.ocio_space is not None and state.ocio_config is not None
    resolved = _met.get(state.ocio_config) or resolved_config()
    if resolved.identity != state.ocio_config:
        raise ColourStateError(
            f"colour {state.ocio_space!r} was named in the OCIO config {state.ocio_config}, but "
            f"{resolved.identity} is in force; give --ocio that config"
        )
    space = candela_ocio.find_space(resolved, state.ocio_space)
    if space is None:
        raise ColourStateError(f"OCIO config {resolved.identity} has no colour space {state.ocio_space!r}")
    return resolved, space


def _apply(
    rgb: FloatArray, state: ColourState, direction: candela_ocio.Direction
) -> tuple[FloatArray, candela_ocio.Space]:
    if rgb.ndim == 0 or rgb.shape[-1] != 3:
        raise InputError(f"OCIO conversion: an array of shape {rgb.shape} where (…, 3) is needed")
    resolved, space = _open(state)
    with np.errstate(all="ignore"):
        single = rgb.astype(np.float32)
    try:
        return candela_ocio.apply(resolved, space, single, direction), space
    except candela_ocio.OcioConfigError as error:
        raise ColourStateError(str(error)) from error


def to_nits_rec2020(rgb: npt.ArrayLike, state: ColourState) -> FloatArray:
    """Absolute linear BT.2020 light of pixels in an OCIO space; float32 inside, since OCIO has no more.

    rgb: (…, 3) float. Scene-referred spaces come by ACES2065-1 and Bradford to BT.2020; linear 1.0 becomes
    state.unit_nits. Returns (…, 3) nits in the dtype of rgb. Raises ColourStateError or InputError.
    """
    array = as_float(rgb, "to_nits_rec2020")
    out, space = _apply(array, state, "to_reference")
    matrix = rgb_to_rgb("ap0", "bt2020") if space.reference == "scene" else xyz_to_rgb("bt2020")
    return apply_matrix(out.astype(array.dtype), np.asarray(matrix * state.unit_nits))


def from_nits_rec2020(nits: npt.ArrayLike, state: ColourState) -> FloatArray:
    """Pixels in an OCIO space of absolute linear BT.2020 light; inverse of `to_nits_rec2020`."""
    array = as_float(nits, "from_nits_rec2020")
    _, space = _open(state)
    matrix = rgb_to_rgb("bt2020", "ap0") if space.reference == "scene" else rgb_to_xyz("bt2020")
    light = apply_matrix(elementwise(lambda v: v / state.unit_nits, array, "ocio"), matrix)
    out, _ = _apply(light, state, "from_reference")
    return out.astype(array.dtype)


def linear_primaries(state: ColourState) -> Primaries | None:
    """Primaries of an OCIO space that is linear light in a gamut that has a name here, else None.

    So that files can say in their own tags what the space's name says to OCIO alone.
    """
    probes = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [0.18, 0.18, 0.18], [0, 0, 0]])
    light = np.asarray(to_nits_rec2020(probes, state), np.float64) / state.unit_nits
    columns = light[:3].T
    if np.abs(light[3] - columns @ probes[3]).max() > 1e-4 or np.abs(light[4]).max() > 1e-6:
        return None
    near = {name: float(np.abs(columns - rgb_to_rgb(name, "bt2020")).max()) for name in GAMUTS}
    best = min(near, key=lambda name: near[name])
    return best if near[best] < 2e-3 else None
