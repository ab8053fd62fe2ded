"""Where embedded shots go: names of outputs, what carries the payloads, and checks before any work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import CarrierError, InfrastructureError, InputError
from candela_engines.itm.carriers import plan_payload
from candela_engines.media.clip import ClipInfo
from candela_engines.media.sequence import frame_path, is_pattern
from candela_server.service.outputs import check_keeps_format, check_writable, same_file

__all__ = ["ClipOut", "check_room", "clip_out", "make_folder", "same_clip"]


@dataclass(frozen=True)
class ClipOut:
    """Where one clip goes. name: the movie, or the pattern or folder as it was said.

    files: by frame number for a sequence, the movie alone under None. carrier: of the payloads. in_place:
    whether the SDR files themselves are changed.
    """

    name: Path
    files: dict[int | None, Path]
    carrier: str
    sidecar: bool
    in_place: bool
    notes: tuple[str, ...] = ()


def clip_out(
    info: ClipInfo,
    out: Path | None,
    others: tuple[Path, ...],
    size: int,
    *,
    sidecar: bool,
    folder: Path | None = None,
) -> ClipOut:
    """The output of one clip, checked. out: None for a dry run. others: files that must not be written over.

    size: bytes of all its payloads, about. folder: one that is made if it is not there. Raises InputError
    for a name that does not fit or that is an input, InfrastructureError for a folder that refuses.
    """
    files = _files(info, out)
    for number, file in files.items():
        source = _source(info, number)
        check_keeps_format(source, file)
        if out is not None and (number is None or number == info.first):
            _check_folder(out, file, made=folder if number is None else file.parent)
        _check_not_input(file, source, others)
    carrier, notes = _carrier(info, size, sidecar)
    in_place = any(same_file(file, _source(info, number)) for number, file in files.items())
    name = out if out is not None else Path(info.name)
    return ClipOut(name, files, carrier, sidecar or carrier == "sidecar", in_place, notes)


def make_folder(out: ClipOut) -> None:
    """The folder of an output, where it is not there yet."""
    folder = next(iter(out.files.values())).parent
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be made: {error.strerror or error}") from error


def check_room(outs: list[tuple[ClipInfo, ClipOut]]) -> None:
    """InfrastructureError where a disk has no room for copies of all clips."""
    needed: dict[Path, int] = {}
    for info, out in outs:
        folder = _existing(next(iter(out.files.values())).parent)
        total = sum(path.stat().st_size for path in info.files)
        most = max(path.stat().st_size for path in info.files)
        # In place one copy at a time is there beside its original.
        needed[folder] = needed.get(folder, 0) + (most if out.in_place else total)
    for folder, size in needed.items():
        free = shutil.disk_usage(folder).free
        if free < size:
            raise InfrastructureError(
                f"{folder}: {size:,} bytes are needed there and {free:,} are free; make room, or give -o "
                "another disk"
            )


def same_clip(info: ClipInfo, out: ClipOut) -> Iterator[tuple[int, Path, Path]]:
    """Frame number, source and destination of every file of a sequence, in order."""
    missing = set(info.missing)
    numbers = (n for n in range(info.first, info.last + 1) if n not in missing)
    return ((n, path, out.files[n]) for n, path in zip(numbers, info.files, strict=True))


def _files(info: ClipInfo, out: Path | None) -> dict[int | None, Path]:
    if info.kind == "movie":
        if out is None:
            return {None: info.files[0]}
        if out.is_dir():
            raise InputError(f"{out}: is a folder; give the name of the movie to write")
        if is_pattern(str(out)):
            raise InputError(f"{out}: a movie stays one file; give a name without a frame number")
        return {None: out}
    missing = set(info.missing)
    numbers = [n for n in range(info.first, info.last + 1) if n not in missing]
    if out is None:
        return dict(zip(numbers, info.files, strict=True))
    if is_pattern(str(out)):
        return {n: Path(frame_path(str(out), n)) for n in numbers}
    if out.suffix and out.suffix.lower() == info.files[0].suffix.lower():
        raise InputError(
            f"{out}: every frame stays a file; give a name with a frame number, as "
            f"{out.stem}.####{out.suffix}, or a folder"
        )
    return {n: out / path.name for n, path in zip(numbers, info.files, strict=True)}


def _source(info: ClipInfo, number: int | None) -> Path:
    if number is None:
        return info.files[0]
    before = sum(1 for n in info.missing if n < number)
    return info.files[number - info.first - before]


def _check_folder(out: Path, file: Path, made: Path | None) -> None:
    """The folder of an output can be written to. made: one that is made when it is needed, as those of
    numbered files are.
    """
    if file.parent == made and not made.exists():
        if not made.parent.is_dir():
            raise InputError(f"{out}: the folder {made.parent} does not exist; create it first")
        if not os.access(made.parent, os.W_OK):
            raise InfrastructureError(f"{out}: {made} cannot be made: no permission, or a read-only disk")
        return
    check_writable(file, inputs=())


def _check_not_input(file: Path, source: Path, others: tuple[Path, ...]) -> None:
    """An output may be the very file that it is made of, and no other input."""
    if not file.exists():
        return
    for other in others:
        if other != source and same_file(file, other):
            raise InputError(f"{file}: is an input; give -o another name, so that nothing is lost")


def _carrier(info: ClipInfo, size: int, sidecar: bool) -> tuple[str, tuple[str, ...]]:
    if sidecar:
        return "sidecar", ("the payloads lie in a file beside the clip; keep the two together",)
    try:
        carrier = plan_payload(info.files[0], max(size, 16))[0]
    except CarrierError as error:
        return "sidecar", (f"{error}. So the payloads lie in a file beside the clip; keep the two together",)
    if carrier == "sidecar":
        what = info.files[0].suffix or "this format"
        note = f"{what} has no place for payloads: they lie in a file beside it; keep the two together"
        return carrier, (note,)
    return carrier, ()


def _existing(folder: Path) -> Path:
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder
