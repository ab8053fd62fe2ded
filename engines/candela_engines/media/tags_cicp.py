"""Code points of ITU-T H.273 (CICP), as cICP, nclx and the ICC cicp tag carry them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from candela_engines.colour.gamuts import GAMUTS
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState, Primaries, Range, Transfer
from candela_engines.media.decoded import MetadataValue, TagFinding

__all__ = [
    "Cicp",
    "chromaticities_name",
    "cicp_finding",
    "cicp_of",
    "primaries_of",
    "state_of",
    "with_mastering_peak",
]

# ITU-T H.273 (2024), table 2.
_PRIMARIES: dict[int, Primaries] = {1: "bt709", 9: "bt2020", 12: "p3d65"}

# ITU-T H.273 (2024), table 3. Codes 1, 6, 14 and 15 are the BT.709 camera curve: a graded picture that
# carries them was judged on a BT.1886 display, which is what the light of its codes is.
_TRANSFERS: dict[int, Transfer] = {
    1: "bt1886",
    4: "gamma22",
    6: "bt1886",
    8: "linear",
    13: "srgb",
    14: "bt1886",
    15: "bt1886",
    16: "pq",
    18: "hlg",
}

_PRIMARIES_CODE: dict[Primaries, int] = {name: code for code, name in _PRIMARIES.items()}
_TRANSFER_CODE: dict[Transfer, int] = {
    "bt1886": 1,
    "gamma22": 4,
    "linear": 8,
    "srgb": 13,
    "pq": 16,
    "hlg": 18,
}


@dataclass(frozen=True, slots=True)
class Cicp:
    """The four code points: colour primaries, transfer characteristics, matrix, full range flag."""

    primaries: int
    transfer: int
    matrix: int
    full_range: bool

    def __str__(self) -> str:
        """The usual spelling, as 9/16/0 full."""
        return f"{self.primaries}/{self.transfer}/{self.matrix} {'full' if self.full_range else 'narrow'}"


def primaries_of(code: int) -> Primaries | None:
    """The gamut of a colour primaries code, or None for one that we have no name for."""
    return _PRIMARIES.get(code)


def state_of(primaries: Primaries, transfer: Transfer, range_: Range = "full") -> ColourState:
    """The colour state of a standard encoding with its customary luminances.

    They are those of `colour.names.NAMED`: PQ its ceiling of 10000 nit until a mastering peak is known,
    HLG 1000 nit, both with reference white at 203 nit (ITU-R BT.2408); relative SDR transfers 100 nit.
    """
    for named in NAMED.values():
        if named.transfer == transfer:
            return replace(named, primaries=primaries, range=range_)
    return ColourState(primaries, transfer, range_)


def cicp_finding(cicp: Cicp, carrier: str, *, samples_full: bool | None = None) -> TagFinding:
    """What the code points say. carrier: the tag's name for the message.

    samples_full: what the range of the decoded RGB samples is, where the decoder already expanded them
    (AVIF); None where the flag itself speaks of the samples.
    """
    found = f"{carrier} {cicp}"
    primaries = _PRIMARIES.get(cicp.primaries)
    transfer = _TRANSFERS.get(cicp.transfer)
    if primaries is None or transfer is None:
        return TagFinding(None, f"{found} (a code that is unspecified or that we have no state for)")
    if transfer == "linear":
        return TagFinding(None, f"{found} (linear, without the luminance of 1.0)")
    full = cicp.full_range if samples_full is None else samples_full
    return TagFinding(state_of(primaries, transfer, "full" if full else "narrow"), found)


def with_mastering_peak(finding: TagFinding, peak_nits: MetadataValue | None) -> TagFinding:
    """A PQ finding with the peak of the mastering display; any other, or a peak of 0, stays as it is."""
    state = finding.state
    if state is None or state.transfer != "pq" or not isinstance(peak_nits, float) or not peak_nits > 0.0:
        return finding
    return TagFinding(replace(state, peak_nits=peak_nits), finding.found)


def chromaticities_name(xy: tuple[float, ...], *, within: float = 5e-4) -> Primaries | None:
    """The gamut whose red, green, blue and white x, y are all within a tolerance of `xy`, or None."""
    for name, gamut in GAMUTS.items():
        reference = (*gamut.red, *gamut.green, *gamut.blue, *gamut.white)
        if len(xy) == 8 and all(abs(a - b) <= within for a, b in zip(xy, reference, strict=True)):
            return name
    return None


def cicp_of(state: ColourState, *, matrix: int = 0) -> Cicp | None:
    """The code points of a state, or None where H.273 has none (AP0, AP1, gamma 2.4 and 2.6).

    BT.2020 with BT.1886 has a code of its own for 10 bit, 14, which names the same curve.
    """
    primaries = _PRIMARIES_CODE.get(state.primaries)
    transfer = _TRANSFER_CODE.get(state.transfer)
    if primaries is None or transfer is None:
        return None
    if transfer == 1 and primaries == 9:
        transfer = 14
    return Cicp(primaries, transfer, matrix, state.range == "full")
