"""Inputs of a QC pass as clips: what a name means, and which shots of it a timeline uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from candela_engines.errors import ColourStateError, InputError, MediaError
from candela_engines.media.clip import Clip, ClipInfo
from candela_engines.media.movie_kind import is_movie
from candela_engines.media.open_clip import open_clip
from candela_engines.media.sequence_names import is_pattern
from candela_engines.media.sequence_scan import sequences_in
from candela_engines.media.source import open_source
from candela_engines.media.still_clip import open_still_clip
from candela_engines.media.timeline import Timeline, TimelineShot, in_media
from candela_engines.qc.result import Record
from candela_engines.qc.shots import Span
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.metrics_sides import SaidSide
from candela_server.service.qc_request import QcRequest, QcSaid
from candela_server.service.timeline_said import with_media
from candela_server.service.timeline_within import Within, check_clip_within

__all__ = ["QcInput", "inputs_of", "open_input", "spans_in"]


@dataclass(frozen=True, eq=False)
class QcInput:
    """name: of the clip as given, or as its timeline names it. still: a single picture. uses: of a timeline,
    with the shots of it that show this clip; None for all of the clip. within: folders that it has to lie in.
    """

    name: str
    still: bool
    timeline: Timeline | None = None
    uses: tuple[TimelineShot, ...] = ()
    within: Within = None


def inputs_of(request: QcRequest) -> list[QcInput]:
    """Clips in the order of the inputs; of a folder all movies and sequences in it, of a timeline all media
    that it shows. Raises InputError for a folder without any, one clip given twice, and what `with_media`
    raises.
    """
    found: list[QcInput] = []
    for path in request.inputs:
        found += _of_timeline(path, request) if kind_of_name(path) == "timeline" else _of_path(path)
    found = [replace(one, within=request.within) for one in found]
    names = [(one.name, one.timeline is None) for one in found]
    for name in names:
        if names.count(name) > 1 and name[1]:
            raise InputError(f"{name[0]}: is given more than once; say every clip once")
    return found


def _of_path(path: Path) -> Iterator[QcInput]:
    if not path.is_dir():
        yield QcInput(str(path), kind_of_name(path) == "still")
        return
    sequences = sequences_in(path)
    movies = sorted(
        entry
        for entry in path.iterdir()
        if entry.is_file() and not entry.name.startswith(".") and _movie(entry)
    )
    if len(sequences) == 1 and not movies:
        yield QcInput(str(path), False)
        return
    if not sequences and not movies:
        raise InputError(f"{path}: there is no movie and no sequence in this folder")
    for sequence in sequences:
        yield QcInput(str(path / sequence.name.text), False)
    for movie in movies:
        yield QcInput(str(movie), False)


def _movie(path: Path) -> bool:
    try:
        return is_movie(path)
    except MediaError:
        return False


def _of_timeline(path: Path, request: QcRequest) -> Iterator[QcInput]:
    timeline = with_media(path, request.rate, request.media, "--media", within=request.within)
    by_media: dict[str, list[TimelineShot]] = {}
    for shot in timeline.shots:
        if shot.media is not None:
            by_media.setdefault(str(shot.media), []).append(shot)
    if not by_media:
        raise InputError(f"{path}: the timeline shows no media")
    for media, shots in by_media.items():
        still = kind_of_name(check_clip_within(Path(media), request.within)) == "still"
        yield QcInput(media, still, timeline, tuple(shots))


def open_input(given: QcInput, said: QcSaid) -> Clip:
    """The clip, in a state that is known.

    Raises ColourStateError naming the flag where neither tags nor flags say it, and what the readers raise.
    """
    check_clip_within(Path(given.name), given.within)
    side = SaidSide("--colour", said.colour, said.range, said.matrix, said.ocio)
    path = Path(given.name)
    if given.still and not is_pattern(path):
        with open_source(path):
            pass  # what is wrong with a name that leads nowhere is said there
        if said.matrix is not None:
            raise InputError(f"{path}: is a still picture, which holds R'G'B'; leave --matrix out")
        clip: Clip = open_still_clip(path, colour=side.state(), range=said.range)
    else:
        clip = open_clip(given.name, colour=side.state(), range=said.range, matrix=said.matrix)
    if clip.info.state is None:
        found = clip.info.found
        clip.close()
        raise ColourStateError(
            f"{given.name}: its colour state is not known (found: {found}); say it with --colour NAME, as"
            " rec2100-pq, rec2100-hlg, linear-rec2020 or a colour space of the OCIO config, and with --range"
            " full or narrow where that is not said either"
        )
    return clip


def spans_in(given: QcInput, info: ClipInfo) -> list[Span] | None:
    """The shots of a timeline in this clip, in the order of the timeline; None where it came by none."""
    timeline = given.timeline
    if timeline is None:
        return None
    spans: list[Span] = []
    for shot in given.uses:
        placed = in_media(shot, info, timeline.rate)
        first = max(placed.source_first, info.first)
        last = min(placed.source_last, info.last)
        if last < first:
            raise InputError(
                f"{timeline.where(shot)}: shows frames {placed.source_first} to {placed.source_last} of"
                f" {info.name}, which has {info.first} to {info.last}"
            )
        record = Record(
            timeline=str(timeline.path),
            track="V1",
            event=shot.event,
            first=shot.record_first,
            last=shot.record_last,
            timecode_in=timeline.timecode(shot.record_first),
            timecode_out=timeline.timecode(shot.record_last),
            source_start=str(placed.source_start),
            step=str(placed.step),
            rate=str(timeline.rate),
            drop_frame=timeline.drop,
            start=timeline.start,
        )
        name = shot.name or f"event {shot.event}"
        if any(span.name == name for span in spans):
            name = f"{name} ({shot.event})"
        spans.append(Span(name, first, last, "edit", record))
    return spans
