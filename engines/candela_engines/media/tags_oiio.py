"""Colour tags of OpenEXR, TIFF and Radiance as OpenImageIO hands them over."""

from __future__ import annotations

import json
from typing import Any

from candela_engines.colour.state import ColourState
from candela_engines.media.decoded import MetadataValue, TagFinding, by_precedence
from candela_engines.media.state_text import parse_state_text
from candela_engines.media.tags_cicp import chromaticities_name, state_of
from candela_engines.media.tags_icc import icc_finding

__all__ = ["oiio_finding"]


def oiio_finding(spec: Any, format_: str) -> tuple[TagFinding, dict[str, MetadataValue]]:
    """What the tags of a picture settle, and metadata about them.

    OpenImageIO's own guess (`oiio:ColorSpace`) is not looked at: it names a space for untagged files too.
    """
    if format_ == "openexr":
        return _exr_finding(spec), {}
    if format_ == "tiff":
        return _tiff_finding(spec)
    return TagFinding(None, "Radiance HDR, which is linear but names neither primaries nor nits"), {}


def _text(spec: Any, name: str) -> str:
    """A string attribute; empty where it is missing or is no UTF-8, as old software writes it."""
    try:
        return str(spec.get_string_attribute(name))
    except UnicodeDecodeError:
        return ""


def _exr_finding(spec: Any) -> TagFinding:
    """Chromaticities give the gamut, whiteLuminance the nits of (1, 1, 1); both are needed.

    OpenEXR takes BT.709 for a file without chromaticities and leaves the luminance open; a master read
    100 times too dark is worse than a question.
    """
    ours = parse_state_text(_text(spec, "candelaColour"))
    if ours is not None:
        return TagFinding(ours, "OpenEXR attribute candelaColour")
    xy = spec.getattribute("chromaticities")
    white = spec.getattribute("whiteLuminance")
    if xy is None and white is None:
        return TagFinding(None, "OpenEXR without chromaticities and whiteLuminance")
    if xy is None:
        return TagFinding(None, f"OpenEXR whiteLuminance {white:g} without chromaticities")
    primaries = chromaticities_name(tuple(float(value) for value in xy))
    if primaries is None:
        return TagFinding(None, "OpenEXR chromaticities of a gamut that we have no name for")
    if white is None or not float(white) > 0.0:
        return TagFinding(None, f"OpenEXR chromaticities of {primaries}, without whiteLuminance")
    state = ColourState(
        primaries, "linear", peak_nits=10_000.0, reference_white_nits=203.0, unit_nits=float(white)
    )
    return TagFinding(state, f"OpenEXR chromaticities of {primaries}, whiteLuminance {float(white):g}")


def _tiff_finding(spec: Any) -> tuple[TagFinding, dict[str, MetadataValue]]:
    profile = spec.getattribute("ICCProfile")
    metadata: dict[str, MetadataValue] = {}
    icc = None
    if profile is not None:
        metadata["icc_profile"] = True
        icc = icc_finding(bytes(bytearray(profile)))
    exif = None
    if spec.get_int_attribute("Exif:ColorSpace", 0) == 1:
        exif = TagFinding(state_of("bt709", "srgb"), "EXIF ColorSpace 1 (sRGB)")
    return by_precedence(_described(spec), icc, exif), metadata


def _described(spec: Any) -> TagFinding | None:
    """The state in the JSON that `write_hdr` puts into ImageDescription."""
    try:
        description = json.loads(_text(spec, "ImageDescription"))
    except (ValueError, RecursionError):
        return None
    text = description.get("colour") if isinstance(description, dict) else None
    state = parse_state_text(text) if isinstance(text, str) else None
    return None if state is None else TagFinding(state, "TIFF ImageDescription")
