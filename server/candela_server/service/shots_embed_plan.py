"""What is to be done for a clip and its master: frames that belong together, shots, of how many bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from candela_engines.errors import InputError
from candela_engines.itm.payload import CHECK_BYTES, MAX_FRAMES, MAX_PAYLOAD
from candela_engines.media.clip import UNEVEN, ClipInfo
from candela_server.service.clips import check_not_cut
from candela_server.service.shots_embed_request import EmbedShotsRequest
from candela_server.service.timecodes import timecode_at

__all__ = [
    "DEFAULT_BYTES_PER_SECOND",
    "LEAST_BYTES",
    "PlannedShot",
    "Together",
    "planned",
    "raised",
    "ranges_between",
    "rate_of",
    "together",
]

DEFAULT_BYTES_PER_SECOND = 8192
LEAST_BYTES = 4096  # of a shot by default, however short
_SMALLEST = 1024  # of a shot where less was asked for, and what its frames' checks take on top
_DEFAULT_RATE = Fraction(24)


@dataclass(frozen=True)
class PlannedShot:
    """Frames first..last, both included, of the SDR clip. budget: bytes of its payload.

    offset: to the master's numbers. name: of the shot in a timeline. hdr: the master's clip, where each shot
    may have its own.
    """

    first: int
    last: int
    budget: int
    offset: int = 0
    name: str = ""
    hdr: str = ""

    @property
    def count(self) -> int:
        """Frames from first to last."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Together:
    """The frames that two clips have in common: of the SDR clip, and what to add for the master's number."""

    first: int
    last: int
    offset: int
    notes: tuple[str, ...] = ()


def rate_of(request: EmbedShotsRequest, sdr: ClipInfo, hdr: ClipInfo) -> tuple[Fraction, list[str]]:
    """Frames a second, and notes. InputError where the clips differ and nobody says that it is right."""
    if sdr.rate is not None and hdr.rate is not None and sdr.rate != hdr.rate and request.rate is None:
        uneven = [f"{i.name}: {note}" for i in (sdr, hdr) for note in i.notes if note.startswith(UNEVEN)]
        raise InputError(
            f"{sdr.name} has {float(sdr.rate):.6g} frames a second, {hdr.name} {float(hdr.rate):.6g}: these "
            f"are not the same frames{''.join(f' ({words})' for words in uneven)}. Where they are, frame for "
            "frame, say which rate holds with --rate"
        )
    said = request.rate
    known = sdr.rate if sdr.rate is not None else hdr.rate
    if said is not None:
        if known is None or known == said:
            return said, []
        return said, [f"{float(known):.6g} frames a second, taken as {float(said):.6g}"]
    if known is not None:
        return known, []
    return _DEFAULT_RATE, ["the rate is not known and taken as 24 frames a second; --rate says another"]


def together(request: EmbedShotsRequest, sdr: ClipInfo, hdr: ClipInfo) -> Together:
    """Which frames belong together, checked. InputError names both clips' counts and what helps."""
    first, last = sdr.first, sdr.last
    if request.frames is not None:
        first, last = request.frames
        if not sdr.first <= first <= last <= sdr.last:
            raise InputError(f"--frames {first}-{last}: {sdr.name} has the frames {sdr.first} to {sdr.last}")
    check_not_cut(sdr, first, last)
    if request.frames is None and request.hdr_offset is None and hdr.last - hdr.first < last - first:
        check_not_cut(hdr, hdr.first, hdr.last, hdr.first - first)
    offset, notes = _offset(request, sdr, hdr, first, last)
    check_not_cut(hdr, first + offset, last + offset, offset)
    if not (hdr.first <= first + offset and last + offset <= hdr.last):
        raise InputError(
            f"{hdr.name} has the frames {hdr.first} to {hdr.last}; {first + offset} to {last + offset} are "
            f"needed for {first} to {last} of {sdr.name}. Say which frame belongs to which with "
            "--hdr-offset, or take part of them with --frames"
        )
    missing = set(sdr.missing)
    lacking = [n for n in hdr.missing if first <= n - offset <= last and n - offset not in missing]
    if lacking:
        numbers = ", ".join(map(str, lacking[:6])) + (", …" if len(lacking) > 6 else "")
        one = len(lacking) == 1
        count, them = ("1 of its frames is", "it") if one else (f"{len(lacking)} of its frames are", "them")
        raise InputError(
            f"{hdr.name}: {count} missing ({numbers}), which {sdr.name} has; bring {them} back, or leave "
            f"{them} out with --frames"
        )
    notes += _timecode_notes(sdr, hdr, first, offset)
    return Together(first, last, offset, tuple(notes))


def _offset(
    request: EmbedShotsRequest, sdr: ClipInfo, hdr: ClipInfo, first: int, last: int
) -> tuple[int, list[str]]:
    if request.hdr_offset is not None:
        return request.hdr_offset, []
    lengths = sdr.last - sdr.first, hdr.last - hdr.first
    if lengths[0] == lengths[1]:
        offset = hdr.first - sdr.first
        note = f"frame {sdr.first} goes with frame {hdr.first} of the master, and so on"
        return offset, [note] if offset else []
    if request.frames is not None and sdr.kind == hdr.kind and hdr.first <= first and last <= hdr.last:
        return 0, []
    raise InputError(
        f"{sdr.name} has {sdr.count} frames, {hdr.name} has {hdr.count}: the master is of another length. "
        "Say which frame belongs to which with --hdr-offset N (frame of the master = frame + N), take part "
        "of them with --frames A-B, or export both over the same range"
    )


def _timecode_notes(sdr: ClipInfo, hdr: ClipInfo, first: int, offset: int) -> list[str]:
    ours = timecode_at(sdr.timecode, sdr.rate, first - sdr.first)
    theirs = timecode_at(hdr.timecode, hdr.rate or sdr.rate, first + offset - hdr.first)
    if ours is None or theirs is None or ours == theirs:
        return []
    return [
        f"timecodes differ: {ours} beside {theirs} of the master; say --hdr-offset if these are not one frame"
    ]


def ranges_between(first: int, last: int, cuts: Sequence[int], said: str) -> list[tuple[int, int]]:
    """Ranges of shots that begin at `first` and at every cut. InputError for a cut outside."""
    for cut in cuts:
        if not first < cut <= last:
            raise InputError(
                f"{said}: a shot cannot begin at frame {cut}; the frames are {first} to {last}, and the "
                f"first shot begins at {first}"
            )
    starts = [first, *sorted(set(cuts))]
    return list(zip(starts, [s - 1 for s in starts[1:]] + [last], strict=True))


def planned(
    request: EmbedShotsRequest, ranges: Sequence[tuple[int, int]], rate: Fraction, offset: int
) -> tuple[list[PlannedShot], list[str]]:
    """Shots with their bytes; notes on those that are too long for one payload or have too few bytes."""
    shots, notes = [], []
    for first, last in ranges:
        most = MAX_FRAMES - 1
        parts = -(-(last - first + 1) // most)
        if parts > 1:
            notes.append(f"frames {first} to {last} are {parts} shots: one has {most} frames at most")
        edges = [first + round(i * (last - first + 1) / parts) for i in range(parts + 1)]
        for begin, end in pairwise(edges):
            shots.append(PlannedShot(begin, end - 1, _budget(request, end - begin, rate), offset))
    return shots, notes


def raised(request: EmbedShotsRequest, shots: Sequence[PlannedShot], rate: Fraction) -> list[str]:
    """A note on shots that get more bytes than --bytes-per-second gives them, since a network needs them."""
    if request.bytes_per_second is None:
        return []
    asked = [int(request.bytes_per_second * shot.count / rate) for shot in shots]
    short = [(shot, own) for shot, own in zip(shots, asked, strict=True) if shot.budget > own]
    if not short:
        return []
    shot, own = short[0]
    others = "" if len(short) == 1 else f", and so for {len(short) - 1} more"
    return [
        f"--bytes-per-second {request.bytes_per_second} is {own:,} bytes for frames {shot.first} to "
        f"{shot.last}, too few for a network: up to {shot.budget:,} are spent{others}"
    ]


def _budget(request: EmbedShotsRequest, frames: int, rate: Fraction) -> int:
    if request.bytes is not None:
        return request.bytes
    least = LEAST_BYTES
    a_second = DEFAULT_BYTES_PER_SECOND
    if request.bytes_per_second is not None:
        a_second, least = request.bytes_per_second, _SMALLEST
    return min(max(int(a_second * frames / rate), least + CHECK_BYTES * frames), MAX_PAYLOAD)
