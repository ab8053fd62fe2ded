"""Verify shots: hold every frame against the master, and every shot against what its payload claims."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from candela_engines.colour.state import Range
from candela_engines.errors import InputError
from candela_engines.itm.reading import Reading
from candela_engines.itm.shot_model import decode_shot
from candela_engines.itm.shot_pairs import PairFrame
from candela_engines.itm.shot_quality import measure_shot
from candela_engines.media.open_clip import open_clip
from candela_server.service.clip_frames import bound_frames
from candela_server.service.clips import SaidClip, Side, check_pair_sizes, numbers_text, open_master
from candela_server.service.results import Json, Work, WorkProgress, no_work
from candela_server.service.shot_binding import check_clip_size, load_shots
from candela_server.service.shot_carried import BoundShot, Carried, Misplaced
from candela_server.service.shot_reading import open_as_embedded
from candela_server.service.shots_embed_pairs import LightNotes, Pairs
from candela_server.service.shots_embed_plan import together
from candela_server.service.shots_embed_request import EmbedShotsRequest
from candela_server.service.shots_findings import ShotFinding, VerifiedShot, of_misplaced, of_shot

__all__ = ["VerifyShotsRequest", "VerifyShotsResult", "verify_shots"]


@dataclass(frozen=True)
class VerifyShotsRequest:
    """file: a movie or a sequence that carries shots. hdr: its master. frames: only these, both included.

    sdr_range, sdr_matrix: where they were said at embedding. min_psnr in dB and max_delta_e in ΔE_ITP are
    limits of every shot.
    """

    file: Path
    hdr: Path | None = None
    hdr_colour: str | None = None
    hdr_range: Range | None = None
    hdr_matrix: str | None = None
    sdr_range: Range | None = None
    sdr_matrix: str | None = None
    min_psnr: float | None = None
    max_delta_e: float | None = None
    frames: tuple[int, int] | None = None
    hdr_offset: int | None = None
    ocio: str | None = None


@dataclass(frozen=True)
class VerifyShotsResult:
    """All shots measured. Passed without findings.

    first, last: the frames that were looked at. bare: those of them that no shot covers, missing: those that
    have no file; neither was measured, nor were those that lie out of their place.
    """

    file: Path
    hdr: Path
    first: int
    last: int
    shots: tuple[VerifiedShot, ...]
    findings: tuple[ShotFinding, ...]
    bare: tuple[int, ...]
    missing: tuple[int, ...]
    misplaced: tuple[Misplaced, ...]
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every figure is within its limit, and every frame in its place."""
        return not self.findings

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "verify",
            "file": str(self.file),
            "hdr": str(self.hdr),
            "passed": self.passed,
            "first_frame": self.first,
            "last_frame": self.last,
            "shots": [shot.to_json() for shot in self.shots],
            "bare_frames": list(self.bare),
            "missing_frames": list(self.missing),
            "misplaced_frames": [one.to_json() for one in self.misplaced],
            "findings": [finding.to_json() for finding in self.findings],
            "notes": list(self.notes),
        }


def verify_shots(request: VerifyShotsRequest, progress: WorkProgress = no_work) -> VerifyShotsResult:
    """Measure anew.

    Raises PictureMismatchError for the first frame that is another one, InputError where no shot has a frame
    of those asked for; limits that are missed are findings.
    """
    if request.hdr is None:
        raise InputError(f"{request.file}: give its HDR master with --hdr")
    with open_clip(str(request.file)) as clip:
        whole = load_shots(clip.info)
    payload = whole.shots[0].payload
    said = SaidClip("hdr", request.hdr_colour, request.hdr_range, request.hdr_matrix, request.ocio)
    with (
        open_as_embedded(request.file, whole, _said(request), ocio=request.ocio) as sdr,
        open_master(request.hdr, said, embedded_as=payload.hdr) as hdr,
    ):
        check_pair_sizes(sdr.info, hdr.info)
        ranges = EmbedShotsRequest(request.file, frames=request.frames, hdr_offset=request.hdr_offset)
        common = together(ranges, sdr.info, hdr.info)
        first, last = common.first, common.last
        carried = whole.within(first, last)
        _check_any(sdr, whole, carried)
        check_clip_size(sdr.info, carried.shots[0])
        light = LightNotes()
        work = _Measuring(Pairs(sdr, hdr, common.offset, light), carried, first, last, progress)
        shots = tuple(work.measured(shot) for shot in carried.shots if work.numbers(shot))
        notes = [*carried.notes(sdr.info, misplaced=False), *sdr.notes]
        notes += [*(f"HDR: {n}" for n in hdr.notes), *common.notes, *light.told()]
        missing = tuple(n for n in sdr.info.missing if first <= n <= last)
    limits = request.min_psnr, request.max_delta_e
    findings = [found for shot in shots for found in of_shot(shot, *limits)]
    findings += of_misplaced(carried.misplaced)
    notes += _parts(shots)
    return VerifyShotsResult(
        *(request.file, request.hdr, first, last, shots, tuple(findings)),
        *(carried.bare, missing, carried.misplaced, tuple(notes)),
    )


def _check_any(sdr: Side, whole: Carried, carried: Carried) -> None:
    """Raise InputError where none of the frames has a shot."""
    if carried.shots:
        return
    there = ", ".join(f"{shot.first}-{shot.last}" for shot in whole.shots[:6])
    more = ", …" if len(whole.shots) > 6 else ""
    raise InputError(
        f"{sdr.info.name}: {numbers_text(carried.bare)} to no shot of its payload, so there is nothing to "
        f"verify there; its shots are {there}{more}"
    )


def _parts(shots: tuple[VerifiedShot, ...]) -> Iterator[str]:
    parts = [(shot.first, shot.last) for shot in shots if not shot.whole]
    if parts:
        frames = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in parts[:6])
        more = ", …" if len(parts) > 6 else ""
        yield (
            f"shots measured in part: {frames}{more}; held against what the payload claims that none of the "
            "shot's frames is below"
        )


def _said(request: VerifyShotsRequest) -> Reading:
    return Reading(request.sdr_range, request.sdr_matrix)


@dataclass
class _Measuring:
    """Measures the frames first..last, shot by shot."""

    pairs: Pairs
    carried: Carried
    first: int
    last: int
    progress: WorkProgress
    done: int = 0

    def numbers(self, shot: BoundShot) -> list[int]:
        """The frames of a shot that are there, in the range and in their place."""
        info = self.pairs.sdr.info
        gone = {*info.missing, *(one.number for one in self.carried.misplaced)}
        first, last = max(shot.first, self.first, info.first), min(shot.last, self.last, info.last)
        return [n for n in range(first, last + 1) if n not in gone and self.carried.at(n) is shot]

    def measured(self, shot: BoundShot) -> VerifiedShot:
        """One shot, or what of it lies in the range."""
        numbers = self.numbers(shot)
        first, last = numbers[0], numbers[-1]
        total = self.last - self.first + 1

        def tick(fraction: float) -> None:
            self.progress(Work("measure", self.done + fraction * (last - first + 1), total))

        source = _Source(self, shot, frozenset(numbers))
        shift = shot.shift
        report = measure_shot(decode_shot(shot.payload), source, first + shift, last + shift, tick)
        self.done += last - first + 1
        return VerifiedShot.of(shot, report, whole=len(numbers) == shot.embedded)


@dataclass(frozen=True)
class _Source:
    """A `PairSource` in the payload's numbers. Frames are held against it before they are measured."""

    of: _Measuring
    shot: BoundShot
    numbers: frozenset[int]

    def __call__(self, first: int, last: int, wanted: Collection[int] | None = None) -> Iterator[PairFrame]:
        pairs, shift = self.of.pairs, self.shot.shift
        begin, end = first - shift, last - shift
        mastered = pairs.hdr.clip.frames(begin + pairs.offset, end + pairs.offset)
        skip = frozenset(range(begin, end + 1)) - self.numbers
        for bound in bound_frames(pairs.sdr.clip, self.of.carried, begin, end, force=None, skip=skip):
            pair = pairs.paired(bound.frame, pairs.partner(mastered, bound.number), bound.digest)
            yield replace(pair, number=bound.place)
