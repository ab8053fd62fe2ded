"""The clips of a job, opened and checked before any work: what belongs together, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from candela_engines.colour.state import ColourState
from candela_engines.media.clip import ClipInfo
from candela_server.service.clips import Side, check_pair_sizes, open_master, open_sdr
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shots_embed_facts import clip_facts, sample_facts
from candela_server.service.shots_embed_out import ClipOut, clip_out
from candela_server.service.shots_embed_plan import PlannedShot, Together, planned, rate_of, together
from candela_server.service.shots_embed_request import EmbedShotsRequest

__all__ = ["ClipPlan", "checked_clip", "plan_clips", "told"]


@dataclass(frozen=True, eq=False)
class ClipPlan:
    """One SDR clip of a job. sdr, hdr: names to open; hdr_name: for people.

    first, last, offset: the frames that are embedded, and what to add for the master's number. hdr_facts: of
    every master that shots of it have. masters: those, by the name to open. shots: where a timeline has said
    them, else empty until the clip is cut. samples: digests of the outermost frames of movies.
    """

    sdr: str
    hdr: str
    hdr_name: str
    info: ClipInfo
    sdr_state: ColourState
    hdr_state: ColourState
    rate: Fraction
    first: int
    last: int
    offset: int
    out: ClipOut
    sdr_facts: dict[str, Any]
    hdr_facts: list[dict[str, Any]]
    samples: list[str]
    masters: dict[str, ClipInfo]
    shots: tuple[PlannedShot, ...] = ()


def plan_clips(request: EmbedShotsRequest, progress: WorkProgress) -> tuple[list[ClipPlan], list[str]]:
    """The clips, and notes. Raises what `embed_shots` says for input that does not go together."""
    assert request.hdr is not None
    with open_sdr(request.sdr, request.said_sdr) as sdr, open_master(request.hdr, request.said_hdr) as hdr:
        check_pair_sizes(sdr.info, hdr.info)
        rate, notes = rate_of(request, sdr.info, hdr.info)
        common = together(request, sdr.info, hdr.info)
        plan = checked_clip(request, sdr, [(hdr, common)], rate, request.out)
        progress(Work("check", 1, 1, "clips"))
    notes = [*told("SDR", sdr), *told("HDR", hdr), *notes, *common.notes, *plan.out.notes]
    return [plan], notes


def checked_clip(
    request: EmbedShotsRequest,
    sdr: Side,
    masters: Sequence[tuple[Side, Together]],
    rate: Fraction,
    out: Path | None,
    shots: tuple[PlannedShot, ...] = (),
    inputs: tuple[Path, ...] = (),
    folder: Path | None = None,
) -> ClipPlan:
    """One clip of the plan: its output checked, its outermost frames and those of its masters decoded.

    masters: each with the frames of the SDR clip that it has. inputs: files of other clips, which must not be
    written over either. folder: of the outputs, made if it is not there.
    """
    info = sdr.info
    first = min(common.first for _, common in masters)
    last = max(common.last for _, common in masters)
    others = (*info.files, *inputs, *(path for hdr, _ in masters for path in hdr.info.files))
    about = shots or tuple(planned(request, [(first, last)], rate, 0)[0])
    sizes = [shot.budget for shot in about]
    size = max(sizes) if info.kind == "sequence" else sum(sizes)
    out = None if request.dry_run else out
    where = clip_out(info, out, others, size, sidecar=request.sidecar, folder=folder)
    # A file that ends early, or a frame that cannot be read, is better found before the work than after it.
    samples = sample_facts(sdr, first, last)
    for hdr, common in masters:
        samples += sample_facts(hdr, common.first + common.offset, common.last + common.offset)
    hdr, common = masters[0]
    names = dict.fromkeys(hdr.info.name for hdr, _ in masters)
    more = "" if len(names) == 1 else f" and {len(names) - 1} more"
    return ClipPlan(
        sdr=info.name,
        hdr=hdr.info.name,
        hdr_name=hdr.info.name + more,
        info=info,
        sdr_state=sdr.state,
        hdr_state=hdr.state,
        rate=rate,
        first=first,
        last=last,
        offset=common.offset,
        out=where,
        sdr_facts=clip_facts(sdr),
        hdr_facts=[clip_facts(hdr) for hdr, _ in masters],
        samples=samples,
        masters={hdr.info.name: hdr.info for hdr, _ in masters},
        shots=shots,
    )


def told(which: str, side: Side) -> list[str]:
    """The notes on a clip."""
    return [f"{which}: {note}" for note in side.notes]
