"""Writes the bundled config: OCIO's own studio config, with ACES 2.0 outputs and the project's displays.

    python -m candela_ocio.make_config [FILE]

The base is `studio-config-v2.2.0_aces-v1.3_ocio-v2.4`, which OCIO 2.4 reads, so that scene-referred spaces,
their names and aliases are those that facilities know. What changes, and why:

- The ACES 1.x outputs give way to the ACES 2.0 ones, which OCIO has built in since 2.4.
- SDR displays mirror negative values instead of clamping them: a round trip must not lose what lies outside.
- `Linear Rec.2020 (nits)` is new: display light with 1.0 = 1 nit.
- Displays carry the project's own names as aliases, so that one name works here and in a host.
- File rules guess nothing: the base takes every movie for Rec.709, PQ ones too.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from candela_ocio.in_force import CANDELA_CONFIG, _library, candela_config_path

__all__ = ["BASE", "generate", "main"]

BASE = "studio-config-v2.2.0_aces-v1.3_ocio-v2.4"
_XYZ = "CIE XYZ-D65 - Display-referred"
_OUTPUT = "ACES-OUTPUT - ACES2065-1_to_CIE-XYZ-D65 - "
_RAW, _PLAIN, _SAME = "Raw", "Un-tone-mapped", "Video (colorimetric)"

_SDR_709 = "ACES 2.0 - SDR 100 nits (Rec.709)"
_SDR_P3 = "ACES 2.0 - SDR 100 nits (P3 D65)"
_HDR_2020 = {n: f"ACES 2.0 - HDR {n} nits (Rec.2020)" for n in (1000, 500, 2000, 4000)}
_HDR_P3 = {n: f"ACES 2.0 - HDR {n} nits (P3 D65)" for n in (1000, 500, 2000, 4000)}
_HDR_CINEMA = "ACES 2.0 - HDR 108 nits (P3 D65)"

# In this order, since a display's default view is the first active one that it has.
VIEW_TRANSFORMS = {
    **{name: f"HDR-{n}nit-REC2020_2.0" for n, name in _HDR_2020.items()},
    **{name: f"HDR-{n}nit-P3-D65_2.0" for n, name in _HDR_P3.items()},
    _HDR_CINEMA: "HDR-108nit-P3-D65_2.0",
    _SDR_P3: "SDR-100nit-P3-D65_2.0",
    _SDR_709: "SDR-100nit-REC709_2.0",
}

# Display, the views it offers, and the aliases that it gains.
DISPLAYS: dict[str, tuple[list[str], list[str]]] = {
    "Rec.1886 Rec.709 - Display": (
        [_SDR_709],
        ["rec709", "g24_rec709_display", "Rec.1886 Rec.709", "Rec.1886"],
    ),
    "sRGB - Display": ([_SDR_709], ["srgb", "srgb_rec709_display"]),
    "Display P3 - Display": ([_SDR_P3, _SDR_709], ["display-p3", "srgb_p3d65_display"]),
    "P3-D65 - Display": ([_SDR_P3, _SDR_709], ["p3-gamma26", "g26_p3d65_display", "P3"]),
    "Rec.1886 Rec.2020 - Display": ([_SDR_P3, _SDR_709], ["rec2020", "g24_rec2020_display"]),
    "Rec.2100-PQ - Display": (
        [*_HDR_2020.values(), *_HDR_P3.values(), _SDR_709],
        ["rec2100-pq", "pq_rec2020_display", "Rec.2100-PQ"],
    ),
    "Rec.2100-HLG - Display": (
        [_HDR_2020[1000], _HDR_P3[1000]],
        ["rec2100-hlg", "hlg_rec2020_display", "Rec.2100-HLG"],
    ),
    "ST2084-P3-D65 - Display": (
        [*_HDR_P3.values(), _HDR_CINEMA],
        ["p3-pq", "pq_p3d65_display", "P3-D65 PQ"],
    ),
}

# Matrices by SMPTE RP 177 from XYZ with D65 white; tests hold them to candela_engines.colour.gamuts.
_XYZ_TO_709 = (
    (3.240969941905, -1.537383177570, -0.498610760293),
    (-0.969243636281, 1.875967501508, 0.041555057407),
    (0.055630079697, -0.203976958889, 1.056971514243),
)
_XYZ_TO_P3 = (
    (2.493496911941, -0.931383617919, -0.402710784451),
    (-0.829488969562, 1.762664060318, 0.023624685842),
    (0.035845830244, -0.076172389268, 0.956884524008),
)
_XYZ_TO_2020 = (
    (1.716651187971, -0.355670783776, -0.253366281374),
    (-0.666684351832, 1.616481236635, 0.015768545814),
    (0.017639857445, -0.042770613258, 0.942103121235),
)
_SRGB, _GAMMA24, _GAMMA26 = "srgb", 2.4, 2.6
_MIRRORED: dict[str, tuple[tuple[tuple[float, ...], ...], str | float]] = {
    "Rec.1886 Rec.709 - Display": (_XYZ_TO_709, _GAMMA24),
    "sRGB - Display": (_XYZ_TO_709, _SRGB),
    "Display P3 - Display": (_XYZ_TO_P3, _SRGB),
    "P3-D65 - Display": (_XYZ_TO_P3, _GAMMA26),
    "Rec.1886 Rec.2020 - Display": (_XYZ_TO_2020, _GAMMA24),
}


def generate() -> str:
    """Text of the config. Raises OcioConfigError without OpenColorIO 2.4 or later."""
    ocio = _library()
    config = ocio.Config.CreateFromBuiltinConfig(BASE)
    config.setVersion(2, 4)
    config.setName(CANDELA_CONFIG.removesuffix(".ocio"))
    config.setDescription(
        "Candela: the OCIO studio config with ACES 2.0 outputs, mirrored SDR displays and linear Rec.2020\n"
        "in nits. Loads in OpenColorIO 2.4 and later. Written by candela_ocio.make_config.\n"
    )
    _view_transforms(ocio, config)
    _display_spaces(ocio, config)
    _displays(config)
    rules = ocio.FileRules()
    rules.insertRule(0, "OpenEXR", "ACES2065-1", "*", "exr")
    rules.setDefaultRuleColorSpace(_RAW)
    config.setFileRules(rules)
    config.setViewingRules(ocio.ViewingRules())
    config.validate()
    return str(config.serialize())


def _view_transforms(ocio: Any, config: Any) -> None:
    plain = config.getViewTransform(_PLAIN)
    config.clearDisplays()
    for view in list(config.getSharedViews()):
        config.removeSharedView(view)
    config.clearViewTransforms()
    config.addViewTransform(plain)
    config.setDefaultViewTransformName(_PLAIN)
    same = ocio.ViewTransform(referenceSpace=ocio.REFERENCE_SPACE_DISPLAY)
    same.setName(_SAME)
    same.setDescription("Display light as it is, for pictures that are display-referred already")
    same.setTransform(ocio.MatrixTransform(), ocio.VIEWTRANSFORM_DIR_FROM_REFERENCE)
    config.addViewTransform(same)
    for name, style in VIEW_TRANSFORMS.items():
        view = ocio.ViewTransform(referenceSpace=ocio.REFERENCE_SPACE_SCENE)
        view.setName(name)
        view.setDescription("ACES 2.0 output transform, " + name.removeprefix("ACES 2.0 - "))
        view.setTransform(ocio.BuiltinTransform(_OUTPUT + style), ocio.VIEWTRANSFORM_DIR_FROM_REFERENCE)
        config.addViewTransform(view)


def _display_spaces(ocio: Any, config: Any) -> None:
    for name in list(config.getColorSpaceNames(ocio.SEARCH_REFERENCE_SPACE_DISPLAY, ocio.COLORSPACE_ALL)):
        if name not in DISPLAYS and name != _XYZ:
            config.removeColorSpace(name)
    for name, (_, aliases) in DISPLAYS.items():
        space = config.getColorSpace(name)
        for alias in aliases:
            space.addAlias(alias)
        # The base lists the ACES 1.x transforms that end here; they are gone.
        space.setDescription(space.getDescription().split("\n")[0])
        if name in _MIRRORED:
            matrix, curve = _MIRRORED[name]
            space.setDescription(space.getDescription() + ", negative values mirrored")
            transform = ocio.GroupTransform([_matrix(ocio, matrix, 1.0), _curve(ocio, curve)])
            space.setTransform(transform, ocio.COLORSPACE_DIR_FROM_REFERENCE)
        config.addColorSpace(space)
    nits = ocio.ColorSpace(
        referenceSpace=ocio.REFERENCE_SPACE_DISPLAY,
        name="Linear Rec.2020 (nits)",
        aliases=["linear-rec2020", "linear_rec2020_nits", "lin_rec2020_nits", "lin_rec2020_nits_display"],
        family="Display",
        encoding="display-linear",
        bitDepth=ocio.BIT_DEPTH_F32,
        description="Convert CIE XYZ (D65 white, 1.0 = 100 nit) to linear Rec.2020 light, 1.0 = 1 nit",
        categories=["file-io"],
        fromReference=_matrix(ocio, _XYZ_TO_2020, 100.0),
    )
    config.addColorSpace(nits)


def _matrix(ocio: Any, rows: tuple[tuple[float, ...], ...], scale: float) -> Any:
    cells = [[*(value * scale for value in row), 0.0] for row in rows]
    return ocio.MatrixTransform([*cells[0], *cells[1], *cells[2], 0.0, 0.0, 0.0, 1.0])


def _curve(ocio: Any, curve: str | float) -> Any:
    inverse = ocio.TRANSFORM_DIR_INVERSE
    if isinstance(curve, str):
        return ocio.ExponentWithLinearTransform(
            [2.4, 2.4, 2.4, 1.0], [0.055, 0.055, 0.055, 0.0], ocio.NEGATIVE_MIRROR, inverse
        )
    return ocio.ExponentTransform([curve, curve, curve, 1.0], ocio.NEGATIVE_MIRROR, inverse)


def _displays(config: Any) -> None:
    for view in (*VIEW_TRANSFORMS, _PLAIN, _SAME):
        config.addSharedView(view, view, "<USE_DISPLAY_NAME>", "", "", "")
    for display, (views, _) in DISPLAYS.items():
        for view in (*views, _PLAIN, _SAME):
            config.addDisplaySharedView(display, view)
        config.addDisplayView(display, _RAW, _RAW, "")
    config.setActiveDisplays(", ".join(DISPLAYS))
    config.setActiveViews(", ".join((*VIEW_TRANSFORMS, _PLAIN, _SAME, _RAW)))


def main(arguments: list[str]) -> None:
    """Write the config to the file named, else to its place in the package."""
    target = Path(arguments[0]) if arguments else candela_config_path()
    target.write_text(generate(), encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main(sys.argv[1:])
