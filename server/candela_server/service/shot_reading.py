"""Clips that carry shots, read as they were at embedding: colour state, and what was said over their tags."""

from __future__ import annotations

from pathlib import Path

from candela_engines.colour.state import Range
from candela_engines.errors import InputError
from candela_engines.itm.payload import Payload
from candela_engines.itm.reading import Reading
from candela_engines.media.clip import ClipInfo
from candela_engines.media.open_clip import open_clip
from candela_server.service.clips import Side
from candela_server.service.configs import know_configs
from candela_server.service.shot_carried import Carried

__all__ = ["open_as_embedded"]


def open_as_embedded(
    file: Path | str, carried: Carried, said: Reading | None = None, *, ocio: str | None = None
) -> Side:
    """The clip in the state of its first shot; notes on what `said`, options of now, adds to what that says.

    Raises InputError where `said` contradicts a payload, and what `open_clip` does.
    """
    said = said or Reading()
    for shot in carried.shots:
        know_configs(shot.payload.sdr, ocio)
    payload = carried.shots[0].payload
    own = payload.reading
    clip = open_clip(
        str(file), colour=payload.sdr, range=own.range or said.range, matrix=own.matrix or said.matrix
    )
    try:
        notes = _notes(clip.info, payload, said)
    except BaseException:
        clip.close()
        raise
    return Side(clip, clip.info, payload.sdr, tuple(notes))


def _notes(info: ClipInfo, payload: Payload, said: Reading) -> list[str]:
    own = payload.reading
    # Stills have no other range than that of their state.
    known: Range | None = payload.sdr.range if info.kind == "sequence" else own.range
    added = []
    for flag, now, then in (
        ("--sdr-range", said.range, known),
        ("--sdr-matrix", said.matrix, own.matrix),
    ):
        if now is None or now == then:
            continue
        if then is not None:
            raise InputError(
                f"{flag} {now}: {info.name} was read as {then} at embedding, and read otherwise its HDR "
                "would be wrong; leave it out"
            )
        added.append(f"{flag} {now}")
    if not added:
        return []
    return [f"{' '.join(added)} as asked, of which the payload says nothing: right if embed was told so"]
