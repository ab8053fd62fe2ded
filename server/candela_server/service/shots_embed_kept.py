"""What a clip carries already when shots are embedded into it: what of it stays, what is replaced, in words.

A shot that none of the new ones touches stays, where it is of this very picture: whoever embeds one shot anew
wants the others as they were. One that is touched goes, since a network serves its shot as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from candela_engines.errors import CandelaError, CarrierError, MediaError, PayloadError, PictureMismatchError
from candela_engines.itm.carriers import find_payload
from candela_engines.itm.reading import Reading
from candela_engines.media.clip import ClipInfo
from candela_server.service.clip_frames import bound_frames
from candela_server.service.clips import Side, numbers_text, path_of_frame
from candela_server.service.outputs import same_file
from candela_server.service.shot_binding import carried_by
from candela_server.service.shot_carried import BoundShot, Carried
from candela_server.service.shots_embed_out import ClipOut

__all__ = ["Kept", "kept_shots"]

Ranges = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Kept:
    """payloads: that go into the new reel beside the new ones. notes: what is to be said."""

    payloads: tuple[bytes, ...] = ()
    notes: tuple[str, ...] = ()


def kept_shots(sdr: Side, out: ClipOut, ranges: Ranges, reading: Reading) -> Kept:
    """What becomes of the shots that the SDR clip carries. ranges: first and last frames of the new ones.

    reading: of the new ones; a reel has one.
    """
    info = sdr.info
    if info.kind == "sequence" and not out.sidecar:
        return Kept((), tuple(_files_told(info, out, ranges)))
    try:
        carried = carried_by(info)
    except (PayloadError, CarrierError) as error:
        return Kept((), (f"what {info.name} carried is replaced; it was damaged: {error}",))
    except PictureMismatchError as error:
        return Kept((), (f"what {info.name} carried is replaced: {error}",))
    told = [] if out.in_place else list(_output_told(info, out.files.get(None), ranges))
    if carried is None:
        return Kept((), tuple(told))
    kept, notes = _sorted_out(sdr, carried, ranges, reading)
    return Kept(tuple(shot.data for shot in kept), (*notes, *told))


def _sorted_out(
    sdr: Side, carried: Carried, ranges: Ranges, reading: Reading
) -> tuple[list[BoundShot], list[str]]:
    kept: list[BoundShot] = []
    notes = []
    replaced = [shot for shot in carried.shots if _touched(shot, ranges)]
    for shot in carried.shots:
        if _touched(shot, ranges):
            continue
        why = _unfit(sdr, carried, shot, reading)
        if why:
            notes.append(f"the HDR that frames {shot.first} to {shot.last} carried is left out: {why}")
        else:
            kept.append(shot)
    if kept:
        spans = ", ".join(_span([shot]) for shot in kept[:6]) + (", …" if kept[6:] else "")
        notes.insert(0, f"frames {spans} keep the HDR that they carry: {_many(kept)}")
    if replaced:
        notes.insert(0, f"the HDR that frames {_span(replaced)} carried is replaced: {_many(replaced)}")
        frames = (number for shot in replaced for number in range(shot.first, shot.last + 1))
        if lost := tuple(number for number in frames if not _within(number, ranges)):
            words = numbers_text(lost, "have", "has")
            notes.insert(1, f"{words} no HDR any more: a shot is replaced as a whole")
    return kept, notes


def _unfit(sdr: Side, carried: Carried, shot: BoundShot, reading: Reading) -> str:
    """Why a shot cannot stay, or nothing. Its outermost frames are held against it; readers do all."""
    p, info = shot.payload, sdr.info
    if p.place is not None or p.frames is None or shot.shift:
        return "its payload is in the files of its frames, and the new ones lie beside them"
    if (p.width, p.height) != (info.width, info.height):
        return "it is of a picture of another size"
    if p.sdr != sdr.state or p.reading != reading:
        return "its SDR was read as another colour, range or matrix"
    for number in sorted({max(shot.first, info.first), min(shot.last, info.last)}):
        try:
            if any(frame.altered for frame in bound_frames(sdr.clip, carried, number, number, force=True)):
                return f"frame {number} is another picture than it was made for"
        except MediaError as error:
            return str(error)
    return ""


def _files_told(info: ClipInfo, out: ClipOut, ranges: Ranges) -> Iterator[str]:
    """Of numbered files, which have their payloads each: what happens to those without a new one."""
    missing = set(info.missing)
    beyond = tuple(n for n in range(info.first, info.last + 1) if n not in missing and not _within(n, ranges))
    first = path_of_frame(info, max(info.first, min(a for a, _ in ranges)))
    if first is not None and _carries(first):
        yield "the HDR that the frames carried is replaced"
    if not beyond:
        return
    how = ("stay", "stays") if out.in_place else ("are copied", "is copied")
    carrying = tuple(n for n in beyond if _carries(path_of_frame(info, n)))
    bare = tuple(sorted(set(beyond) - set(carrying)))
    if bare:
        yield f"{numbers_text(bare, *how)} unchanged, without HDR: not among the frames that are embedded"
    if carrying:
        yield f"{numbers_text(carrying, *how)} unchanged, with the HDR carried already"


def _carries(path: Path | None) -> bool:
    """Whether a file has a payload in itself, even a damaged one."""
    if path is None:
        return False
    try:
        found = find_payload(path)
    except PayloadError:
        return True
    except CandelaError:
        return False
    return found is not None and same_file(found.path, path)


def _output_told(info: ClipInfo, path: Path | None, ranges: Ranges) -> Iterator[str]:
    """Of a movie that is to be replaced: which of its shots nobody asked to be made anew."""
    if path is None or not path.is_file() or same_file(path, info.files[0]):
        return
    try:
        before = carried_by(replace(info, name=str(path), files=(path,)))
    except CandelaError:
        return
    lost = [] if before is None else [shot for shot in before.shots if not _touched(shot, ranges)]
    if lost:
        yield (
            f"{path} is replaced, and with it the HDR that it carries for frames {_span(lost)}; give it as "
            "SDR to keep its other shots"
        )


def _touched(shot: BoundShot, ranges: Ranges) -> bool:
    return any(shot.first <= last and first <= shot.last for first, last in ranges)


def _within(number: int, ranges: Ranges) -> bool:
    return any(first <= number <= last for first, last in ranges)


def _span(shots: list[BoundShot]) -> str:
    return f"{shots[0].first} to {shots[-1].last}"


def _many(shots: list[BoundShot]) -> str:
    return "1 shot" if len(shots) == 1 else f"{len(shots)} shots"
