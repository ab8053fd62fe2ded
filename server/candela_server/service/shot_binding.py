"""The payloads of a clip, wherever they travel, and whether a frame at hand is the one that they are for.

A movie has all its shots in one reel, inside or in the sidecar file. In a sequence every frame's file has
the payload of its own shot, which says where its place is; or a sidecar file has the reel of them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import NoPayloadError, PayloadError, PictureMismatchError
from candela_engines.itm.carriers import Found, find_payload, sidecar_path
from candela_engines.itm.payload import CHECK_BYTES, decode
from candela_engines.itm.reel import decode_reel, is_reel
from candela_engines.media.clip import ClipInfo
from candela_engines.media.sequence_names import split_number
from candela_server.service.clips import frame_file
from candela_server.service.shot_carried import BoundShot, Carried, bare_frames
from candela_server.service.shot_files import DAMAGED_ADVICE, shots_in_files

__all__ = ["ShotCheck", "carried_by", "check_clip_size", "load_shots", "sequence_sidecar"]


def load_shots(info: ClipInfo) -> Carried:
    """The payloads of a clip, checked.

    Raises NoPayloadError with advice where there is none at all, CarrierError and PayloadError for what is
    damaged, PictureMismatchError where no shot has a frame of the clip.
    """
    carried = carried_by(info)
    if carried is None:
        beside = sidecar_path(info.files[0]) if info.kind == "movie" else sequence_sidecar(info)
        raise NoPayloadError(
            f"{info.name}: carries no HDR, and there is no {beside.name} beside it. Another program may have "
            f"dropped it on saving: take what embed wrote, or make it with candela embed {info.name} "
            "--hdr MASTER -o OUT"
        )
    return carried


def carried_by(info: ClipInfo) -> Carried | None:
    """As `load_shots`, None where there is nothing."""
    if info.kind == "movie":
        found = find_payload(info.files[0])
        return None if found is None else _of_reel(info, found)
    within = shots_in_files(info)
    if within is not None:
        return within
    beside = sequence_sidecar(info)
    found = find_payload(beside) if beside.is_file() else None
    return None if found is None else _of_reel(info, found)


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
    """Holds the frames of a clip against its payloads as they come."""

    info: ClipInfo
    carried: Carried

    def matches(self, number: int, digest: bytes) -> bool | None:
        """Whether a frame is the one that was embedded; None where no payload says.

        In a sequence its own file says it in full; the reel of a shot has two bytes of every frame's digest.
        """
        own, shot = self.carried.own.get(number), self.carried.at(number)
        if own is not None:
            return digest[: len(own.picture_hash)] == own.picture_hash
        if shot is None:
            return None
        if self.carried.own:
            return False
        if not shot.payload.checks:
            return None
        at = CHECK_BYTES * (number + shot.shift - (shot.payload.frames or (0, 0))[0])
        expected = shot.payload.checks[at : at + CHECK_BYTES]
        return expected == digest[:CHECK_BYTES]

    def text(self, number: int) -> str:
        """What is wrong with a frame, in words, and what to do."""
        name = frame_file(self.info, number)
        if self.carried.own and number not in self.carried.own:
            return (
                f"{name}: carries no payload, as the files of its shot do: another program has written it "
                "anew. Take what embed wrote, or embed again from this clip and its master"
            )
        return (
            f"{name}: re-graded or re-encoded: its samples are not those that the payload was made for. Take "
            "what embed wrote, or embed again from this clip and its master"
        )


def _of_reel(info: ClipInfo, found: Found) -> Carried:
    """The shots of a reel that have frames of the clip; a payload that is no reel counts as one shot."""
    try:
        datas = decode_reel(found.payload).data if is_reel(found.payload) else (found.payload,)
        read = [(data, decode(data)) for data in datas]
    except PayloadError as error:
        raise PayloadError(f"{found.path}: {error}; {DAMAGED_ADVICE}") from error
    ranges = [payload.frames for _, payload in read if payload.frames is not None]
    if len(ranges) < len(read):
        raise PayloadError(
            f"{found.path}: its payload is that of a still picture, not of a shot; embed the clip again"
        )
    first, last = min(a for a, _ in ranges), max(b for _, b in ranges)
    # A sequence of the same length under other numbers: every frame is held against the payload anyway.
    moved = info.kind == "sequence" and last - first == info.last - info.first
    shift = first - info.first if moved else 0
    shots = [
        BoundShot(data, payload, a - shift, b - shift, shift)
        for (data, payload), (a, b) in zip(read, ranges, strict=True)
        if b - shift >= info.first and a - shift <= info.last
    ]
    if not shots:
        raise PictureMismatchError(
            f"{info.name}: has the frames {info.first} to {info.last}, and the payload in {found.path} is "
            f"for frames {first} to {last}; {DAMAGED_ADVICE}"
        )
    shots.sort(key=lambda shot: shot.first)
    bare = bare_frames(info, ((shot.first, shot.last) for shot in shots))
    return Carried(found.carrier, found.path, sum(len(data) for data, _ in read), tuple(shots), bare)
