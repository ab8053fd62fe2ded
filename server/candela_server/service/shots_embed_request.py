"""What to embed into a clip, and what can be said against it before anything is opened."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from candela_engines.colour.ocio import resolved_config
from candela_engines.colour.state import Range
from candela_engines.errors import InputError
from candela_engines.itm.fitted import Effort
from candela_engines.itm.payload import MAX_PAYLOAD
from candela_engines.itm.reading import AS_TAGGED, Reading
from candela_engines.media.clip import ClipInfo
from candela_server.service.clips import SaidClip

__all__ = ["EmbedShotsRequest", "check_request"]

_EFFORTS: tuple[Effort, ...] = ("fast", "normal", "best")


@dataclass(frozen=True)
class EmbedShotsRequest:
    """sdr, hdr: movies, sequences (a pattern or a folder) or timelines. out: file, pattern or folder.

    bytes_per_second, bytes: of a shot's payload; None of both is the default. frames: only these, both
    included. hdr_offset: a frame of the master has the number of its SDR frame and this on top; None is told
    by the clips' ranges. timeline, cuts (first frames of shots), no_cuts: where to cut; none of them is by
    detection. rate: frames a second of a sequence that does not say. floor: dB that the worst frame of a
    shot has to reach, or the shot is split. media, hdr_media: folders in which the media of timelines lie;
    none is beside them. within: folders that media of timelines have to lie in, None for no limit. resume: go
    on with finished shots of an earlier run. teacher: opens, in place of a master, what is made of the SDR
    clip, under the same name; payloads then say that they were distilled. teacher_facts: what its light
    depends on, by names that a user knows.
    """

    sdr: Path
    out: Path | None = None
    hdr: Path | None = None
    sdr_colour: str | None = None
    hdr_colour: str | None = None
    sdr_range: Range | None = None
    hdr_range: Range | None = None
    sdr_matrix: str | None = None
    hdr_matrix: str | None = None
    ocio: str | None = None
    bytes_per_second: int | None = None
    bytes: int | None = None
    effort: Effort = "normal"
    seed: int = 0
    floor: float | None = None
    timeline: Path | None = None
    cuts: tuple[int, ...] | None = None
    no_cuts: bool = False
    frames: tuple[int, int] | None = None
    hdr_offset: int | None = None
    rate: Fraction | None = None
    media: tuple[Path, ...] = ()
    hdr_media: tuple[Path, ...] = ()
    within: tuple[Path, ...] | None = None
    sidecar: bool = False
    dry_run: bool = False
    resume: bool = True
    teacher: SaidClip | None = None
    teacher_facts: tuple[tuple[str, str], ...] = ()

    @property
    def provenance(self) -> str:
        """What payloads say that they were fitted to."""
        return "fitted" if self.teacher is None else "distilled"

    @property
    def said_sdr(self) -> SaidClip:
        """What was said of the SDR clip."""
        return SaidClip("sdr", self.sdr_colour, self.sdr_range, self.sdr_matrix, self.ocio)

    def reading_of(self, sdr: ClipInfo) -> Reading:
        """What its payloads have to say of the SDR clip's codes; a still's range is part of its state."""
        return Reading(self.sdr_range, self.sdr_matrix) if sdr.kind == "movie" else AS_TAGGED

    @property
    def said_hdr(self) -> SaidClip:
        """What was said of the master."""
        if self.teacher is not None:
            return self.teacher
        return SaidClip("hdr", self.hdr_colour, self.hdr_range, self.hdr_matrix, self.ocio)


def check_request(request: EmbedShotsRequest) -> None:
    """Raise InputError for values that cannot be worked with, naming the option."""
    if request.hdr is None:
        raise InputError(f"{request.sdr}: give its HDR master with --hdr: a movie, a sequence or a timeline")
    if request.out is None and not request.dry_run:
        raise InputError("embed needs -o OUT (or --dry-run to see the figures only)")
    if request.effort not in _EFFORTS:
        raise InputError(f"--effort {request.effort}: one of {', '.join(_EFFORTS)} is needed")
    if request.bytes is not None and request.bytes_per_second is not None:
        raise InputError("--bytes and --bytes-per-second: both say how many bytes a shot has; give one")
    for value, flag in ((request.bytes, "--bytes"), (request.bytes_per_second, "--bytes-per-second")):
        if value is not None and value < 1:
            raise InputError(f"{flag} {value}: 1 or more is needed")
    if request.bytes is not None and request.bytes > MAX_PAYLOAD:
        raise InputError(f"--bytes {request.bytes}: the payload of a shot has at most {MAX_PAYLOAD}")
    if request.seed < 0:
        raise InputError(f"--seed {request.seed}: 0 or more is needed")
    if request.floor is not None and not (math.isfinite(request.floor) and request.floor > 0):
        raise InputError(f"--floor {request.floor:g}: a number of dB above 0 is needed")
    if request.rate is not None and not 0 < request.rate <= 1000:
        raise InputError(f"--rate {float(request.rate):g}: frames a second, above 0 and at most 1000")
    ways = [
        flag
        for given, flag in (
            (request.timeline is not None, "--timeline"),
            (request.cuts is not None, "--cuts"),
            (request.no_cuts, "--no-cuts"),
        )
        if given
    ]
    if len(ways) > 1:
        raise InputError(f"{' and '.join(ways)}: each says where the cuts are; give one of them")
    if request.ocio:
        resolved_config(request.ocio)
