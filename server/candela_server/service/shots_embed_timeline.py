"""A whole timeline as a job: every medium that it uses gets the shots that are used of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import InputError, MediaError
from candela_engines.media.clip import ClipInfo
from candela_engines.media.timeline import Timeline, TimelineShot, in_media, resolve_media
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.clips import Side, check_pair_sizes, open_master, open_sdr
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shots_embed_clips import ClipPlan, checked_clip, told
from candela_server.service.shots_embed_plan import PlannedShot, Together, planned, raised, together
from candela_server.service.shots_embed_request import EmbedShotsRequest
from candela_server.service.timeline_said import rate_notes, with_media
from candela_server.service.timeline_within import check_clip_within

__all__ = ["plan_timeline"]


@dataclass(frozen=True)
class _Use:
    """One stretch of an SDR medium that is used, in its own frames; its master, and what to add for it."""

    first: int
    last: int
    name: str
    hdr: Path
    offset: int


def plan_timeline(request: EmbedShotsRequest, progress: WorkProgress) -> tuple[list[ClipPlan], list[str]]:
    """The clips, and notes. Raises MediaError listing media that is missing, and what `plan_clips` raises."""
    assert request.hdr is not None
    _check(request)
    timeline = _read(request, request.sdr, request.media, "--media")
    masters = _Masters.of(request, timeline)
    notes = list(timeline.notes)
    by_media: dict[Path, list[int]] = {}
    for number, shot in enumerate(timeline.shots):
        assert shot.media is not None
        by_media.setdefault(shot.media, []).append(number)
    _check_names(request, by_media)
    plans: list[ClipPlan] = []
    shown: list[tuple[TimelineShot, ClipInfo]] = []
    for done, (media, numbers) in enumerate(by_media.items()):
        progress(Work("check", done, len(by_media), "clips"))
        with ExitStack() as stack:
            sdr = stack.enter_context(open_sdr(check_clip_within(media, request.within), request.said_sdr))
            uses = [use for n in numbers for use in _uses(timeline, n, sdr, masters, stack, notes)]
            plans.append(_plan(request, timeline, sdr, _apart(uses, notes, media), masters, notes))
            notes += [f"{media.name}: {note}" for note in told("SDR", sdr, plans[-1].first, plans[-1].last)]
            shown += [(timeline.shots[n], sdr.info) for n in numbers]
    notes += rate_notes(timeline, shown)
    progress(Work("check", len(by_media), len(by_media), "clips"))
    return plans, notes


def _check(request: EmbedShotsRequest) -> None:
    for given, flag in (
        (request.frames is not None, "--frames"),
        (request.cuts is not None, "--cuts"),
        (request.timeline is not None, "--timeline"),
        (request.no_cuts, "--no-cuts"),
    ):
        if given:
            raise InputError(
                f"{flag}: the timeline {request.sdr} says which frames are which shot; leave it out"
            )
    if request.out is not None and request.out.exists() and not request.out.is_dir():
        raise InputError(f"{request.out}: a timeline's media go into a folder; this is a file")


def _read(request: EmbedShotsRequest, path: Path, said: tuple[Path, ...], flag: str) -> Timeline:
    """A timeline with its media. What this job writes, and the folder of the masters, are not looked in."""
    others = [p for p in (request.out, request.hdr) if p is not None]
    return with_media(path, request.rate, said, flag, leave_out=others, within=request.within)


def _check_names(request: EmbedShotsRequest, media: dict[Path, list[int]]) -> None:
    """Media of one name would be one file in the folder."""
    names: dict[str, Path] = {}
    for path in media:
        if path.name in names:
            raise InputError(
                f"{request.sdr}: {names[path.name]} and {path} have one name, and would be one file in "
                f"{request.out or 'the output folder'}; rename one of them"
            )
        names[path.name] = path


class _Masters(ABC):
    """Where the master of a shot is: another timeline, a folder of files of the same names, or one movie."""

    def __init__(self, request: EmbedShotsRequest, timeline: Timeline) -> None:
        self.request, self.timeline = request, timeline
        self._open: dict[Path, Side] = {}

    @classmethod
    def of(cls, request: EmbedShotsRequest, timeline: Timeline) -> _Masters:
        """By what --hdr is."""
        hdr = request.hdr
        assert hdr is not None
        if kind_of_name(hdr) == "timeline":
            return _ByTimeline(request, timeline)
        if hdr.is_dir():
            return _ByName(request, timeline)
        return _Conformed(request, timeline)

    def side(self, path: Path, stack: ExitStack) -> Side:
        """A master, open until the clip is planned."""
        side = open_master(check_clip_within(path, self.request.within), self.request.said_hdr)
        return stack.enter_context(side)

    @abstractmethod
    def find(self, number: int, shot: TimelineShot, sdr: Side, stack: ExitStack) -> tuple[Path, int]:
        """The master of a shot, and what to add to the SDR medium's frame numbers."""


class _ByTimeline(_Masters):
    def __init__(self, request: EmbedShotsRequest, timeline: Timeline) -> None:
        super().__init__(request, timeline)
        assert request.hdr is not None
        self.other = _read(request, request.hdr, request.hdr_media, "--hdr-media")
        if len(self.other.shots) != len(timeline.shots):
            raise InputError(
                f"{request.sdr} has {len(timeline.shots)} shots, {request.hdr} has {len(self.other.shots)}: "
                "the two timelines have to be cut alike"
            )
        for ours, theirs in zip(timeline.shots, self.other.shots, strict=True):
            same = (ours.record_first, ours.record_last, ours.step)
            if same != (theirs.record_first, theirs.record_last, theirs.step):
                raise InputError(
                    f"{request.hdr}: {self.other.where(theirs)} is another stretch than "
                    f"{timeline.where(ours)} of {request.sdr}: the two timelines have to be cut alike"
                )

    def find(self, number: int, shot: TimelineShot, sdr: Side, stack: ExitStack) -> tuple[Path, int]:
        theirs = self.other.shots[number]
        assert theirs.media is not None
        hdr = self.side(theirs.media, stack)
        placed = in_media(theirs, hdr.info, self.other.rate)
        return theirs.media, placed.source_first - shot.source_first


class _ByName(_Masters):
    def __init__(self, request: EmbedShotsRequest, timeline: Timeline) -> None:
        super().__init__(request, timeline)
        assert request.hdr is not None
        nameless = [
            replace(shot, media=None, files=(shot.media.name,), name="", reel=None)
            for shot in timeline.shots
            if shot.media is not None
        ]
        try:
            self.found = resolve_media(replace(timeline, shots=tuple(nameless)), [request.hdr])
        except MediaError as error:
            raise MediaError(
                f"{error}\n(masters, looked for in {request.hdr} and below it; --hdr FOLDER says another)"
            ) from error

    def find(self, number: int, shot: TimelineShot, sdr: Side, stack: ExitStack) -> tuple[Path, int]:
        path = self.found.shots[number].media
        assert path is not None
        hdr = self.side(path, stack)
        part = replace(self.request, frames=(shot.source_first, shot.source_last))
        return path, together(part, sdr.info, hdr.info).offset


class _Conformed(_Masters):
    def find(self, number: int, shot: TimelineShot, sdr: Side, stack: ExitStack) -> tuple[Path, int]:
        hdr = self.request.hdr
        assert hdr is not None
        where = self.timeline.where(shot)
        if shot.step != 1:
            raise InputError(
                f"{self.request.sdr}: {where} does not play frame for frame, so {hdr} has other frames than "
                "its media; give the master as a timeline or as a folder of media"
            )
        side = self.side(hdr, stack)
        if side.info.last - side.info.first + 1 != self.timeline.count:
            raise InputError(
                f"{hdr} has {side.info.count} frames, the timeline {self.request.sdr} {self.timeline.count}: "
                "a master that is the whole timeline has to be of its length"
            )
        return hdr, side.info.first + shot.record_first - shot.source_first


def _uses(
    timeline: Timeline, number: int, sdr: Side, masters: _Masters, stack: ExitStack, notes: list[str]
) -> list[_Use]:
    """What a shot uses of its medium: the frames that it shows, once, however often and fast."""
    original = timeline.shots[number]
    shot = in_media(original, sdr.info, timeline.rate)
    path, offset = masters.find(number, shot, sdr, stack)
    if shot.step != 1:
        how = "is a freeze frame" if shot.speed == 0 else f"plays at {float(shot.speed) * 100:g} %"
        frames = f"{shot.source_first} to {shot.source_last}"
        notes.append(f"{timeline.where(original)} {how}: frames {frames} of its media are embedded once")
    return [_Use(shot.source_first, shot.source_last, shot.name, path, offset)]


def _apart(uses: list[_Use], notes: list[str], media: Path) -> list[_Use]:
    """Stretches in order that do not overlap: what is used twice is embedded once."""
    apart: list[_Use] = []
    for use in sorted(uses, key=lambda use: (use.first, use.last)):
        if not apart or use.first > apart[-1].last:
            apart.append(use)
            continue
        before = apart[-1]
        if (use.hdr, use.offset) == (before.hdr, before.offset):
            apart[-1] = replace(before, last=max(before.last, use.last))
        elif use.last > before.last:
            apart.append(replace(use, first=before.last + 1))
        notes.append(
            f"{media.name}: frames {use.first} to {min(use.last, before.last)} are used more than once"
        )
    return apart


def _plan(
    request: EmbedShotsRequest,
    timeline: Timeline,
    sdr: Side,
    uses: list[_Use],
    masters: _Masters,
    notes: list[str],
) -> ClipPlan:
    info = sdr.info
    rate = info.rate or request.rate or timeline.rate
    shots: list[PlannedShot] = []
    with ExitStack() as stack:
        pairs: list[tuple[Side, Together]] = []
        for use in uses:
            hdr = masters.side(use.hdr, stack)
            check_pair_sizes(info, hdr.info)
            part = replace(request, frames=(use.first, use.last), hdr_offset=use.offset)
            pairs.append((hdr, together(part, info, hdr.info)))
            more, said = planned(request, [(use.first, use.last)], Fraction(rate), use.offset)
            shots += [replace(shot, hdr=hdr.info.name, name=use.name) for shot in more]
            notes += said
        notes += raised(request, shots, Fraction(rate))
        out = request.out
        if out is not None and info.kind == "movie":
            out = out / info.files[0].name
        return checked_clip(request, sdr, pairs, Fraction(rate), out, tuple(shots), (), request.out)
