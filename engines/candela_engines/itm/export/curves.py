"""Transfer curves as generated code, in forms that hold in single precision.

PQ raises to the power of 78.84, which turns the last bit of a single-precision number into 1e-5 of a code.
Written out as here, with ln(1 − t) and 1 − e^x as series in what is small, PQ and its inverse are right to a
few 1e-7 of full scale on hardware whose powers are no better than single precision.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour import hlg, pq
from candela_engines.errors import InputError
from candela_engines.itm.export.dialect import number
from candela_engines.runtime.frame import Curve

__all__ = ["PQ_BOTH_WAYS", "hlg_oetf", "matrix_lines", "rolled_off", "sdr_light"]

_SPAN = 1 - pq.C1  # = C3 − C2

PQ_BOTH_WAYS = f"""\
// ST 2084. PQ code of light in nits: (1 - t)^m2 with y = (nits / 10000)^m1, t = (1 - c1)(1 - y) / (1 + c3 y).
FUNCTION float candela_pq(float nits)
{{
    float y = nits > 0.0f ? POW(nits * {number(1 / pq.PEAK_NITS)}, {number(pq.M1)}) : 0.0f;
    float t = {number(_SPAN)} * (1.0f - y) / (1.0f + {number(pq.C3)} * y);
    float s = t / (2.0f - t);
    float q = s * s;
    float tail = q * (0.333333343f + q * (0.2f + q * (0.142857149f + q * 0.111111112f)));
    return EXP({number(-2 * pq.M2)} * (s + s * tail));
}}

// Light in nits of a PQ code: with u = 1 - code^(1/m2) it is 10000 ((1 - c1 - u) / (1 - c1 + c3 u))^(1/m1).
FUNCTION float candela_nits(float code)
{{
    if (!(code > 1.0e-6f)) {{
        return 0.0f;
    }}
    float x = LOG(code) * {number(1 / pq.M2)};
    float tail = 0.16666667f + x * (0.041666668f + x * (0.008333334f + x * 0.001388889f));
    float u = -x * (1.0f + x * (0.5f + x * tail));
    float a = MAX({number(_SPAN)} - u, 0.0f);
    return {number(pq.PEAK_NITS)} * POW(a / ({number(_SPAN)} + {number(pq.C3)} * u), {number(1 / pq.M1)});
}}
"""


def sdr_light(curve: Curve, white_nits: float) -> str:
    """`candela_light`: an SDR code over full scale to light, its white at `white_nits`; odd around 0."""
    shift = (
        []
        if (curve.scale, curve.offset) == (1.0, 0.0)
        else [f"    code = code * {number(curve.scale)} + {number(curve.offset)};  // narrow range"]
    )
    lines = [f"FUNCTION float candela_light(float code)  // SDR, white at {white_nits:g} nit", "{", *shift]
    lines.append("    float size = ABS(code);")
    if curve.kind == "srgb":
        high = f"POW((size + 0.055f) * {number(1 / 1.055)}, {number(curve.exponent)})"
        lines.append(f"    float light = size <= 0.04045f ? size * {number(1 / 12.92)} : {high};")
    else:
        lines.append(f"    float light = size > 0.0f ? POW(size, {number(curve.exponent)}) : 0.0f;")
    lines += [
        f"    light = light * {number(white_nits)};",
        "    return code < 0.0f ? -light : light;",
        "}",
        "",
    ]
    return "\n".join(lines)


def matrix_lines(
    matrix: npt.NDArray[np.float64], inputs: tuple[str, str, str], outputs: tuple[str, str, str]
) -> list[str]:
    """Declarations of `outputs`: the rows of a matrix (3, 3) times `inputs`."""
    if np.array_equal(matrix, np.eye(3)):
        return [f"float {out} = {given};" for out, given in zip(outputs, inputs, strict=True)]
    return [
        f"float {out} = {' + '.join(f'{number(m)} * {x}' for m, x in zip(row, inputs, strict=True))};"
        for out, row in zip(outputs, matrix, strict=True)
    ]


def hlg_oetf() -> str:
    """`candela_hlg`: an HLG code of scene light 0..1, BT.2100-2 table 5."""
    log_part = f"{number(hlg.A)} * LOG(12.0f * scene - {number(hlg.B)}) + {number(hlg.C)}"
    return f"""\
FUNCTION float candela_hlg(float scene)
{{
    return scene <= {number(1 / 12)} ? SQRT(MAX(3.0f * scene, 0.0f)) : {log_part};
}}
"""


def rolled_off(source: float, target: float, names: tuple[str, str, str]) -> list[str]:
    """Statements that bring light in `names` (nits) from a peak of `source` nits to `target`.

    The EETF of BT.2390-8 §5.4.1 on max(R, G, B), as `colour.bt2390.eetf_max_rgb`. Raises InputError for peaks
    out of order.
    """
    if not 0 < target < source <= pq.PEAK_NITS:
        raise InputError(f"a roll-off from {source:g} to {target:g} nit is none")
    floor = float(pq.inverse_eotf(0.0))
    span = float(pq.inverse_eotf(source)) - floor
    top = (float(pq.inverse_eotf(target)) - floor) / span
    knee = 1.5 * top - 0.5
    r, g, b = names
    return [
        f"// rolled off from {source:.6g} to {target:g} nit: BT.2390-8 on the largest of R, G and B",
        "{",
        f"    float largest = MAX(MAX({r}, {g}), {b});",
        f"    float e = MIN(MAX((candela_pq(largest) - {number(floor)}) * {number(1 / span)}, 0.0f), 1.0f);",
        f"    if (largest > 0.0f && e >= {number(knee)}) {{",
        f"        float t = (e - {number(knee)}) * {number(1 / (1 - knee))};",
        f"        float spline = ((2.0f * t - 3.0f) * t * t + 1.0f) * {number(knee)}",
        f"            + ((t - 2.0f) * t + 1.0f) * t * {number(1 - knee)}",
        f"            + (3.0f - 2.0f * t) * t * t * {number(top)};",
        f"        float gain = candela_nits(spline * {number(span)} + {number(floor)}) / largest;",
        *(f"        {name} = {name} * gain;" for name in names),
        "    }",
        "}",
    ]
