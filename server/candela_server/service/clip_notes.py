"""What is to be said of a reconstructed clip as a whole."""

from __future__ import annotations

from candela_server.service.clip_levels import ClipLevels
from candela_server.service.clip_plan import ClipPlan
from candela_server.service.clip_result import ClipTally
from candela_server.service.clips import numbers_text
from candela_server.service.rendering import rendering_notes

__all__ = ["closing_notes"]


def closing_notes(plan: ClipPlan, tally: ClipTally, levels: ClipLevels) -> list[str]:
    """What is to be said of the frames as a whole."""
    notes = [*plan.carried.notes(plan.side.info), *plan.side.notes, *plan.notes]
    notes += rendering_notes()
    if plan.carried.bare and plan.upconversion is None:
        words = numbers_text(plan.carried.bare, "have", "has")
        notes.append(f"{words} SDR in place of HDR, white on 203 nit: no shot covers them")
    if tally.forced:
        what = "1 frame was" if tally.forced == 1 else f"{tally.forced:,} frames were"
        notes.append(f"{what} rendered by --force although they are not those that the payload was made for")
    if plan.source is None and plan.target.target.peak is None and plan.request.view == "hdr":
        notes += plan.target.target.notes(None, levels.levels)
    notes += plan.target.target.clip_notes(tally.clipped_high)
    if tally.resumed:
        what = "1 frame was" if tally.resumed == 1 else f"{tally.resumed:,} frames were"
        notes.append(f"{what} written by an earlier run")
    return notes
