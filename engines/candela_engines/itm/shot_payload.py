"""The payload of a shot: its size beforehand, its numbers, and what only the whole shot tells."""

from __future__ import annotations

from dataclasses import replace

from candela_engines.colour.state import ColourState
from candela_engines.itm import payload as payload_format
from candela_engines.itm.default_model import CEILING, ceiling_of, default_numbers
from candela_engines.itm.dequantise import STRENGTHS
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.network import QuantisedLayers
from candela_engines.itm.payload import CHECK_BYTES, Fidelity, Payload
from candela_engines.itm.reading import AS_TAGGED, Reading
from candela_engines.itm.shot_choose import ShotChoice
from candela_engines.itm.shot_pool import TimedGuide
from candela_engines.itm.shot_quality import ShotReport
from candela_engines.media.clip import digest_of_digests

__all__ = ["envelope", "sealed", "shot_numbers"]

_PLACE_BYTES = 8


def envelope(
    sdr: ColourState,
    hdr: ColourState,
    first: int,
    last: int,
    reading: Reading = AS_TAGGED,
    provenance: str = "fitted",
) -> int:
    """Bytes of the payload of frames first..last without its streams, what is not known at its longest.

    A copy for one frame's file is no longer: what says its place takes no more than the checks it has not.
    """
    size = 1 << 16
    lattice = Lattice("centred", 8)
    numbers = default_numbers("pq", [1, 128, 3], 8, 1, lattice, 1 << 17, 511, STRENGTHS, CEILING)
    worst = Fidelity(99.99, 99.99, 99.99, 99.99, size, size)
    longest = Payload(
        *("default", size, size, 32, bytes(16), sdr, hdr, worst, (*numbers, 64, 4), (b"", b"")),
        frames=(first, last),
        checks=bytes(max(CHECK_BYTES * (last - first + 1), _PLACE_BYTES)),
        clipped=(4096, 4096),
        worst=(max(first, last, key=abs), 99.99),
        flicker=(99.99, 99.99),
        reading=reading,
        provenance=provenance,
    )
    return len(payload_format.encode(longest)) + 6


def shot_numbers(
    choice: ShotChoice, stored: QuantisedLayers, guide: TimedGuide | None, strength: int, peak: float
) -> tuple[int, ...]:
    """The payload's 13 numbers. peak: the master's brightest light in nits."""
    numbers = default_numbers(
        choice.domain,
        stored.sizes,
        stored.bits,
        0 if guide is None else 1,
        Lattice("centred", 0) if guide is None else guide.lattice,
        1 if guide is None else guide.guide.step,
        0 if guide is None else guide.spread,
        strength,
        ceiling_of(peak),
    )
    return (*numbers, choice.time_keys, choice.plane_keys)


def sealed(draft: Payload, measured: ShotReport) -> Payload:
    """The payload with what only the whole shot tells: figures, hash, and every frame's check."""
    first, last = draft.frames or (0, 0)
    digests = measured.digests
    checks = b"".join(digests.get(n, bytes(CHECK_BYTES))[:CHECK_BYTES] for n in range(first, last + 1))
    whole = digest_of_digests([digests[n] for n in sorted(digests)])
    return replace(
        draft,
        fidelity=measured.fidelity,
        picture_hash=whole,
        checks=checks,
        worst=(measured.worst_frame, measured.worst),
        flicker=measured.flicker_levels,
    )
