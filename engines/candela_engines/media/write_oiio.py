"""OpenEXR and TIFF through OpenImageIO."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.gamuts import GAMUTS
from candela_engines.colour.names import name_of
from candela_engines.colour.state import ColourState, Primaries, Transfer
from candela_engines.errors import InfrastructureError
from candela_engines.media.icc_build import build_icc
from candela_engines.media.light import LightLevels
from candela_engines.media.oiio_reader import oiio_module
from candela_engines.media.state_text import state_text
from candela_engines.media.write_timecode import FrameTags

__all__ = ["exr_spec", "write_exr", "write_tiff", "write_with_oiio"]

# Identifiers of the Color Interop Forum for display-referred spaces.
_INTEROP: dict[tuple[Primaries, Transfer], str] = {
    ("bt2020", "pq"): "pq_rec2020_display",
    ("bt2020", "hlg"): "hlg_rec2020_display",
    ("p3d65", "pq"): "pq_p3d65_display",
    ("p3d65", "srgb"): "srgb_p3d65_display",
    ("p3d65", "gamma26"): "g26_p3d65_display",
    ("bt709", "srgb"): "srgb_rec709_display",
    ("bt709", "bt1886"): "g24_rec709_display",
}


def write_with_oiio(path: Path, spec: Any, samples: NDArray[Any], name: Path) -> None:
    """Write `path`, a temporary file, for the file that the user named: errors speak of that one."""
    oiio = oiio_module()
    out = oiio.ImageOutput.create(str(path))
    if out is None:
        raise InfrastructureError(f"OpenImageIO cannot write {path.suffix} here: {oiio.geterror()}")
    done = out.open(str(path), spec) and out.write_image(samples)
    reason = " ".join(out.geterror().split())
    # Closing flushes: a full disk may show only here.
    if not out.close() or not done:
        reason = reason or " ".join(out.geterror().split()) or "no reason given"
        reason = reason.replace(str(path), str(name)).replace(path.name, name.name)
        # The library keeps the system's reason to itself, but the commonest one can be seen.
        if shutil.disk_usage(path.parent).free < samples.nbytes:
            reason = f"no space left on the disk ({reason})"
        raise InfrastructureError(f"{name}: cannot be written: {reason}; nothing was changed")


def _spec(shape: tuple[int, ...], kind: str) -> Any:
    oiio = oiio_module()
    spec = oiio.ImageSpec(shape[1], shape[0], shape[2], kind)
    # Else OpenImageIO writes the time of day, and the same picture gives other bytes every second.
    spec["DateTime"] = ""
    return spec


def write_exr(
    path: Path,
    pixels: NDArray[Any],
    state: ColourState,
    *,
    half: bool,
    levels: LightLevels,
    text: Mapping[str, str],
    name: Path,
    extra: Sequence[str] = (),
    compression: str = "zip",
    frame: FrameTags | None = None,
) -> None:
    """pixels: (H, W, 3 or 4) float in `state`, and a channel more for each of `extra`, written as they are.

    name: of the file that `path`, a temporary one, will become; for errors.
    """
    spec = exr_spec(
        pixels.shape,
        state,
        half=half,
        levels=levels,
        text=text,
        extra=extra,
        compression=compression,
        frame=frame,
    )
    write_with_oiio(path, spec, np.ascontiguousarray(pixels), name)


def exr_spec(
    shape: tuple[int, ...],
    state: ColourState,
    *,
    half: bool,
    levels: LightLevels,
    text: Mapping[str, str],
    extra: Sequence[str] = (),
    compression: str = "zip",
    frame: FrameTags | None = None,
) -> Any:
    """What an OpenEXR file of (H, W, C) says of itself.

    Attributes: chromaticities and whiteLuminance (the nits of 1.0) for linear light, of an OCIO space too
    where it is linear in a gamut that has a name; colorInteropID where one exists, maxCLL, maxFALL,
    candelaColour (the state in words), colorSpace (its name), `text`, and for a frame of a shot
    framesPerSecond and timeCode.
    """
    oiio = oiio_module()
    spec = _spec(shape, "half" if half else "float")
    if extra:
        colours = ("R", "G", "B", "A")[: shape[2] - len(extra)]
        spec.channelnames = (*colours, *extra)
    spec["compression"] = compression
    spec["colorSpace"] = name_of(state)
    primaries: Primaries | None = state.primaries
    linear = state.transfer == "linear"
    if state.ocio_space is None:
        spec["candelaColour"] = state_text(state)
    else:
        from candela_engines.colour.ocio import linear_primaries  # OCIO only where a space of it is met

        # The state's transfer says "linear" of every OCIO space; only of these it is known.
        primaries = linear_primaries(state)
        linear = primaries is not None
    if primaries is not None:
        gamut = GAMUTS[primaries]
        xy = (*gamut.red, *gamut.green, *gamut.blue, *gamut.white)
        spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), xy)
        if linear:
            spec["whiteLuminance"] = float(state.unit_nits)
        elif (primaries, state.transfer) in _INTEROP and state.range == "full":
            spec["colorInteropID"] = _INTEROP[primaries, state.transfer]
    for key, value in (("maxCLL", levels.max_cll), ("maxFALL", levels.max_fall),
                        ("masteringPeak", levels.mastering_peak)):  # fmt: skip
        if value is not None:
            spec[key] = float(value)
    if frame is not None and frame.rate is not None:
        spec.attribute(
            "FramesPerSecond", oiio.TypeDesc("rational"), [frame.rate.numerator, frame.rate.denominator]
        )
    if frame is not None and frame.timecode is not None:
        spec.attribute("smpte:TimeCode", oiio.TypeTimeCode, [frame.timecode, 0])
    for key, content in sorted(text.items()):
        spec[key] = content
    return spec


def write_tiff(
    path: Path,
    codes: NDArray[Any],
    state: ColourState,
    *,
    levels: LightLevels,
    text: Mapping[str, str],
    name: Path,
) -> None:
    """codes: (H, W, 3 or 4) uint8 or uint16, deflate. Colour: an ICC profile with a cicp tag, and the state
    in the JSON of ImageDescription beside the light levels and `text`. Alpha is written unassociated.
    name: as for `write_exr`.
    """
    spec = _spec(codes.shape, "uint8" if codes.dtype == np.uint8 else "uint16")
    spec["compression"] = "zip"
    spec["tiff:zipquality"] = 6
    spec["oiio:UnassociatedAlpha"] = 1
    description: dict[str, Any] = {**text, "colour_name": name_of(state)}
    if state.ocio_space is None:
        description["colour"] = state_text(state)
    for key in ("max_cll", "max_fall", "mastering_peak"):
        value = getattr(levels, key)
        if value is not None:
            description[f"{key}_nits"] = value
    spec["ImageDescription"] = json.dumps(description, sort_keys=True)
    profile = build_icc(state, name_of(state))
    if profile is not None:
        oiio = oiio_module()
        spec.attribute(
            "ICCProfile", oiio.TypeDesc(f"uint8[{len(profile)}]"), np.frombuffer(profile, dtype=np.uint8)
        )
    write_with_oiio(path, spec, np.ascontiguousarray(codes), name)
