"""One DCTL file: what DaVinci Resolve runs as a LUT or in its DCTL plug-in.

By the language's own documentation: `transform` with its parameters' very names, `__CONSTANT__` arrays,
`_tex2D` for other pixels, LUTs written into the file before their use (since 17.0), and TIMELINE_FRAME_INDEX
and controls, which the plug-in alone has.
"""

from __future__ import annotations

from collections.abc import Sequence

from candela_engines.itm.export.dialect import DCTL, number
from candela_engines.itm.export.grids import Constants, Cubes, array
from candela_engines.itm.export.parts import Pixels, Table
from candela_engines.itm.export.written import Programme

__all__ = ["dctl_text", "wrong_size"]

_HEAD = "__DEVICE__ float3 transform(int p_Width, int p_Height, int p_X, int p_Y, "
_ALONE = "float p_R, float p_G, float p_B)"
_TEXTURES = "__TEXTURE__ p_TexR, __TEXTURE__ p_TexG, __TEXTURE__ p_TexB)"


def dctl_text(programme: Programme, store: Constants | Cubes) -> tuple[str, int]:
    """The file, ASCII, and the bytes of constant memory that it takes. store: of the programme's grids."""
    weight, times = Table(), Constants(programme.times())
    pixels = Pixels(_texel, programme.width, programme.height)
    frame = "(float)TIMELINE_FRAME_INDEX - shotStart"
    if programme.span is not None:
        frame = f"{frame} + {number(programme.span[0])}"
    body = programme.body(store, times, weight, pixels, f"({frame})")
    reads = programme.reads
    if reads:
        body = [*(f"float {c} = {_texel(k, 'x', 'y')};" for k, c in enumerate("rgb")), *body]
    else:
        body = ["float r = p_R, g = p_G, b = p_B;", *body]
    parts = [comment(programme.header)]
    if programme.span is not None:
        parts.append(
            "DEFINE_UI_PARAMS(shotStart, Timeline frame where the shot begins, DCTLUI_VALUE_BOX, 0)\n"
        )
    if programme.grids():
        parts.append(store.declarations())
    if programme.times():
        parts.append(times.declarations())
    if weight.values:
        parts.append(array("float", "W", [number(v) for v in weight.values]))
    parts.append(programme.functions())
    check = [
        "int x = p_X, y = p_Y;",
        f"if (p_Width != {programme.width} || p_Height != {programme.height}) {{",
        "    // made for another size: stripes, so that nobody takes this for a picture",
        f"    return {wrong_size('make_float3({})')};",
        "}",
    ]
    main = [_HEAD + (_TEXTURES if reads else _ALONE), "{"]
    main += ["    " + line for line in [*check, *body, "return make_float3(o0, o1, o2);"]]
    parts.append("\n".join([*main, "}", ""]))
    kept = store.bytes if isinstance(store, Constants) else 0
    return DCTL.text("\n".join(parts)), 4 * len(weight.values) + times.bytes + kept


def comment(lines: Sequence[str]) -> str:
    """Lines as comments."""
    return "".join(f"// {line}".rstrip() + "\n" for line in lines)


def wrong_size(colour: str) -> str:
    """An expression for a pixel of a picture of the wrong size: stripes of magenta."""
    stripe = "((x + y) & 16) != 0"
    return f"{stripe} ? {colour.format('0.5f, 0.0f, 0.5f')} : {colour.format('0.0f, 0.0f, 0.0f')}"


def _texel(channel: int, x: str, y: str) -> str:
    return f"_tex2D(p_Tex{'RGB'[channel]}, {x}, {y})"
