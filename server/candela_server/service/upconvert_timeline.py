"""A timeline up-converted: what it shows of its media as HDR, or distilled into copies of the media."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from candela_engines.errors import InputError
from candela_engines.media.sequence_names import is_pattern
from candela_engines.media.timeline import Timeline, in_media
from candela_server.service.results import Json, Work, WorkProgress, no_work
from candela_server.service.timeline_said import rate_notes, with_media
from candela_server.service.timeline_within import check_clip_within
from candela_server.service.upconvert_clip import UpconvertClipResult, upconvert_clip
from candela_server.service.upconvert_distil import DistilRequest, DistilShotsResult, distil_shots
from candela_server.service.upconvert_request import UpconvertClipRequest

__all__ = [
    "DistilTimelineResult",
    "UpconvertTimelineResult",
    "distil_timeline",
    "upconvert_timeline",
]

R = TypeVar("R")


@dataclass(frozen=True)
class UpconvertTimelineResult:
    """clips: one for every stretch of a medium that is shown, in the order of the media."""

    file: Path
    out: Path
    clips: tuple[UpconvertClipResult, ...]
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return _document(self.file, self.out, [clip.to_json() for clip in self.clips], self.notes)


@dataclass(frozen=True)
class DistilTimelineResult:
    """clips: one for every medium."""

    file: Path
    out: Path
    clips: tuple[DistilShotsResult, ...]
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return _document(self.file, self.out, [clip.to_json() for clip in self.clips], self.notes)


def _document(file: Path, out: Path, clips: list[Json], notes: tuple[str, ...]) -> Json:
    return {"command": "upconvert", "file": str(file), "out": str(out), "clips": clips, "notes": list(notes)}


@dataclass(frozen=True)
class _Use:
    """Frames of a medium that are shown, in its own numbers."""

    media: Path
    first: int
    last: int


def upconvert_timeline(
    request: UpconvertClipRequest, progress: WorkProgress = no_work
) -> UpconvertTimelineResult:
    """Every stretch of a medium that the timeline shows, once, into files of its own in the folder `out`.

    Frames are .exr; with a codec they are movies. Raises MediaError listing media that is missing, InputError
    for options that a timeline leaves no room for, and as `upconvert_clip`; media that are done stay.
    """
    _check(request, {"--start": request.start})
    uses, notes = _uses(request, progress)
    ending = "" if request.codec is None else ".mov" if request.codec.startswith("prores") else ".mp4"

    def one(use: _Use) -> UpconvertClipResult:
        stem = f"{_stem(use.media)}_{use.first}-{use.last}"
        out = request.out / f"{stem}{ending}" if ending else request.out / stem / f"{stem}.####.exr"
        out.parent.mkdir(parents=True, exist_ok=True)
        part = replace(request, file=use.media, out=out, frames=(use.first, use.last))
        return upconvert_clip(part, progress)

    return UpconvertTimelineResult(request.file, request.out, _each(uses, one, progress), notes)


def distil_timeline(request: DistilRequest, progress: WorkProgress = no_work) -> DistilTimelineResult:
    """Every medium with networks for what is shown of it, from the first such frame to the last, as a copy
    in the folder `out`. Raises as `upconvert_timeline` and `distil_shots`.
    """
    _check(request, {})
    uses, notes = _uses(request, progress)
    media: dict[Path, _Use] = {}
    for use in uses:
        known = media.setdefault(use.media, use)
        media[use.media] = replace(known, first=min(known.first, use.first), last=max(known.last, use.last))

    def one(use: _Use) -> DistilShotsResult:
        request.out.mkdir(parents=True, exist_ok=True)
        out = request.out / use.media.name
        part = replace(request, file=use.media, out=out, frames=(use.first, use.last))
        return distil_shots(part, progress)

    return DistilTimelineResult(request.file, request.out, _each(list(media.values()), one, progress), notes)


def _each(uses: list[_Use], one: Callable[[_Use], R], progress: WorkProgress) -> tuple[R, ...]:
    def made() -> Iterator[R]:
        for number, use in enumerate(uses):
            progress(Work("clip", number, len(uses), "clips", use.media.name))
            yield one(use)

    return tuple(made())


def _check(request: UpconvertClipRequest | DistilRequest, others: dict[str, object]) -> None:
    for flag, given in {"--frames": request.frames, **others}.items():
        if given is not None:
            raise InputError(f"{flag}: the timeline {request.file} says which frames are shown; leave it out")
    if is_pattern(request.out) or (request.out.exists() and not request.out.is_dir()) or request.out.suffix:
        raise InputError(
            f"{request.out}: what a timeline shows goes into a folder; give one, which need not be there yet"
        )


def _uses(
    request: UpconvertClipRequest | DistilRequest, progress: WorkProgress
) -> tuple[list[_Use], tuple[str, ...]]:
    """Stretches by medium, those that overlap as one, and notes."""
    timeline: Timeline = with_media(
        request.file, request.rate, request.media, "--media", leave_out=[request.out], within=request.within
    )
    by_media: dict[Path, list[int]] = {}
    for number, shot in enumerate(timeline.shots):
        assert shot.media is not None
        by_media.setdefault(shot.media, []).append(number)
    names: dict[str, Path] = {}
    for path in by_media:
        if _stem(path) in names:
            raise InputError(
                f"{request.file}: {names[_stem(path)]} and {path} have one name, and would be one in "
                f"{request.out}; rename one of them"
            )
        names[_stem(path)] = path
    uses: list[_Use] = []
    notes, shown = list(timeline.notes), []
    for done, (media, numbers) in enumerate(by_media.items()):
        progress(Work("check", done, len(by_media), "clips"))
        with closing(request.said_clip.open(check_clip_within(media, request.within))) as clip:
            info = clip.info
        stretches = []
        for number in numbers:
            shot = in_media(timeline.shots[number], info, timeline.rate)
            stretches.append((shot.source_first, shot.source_last))
            shown.append((timeline.shots[number], info))
            if shot.step != 1:
                where = timeline.where(timeline.shots[number])
                notes.append(f"{where} does not play frame for frame: its media give their frames once each")
        uses += [_Use(media, first, last) for first, last in _joined(stretches)]
    return uses, (*notes, *rate_notes(timeline, shown))


def _joined(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def _stem(media: Path) -> str:
    """The name of a medium without what numbers its frames."""
    return media.name.partition("#")[0].rstrip("._- ") or media.stem if is_pattern(media) else media.stem
