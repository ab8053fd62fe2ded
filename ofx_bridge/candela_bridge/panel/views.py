"""The views of the player: what each needs of a shot, and what to ask for. No Qt."""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional, Union

from candela_bridge.panel.pictures import Look, Picture
from candela_bridge.panel.rows import Colours, Row

__all__ = ["VIEWS", "View", "look_of", "words_of"]


class View(NamedTuple):
    """label: on its button. words: over the picture. of: grade, sdr, carrier or other. kind: as calls name
    it."""

    label: str
    words: str
    of: str
    kind: str


VIEWS: Dict[str, View] = {
    "sdr": View("SDR", "SDR", "sdr", "picture"),
    "hdr": View("HDR", "HDR, tone-mapped to this screen from 1000 nit", "grade", "picture"),
    "nits": View("Nits", "HDR, false colour by nits", "grade", "nits"),
    "reconstruction": View(
        "Recon nits", "Reconstruction, false colour by nits", "carrier", "reconstruction_nits"
    ),
    "reconstruction_hdr": View(
        "Recon", "Reconstruction, tone-mapped to this screen", "carrier", "reconstruction"
    ),
    "faults": View("Faults", "Masks of what was found", "grade", "faults"),
    "other": View("B", "Other grade, tone-mapped to this screen", "other", "picture"),
    "other_nits": View("B nits", "Other grade, false colour by nits", "other", "nits"),
}


def look_of(row: Row, view: str, colours: Colours, width: int) -> Union[Look, str]:
    """What to look at, or why there is nothing."""
    said = VIEWS[view]
    if row.shot.media is None:
        return row.shot.trouble or "The shot has no file that could be shown."
    grade, sdr, other = row.grade_side(colours), row.sdr_side(colours), row.other_side(colours)
    if said.of == "sdr":
        if sdr is None:
            return "No SDR version of this shot is known.\nSDR… in the bar above says where it is."
        return Look.of(sdr, said.kind, width)
    if said.of == "other":
        if other is None:
            return "There is no other grade to compare with.\nB… in the bar above says where it is."
        return Look.of(other, said.kind, width)
    if said.of == "carrier":
        return Look.of(sdr or grade, said.kind, width)
    reference = sdr if said.kind == "faults" else None
    return Look.of(grade, said.kind, width, reference)


def words_of(view: str, picture: Optional[Picture]) -> str:
    """What a view shows, for its caption; that masks are of nothing is said, as a grey picture does not."""
    nothing = view == "faults" and picture is not None and not picture.legend
    return "Masks of what was found: nothing in this frame" if nothing else VIEWS[view].words
