"""Pixels of any colour state to absolute linear BT.2020 light and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy.typing as npt

from candela_engines.colour import bt1886, gamma, hlg, pq, signal_range, srgb
from candela_engines.colour._arrays import FloatArray, as_float, elementwise
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError

__all__ = ["from_nits_rec2020", "place_sdr_at_reference_white", "to_nits_rec2020"]

_Curve = Callable[[npt.ArrayLike, ColourState], FloatArray]


def _scaled(values: npt.ArrayLike, factor: float) -> FloatArray:
    return elementwise(lambda v: v * factor, values, "convert")


# One row a transfer: codes to nits, nits to codes.
_CURVES: dict[str, tuple[_Curve, _Curve]] = {
    "bt1886": (
        lambda v, s: bt1886.eotf(v, white_nits=s.peak_nits),
        lambda v, s: bt1886.inverse_eotf(v, white_nits=s.peak_nits),
    ),
    "srgb": (
        lambda v, s: _scaled(srgb.eotf(v), s.peak_nits),
        lambda v, s: srgb.inverse_eotf(_scaled(v, 1 / s.peak_nits)),
    ),
    "pq": (lambda v, s: pq.eotf(v), lambda v, s: pq.inverse_eotf(v)),
    "linear": (lambda v, s: _scaled(v, s.unit_nits), lambda v, s: _scaled(v, 1 / s.unit_nits)),
}


def _gamma_pair(exponent: float) -> tuple[_Curve, _Curve]:
    return (
        lambda v, s: _scaled(gamma.eotf(v, exponent), s.peak_nits),
        lambda v, s: gamma.inverse_eotf(_scaled(v, 1 / s.peak_nits), exponent),
    )


_CURVES |= {"gamma22": _gamma_pair(2.2), "gamma24": _gamma_pair(2.4), "gamma26": _gamma_pair(2.6)}


def to_nits_rec2020(rgb: npt.ArrayLike, state: ColourState, *, bits: int | None = None) -> FloatArray:
    """Absolute linear BT.2020 light, in nits, of pixels in `state`.

    rgb: (…, 3) float. For full range it is the signal, 0..1 nominal; for narrow range code/(2^bits − 1), as
    readers deliver it, and bits has to be given. Returns (…, 3) nits, same dtype, nothing clipped (PQ: see
    `pq`). Code 1.0 of an SDR state is state.peak_nits; linear 1.0 is state.unit_nits; HLG has the OOTF of a
    display of peak_nits, applied in BT.2020 as its standard asks. An OCIO space goes through OCIO in float32.
    NaN stays; with primaries other than BT.2020 it takes its whole pixel along.
    Raises ColourStateError for a state that has no such conversion, InputError for another shape.
    """
    if state.ocio_space is not None:
        from candela_engines.colour import ocio

        return ocio.to_nits_rec2020(rgb, state)
    signal = _to_signal(rgb, state, bits)
    if state.transfer == "hlg":
        _needs_rec2020(state)
        return hlg.eotf(signal, peak_nits=state.peak_nits)
    return apply_matrix(_CURVES[state.transfer][0](signal, state), rgb_to_rgb(state.primaries, "bt2020"))


def from_nits_rec2020(nits: npt.ArrayLike, state: ColourState, *, bits: int | None = None) -> FloatArray:
    """Pixels in `state` of absolute linear BT.2020 light: the exact inverse of `to_nits_rec2020`.

    nits: (…, 3) float. Returns (…, 3) codes, same dtype, unclipped: light outside the gamut of `state` gives
    negative codes and light above its peak codes above 1 (PQ: light below zero becomes the code of zero).
    """
    if state.ocio_space is not None:
        from candela_engines.colour import ocio

        return ocio.from_nits_rec2020(nits, state)
    if state.transfer == "hlg":
        _needs_rec2020(state)
        return _from_signal(hlg.inverse_eotf(nits, peak_nits=state.peak_nits), state, bits)
    light = apply_matrix(nits, rgb_to_rgb("bt2020", state.primaries))
    return _from_signal(_CURVES[state.transfer][1](light, state), state, bits)


def place_sdr_at_reference_white(
    rgb: npt.ArrayLike, state: ColourState, white_nits: float = 203.0, *, bits: int | None = None
) -> FloatArray:
    """SDR pixels as light of an HDR programme: EOTF, BT.2020, code 1.0 at `white_nits` (BT.2408-7 §5.1.3).

    rgb: (…, 3) float in an SDR `state`. Returns (…, 3) nits in linear BT.2020; white is 203 nit by default
    whatever state.peak_nits says. Raises ColourStateError for an HDR state, whose light is placed already.
    """
    if state.is_hdr or (state.transfer == "linear" and state.ocio_space is None):
        raise ColourStateError(
            f"{state.transfer} with a peak of {state.peak_nits:g} nit is not SDR: it cannot be placed at "
            f"{white_nits:g} nit; name the SDR picture's state, for example rec709"
        )
    white = state.unit_nits if state.ocio_space is not None else state.peak_nits
    if state.ocio_space is not None:
        return _scaled(to_nits_rec2020(rgb, state), white_nits / white)
    return to_nits_rec2020(rgb, replace(state, peak_nits=white_nits), bits=bits)


def _to_signal(rgb: npt.ArrayLike, state: ColourState, bits: int | None) -> FloatArray:
    array = as_float(rgb, "to_nits_rec2020")
    if state.range == "full":
        return array
    return signal_range.full_scale_to_signal(array, bits=_given(bits), signal_range="narrow")


def _from_signal(signal: FloatArray, state: ColourState, bits: int | None) -> FloatArray:
    if state.range == "full":
        return signal
    return signal_range.signal_to_full_scale(signal, bits=_given(bits), signal_range="narrow")


def _given(bits: int | None) -> int:
    if bits is None:
        raise ColourStateError("narrow-range codes need their bit depth: 16/255 and 64/1023 are not the same")
    return bits


def _needs_rec2020(state: ColourState) -> None:
    if state.primaries != "bt2020":
        raise ColourStateError(
            f"HLG with {state.primaries} primaries: BT.2100 defines the OOTF on BT.2020 only; use rec2100-hlg"
        )
