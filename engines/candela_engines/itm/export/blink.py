"""One BlinkScript kernel: what Nuke runs, on CPU and GPU.

Weights stand in the code as literals, since kernels have no constant arrays; grids come as a second input,
an image written beside the kernel. Rows of Nuke's images are counted from below.
"""

from __future__ import annotations

from candela_engines.itm.export.dctl import comment, wrong_size
from candela_engines.itm.export.dialect import BLINK
from candela_engines.itm.export.grids import Picture
from candela_engines.itm.export.parts import Literals, Pixels
from candela_engines.itm.export.written import Programme

__all__ = ["blink_text"]

KERNEL = "CandelaReconstruct"


def blink_text(programme: Programme) -> tuple[str, Picture | None]:
    """The kernel, ASCII, and the image for its second input `data`, or None where it needs none."""
    grids = [*programme.grids(), *programme.times()]
    store = Picture(grids)
    below = programme.height - 1

    def texel(channel: int, x: str, y: str) -> str:
        return f"src({x}, {below} - ({y}), {channel})"

    pixels = Pixels(texel, programme.width, programme.height)
    body = programme.body(store, store, Literals(), pixels, "(float)frame")
    reads = programme.reads
    access = "eAccessRandom" if reads else "eAccessPoint"
    lines = [f"kernel {KERNEL} : ImageComputationKernel<ePixelWise>", "{"]
    lines.append(f"    Image<eRead, {access}, eEdgeClamped> src;  // the SDR picture, codes as stored")
    if grids:
        lines.append("    Image<eRead, eAccessRandom, eEdgeClamped> data;  // the EXR beside this file, raw")
    lines += ["    Image<eWrite> dst;", ""]
    if programme.span is not None:
        first = programme.span[0]
        lines += ["param:", "    int frame;  // set it to the expression: frame", "", "void define() {"]
        lines += [f'    defineParam(frame, "Frame", {first});', "}", ""]
    functions = programme.functions().splitlines()
    lines += ["    " + line if line else "" for line in functions]
    given = ["SampleType(src) given = src(pos.x, pos.y);" if reads else "SampleType(src) given = src();"]
    check = [
        f"int x = pos.x, y = {below} - pos.y;",
        *given,
        f"if (src.bounds.x2 - src.bounds.x1 != {programme.width}",
        f"    || src.bounds.y2 - src.bounds.y1 != {programme.height}) {{",
        "    // made for another size: stripes, so that nobody takes this for a picture",
        f"    dst() = {wrong_size('float4({}, 1.0f)')};",
        "    return;",
        "}",
        "float r = given.x, g = given.y, b = given.z;",
    ]
    lines.append("    void process(int2 pos)")
    lines.append("    {")
    lines += ["        " + line for line in [*check, *body, "dst() = float4(o0, o1, o2, given.w);"]]
    lines += ["    }", "};", ""]
    text = comment(programme.header) + "\n" + "\n".join(lines)
    return BLINK.text(text), store if grids else None
