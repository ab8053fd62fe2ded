"""The payloads of a clip, wherever they travel, and whether a frame at hand is the one that they are for.

A movie has all its shots in one reel, inside or in the sidecar file. In a sequence every frame's file has
the payload of its own shot, which says where its place is; or a sidecar file has the reel of them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from candela_engines.errors import NoPayloadError, PayloadError, PictureMismatchError
from candela_engines.itm.carriers import Found, find_payload, sidecar_path
from candela_engines.itm.payload import CHECK_BYTES, Payload, decode
from candela_engines.itm.reel import decode_reel, is_reel
from candela_engines.media.clip import ClipInfo, digest_of_digests
from candela_engines.media.sequence_names import split_number
from candela_server.service.clips import frame_file, path_of_frame

__all__ = [
    "BoundShot",
    "Carried",
    "ShotCheck",
    "bound",
    "carried_by",
    "check_clip_size",
    "load_shots",
    "sequence_sidecar",
]

_ADVICE = "take the file as embed wrote it, or embed again"


@dataclass(frozen=True)
class BoundShot:
    """One shot of a clip. data: its payload as it travels; payload: the same, read.

    first, last: in the clip's own numbers. shift: what to add to those for the payload's numbers, which is
    not 0 where the files of a sequence were renumbered.
    """

    data: bytes
    payload: Payload
    first: int
    last: int
    shift: int = 0

    @property
    def count(self) -> int:
        """Frames from first to last."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Carried:
    """What a clip carries. carrier, path: where (the first file of a sequence). bytes: of all payloads, once.

    shots: in order, not overlapping. bare: frames of the clip that no shot covers.
    """

    carrier: str
    path: Path
    bytes: int
    shots: tuple[BoundShot, ...]
    bare: tuple[int, ...] = ()

    def at(self, number: int) -> BoundShot | None:
        """The shot that a frame belongs to."""
        return next((shot for shot in self.shots if shot.first <= number <= shot.last), None)


def load_shots(info: ClipInfo, first: int | None = None, last: int | None = None) -> Carried:
    """The payloads of frames first..last of a clip, checked; default all.

    Raises NoPayloadError with advice where there is none at all, CarrierError and PayloadError for what is
    damaged.
    """
    first, last = info.first if first is None else first, info.last if last is None else last
    carried = carried_by(info, first, last)
    if carried is None:
        beside = sidecar_path(info.files[0]) if info.kind == "movie" else sequence_sidecar(info)
        raise NoPayloadError(
            f"{info.name}: carries no HDR, and there is no {beside.name} beside it. Another program may have "
            f"dropped it on saving: take what embed wrote, or make it with candela embed {info.name} "
            "--hdr MASTER -o OUT"
        )
    return carried


def carried_by(info: ClipInfo, first: int, last: int) -> Carried | None:
    """As `load_shots`, None where there is nothing."""
    if info.kind == "movie":
        found = find_payload(info.files[0])
        return None if found is None else _of_reel(info, found, first, last)
    within = _of_files(info, first, last)
    if within is not None:
        return within
    beside = sequence_sidecar(info)
    found = find_payload(beside) if beside.is_file() else None
    return None if found is None else _of_reel(info, found, first, last)


def sequence_sidecar(info: ClipInfo, first_file: Path | None = None) -> Path:
    """The sidecar file of a sequence: `shot.####.exr.candela`, a # for every digit of its first file.

    first_file: of a copy of the sequence; None is the sequence's own.
    """
    path = info.files[0] if first_file is None else first_file
    parts = split_number(path.name)
    if parts is None:
        return path.with_name(path.name + ".candela")
    before, number, after = parts
    return path.with_name(before + "#" * len(number) + after + ".candela")


def check_clip_size(info: ClipInfo, shot: BoundShot) -> None:
    """PictureMismatchError where a clip is of another size than a shot that it carries."""
    p = shot.payload
    if (info.width, info.height) != (p.width, p.height):
        how = "rotated" if (info.width, info.height) == (p.height, p.width) else "resized or cropped"
        raise PictureMismatchError(
            f"{info.name}: {how}: {info.width}x{info.height}, payload for {p.width}x{p.height}. Take what "
            "embed wrote, or embed again from this clip and its master"
        )


@dataclass
class ShotCheck:
    """Holds the frames of one shot against its payload as they come.

    altered: numbers that are not the payload's frames. `whole` says at the end whether all of it is the same.
    """

    info: ClipInfo
    shot: BoundShot
    altered: list[int] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)

    def matches(self, number: int, digest: bytes) -> bool | None:
        """Whether a frame is the payload's, by its two bytes; None where the payload does not say.

        In a per-frame file the payload of that very frame says it in full.
        """
        p = self.shot.payload
        self.digests.append(digest)
        if p.place is not None:
            if number + self.shot.shift != p.place:
                return None
            same = digest[: len(p.picture_hash)] == p.picture_hash
        elif p.checks:
            at = CHECK_BYTES * (number + self.shot.shift - (p.frames or (0, 0))[0])
            expected = p.checks[at : at + CHECK_BYTES]
            # Zeros: the clip had no such frame when the payload was made.
            same = expected == digest[:CHECK_BYTES] and any(expected)
        else:
            return None
        if not same:
            self.altered.append(number)
        return same

    def whole(self) -> bool | None:
        """Whether the frames seen are the whole shot, by its full hash; None where that cannot be said."""
        p = self.shot.payload
        if p.place is not None or not p.checks:
            return None
        return digest_of_digests(self.digests) == p.picture_hash

    def text(self, number: int) -> str:
        """What is wrong with a frame, in words, and what to do."""
        return (
            f"{frame_file(self.info, number)}: re-graded or re-encoded: its samples are not those that the "
            "payload was made for. Take what embed wrote, or embed again from this clip and its master"
        )


def _of_reel(info: ClipInfo, found: Found, first: int, last: int) -> Carried:
    """The shots of a reel that have frames in first..last; a payload that is no reel counts as one shot."""
    try:
        datas = decode_reel(found.payload).data if is_reel(found.payload) else (found.payload,)
        read = [(data, decode(data)) for data in datas]
    except PayloadError as error:
        raise PayloadError(f"{found.path}: {error}; {_ADVICE}") from error
    shots = []
    for data, payload in read:
        if payload.frames is None:
            raise PayloadError(
                f"{found.path}: its payload is that of a still picture, not of a shot; embed the clip again"
            )
        if payload.frames[1] >= first and payload.frames[0] <= last:
            shots.append(BoundShot(data, payload, *payload.frames))
    shots.sort(key=lambda shot: shot.first)
    bare = _bare(info, shots, first, last)
    return Carried(found.carrier, found.path, len(found.payload), tuple(shots), bare)


def _of_files(info: ClipInfo, first: int, last: int) -> Carried | None:
    """What the files of a sequence carry: a shot is read once, from the first of its frames that has it."""
    shots: list[BoundShot] = []
    carrier, where, number = "", info.files[0], first
    while number <= last:
        path = path_of_frame(info, number)
        found = None if path is None else find_payload(path)
        if found is None:
            number += 1
            continue
        shot = _of_file(found, number)
        if shots and shots[-1].last >= number:
            raise PayloadError(f"{found.path}: its payload overlaps that of the shot before; embed again")
        carrier, where = carrier or found.carrier, where if shots else found.path
        shots.append(shot)
        number = max(number, shot.last) + 1
    if not shots:
        return None
    total = sum(len(shot.data) for shot in shots)
    return Carried(carrier, where, total, tuple(shots), _bare(info, shots, first, last))


def _of_file(found: Found, number: int) -> BoundShot:
    try:
        payload = decode(found.payload)
    except PayloadError as error:
        raise PayloadError(f"{found.path}: {error}; {_ADVICE}") from error
    if payload.frames is None:
        # A still's payload: this file alone was embedded.
        return BoundShot(found.payload, payload, number, number)
    shift = 0 if payload.place is None else payload.place - number
    begin, end = payload.frames[0] - shift, payload.frames[1] - shift
    if not begin <= number <= end:
        raise PayloadError(
            f"{found.path}: its payload is for frames {begin} to {end}, this is frame {number}; embed again"
        )
    return BoundShot(found.payload, payload, begin, end, shift)


def _bare(info: ClipInfo, shots: list[BoundShot], first: int, last: int) -> tuple[int, ...]:
    covered = [(shot.first, shot.last) for shot in shots]
    missing = set(info.missing)
    return tuple(
        n for n in range(first, last + 1)
        if n not in missing and not any(a <= n <= b for a, b in covered)
    )  # fmt: skip


def bound(shot: BoundShot, data: bytes) -> BoundShot:
    """`shot` with the copy of its payload that another frame's file has."""
    return replace(shot, data=data, payload=decode(data))
