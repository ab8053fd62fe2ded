"""The pictures on the page of shots: first, middle and last frame, as SDR, as HDR and as confidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import PayloadError
from candela_engines.itm.confidence import confidence, false_colour
from candela_engines.itm.shot_model import ShotRenderer, decode_shot
from candela_engines.media.clip import Clip, ClipFrame, ClipInfo
from candela_engines.media.thumbnails import U8, jpeg_of, picture_of_hdr, picture_of_sdr, shrunk
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shot_binding import check_clip_size
from candela_server.service.shot_carried import BoundShot, Carried
from candela_server.service.shots_result import Picture, PictureKind, ShotRow
from candela_server.service.timecodes import timecode_at

__all__ = ["Wanted", "pictures_of", "shot_pictures", "state_notes", "three_of"]

Wanted = tuple[int, int, str | None]
"""A frame of a clip, and the number and the timecode that are shown with it."""


def shot_pictures(
    clip: Clip,
    rows: tuple[ShotRow, ...],
    carried: Carried | None,
    *,
    with_confidence: bool,
    progress: WorkProgress,
) -> tuple[ShotRow, ...]:
    """`rows` with their pictures; of HDR where `carried` has its network.

    Raises MediaError naming a frame that cannot be decoded, PictureMismatchError for a clip of another size.
    """
    info, missing = clip.info, frozenset(clip.info.missing)
    done = []
    for number, row in enumerate(rows):
        progress(Work("render", number, len(rows), "shots"))
        there = [n for n in range(row.first, row.last + 1) if n not in missing]
        if carried is not None:
            there = [n for n in there if carried.at(n) is carried.shots[number]]
        wanted = [(n, n, timecode_at(info.timecode, info.rate, n - info.first)) for n in three_of(there)]
        done.append(replace(row, pictures=tuple(pictures_of(clip, wanted, carried, with_confidence))))
    return tuple(done)


def pictures_of(
    clip: Clip, wanted: Iterable[Wanted], carried: Carried | None, with_confidence: bool
) -> Iterator[Picture]:
    """The pictures of some frames of a clip. Raises as `shot_pictures`."""
    info = clip.info
    before: BoundShot | None = None
    renderer = None
    for number, shown, timecode in wanted:
        shot = None if carried is None else carried.at(number)
        if shot is not None and shot is not before:
            check_clip_size(info, shot)
            renderer = ShotRenderer(decode_shot(shot.payload), info.height, info.width)
        before = shot
        state = shot.payload.sdr if shot is not None else info.state or NAMED["rec709"]
        frame = clip.frame(number)
        place = number if carried is None else carried.place(number)
        for kind, picture in _pictures(frame, place, state, shot, renderer, with_confidence):
            yield Picture(kind, shown, timecode, picture.shape[1], picture.shape[0], jpeg_of(picture))


def state_notes(info: ClipInfo, carried: Carried | None) -> list[str]:
    """A note where pictures are shown in a state that nobody has said."""
    if info.state is not None or carried is not None:
        return []
    return [f"{info.name}: its colour state is not known ({info.found}); the pictures take it for rec709"]


def three_of(numbers: Sequence[int]) -> list[int]:
    """First, middle and last; fewer where there are fewer."""
    if not numbers:
        return []
    return list(dict.fromkeys((numbers[0], numbers[len(numbers) // 2], numbers[-1])))


def _pictures(
    frame: ClipFrame,
    place: int,
    state: ColourState,
    shot: BoundShot | None,
    renderer: ShotRenderer | None,
    plane: bool,
) -> Iterator[tuple[PictureKind, U8]]:
    hdr_clip = state.is_hdr or (state.transfer == "linear" and state.ocio_space is None)
    yield "sdr", picture_of_sdr(frame.codes, frame.bits, state, tone_map=hdr_clip)
    if shot is None or renderer is None:
        return
    try:
        nits = np.asarray(renderer.render(place, frame.codes, frame.bits), np.float32)
    except PayloadError as error:
        raise PayloadError(f"frame {frame.number}: {error}") from error
    yield "hdr", picture_of_hdr(nits)
    if plane:
        share = confidence(frame.codes, frame.bits, nits, shot.payload)
        view = false_colour(share, frame.codes, frame.bits)
        yield "confidence", np.rint(shrunk(view)).astype(np.uint8)
