"""Distil: the embedded network fitted to what an engine makes of SDR, so that files carry it as they do HDR.

The payload says `distilled`. What it was held against is the engine's light and no master's, and everything
that reads it says so; HDR that was fitted to a master is never replaced by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import Range
from candela_engines.errors import InputError
from candela_engines.itm.carriers import find_payload
from candela_engines.itm.fitted import Effort
from candela_engines.itm.payload import Payload, decode
from candela_engines.upconvert.engine import Engine, open_engine
from candela_engines.upconvert.highlights import Highlights, open_highlights
from candela_server.service.clips import SaidClip
from candela_server.service.embed import EmbedRequest, EmbedResult, embed
from candela_server.service.pictures import Master, Sdr
from candela_server.service.reconstruct_clip import frames_asked
from candela_server.service.results import Json, Progress, WorkProgress, no_progress, no_work
from candela_server.service.shot_binding import carried_by
from candela_server.service.shots_embed import embed_shots
from candela_server.service.shots_embed_request import EmbedShotsRequest
from candela_server.service.shots_embed_result import EmbedShotsResult
from candela_server.service.timeline_within import Within
from candela_server.service.upconversion import Upconversion, Upconverted
from candela_server.service.upconvert_input import open_graded_clip, read_graded
from candela_server.service.upconvert_request import UpconvertClipRequest, UpconvertRequest
from candela_server.service.upconvert_shots import for_picture, with_shots
from candela_server.service.upconvert_speed import Speed, compare_speed
from candela_server.service.upconvert_teacher import SaidTeacher

__all__ = ["DistilRequest", "DistilResult", "DistilShotsResult", "distil", "distil_shots"]


@dataclass(frozen=True)
class DistilRequest:
    """file: graded SDR; out: the same with its payload. engine, reference_white, sdr_colour, sdr_range,
    sdr_matrix, force, highlights: as of `UpconvertRequest`. bytes, effort, seconds, seed: as of
    `EmbedRequest`. bytes_per_second, frames, rate, resume: of clips, as of `EmbedShotsRequest`. media,
    within: as of `UpconvertClipRequest`.
    """

    file: Path
    out: Path
    engine: str = "placement"
    reference_white: float | None = None
    sdr_colour: str | None = None
    sdr_range: Range | None = None
    sdr_matrix: str | None = None
    ocio: str | None = None
    force: bool = False
    bytes: int | None = None
    effort: Effort = "normal"
    seconds: float | None = None
    seed: int = 0
    bytes_per_second: int | None = None
    frames: tuple[int, int] | None = None
    rate: Fraction | None = None
    resume: bool = True
    highlights: bool = False
    media: tuple[Path, ...] = ()
    within: Within = None

    @property
    def said_clip(self) -> SaidClip:
        """What was said of a clip."""
        return SaidClip("sdr", self.sdr_colour, self.sdr_range, self.sdr_matrix, self.ocio)

    def opened_engine(self) -> Engine:
        """The engine. Raises InputError for what it cannot do."""
        return open_engine(self.engine, reference_white=self.reference_white)

    def opened_highlights(self) -> Highlights | None:
        """As of `UpconvertRequest`."""
        return open_highlights() if self.highlights else None


@dataclass(frozen=True)
class DistilResult:
    """embedded: what the fit came to; its fidelity is to the engine's light."""

    embedded: EmbedResult
    upconversion: Upconverted
    speed: Speed
    notes: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return _document(self.embedded.to_json(), self.upconversion, self.speed, self.notes)


@dataclass(frozen=True)
class DistilShotsResult:
    """The same of a clip. speed: on the middle frame of the first shot."""

    embedded: EmbedShotsResult
    upconversion: Upconverted
    speed: Speed
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return _document(self.embedded.to_json(), self.upconversion, self.speed, self.notes)


def _document(embedded: Json, by: Upconverted, speed: Speed, notes: tuple[str, ...]) -> Json:
    said = embedded.get("notes")
    known = list(said) if isinstance(said, list) else []
    return {
        **{key: value for key, value in embedded.items() if key not in ("hdr", "hdr_colour")},
        "command": "upconvert",
        **by.to_json(),
        "provenance": "distilled",
        "speed": speed.to_json(),
        "notes": [*notes, *known],
    }


def distil(request: DistilRequest, progress: Progress = no_progress) -> DistilResult:
    """Fit, measure, write, for a still. Raises as `upconvert` and `embed`, and InputError for a picture that
    carries HDR fitted to a master.
    """
    engine, highlights = request.opened_engine(), request.opened_highlights()
    checked = UpconvertRequest(
        request.file, request.out, sdr_colour=request.sdr_colour, sdr_range=request.sdr_range,
        ocio=request.ocio, force=request.force,
    )  # fmt: skip
    still, state, notes = read_graded(checked)
    found = find_payload(request.file)
    if found is not None:
        _keep_masters(str(request.file), [decode(found.payload)])
    by = for_picture(Upconversion(engine, state, highlights=highlights), still)

    def teacher(sdr: Sdr) -> Master:
        made = by.light(sdr.still.pixels, sdr.still.bits)
        return Master(sdr.still.path, made, NAMED["linear-rec2020"], ())

    embedded = embed(
        EmbedRequest(
            request.file,
            request.out,
            sdr_colour=request.sdr_colour,
            sdr_range=request.sdr_range,
            ocio=request.ocio,
            bytes=request.bytes,
            effort=request.effort,
            seconds=request.seconds,
            seed=request.seed,
            teacher=teacher,
        ),
        progress,
    )
    written = find_payload(request.out)
    assert written is not None
    speed = compare_speed(by, decode(written.payload), still.codes, still.bits, 0)
    return DistilResult(embedded, by.said(), speed, _without(notes, embedded.notes))


def distil_shots(request: DistilRequest, progress: WorkProgress = no_work) -> DistilShotsResult:
    """The same for a movie or a sequence, one network a shot. Raises as `embed_shots` besides."""
    engine, highlights = request.opened_engine(), request.opened_highlights()
    said = request.said_clip
    checked = UpconvertClipRequest(
        request.file, request.out, sdr_colour=request.sdr_colour, sdr_range=request.sdr_range,
        ocio=request.ocio, force=request.force, sdr_matrix=request.sdr_matrix,
    )  # fmt: skip
    with open_graded_clip(checked) as side:
        notes = side.notes
        carried = carried_by(side.info)
        if carried is not None:
            _keep_masters(side.info.name, (shot.payload for shot in carried.shots))
        first, last = frames_asked(side.info, request.frames)
        plain = Upconversion(engine, side.state, highlights=highlights)
        by = with_shots(plain, side, first, last, progress)
    embedded = embed_shots(
        EmbedShotsRequest(
            request.file,
            request.out,
            request.file,
            sdr_colour=request.sdr_colour,
            sdr_range=request.sdr_range,
            sdr_matrix=request.sdr_matrix,
            ocio=request.ocio,
            bytes_per_second=request.bytes_per_second,
            bytes=request.bytes,
            effort=request.effort,
            seed=request.seed,
            frames=request.frames,
            rate=request.rate,
            resume=request.resume,
            teacher=SaidTeacher("hdr", graded=said, by=by),
            teacher_facts=tuple((name, str(value)) for name, value in by.facts().items()),
        ),
        progress,
    )
    return DistilShotsResult(embedded, by.said(), _speed_of_shots(request, said, by, embedded), notes)


def _speed_of_shots(
    request: DistilRequest, said: SaidClip, by: Upconversion, embedded: EmbedShotsResult
) -> Speed:
    shot = embedded.clips[0].shots[0]
    with closing(said.open(embedded.clips[0].media or request.out)) as clip:
        carried = carried_by(clip.info)
        assert carried is not None
        there = [n for n in range(shot.first, shot.last + 1) if n not in set(clip.info.missing)]
        number = there[len(there) // 2]
        bound, frame = carried.at(number), clip.frame(number)
        assert bound is not None
        return compare_speed(by, bound.payload, frame.codes, frame.bits, carried.place(number))


def _keep_masters(name: str, payloads: Iterable[Payload]) -> None:
    if any(payload.provenance == "fitted" for payload in payloads):
        raise InputError(
            f"{name}: carries HDR that was fitted to a master, which a distilled one would replace. candela "
            "reconstruct gives that HDR; where it is to go, take it out with candela strip first"
        )


def _without(notes: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Notes that the fit does not say again, with or without the name of its side."""
    said = {note.removeprefix("SDR: ") for note in others}
    return tuple(note for note in notes if note not in said)
