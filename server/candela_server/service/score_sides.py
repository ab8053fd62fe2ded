"""A grade and its SDR reference, opened and checked, brought to the scorer's common form frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.media import state_label
from candela_engines.scorer.evidence import Evidence, evidence_of
from candela_engines.scorer.misread import Suspicion, suspect, suspect_reference, thinned
from candela_engines.scorer.unify import unify_light
from candela_server.service.metrics import MetricsRequest, pair_numbers
from candela_server.service.metrics_sides import MetricsSide, OpenSide, SaidSide, likeness, open_side

__all__ = ["Frame", "OpenGrade", "open_grade"]

F32 = NDArray[np.float32]
_LIKE = 0.35
_WAY_OUT = "Give the reference of this shot, set --offset, or judge it all the same with --anyway"
_LINEAR = NAMED["linear-rec2020"]
_ABOVE = 1010.0  # nit: rounding and compression take a 1000-nit grade so far
_MASTERING = (1000.0, 2000.0, 4000.0, 10000.0)


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame, described. own: its light as it is. nits: the common form. placed: the reference, white at
    203 nit, or None.
    """

    number: int
    own: F32
    nits: F32
    placed: F32 | None
    evidence: Evidence
    suspicions: tuple[Suspicion, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class OpenGrade:
    """Open. numbers: of the frames to judge. offset: from them to the reference's."""

    path: Path
    side: MetricsSide
    reference: MetricsSide | None
    reference_path: Path | None
    numbers: list[int]
    offset: int
    notes: tuple[str, ...]
    anyway: bool
    way_out: str

    def light(self, number: int) -> F32:
        """The grade's own light, nits of linear BT.2020."""
        return self.side.light(number)

    def frame(self, number: int) -> Frame:
        """Read, bring to the common form, describe. Raises InputError for a reference of another picture."""
        own = self.side.light(number)
        state = self.side.state
        own_peak = _peak(own)
        mapped = own_peak > _ABOVE
        mastered = _mastered(own_peak, state) if mapped else None
        nits, report = unify_light(own, _LINEAR, source_peak_nits=mastered)
        sdr = None if self.reference is None else self.reference.light(number + self.offset)
        if sdr is not None and not self.anyway:
            self._demand_likeness(own, sdr, number)
        sdr_codes = self._sdr_codes(sdr)
        found = suspect(_codes(own, state), state, sdr_codes)
        if sdr_codes is not None and not found and state.transfer not in ("pq", "hlg"):
            found = suspect_reference(thinned(own), sdr_codes)
        light, white = None, 100.0
        if sdr is not None and self.reference is not None:
            white = self.reference.state.peak_nits
            light = np.ascontiguousarray(apply_matrix(sdr, rgb_to_rgb("bt2020", "bt709")), np.float32)
        evidence = evidence_of(nits, light, sdr_white_nits=white)
        evidence.own_peak_nits = own_peak if mapped else None
        if state.is_hdr and own_peak <= 1.01 * state.peak_nits:
            evidence.ceiling_nits = min(evidence.ceiling_nits, state.peak_nits)
        placed = None if sdr is None else np.asarray(sdr * np.float32(203.0 / white), np.float32)
        return Frame(number, own, nits, placed, evidence, tuple(found), tuple(report.sentences()))

    def _sdr_codes(self, sdr: F32 | None) -> F32 | None:
        if sdr is None or self.reference is None:
            return None
        state = self.reference.state
        return None if state.ocio_space is not None else _codes(sdr, state)

    def _demand_likeness(self, own: F32, sdr: F32, number: int) -> None:
        like = likeness(own, sdr)
        if like < _LIKE:
            where = f", frame {number}" if len(self.numbers) > 1 else ""
            raise InputError(
                f"{self.path}{where} looks like another picture than its reference "
                f"{self.reference_path}: their "
                f"light goes together with a correlation of {like:.2f}, under {_LIKE:g}. {self.way_out}"
            )


@contextmanager
def open_grade(
    path: Path,
    said: SaidSide,
    reference: Path | None,
    reference_said: SaidSide,
    *,
    frames: tuple[int, int] | None = None,
    offset: int | None = None,
    anyway: bool = False,
    way_out: str = _WAY_OUT,
    opened: OpenSide = open_side,
) -> Iterator[OpenGrade]:
    """Open a still, movie or sequence, and its SDR reference. opened: what opens each. way_out: what to do
    about a reference of another picture, for the error.

    Raises ColourStateError for a state neither tagged nor said, InputError for an SDR picture as the grade,
    an HDR picture as the reference, other sizes, frames without a partner, NaN, and what the readers raise.
    """
    with ExitStack() as stack:
        side = stack.enter_context(opened(path, said))
        demand_hdr(path, side, said)
        other = None
        if reference is not None:
            other = stack.enter_context(opened(reference, reference_said))
            _demand_sdr(reference, other, reference_said)
            if other.size != side.size:
                (w, h), (rw, rh) = side.size, other.size
                raise InputError(
                    f"{path} is {w}x{h}, its reference {reference} is {rw}x{rh}: both are compared pixel by "
                    "pixel; export them at one size and framing"
                )
        request = MetricsRequest(path, reference or path, said, reference_said, frames, offset)
        numbers, lead, notes = pair_numbers(request, side, side if other is None else other)
        told = (*notes, *side.notes, *(() if other is None else other.notes))
        yield OpenGrade(
            path, side, other, reference, numbers, lead, tuple(dict.fromkeys(told)), anyway, way_out
        )


def demand_hdr(path: Path, side: MetricsSide, said: SaidSide) -> None:
    """Raise InputError for an SDR picture, with what it looks like where its tag may be wrong."""
    state = side.state
    if (
        state.is_hdr
        or (state.transfer == "linear" and state.ocio_space is None)
        or state.ocio_space is not None
    ):
        return
    looks = [s.text for s in suspect(_codes(side.light(side.numbers[0]), state), state)]
    hint = f" By its numbers, {looks[0]}." if looks else ""
    raise InputError(
        f"{path}: is {state_label(state)}, which is no HDR grade.{hint} Where the tag is wrong, say "
        "what it is "
        f"with {said.flag}, for example rec2100-pq"
    )


def _demand_sdr(path: Path, side: MetricsSide, said: SaidSide) -> None:
    state = side.state
    if state.is_hdr or (state.transfer == "linear" and state.ocio_space is None):
        raise InputError(
            f"{path}: is {state_label(state)}, which is no SDR reference. Give the SDR version of the "
            "shot; where "
            f"the tag is wrong, say what it is with {said.flag}, for example rec709"
        )


def _peak(nits: F32) -> float:
    """99.99th percentile of max(R, G, B), thinned to two million pixels."""
    step = max(1, int(np.sqrt(nits.shape[0] * nits.shape[1] / (1 << 21))))
    top = nits[::step, ::step].max(axis=2).reshape(-1)
    place = top.size - 1 - top.size // 10000
    return float(np.partition(top, place)[place])


def _mastered(peak: float, state: ColourState) -> float:
    """The mastering peak to bring light down from: held at 1000 nit, a brighter grade would look clipped.

    What the state names, where it holds the light; else the display of 1000, 2000, 4000 or 10000 nit that
    does.
    """
    if state.is_hdr and peak <= state.peak_nits < 10000:
        return state.peak_nits
    return next((display for display in _MASTERING if peak <= 1.01 * display), _MASTERING[-1])


def _codes(nits: F32, state: ColourState) -> F32:
    """The codes that this light has in its state, full range, where `suspect` looks; of light the light."""
    some = thinned(nits)
    if state.ocio_space is not None or state.transfer == "linear":
        return some
    return np.asarray(from_nits_rec2020(some, replace(state, range="full")), np.float32)
