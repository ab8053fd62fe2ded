"""What reconstruct is to write: the encoding, the peak of its light, and what its tags may then say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from candela_engines.colour.names import NAMED, name_of, parse_colour
from candela_engines.colour.state import ColourState, Primaries
from candela_engines.errors import ColourStateError, InputError
from candela_engines.media import WRITABLE
from candela_server.service.levels import Levels

__all__ = ["MOST_NITS", "Target", "encoding_of", "mastered_as", "target_of"]

MOST_NITS = 10_000.0
"""Where PQ ends: a state that says this peak says nothing of a mastering display."""

_ULTRA = (".jpg", ".jpeg")
_WITH_QUALITY = (".avif", *_ULTRA)
_WORDS = {"linear": "linear-rec2020", "pq": "rec2100-pq", "hlg": "rec2100-hlg"}
# Rounding, and no more: beyond it a level is above a peak.
_OVER = 1.001


@dataclass(frozen=True)
class Target:
    """encoding: None for an Ultra HDR JPEG. peak: nits that light is rolled off to, None to leave it.

    peak_by: the flag that says so. mastering: nits of the mastering display that tags will name, if any.
    """

    suffix: str
    encoding: ColourState | None
    peak: float | None
    peak_by: str
    mastering: float | None

    @property
    def primaries(self) -> Primaries:
        """Of the R, G and B that light levels are measured on."""
        if self.encoding is None or self.encoding.ocio_space is not None:
            return "bt2020"
        return self.encoding.primaries

    @property
    def codes(self) -> bool:
        """Whether the file holds integers, which end at the encoding's peak."""
        return self.encoding is not None and self.suffix != ".exr"

    def notes(self, rolled: float | None, levels: Levels) -> list[str]:
        """What was done about the peak. rolled: the brightest light before, where it was rolled off."""
        notes = []
        if rolled is not None:
            how = f"rolled off from {rolled:.4g} to {self.peak:g} nit (BT.2390 EETF on max R, G, B)"
            notes.append(how if self.peak_by == "--peak" else f"{how}, the peak that {self.peak_by} names")
        elif self.peak is not None:
            notes.append(f"nothing was rolled off: all light is within {self.peak:g} nit")
        if self.encoding is not None and _bounded(self.encoding):
            notes += self._bound_notes(self.encoding, levels)
        elif self.mastering is not None and levels.max_cll > self.mastering * _OVER:
            notes.append(
                f"MaxCLL is above the mastering peak of {self.mastering:g} nit that the master's tags name, "
                "and is left so; --peak rolls it off"
            )
        return notes

    def clip_notes(self, clipped: int) -> list[str]:
        """What could be done about samples that integers of this encoding could not hold."""
        encoding = self.encoding
        if not clipped or encoding is None or not self.codes or not _bounded(encoding):
            return []
        if self.peak is not None and self.peak <= encoding.peak_nits:
            return []
        return [
            f"light above {encoding.peak_nits:g} nit was clipped; --peak {encoding.peak_nits:g} rolls it off"
        ]

    def _bound_notes(self, encoding: ColourState, levels: Levels) -> list[str]:
        name, top = name_of(encoding), encoding.peak_nits
        if not self.codes and levels.max_cll > top * _OVER:
            return [
                f"light above {top:g} nit, the peak of {name}, is kept as values above 1.0; "
                f"--peak {top:g} rolls it off"
            ]
        if self.peak is not None and self.peak > top:
            return [
                f"{name} holds no more than {top:g} nit; for brighter light name the display, "
                f"as --encoding '{name.partition('@')[0]}@{self.peak:g}'"
            ]
        return []


def target_of(
    out: Path,
    *,
    encoding: str | None,
    peak: float | None,
    bits: int | None,
    quality: int | None,
    ocio: str | None,
) -> Target:
    """What these options ask for, checked before anything is read.

    A PQ encoding that names a peak is a picture for a display of that peak: light is rolled off to it, as
    --peak would. Raises InputError and ColourStateError, which name the option.
    """
    suffix = out.suffix.lower()
    if suffix not in WRITABLE:
        raise InputError(
            f"{out}: cannot write {suffix or 'a name without extension'}; written are {', '.join(WRITABLE)}"
        )
    if bits is not None and bits not in WRITABLE[suffix]:
        depths = " or ".join(map(str, WRITABLE[suffix]))
        raise InputError(f"--bit-depth {bits}: {suffix} is written with {depths}")
    _check_quality(suffix, quality)
    return encoding_of(out, suffix, encoding=encoding, peak=peak, ocio=ocio)


def encoding_of(
    out: Path, suffix: str, *, encoding: str | None, peak: float | None, ocio: str | None
) -> Target:
    """The encoding and the peak of a file whose extension was checked, as `target_of`; PQ for movies."""
    if peak is not None and not 1.0 <= peak <= MOST_NITS:
        raise InputError(f"--peak {peak:g}: 1 to {MOST_NITS:g} nit is needed")
    state = _encoding(out, suffix, encoding, ocio)
    if state is None or state.transfer != "pq":
        return Target(suffix, state, peak, "--peak", peak)
    named = f"--encoding {encoding}"
    if not 1.0 <= state.peak_nits <= MOST_NITS:
        raise InputError(f"{named}: a peak of 1 to {MOST_NITS:g} nit is needed, where PQ ends")
    if state.peak_nits < MOST_NITS:
        if peak is not None and peak > state.peak_nits:
            raise InputError(
                f"--peak {peak:g}: {named} names a peak of {state.peak_nits:g} nit; leave one of them out"
            )
        by = "--peak" if peak is not None else named
        return Target(suffix, state, peak or state.peak_nits, by, state.peak_nits)
    return Target(suffix, state if peak is None else replace(state, peak_nits=peak), peak, "--peak", peak)


def mastered_as(target: Target, master: ColourState) -> Target:
    """`target` with the mastering peak of the payload's master, where that says one and nobody else did."""
    known = master.transfer == "pq" and master.peak_nits < MOST_NITS
    if target.mastering is not None or not known:
        return target
    encoding = target.encoding
    if encoding is not None and encoding.transfer == "pq":
        encoding = replace(encoding, peak_nits=master.peak_nits)
    return replace(target, encoding=encoding, mastering=master.peak_nits)


def _check_quality(suffix: str, quality: int | None) -> None:
    if quality is None:
        return
    if suffix not in _WITH_QUALITY:
        raise InputError(
            f"--quality {quality}: {suffix} is written without loss; it is for {', '.join(_WITH_QUALITY)}"
        )
    if not 1 <= quality <= 100:
        raise InputError(f"--quality {quality}: 1 to 100 is needed")


def _encoding(out: Path, suffix: str, name: str | None, ocio: str | None) -> ColourState | None:
    """The state to write; None for an Ultra HDR JPEG, which has its own."""
    if suffix in _ULTRA:
        if name is not None:
            raise InputError(
                f"{out}: a {suffix} becomes an Ultra HDR JPEG, whose encoding is fixed; leave "
                "--encoding out, or write .exr, .png, .tif, .dpx or .avif"
            )
        return None
    if name is None:
        return NAMED["linear-rec2020"] if suffix == ".exr" else NAMED["rec2100-pq"]
    try:
        state = parse_colour(_WORDS.get(name.lower(), name), config=ocio)
    except ColourStateError as error:
        raise ColourStateError(f"--encoding {name[:80]}: {error}") from error
    if state.transfer == "linear" and state.ocio_space is None and suffix != ".exr":
        raise InputError(f"{out}: linear light needs .exr; {suffix} takes pq, hlg or another encoding")
    return state


def _bounded(state: ColourState) -> bool:
    """Whether code 1.0 is a peak of the display: HLG and SDR, but neither PQ nor linear light."""
    if state.ocio_space is not None:
        return not state.is_hdr
    return state.transfer not in ("pq", "linear")
