"""What generated code and cubes give out: the encodings, as code and as arithmetic on arrays."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.colour import acescct, bt2390, davinci, hlg, pq
from candela_engines.colour.gamuts import LUMA_BT2020, apply_matrix, rgb_to_rgb
from candela_engines.errors import InputError
from candela_engines.itm.export.curves import hlg_oetf, matrix_lines, rolled_off
from candela_engines.itm.export.dialect import number

__all__ = ["ENCODINGS", "Encoding", "Output", "parse_encoding"]

Encoding = Literal["pq", "hlg", "linear", "davinci-intermediate", "acescct", "acescg"]
ENCODINGS: dict[Encoding, str] = {
    "pq": "Rec.2100 PQ",
    "hlg": "Rec.2100 HLG",
    "linear": "linear BT.2020",
    "davinci-intermediate": "DaVinci Wide Gamut / DaVinci Intermediate",
    "acescct": "ACEScct",
    "acescg": "ACEScg",
}
_SCENE = ("davinci-intermediate", "acescct", "acescg")
SCENE_UNIT_NITS = 100.0
"""What DaVinci Resolve and the ACES output transforms take linear 1.0 for, where display light comes back."""
HLG_PEAK_NITS = 1000.0
_NAMED = re.compile(r"^(?P<name>[a-z-]+?)(@(?P<nits>[0-9]+(\.[0-9]+)?))?$")
_NITS = ("n0", "n1", "n2")
_OUT = ("o0", "o1", "o2")
Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Output:
    """An encoding. nits: of HLG the display's peak; of linear and scene encodings the light of 1.0; of PQ 0.

    rolled: peaks of light before and after a roll-off in nits (BT.2390), or None.
    """

    encoding: Encoding = "pq"
    nits: float = 0.0
    rolled: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """As `parse_encoding` reads it."""
        return self.encoding if self.encoding == "pq" else f"{self.encoding}@{self.nits:g}"

    @property
    def label(self) -> str:
        """In words."""
        what = ENCODINGS[self.encoding]
        if self.encoding == "hlg":
            return f"{what} for a display of {self.nits:g} nit"
        return what if self.encoding == "pq" else f"{what}, 1.0 = {self.nits:g} nit"

    def with_peak(self, source: float, target: float) -> Output:
        """The same with light rolled off, where there is any above the target."""
        return self if source <= target else replace(self, rolled=(source, target))

    def apply(self, nits: Array) -> Array:
        """Values (…, 3) of light in nits (…, 3), linear BT.2020: the reference for the generated code."""
        if self.rolled is not None:
            nits = bt2390.eetf_max_rgb(nits, source_peak=self.rolled[0], target_peak=self.rolled[1])
        if self.encoding == "pq":
            return pq.inverse_eotf(np.minimum(nits, pq.PEAK_NITS))
        if self.encoding == "hlg":
            return hlg.inverse_eotf(nits, peak_nits=self.nits)
        light = apply_matrix(nits, self._matrix()) / nits.dtype.type(self.nits)
        curve = _CURVES.get(self.encoding)
        return np.asarray(light if curve is None else curve(light))

    def light(self, values: Array) -> Array:
        """Nits (…, 3), linear BT.2020, of values (…, 3): the inverse of `apply`, but for a roll-off."""
        if self.encoding == "pq":
            return pq.eotf(values)
        if self.encoding == "hlg":
            return hlg.eotf(values, peak_nits=self.nits)
        inverse = _INVERSES.get(self.encoding)
        linear = values if inverse is None else inverse(values)
        return apply_matrix(
            linear, np.asarray(np.linalg.inv(self._matrix()), np.float64)
        ) * values.dtype.type(self.nits)

    def functions(self) -> str:
        """Code of the functions that `lines` calls, `candela_pq` and `candela_nits` apart."""
        if self.encoding == "hlg":
            return hlg_oetf()
        if self.encoding == "davinci-intermediate":
            log_part = (
                f"(LOG(light + {number(davinci.A)}) * {number(1 / np.log(2))} + {number(davinci.B)})"
                f" * {number(davinci.C)}"
            )
            return _curve(
                "candela_intermediate", davinci.LINEAR_CUT, log_part, f"light * {number(davinci.M)}"
            )
        if self.encoding == "acescct":
            per = 1 / (np.log(2) * acescct.LOG_RANGE)
            log_part = f"LOG(light) * {number(per)} + {number(acescct.LOG_OFFSET / acescct.LOG_RANGE)}"
            below = f"light * {number(acescct.SLOPE)} + {number(acescct.OFFSET)}"
            return _curve("candela_acescct", acescct.CUT, log_part, below)
        return ""

    def lines(self) -> list[str]:
        """Statements from light n0, n1, n2 (nits, linear BT.2020, which they change) to o0, o1, o2."""
        before = [] if self.rolled is None else rolled_off(*self.rolled, _NITS)
        if self.encoding == "pq":
            return before + [f"float {o} = candela_pq({n});" for o, n in zip(_OUT, _NITS, strict=True)]
        if self.encoding == "hlg":
            return before + self._hlg_lines()
        matrix = self._matrix() / self.nits
        if self.encoding in ("linear", "acescg"):
            return before + matrix_lines(matrix, _NITS, _OUT)
        called = "candela_intermediate" if self.encoding == "davinci-intermediate" else "candela_acescct"
        linear = ("l0", "l1", "l2")
        ends = [f"float {o} = {called}({x});" for o, x in zip(_OUT, linear, strict=True)]
        return before + matrix_lines(matrix, _NITS, linear) + ends

    def _hlg_lines(self) -> list[str]:
        gamma = hlg.system_gamma(self.nits)
        weights = " + ".join(f"{number(w)} * {n}" for w, n in zip(LUMA_BT2020, _NITS, strict=True))
        power = f"POW(luma, {number((1 - gamma) / gamma)})"
        return [
            f"float luma = ({weights}) * {number(1 / self.nits)};",
            f"float scene = luma > 0.0f ? {power} * {number(1 / self.nits)} : 0.0f;",
            *(f"float {o} = candela_hlg({n} * scene);" for o, n in zip(_OUT, _NITS, strict=True)),
        ]

    def _matrix(self) -> npt.NDArray[np.float64]:
        if self.encoding == "linear":
            return np.eye(3)
        if self.encoding == "davinci-intermediate":
            return davinci.bt2020_to_wide_gamut()
        return rgb_to_rgb("bt2020", "ap1")


_CURVES: dict[str, Callable[[npt.ArrayLike], Array]] = {
    "davinci-intermediate": davinci.intermediate,
    "acescct": acescct.encode,
}

_INVERSES: dict[str, Callable[[npt.ArrayLike], Array]] = {
    "davinci-intermediate": davinci.inverse_intermediate,
    "acescct": acescct.decode,
}


def _curve(name: str, cut: float, above: str, below: str) -> str:
    return f"""\
FUNCTION float {name}(float light)
{{
    return light > {number(cut)} ? {above} : {below};
}}
"""


def parse_encoding(text: str) -> tuple[Output, float | None]:
    """An encoding by name, and the peak that `pq@NITS` asks light to be rolled off to, or None.

    `hlg@NITS` is for that display (default 1000), `linear@NITS` (default 1) and the scene encodings (default
    100) say what 1.0 is. Raises InputError for anything else.
    """
    found = _NAMED.match(text.strip().lower())
    name = None if found is None else next((n for n in ENCODINGS if n == found["name"]), None)
    if found is None or name is None:
        raise InputError(f"--encoding {text[:60]}: one of {', '.join(ENCODINGS)} is needed, as hlg@2000")
    said = None if found["nits"] is None else float(found["nits"])
    if said is not None and not 1 <= said <= pq.PEAK_NITS:
        raise InputError(f"--encoding {text[:60]}: 1 to {pq.PEAK_NITS:g} nit is possible")
    if name == "pq":
        return Output("pq"), said if said != pq.PEAK_NITS else None
    usual = HLG_PEAK_NITS if name == "hlg" else SCENE_UNIT_NITS if name in _SCENE else 1.0
    return Output(name, said or usual), None
