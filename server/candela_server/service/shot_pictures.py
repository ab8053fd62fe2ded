"""The pictures on the page of shots: first, middle and last frame, as SDR, as HDR and as confidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import PayloadError
from candela_engines.itm.confidence import confidence, false_colour
from candela_engines.itm.shot_model import ShotRenderer, decode_shot
from candela_engines.media.clip import Clip, ClipFrame
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shot_binding import BoundShot, Carried, check_clip_size
from candela_server.service.shots_result import Picture, PictureKind, ShotRow
from candela_server.service.thumbnails import U8, jpeg_of, picture_of_hdr, picture_of_sdr, shrunk
from candela_server.service.timecodes import timecode_at

__all__ = ["shot_pictures"]


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
    done = []
    for number, row in enumerate(rows):
        progress(Work("render", number, len(rows), "shots"))
        shot = None if carried is None else carried.at(row.first)
        done.append(replace(row, pictures=tuple(_of_shot(clip, row, shot, with_confidence))))
    return tuple(done)


def _of_shot(clip: Clip, row: ShotRow, shot: BoundShot | None, with_confidence: bool) -> Iterator[Picture]:
    info = clip.info
    renderer = None
    if shot is not None:
        check_clip_size(info, shot)
        renderer = ShotRenderer(decode_shot(shot.payload), info.height, info.width)
    state = shot.payload.sdr if shot is not None else info.state or NAMED["rec709"]
    for number in _three(row, frozenset(info.missing)):
        frame = clip.frame(number)
        time = timecode_at(info.timecode, info.rate, number - info.first)
        for kind, picture in _pictures(frame, state, shot, renderer, with_confidence):
            yield Picture(kind, number, time, picture.shape[1], picture.shape[0], jpeg_of(picture))


def _pictures(
    frame: ClipFrame, state: ColourState, shot: BoundShot | None, renderer: ShotRenderer | None, plane: bool
) -> Iterator[tuple[PictureKind, U8]]:
    hdr_clip = state.is_hdr or (state.transfer == "linear" and state.ocio_space is None)
    yield "sdr", picture_of_sdr(frame.codes, frame.bits, state, tone_map=hdr_clip)
    if shot is None or renderer is None:
        return
    try:
        nits = np.asarray(renderer.render(frame.number + shot.shift, frame.codes, frame.bits), np.float32)
    except PayloadError as error:
        raise PayloadError(f"frame {frame.number}: {error}") from error
    yield "hdr", picture_of_hdr(nits)
    if plane:
        share = confidence(frame.codes, frame.bits, nits, shot.payload)
        view = false_colour(share, frame.codes, frame.bits)
        yield "confidence", np.rint(shrunk(view)).astype(np.uint8)


def _three(row: ShotRow, missing: frozenset[int]) -> list[int]:
    """First, middle and last of the frames that are there; fewer of a shot that has fewer."""
    there = [number for number in range(row.first, row.last + 1) if number not in missing]
    if not there:
        return []
    return sorted({there[0], there[len(there) // 2], there[-1]})
