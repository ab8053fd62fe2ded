"""Writing: one reel into a movie, every frame's own payload into the files of a sequence, or a sidecar."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from candela_engines.errors import CandelaError, CarrierError, InfrastructureError, InputError
from candela_engines.itm.carriers import embed_payload, find_payload
from candela_engines.itm.carriers.sidecar import wrapped
from candela_engines.itm.payload import Payload, decode
from candela_engines.itm.place import placed
from candela_engines.itm.reel import encode_reel
from candela_engines.media import atomic_path, write_atomic
from candela_engines.media.clip import ClipInfo
from candela_server.service.outputs import same_file
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shot_binding import sequence_sidecar
from candela_server.service.shots_embed_fit import FinishedShot
from candela_server.service.shots_embed_out import ClipOut, make_folder, same_clip

__all__ = ["copy_file", "write_clip"]


def write_clip(
    info: ClipInfo, out: ClipOut, shots: Sequence[FinishedShot], progress: WorkProgress
) -> tuple[Path, int]:
    """Write a clip with its payloads; where to, and how many bytes its files grew by.

    Every file is whole or as it was. In a sequence files that are written already are left alone, so that
    this can be done again after an interrupt. Raises what embedding raises, naming the file.
    """
    make_folder(out)
    if info.kind == "movie":
        return _movie(info, out, shots, progress)
    if out.sidecar:
        return _beside_sequence(info, out, shots, progress)
    return _sequence(info, out, shots, progress)


def _movie(
    info: ClipInfo, out: ClipOut, shots: Sequence[FinishedShot], progress: WorkProgress
) -> tuple[Path, int]:
    progress(Work("write", 0, 1, "files"))
    source, destination = info.files[0], out.files[None]
    reel = encode_reel([shot.payload for shot in shots])
    report = embed_payload(source, destination, reel, carrier="sidecar" if out.sidecar else None)
    found = find_payload(destination)
    if found is None or found.payload != reel:
        raise InfrastructureError(
            f"{destination}: was written, but what is on the disk is not what was meant; check the disk and "
            "embed again"
        )
    progress(Work("write", 1, 1, "files"))
    return report.path, report.bytes_added


def _sequence(
    info: ClipInfo, out: ClipOut, shots: Sequence[FinishedShot], progress: WorkProgress
) -> tuple[Path, int]:
    growth = 0
    read: tuple[FinishedShot, Payload] | None = None
    for done, (number, source, destination) in enumerate(same_clip(info, out)):
        progress(Work("write", done, info.count))
        shot = next((s for s in shots if s.first <= number <= s.last), None)
        if shot is None:
            copy_file(source, destination)
            continue
        if read is None or read[0] is not shot:
            read = shot, decode(shot.payload)
        payload = placed(read[1], number, shot.digests[number])
        growth += _frame(source, destination, payload, number)
    progress(Work("write", info.count, info.count))
    return out.name, growth


def _frame(source: Path, destination: Path, payload: bytes, number: int) -> int:
    """One frame's file with its payload; what it grew by."""
    try:
        if _holds(destination, payload):
            return len(payload) if same_file(source, destination) else _growth(source, destination)
        return embed_payload(source, destination, payload).bytes_added
    except CandelaError as error:
        text = str(error)
        named = text if str(destination) in text or str(source) in text else f"{destination}: {text}"
        raise type(error)(
            f"{named} (frame {number}); the frames before it are written"
        ) from error


def _growth(source: Path, destination: Path) -> int:
    return destination.stat().st_size - source.stat().st_size


def _holds(path: Path, payload: bytes) -> bool:
    """Whether an earlier run has written this very frame."""
    if not path.is_file():
        return False
    try:
        found = find_payload(path)
    except (CarrierError, InputError):
        return False
    return found is not None and found.path == path and found.payload == payload


def _beside_sequence(
    info: ClipInfo, out: ClipOut, shots: Sequence[FinishedShot], progress: WorkProgress
) -> tuple[Path, int]:
    for done, (_, source, destination) in enumerate(same_clip(info, out)):
        progress(Work("write", done, info.count))
        copy_file(source, destination)
    beside = sequence_sidecar(info, out.files[info.first])
    size = write_atomic(beside, wrapped(encode_reel([shot.payload for shot in shots])))
    progress(Work("write", info.count, info.count))
    return beside, size


def copy_file(source: Path, destination: Path) -> None:
    """A file that stays as it is, at its new place; nothing where that is its old one."""
    if same_file(source, destination) or _same_bytes_claimed(source, destination):
        return
    with atomic_path(destination) as temporary:
        shutil.copyfile(source, temporary)
        shutil.copystat(source, temporary)


def _same_bytes_claimed(source: Path, destination: Path) -> bool:
    """Whether a copy is there already: of the same size and time, as `_copy` leaves it."""
    try:
        ours, theirs = source.stat(), destination.stat()
    except OSError:
        return False
    return (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)
