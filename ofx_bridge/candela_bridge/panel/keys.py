"""What the keys do: one list for the shortcuts themselves and for the sheet that tells them."""

from __future__ import annotations

from typing import NamedTuple, Sequence, Tuple

__all__ = ["GROUPS", "KEYS", "Key"]


class Key(NamedTuple):
    """action: a name of the panel's. keys: as Qt spells them, the first is told. words: what it does."""

    action: str
    keys: Tuple[str, ...]
    words: str
    group: str


KEYS: Sequence[Key] = (
    Key("open", ("Ctrl+O",), "Open clips, stills or a timeline", "List"),
    Key("find", ("Ctrl+F",), "Find in the list", "List"),
    Key("next_shot", ("Down",), "Next shot", "List"),
    Key("previous_shot", ("Up",), "Shot before", "List"),
    Key("score_selected", ("S",), "Score the selected shots", "Scores"),
    Key("score_all", ("Shift+S",), "Score all that are not judged", "Scores"),
    Key("score_fresh", ("Ctrl+Shift+S",), "Score the selected anew", "Scores"),
    Key("cancel", ("Esc",), "Cancel scoring; stop playing", "Scores"),
    Key("play", ("Space",), "Play, stop", "Player"),
    Key("every_frame", ("E",), "Play every frame, or in time", "Player"),
    Key("next_frame", ("Right",), "Next frame", "Player"),
    Key("previous_frame", ("Left",), "Frame before", "Player"),
    Key("forward", ("Shift+Right",), "Twelve frames on", "Player"),
    Key("back", ("Shift+Left",), "Twelve frames back", "Player"),
    Key("first_frame", ("Home",), "First frame of the shot", "Player"),
    Key("last_frame", ("End",), "Last frame of the shot", "Player"),
    Key("worst_frame", ("M",), "Frame of the least score", "Player"),
    Key("view_sdr", ("1",), "SDR", "Views"),
    Key("view_hdr", ("2",), "HDR, tone-mapped", "Views"),
    Key("view_nits", ("3",), "HDR in false colour by nits", "Views"),
    Key("view_reconstruction", ("4",), "Reconstruction in false colour", "Views"),
    Key("view_reconstruction_hdr", ("5",), "Reconstruction, tone-mapped", "Views"),
    Key("view_faults", ("6",), "Masks of faults", "Views"),
    Key("view_other", ("7",), "Other grade (B), tone-mapped", "Views"),
    Key("view_other_nits", ("8",), "Other grade (B) in false colour", "Views"),
    Key("wipe", ("W",), "Wipe with the view before, on and off", "Views"),
    Key("swap", ("X",), "Change sides of the wipe", "Views"),
    Key("boxes", ("O",), "Outlines of reasons, on and off", "Views"),
    Key("uniform", ("U",), "Chromaticities in CIE 1931 xy or CIE 1976 u'v'", "Views"),
    Key("fit", ("F",), "Fit the picture; wheel zooms, middle button moves", "Views"),
    Key("next_reason", ("N",), "Next reason: goes to its frame and place", "Reasons"),
    Key("previous_reason", ("Shift+N",), "Reason before", "Reasons"),
    Key("compare", ("C",), "Compare A and B side by side", "Choices"),
    Key("choose_left", ("A",), "Left is better", "Choices"),
    Key("choose_right", ("D",), "Right is better", "Choices"),
    Key("skip", ("Q",), "Next pair without a choice", "Choices"),
    Key("undo_choice", ("Ctrl+Z",), "Take the last choice back", "Choices"),
    Key("help", ("F1", "?"), "This sheet", "Help"),
)
GROUPS: Sequence[str] = tuple(dict.fromkeys(key.group for key in KEYS))
