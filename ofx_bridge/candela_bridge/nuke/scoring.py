"""What is asked for when something in Nuke is scored: files as they are, or frames that Nuke writes for
it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

from candela_bridge.nuke import colours, pictures, upstream

__all__ = ["AUTOMATIC", "WORKING_SPACE", "Asked", "ask"]

AUTOMATIC, WORKING_SPACE, OTHER = "Automatic", "Working space", "Space of the config"
_MOST_WRITTEN = 9
Json = Dict[str, Any]


@dataclass
class Asked:
    """For the bridge's `score`. written: files of ours, to be removed afterwards. how: in words."""

    given: Json
    written: List[pictures.Written] = field(default_factory=list)
    how: str = ""

    def clean(self) -> None:
        """Remove what was written."""
        for each in self.written:
            each.remove()


class _Side:
    """One input of a node: what it is when something else reads it."""

    def __init__(self, node: Any) -> None:
        self.node = node

    def input(self, index: int) -> Any:
        return self.node if index == 0 else None

    def name(self) -> str:
        return str(self.node.name())


def ask(
    grade: Any, reference: Any, first: int, last: int, *, colour: str, space: str, white_nits: float
) -> Asked:
    """Of two nodes, the second of which may be None, for frames of the script, both ends included.

    colour: AUTOMATIC, WORKING_SPACE, OTHER with `space`, or a name of Candela's. What Nuke has changed is
    rendered, of many frames at most nine, on the main thread. Raises ValueError for what nobody could know,
    RuntimeError as Nuke says it when it renders.
    """
    asked = Asked({})
    try:
        asked.given["grade"] = _side(asked, grade, first, last, colour, space, white_nits, "the grade")
        if reference is not None:
            given = _side(asked, reference, first, last, AUTOMATIC, "", white_nits, "the reference")
            asked.given["reference"] = given
            offset = _offset(asked.given["grade"], given)
            if offset is not None:
                asked.given["offset"] = offset
        frames = asked.given["grade"].pop("frames", None)
        asked.given.get("reference", {}).pop("frames", None)
        if frames is not None:
            asked.given["frames"] = frames
    except BaseException:
        asked.clean()
        raise
    return asked


def _side(
    asked: Asked, node: Any, first: int, last: int, colour: str, space: str, white: float, what: str
) -> Json:
    """One side of what is asked, with the numbers of its own frames as `frames`."""
    side = _Side(node)
    read = upstream.untouched(side)
    if read is not None:
        given: Json = {"path": read.path}
        frames = read.frames(first, last)
        if frames is not None:
            given["frames"] = list(frames)
        found = colours.as_read(read.node) if colour in (AUTOMATIC, WORKING_SPACE) else _said(colour, space)
        asked.how += f"{what}: {read.path}, as it is on disk. "
    else:
        numbers = pictures.key_numbers(first, last, _MOST_WRITTEN)
        written = pictures.write_frames(side, numbers)
        asked.written.append(written)
        given = {"path": written.path}
        if len(numbers) > 1:
            given["frames"] = [numbers[0], numbers[-1]]
        found = _said(WORKING_SPACE if colour == AUTOMATIC else colour, space)
        asked.how += f"{what}: {len(numbers)} frame{'s' if len(numbers) > 1 else ''} as Nuke renders them. "
    if found is not None:
        given["colour"] = {**found, "white_nits": white} if "space" in found else found
    return given


def _said(colour: str, space: str) -> Optional[Json]:
    if colour == WORKING_SPACE:
        return _working_space()
    if colour == OTHER:
        if not space:
            raise ValueError("name the colour space of the config that the picture is in")
        return {"config": colours.config(), "space": space}
    return {"name": colour}


def _working_space() -> Json:
    config = colours.config()
    if config is None:
        raise ValueError(
            "the picture is changed in Nuke, and Nuke's own colour management does not say what its numbers "
            "are as light; choose the colour of the picture on the node"
        )
    return {"config": config, "space": colours.working_space()}


def _offset(grade: Json, reference: Json) -> Optional[int]:
    """From a frame's number in one file to that in the other; None where one of them is a single picture."""
    if "frames" not in grade or "frames" not in reference:
        return None
    return int(reference["frames"][0]) - int(grade["frames"][0])
