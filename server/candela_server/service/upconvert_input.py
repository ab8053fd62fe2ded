"""Graded SDR to up-convert, and what is none: HDR, camera log, scene light, samples that are NaN."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import CandelaError, InputError
from candela_engines.itm.carriers import find_payload
from candela_engines.itm.field import over_full_scale
from candela_engines.media import Still, is_ultrahdr, require_state, state_label
from candela_engines.media.camera import log_word
from candela_engines.media.clip import Clip, ClipInfo
from candela_engines.upconvert.suspicion import Flatness, Hint, flatness_of, is_log_name, together
from candela_server.service.clips import Side, known_state
from candela_server.service.pictures import nonfinite_text
from candela_server.service.said import with_state
from candela_server.service.shot_binding import carried_by
from candela_server.service.upconvert_request import UpconvertClipRequest, UpconvertRequest

__all__ = ["open_graded_clip", "read_graded"]

_LOG_ADVICE = (
    "Grade it first, or bring it to a display with the camera's own transform, and up-convert that; HDR of "
    "the log itself comes out of a grade, not out of an up-conversion"
)
_LOOKED_AT = 7  # frames of a clip


def read_graded(request: UpconvertRequest) -> tuple[Still, ColourState, tuple[str, ...]]:
    """The still, its state and notes.

    Raises InputError for HDR, scene light, log and NaN, ColourStateError for a state neither tagged nor
    given.
    """
    path, said = request.file, request.said
    still = said.read(path)
    notes = [*still.notes]
    if still.state is None and still.format == "jpeg" and is_ultrahdr(path):
        notes.append("an Ultra HDR JPEG without an ICC profile is sRGB, by that format")
        still = with_state(still, replace(NAMED["srgb"], range=said.range or "full"))
    if still.state is None and not request.force:
        _refuse_log_header(str(path), still.found)
    state = require_state(still, said.flag)
    _refuse(str(path), state, still.found, named=said.name)
    if still.nonfinite:
        raise InputError(f"{path}: {nonfinite_text(still.pixels)}; an SDR picture has none")
    notes += _suspected(str(path), flatness_of(still.pixels), said=_word_of(path), force=request.force)
    if still.format == "jpeg" and is_ultrahdr(path):
        notes.append("the JPEG has HDR of its own, in its gain map, which was left aside")
    if _carries(path):
        notes.append(_own_payload(path.name))
    return still, state, tuple(notes)


def open_graded_clip(request: UpconvertClipRequest, *, first: int | None = None) -> Side:
    """The clip, open. Raises as `read_graded`; frames are looked at here and there, from `first` on."""
    said = request.said_clip
    clip = said.open(request.file)
    try:
        info = clip.info
        if info.state is None and not request.force:
            _refuse_log_header(
                info.name, f"{info.found}, logarithmic: {info.camera}" if info.camera else info.found
            )
        state = known_state(info, said)
        _refuse(info.name, state, info.found, named=said.name)
        notes: list[str] = []
        flat, word = _flat_frames(clip, info, first), _word_of(request.file)
        if info.camera and said.name is None:
            notes += _suspected(
                info.name, flat, said=f"its metadata says {info.camera}", camera=True, force=request.force
            )
        else:
            notes += _suspected(info.name, flat, said=word, force=request.force)
        if _carries_shots(info):
            notes.append(_own_payload(info.name))
        return Side(clip, info, state, tuple(notes))
    except BaseException:
        clip.close()
        raise


def _refuse(name: str, state: ColourState, found: str, *, named: str | None) -> None:
    says = f"--sdr-colour says {named}" if named else f"its tags ({found}) say {state_label(state)}"
    if is_log_name(state):
        raise InputError(f"{name}: {says}, which is log footage, not an SDR grade. {_LOG_ADVICE}")
    if state.transfer in ("pq", "hlg") or (state.is_hdr and state.transfer != "linear"):
        raise InputError(
            f"{name}: {says}: it is HDR already, and there is nothing to up-convert. Where that is wrong, "
            "say what it is with --sdr-colour, as rec709"
        )
    if state.ocio_space is None and state.transfer == "linear":
        raise InputError(
            f"{name}: {says}: linear light is HDR already or not graded yet; up-conversion takes a graded "
            "SDR picture. Where that is wrong, say what it is with --sdr-colour, as rec709"
        )
    if state.ocio_space is not None and state.primaries == "ap0":
        raise InputError(
            f"{name}: {says}: a scene-referred space has no grade to up-convert; render it to a display first"
        )


def _refuse_log_header(name: str, found: str) -> None:
    words = found.lower()
    if "logarithmic" in words or "printing density" in words:
        raise InputError(
            f"{name}: its header ({found}) says log, and that is no SDR grade. {_LOG_ADVICE}. Where the "
            "header is wrong, say what it is with --sdr-colour, as rec709"
        )


def _suspected(
    name: str, flat: Flatness | None, *, said: str, force: bool, camera: bool = False
) -> list[str]:
    """Notes. said: what else says log, by the name or the camera. Raises InputError unless `force`."""
    hint: Hint = "camera" if camera else "name" if said else ""
    if flat is None or not flat.suspicious(hint):
        return [f"{said}, but its pictures look graded and were taken for that"] if camera and flat else []
    what = f"{flat.text}, as of log footage or PQ codes under SDR's name"
    if said:
        what = f"{said}, and {what}"
    if force:
        return [f"up-converted by --force although {what}"]
    raise InputError(f"{name}: {what}. {_LOG_ADVICE}. If it is a grade, such as one of fog, say --force")


def _word_of(path: Path) -> str:
    word = log_word(path.stem)
    return "" if word is None else f"its name says {word}"


def _flat_frames(clip: Clip, info: ClipInfo, first: int | None) -> Flatness | None:
    """The numbers of a clip, of frames here and there; None where none of them is a picture."""
    begin, end = info.first if first is None else first, info.cut_after or info.last
    there = [n for n in range(begin, end + 1) if n not in set(info.missing)]
    count = min(_LOOKED_AT, len(there))
    frames = (clip.frame(there[(2 * k + 1) * len(there) // (2 * count)]) for k in range(count))
    found = (flatness_of(over_full_scale(frame.codes, frame.bits)) for frame in frames)
    return together([one for one in found if one is not None])


def _carries(path: Path) -> bool:
    try:
        return find_payload(path) is not None
    except CandelaError:
        return False


def _carries_shots(info: ClipInfo) -> bool:
    try:
        return carried_by(info) is not None
    except CandelaError:
        return False


def _own_payload(name: str) -> str:
    return f"{name} carries HDR in a payload, which was left aside: candela reconstruct gives it"
