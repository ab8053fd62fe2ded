"""Inspect a clip: the shots that it carries, how faithful they are, and whether they are of this clip."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from candela_engines.errors import MediaError, NoPayloadError, PayloadError
from candela_engines.itm.carriers import find_payload
from candela_engines.itm.payload import Payload, decode
from candela_engines.itm.reel import decode_reel, is_reel
from candela_engines.media.clip import Clip, ClipInfo
from candela_engines.media.open_clip import open_clip
from candela_server.service.clip_frames import bound_frames
from candela_server.service.clips import frame_file, numbers_text
from candela_server.service.results import (
    Json,
    Progress,
    decibels,
    fidelity_json,
    flicker_json,
    no_progress,
    state_json,
)
from candela_server.service.shot_binding import load_shots
from candela_server.service.shot_carried import BoundShot, Carried, Misplaced
from candela_server.service.shot_reading import open_as_embedded
from candela_server.service.timecodes import timecode_at

__all__ = ["InspectShotsRequest", "InspectShotsResult", "InspectedShot", "inspect_shots", "is_reel_file"]

Picture = Literal["same", "altered", "resized", "not checked"]


@dataclass(frozen=True)
class InspectShotsRequest:
    """file: a movie, a sequence (pattern or folder), or a bare `.candela` file with a reel."""

    file: Path


@dataclass(frozen=True)
class InspectedShot:
    """One shot. first, last: in the clip's numbers. bytes: of its payload. worst: a frame and its PU-PSNR."""

    first: int
    last: int
    timecode: str | None
    bytes: int
    bytes_per_second: float | None
    payload: Payload
    worst: tuple[int, float] | None

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        p = self.payload
        return {
            "first_frame": self.first,
            "last_frame": self.last,
            "timecode_in": self.timecode,
            "payload_bytes": self.bytes,
            "bytes_per_second": None if self.bytes_per_second is None else round(self.bytes_per_second, 2),
            "fidelity": fidelity_json(p.fidelity),
            "worst_frame": None if self.worst is None else self.worst[0],
            "worst_frame_pu_psnr_db": None if self.worst is None else decibels(self.worst[1]),
            **flicker_json(p.flicker),
            "model": p.model,
            "provenance": p.provenance,
            "picture_hash": p.picture_hash.hex(),
        }


@dataclass(frozen=True)
class InspectShotsResult:
    """The shots of a clip, in order, and whether its first and last frame of each are those of the payload.

    payload_bytes: of all shots, each counted once. growth_bytes: what the file is larger by for them, or of
    the file beside it; None of numbered files, which have each their own. bare: frames without a shot. rate:
    frames a second, where the clip says it. bits: of a stored sample. missing: numbers that have no file.
    misplaced: files that lie under another number than their frame's.
    """

    file: Path
    carrier: str
    payload_file: Path
    payload_bytes: int
    format: str
    bits: int
    rate: Fraction | None
    shots: tuple[InspectedShot, ...]
    bare: tuple[int, ...]
    picture: Picture
    picture_text: str
    notes: tuple[str, ...] = ()
    missing: tuple[int, ...] = ()
    misplaced: tuple[Misplaced, ...] = ()
    growth_bytes: int | None = None

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        p = self.shots[0].payload
        return {
            "command": "inspect",
            "file": str(self.file),
            "format": self.format,
            "carrier": self.carrier,
            "payload_file": str(self.payload_file),
            "payload_bytes": self.payload_bytes,
            "growth_bytes": self.growth_bytes,
            "frames_per_second": None if self.rate is None else round(float(self.rate), 6),
            "width_px": p.width,
            "height_px": p.height,
            "sdr_bits": self.bits,
            "sdr_colour": state_json(p.sdr),
            "hdr_colour": state_json(p.hdr),
            "shots": [shot.to_json() for shot in self.shots],
            "bare_frames": list(self.bare),
            "missing_frames": list(self.missing),
            "misplaced_frames": [one.to_json() for one in self.misplaced],
            "fidelity_holds": {"same": True, "not checked": None}.get(self.picture, False),
            "picture": self.picture,
            "picture_text": self.picture_text,
            "notes": list(self.notes),
        }


def is_reel_file(path: Path) -> bool:
    """Whether a file is a `.candela` file with the shots of a clip, lying alone."""
    try:
        found = find_payload(path) if path.name.endswith(".candela") and path.is_file() else None
    except (MediaError, PayloadError):
        return False
    return found is not None and is_reel(found.payload)


def inspect_shots(request: InspectShotsRequest, progress: Progress = no_progress) -> InspectShotsResult:
    """Look inside. Raises NoPayloadError, CarrierError, PayloadError, and MediaError for what is no clip."""
    progress("read", 0.0)
    if is_reel_file(request.file):
        return _alone(request.file)
    with open_clip(str(request.file)) as clip:
        info = clip.info
        carried = load_shots(info)
        with open_as_embedded(request.file, carried) as side:
            picture, text = _picture(side.clip, carried, progress)
        rows = tuple(_row(info, shot) for shot in carried.shots)
        return InspectShotsResult(
            request.file,
            carried.carrier,
            carried.path,
            carried.bytes,
            info.format,
            info.bits,
            info.rate,
            rows,
            carried.bare,
            picture,
            text,
            tuple(carried.notes(info)),
            info.missing,
            carried.misplaced,
            carried.growth,
        )


def _alone(file: Path) -> InspectShotsResult:
    found = find_payload(file)
    if found is None:
        raise NoPayloadError(f"{file}: carries no HDR")
    rows = []
    for data in decode_reel(found.payload).data:
        payload = decode(data)
        first, last = payload.frames or (0, 0)
        rows.append(InspectedShot(first, last, None, len(data), None, payload, payload.worst))
    text = "not checked: these are payloads alone; name the clip that they lie beside"
    return InspectShotsResult(
        file,
        found.carrier,
        file,
        sum(row.bytes for row in rows),
        "payloads alone",
        rows[0].payload.bits,
        None,
        tuple(rows),
        (),
        "not checked",
        text,
        growth_bytes=file.stat().st_size,
    )


def _row(info: ClipInfo, shot: BoundShot) -> InspectedShot:
    size = len(shot.data)
    frames = max(shot.count - sum(1 for n in info.missing if shot.first <= n <= shot.last), 1)
    return InspectedShot(
        shot.first,
        shot.last,
        timecode_at(info.timecode, info.rate, shot.first - info.first),
        size,
        None if info.rate is None else size * float(info.rate) / frames,
        shot.payload,
        shot.worst,
    )


def _picture(clip: Clip, carried: Carried, progress: Progress) -> tuple[Picture, str]:
    """Whether the ends of all shots are the payload's; the frames between are not looked at."""
    info = clip.info
    for at, shot in enumerate(carried.shots):
        progress("check", at / len(carried.shots))
        p = shot.payload
        if (info.width, info.height) != (p.width, p.height):
            text = f"resized or cropped: {info.width}x{info.height}, payload for {p.width}x{p.height}"
            return "resized", text
        for number in sorted({max(shot.first, info.first), min(shot.last, info.last)}):
            if number in info.missing or not info.first <= number <= info.last:
                continue
            try:
                altered = any(f.altered for f in bound_frames(clip, carried, number, number, force=True))
            except MediaError as error:
                return "not checked", f"not checked: a frame cannot be read ({error})"
            if altered:
                name = frame_file(info, number)
                return "altered", f"re-graded or re-encoded: {name} is not what the payload was made for"
    text = "the first and last frame of every shot are those that it was made for"
    if carried.misplaced:
        count = len(carried.misplaced)
        text += f"; but {'1 file lies' if count == 1 else f'{count:,} files lie'} under another number"
    return "same", text if not carried.bare else f"{text}; {numbers_text(carried.bare)} to no shot"
