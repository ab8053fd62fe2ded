"""What an export is of: a picture that carries its HDR, or the shots of a clip, with frames to measure on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError, PictureMismatchError
from candela_engines.itm.payload import Payload
from candela_engines.itm.shot_model import ShotModel, decode_shot
from candela_engines.media import read_still, state_label
from candela_engines.media.clip import Clip
from candela_engines.media.open_clip import open_clip
from candela_server.service.binding import demand_match, load_payload
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.configs import know_configs
from candela_server.service.shot_binding import ShotCheck, check_clip_size, load_shots
from candela_server.service.shot_carried import BoundShot, Carried
from candela_server.service.shot_reading import open_as_embedded

__all__ = ["ExportSubject", "Frame", "header_of", "out_name", "subjects_of"]

Codes = npt.NDArray[np.generic]
FRAMES = 5
"""Frames of a shot that are measured, evenly spread."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame's codes (H, W, 3), integers of `bits` bits or floats with 32. place: its number as the payload
    counts; number: as the clip does."""

    codes: Codes
    bits: int
    place: int
    number: int


@dataclass(frozen=True, eq=False)
class ExportSubject:
    """A picture (shot 0) or a shot (from 1 up). first, last: in the clip's numbers; shift: to the payload's.

    frames: what is measured on: the picture, or some frames of the shot, as many as were asked for.
    ceilings: of all shots of the clip, PQ codes over 4096 that their light does not exceed.
    """

    file: Path
    payload: Payload
    shot: int
    first: int
    last: int
    shift: int
    frames: tuple[Frame, ...]
    ceilings: tuple[int, ...] = ()

    @property
    def still(self) -> bool:
        """Whether it is a picture, and the payload of it alone."""
        return self.shot == 0

    @property
    def model(self) -> ShotModel:
        """The network, ready for any frame."""
        return decode_shot(self.payload)


def subjects_of(
    file: Path, shot: int | None, *, frame: int | None = None, force: bool, ocio: str | None
) -> Iterator[ExportSubject]:
    """The picture, or the shots of a clip in order; `shot` picks one of them, counted from 1.

    frame: in the clip's numbers: its shot alone, with that frame and no other. force: go on although the
    picture was altered since.
    Raises NoPayloadError, PayloadError, PictureMismatchError, MediaError, InputError.
    """
    if kind_of_name(file) == "still":
        if shot is not None:
            raise InputError(f"{file}: --shot {shot}: is a still picture and has none; leave it out")
        if frame is not None:
            raise InputError(f"{file}: --frame {frame}: is a still picture and has none; leave it out")
        yield _still(file, force, ocio)
        return
    with open_clip(str(file)) as clip:
        carried = load_shots(clip.info)
    count = len(carried.shots)
    if shot is not None and not 1 <= shot <= count:
        raise InputError(f"{file}: --shot {shot}: it has {count}, from 1 on; candela shots {file} lists them")
    payloads = [bound.payload for bound in carried.shots]
    ceilings = tuple(p.numbers[10] if p.model == "default" else 4096 for p in payloads)
    with open_as_embedded(file, carried, ocio=ocio) as side:
        check = ShotCheck(side.info, carried)
        missing, found = set(side.info.missing), False
        for number, bound in enumerate(carried.shots, start=1):
            if shot is not None and number != shot:
                continue
            there = [n for n in range(bound.first, bound.last + 1) if n not in missing]
            there = [n for n in there if side.info.first <= n <= side.info.last]
            if frame is not None and frame not in there:
                continue
            check_clip_size(side.info, bound)
            picked = _spread(there, FRAMES) if frame is None else [frame]
            read = tuple(_frames(side.clip, picked, check, carried, bound, force))
            found = True
            yield ExportSubject(
                file, bound.payload, number, bound.first, bound.last, bound.shift, read, ceilings
            )
        if not found:
            of = file if shot is None else f"shot {shot} of {file}"
            raise InputError(f"--frame {frame}: {of} has no such frame; candela shots {file} lists them")


def _still(file: Path, force: bool, ocio: str | None) -> ExportSubject:
    _, decoded = load_payload(file)
    payload = decoded.payload
    know_configs(payload.sdr, ocio)
    still = read_still(file, colour=payload.sdr)
    demand_match(file, payload, still, force=force)
    frame = Frame(still.codes, payload.bits, payload.place or 0, 0)
    return ExportSubject(file, payload, 0, 0, 0, 0, (frame,))


def _spread(numbers: list[int], most: int) -> list[int]:
    if len(numbers) <= most:
        return numbers
    return [numbers[round(k * (len(numbers) - 1) / max(most - 1, 1))] for k in range(most)]


def _frames(
    clip: Clip, numbers: list[int], check: ShotCheck, carried: Carried, bound: BoundShot, force: bool
) -> Iterator[Frame]:
    for number in numbers:
        frame = clip.frame(number)
        if number in carried.damaged:
            raise carried.damaged[number]
        if check.matches(number, frame.digest()) is False and not force:
            raise PictureMismatchError(
                check.text(number) + "; --force exports it all the same, with no promise of fidelity"
            )
        yield Frame(frame.codes, frame.bits, number + bound.shift, number)


def out_name(out: Path, subject: ExportSubject, several: bool) -> Path:
    """Where one of several goes: `NAME.shot03.ext` for NAME.ext."""
    return out.with_name(f"{out.stem}.shot{subject.shot:02d}{out.suffix}") if several else out


def header_of(subject: ExportSubject, what: str, output: str) -> list[str]:
    """What a written file says of itself, in ASCII: what it is of, and what goes in and out."""
    p = subject.payload
    name = subject.file.name.encode("ascii", "replace").decode()
    of = name if subject.still else f"{name}, shot {subject.shot}, frames {subject.first} to {subject.last}"
    f = p.fidelity
    measured = f"PU-PSNR {_db(f.pu_psnr)}, dE_ITP {f.delta_e_mean:.2f} mean, {f.delta_e_p99:.2f} at p99"
    made = (
        "fitted to an HDR master" if p.provenance == "fitted" else "distilled from a model, without a master"
    )
    return [
        f"Candela: {what}",
        f"of {of}, {p.width}x{p.height}, picture {p.picture_hash.hex()}",
        f"network {p.model}, {made}; against it at embedding: {measured}",
        f"in: the SDR as stored, {_ascii(state_label(p.sdr))}, codes 0..1 over full scale, nothing before it",
        f"out: {output}",
    ]


def _db(value: float) -> str:
    return "without difference" if value == float("inf") else f"{value:.2f} dB"


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()
