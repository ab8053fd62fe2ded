"""What the node CandelaReconstruct does: it finds the file that carries the HDR, and keeps the colours
right."""

from __future__ import annotations

import json
from typing import Any, Dict, List, NamedTuple, Optional

from candela_bridge.client import Call
from candela_bridge.nuke import colours, effects, upstream
from candela_bridge.nuke.host import bridge, complain, gone, nuke

__all__ = ["created", "find", "input_choice"]

EFFECT = "candela.Reconstruct"
_INNER = "CandelaEffect"
# Knobs of the effect (docs/openfx.md) and those of the node that they follow.
_LINKS = {
    "file": "file",
    "inputEncoding": "inputEncoding",
    "outputEncoding": "outputEncoding",
    "sceneWhite": "sceneWhite",
    "rollOff": "rollOff",
    "peak": "peak",
    "strength": "strength",
    "view": "view",
    "withoutPayload": "withoutPayload",
    "frameNumbers": "frameNumbers",
    "frameOffset": "frameOffset",
}
# What a Read decodes with, by the name of its colour space in lower case: only where that is a plain curve
# over Rec.709, so that it can be undone without loss. An output transform of ACES, say, is none.
_CURVES = {
    "srgb": "srgb",
    "srgb - texture": "srgb",
    "srgb_texture": "srgb",
    "utility - srgb - texture": "srgb",
    "srgb encoded rec.709 (srgb)": "srgb",
    "rec1886": "bt1886",
    "gamma2.4": "bt1886",
    "gamma 2.4 rec.709 - texture": "bt1886",
    "gamma 2.4 encoded rec.709": "bt1886",
}
_ACESCG = frozenset(("acescg", "aces - acescg", "aces/acescg", "lin_ap1"))


def created() -> None:
    """When a node is made or read with a script: put the effect into it."""
    node = nuke().thisNode()
    if not effects.build(node, EFFECT, _INNER, _LINKS):
        _say(
            node,
            "The OpenFX plug-in of Candela was not found by Nuke. Install it (candela install-ofx) and start "
            "Nuke anew; until then the picture goes through as it is.",
        )
    elif not node["file"].value():
        _say(node, "No file yet: Find takes that of the Read above.")


def find(node: Any) -> Optional[Call]:
    """Look for the HDR in the files above, and set the node up for it. It does not wait.

    The pictures are not rendered: their names come from the Read and from metadata.
    """
    files = upstream.carrying_files(node)
    if not files:
        _say(
            node, "There is no Read above, and the picture says of no file. Connect one, or choose the file."
        )
        return None
    _say(node, "Looking into " + ", ".join(files) + " …")
    return _look(node, files, [])


def input_choice(node: Any, transfer: str, primaries: str) -> "tuple[str, str]":
    """What the effect is to take the pixels for, and why: they are as the Read and the working space make
    them.

    transfer, primaries: of the SDR file. Raises ValueError where what the Read does cannot be undone exactly;
    raw it always works, as then the file's own codes come in.
    """
    read = upstream.read_above(node)
    if read is None:
        return "Automatic", "there is no Read above"
    raw, knob = read.knob("raw"), read.knob("colorspace")
    if raw is not None and raw.value():
        return "As stored in the file", "the Read is raw"
    space, working = colours.plain(str(knob.value())) if knob is not None else "", colours.working_space()
    if primaries == "bt709" and _CURVES.get(space.lower()) == transfer:
        if not colours.is_ocio():
            return "Linear", f"the Read decodes {space}, as the file is"
        if colours.without_role(working).lower() in _ACESCG:
            return "ACEScg", f"the Read decodes {space}, as the file is, and the working space is {working}"
    raise ValueError(
        f"The Read decodes {space or 'something'} into {working}, and the file is {primaries}, {transfer}: "
        "what comes in are not its own codes, and they cannot be had back exactly. Set the Read to raw, and "
        "press Find."
    )


def _look(node: Any, files: List[str], failed: List[str]) -> Optional[Call]:
    path, frame = files[0], int(nuke().frame())
    try:
        at = _frames(node, frame)
    except ValueError as error:
        _say(node, str(error))
        return None

    def done(call: Call) -> None:
        if call.cancelled() or gone(node):
            return
        error = call.exception()
        if error is None:
            _set_up(node, call.result(), at)
        elif len(files) > 1:
            _look(node, files[1:], [*failed, complain(error)])
        else:
            _say(node, "\n".join([*failed, complain(error)]))

    given: Dict[str, Any] = {"path": path}
    if at is not None and at.number is not None:
        given["frame"] = at.number
    return bridge().call("setup", given, done=done)


class _At(NamedTuple):
    """A frame of the script, and which one of the file is seen there, None where Nuke does not say it.
    steady: whether the way from one to the other is the same with all. late: frames of a movie that its Read
    leaves out before its first."""

    frame: int
    number: Optional[int]
    steady: bool = True
    late: int = 0


def _frames(node: Any, frame: int) -> Optional[_At]:
    """None for a still, and where no Read is above. ValueError where Nuke shows black."""
    read = upstream.read_above(node)
    if read is None:
        return None
    path = upstream.file_of(read)
    try:
        number = upstream.number_at(node.input(0), read, path, frame)
    except upstream.NotSaid:
        return _At(frame, None, late=upstream.begun_late(read) if upstream.is_movie(path) else 0)
    if number is None:
        return None
    other = frame - 1 if frame >= int(read.lastFrame()) else frame + 1
    try:
        next_ = upstream.number_at(node.input(0), read, path, other)
    except ValueError:  # outside of its frames
        next_ = None
    return _At(frame, number, next_ is None or next_ - number == other - frame)


def _count(node: Any, at: Optional[_At]) -> List[str]:
    """Have the effect count as the file does, whatever offset the Read has. What has to be said of it."""
    if at is not None and at.number is None:
        node["frameNumbers"].setValue("Automatic")
        node["frameOffset"].setValue(at.late)
        return [
            "Beware: Nuke does not say which frame of the file is seen. Movies are counted from the first "
            "frame of the Read, sequences by Nuke's own numbers: compare a frame with that of the file, and "
            "set Frame offset where it is another."
        ]
    node["frameNumbers"].setValue("Automatic" if at is None else "As the host counts")
    node["frameOffset"].setValue(0 if at is None or at.number is None else at.number - at.frame)
    if at is None or at.steady:
        return []
    return [f"Beware: the frames are retimed; the frame offset is that of frame {at.frame} alone."]


def _set_up(node: Any, found: Dict[str, Any], at: Optional[_At] = None) -> None:
    try:
        choice, why = input_choice(node, found["sdr_transfer"], found["sdr_primaries"])
    except ValueError as error:
        _say(node, str(error))
        return
    node["file"].setValue(found["file"])
    node["inputEncoding"].setValue(choice)
    beware = _count(node, at)
    fidelity = found["fidelity"]
    size = f"{found['width_px']}x{found['height_px']}"
    quality = f"PU-PSNR {_number(fidelity['pu_psnr_db'])} dB, ΔE_ITP {fidelity['delta_e_itp_mean']:.2f}"
    lines = [
        f"{found['file']} carries its HDR ({found['carrier']}), {size}.",
        f"Faithful to its master: {quality}." if not found.get("distilled") else f"Fidelity: {quality}.",
        f"Input: {choice}, as {why}.",
    ]
    if found.get("distilled"):
        lines.insert(2, f"Beware: {found['distilled']}.")
    if found["picture"] not in ("same", "not checked"):
        lines.append(f"Beware: {found['picture_text']}.")
    lines += beware
    if found["frame_covered"] is False and at is not None:
        lines.append(f"Beware: no shot of it covers its frame {at.number}, which is {at.frame} here.")
    if found["needs_ocio"]:
        lines.append(
            f"Beware: its colours are those of the OCIO config {found['needs_ocio']}, which the effect "
            "cannot take; render it with candela reconstruct."
        )
    knob = node.knob("found")
    if knob is not None:
        knob.setValue(json.dumps({key: value for key, value in found.items() if key != "document"}))
    _say(node, "\n".join(lines))


def _number(value: Optional[float]) -> str:
    return "infinite" if value is None else f"{value:.1f}"


def _say(node: Any, text: str) -> None:
    node["status"].setValue(text)
