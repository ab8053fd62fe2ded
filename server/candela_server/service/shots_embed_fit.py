"""Fitting the shots of a clip one after the other, each kept in the job folder as soon as it is finished."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from candela_engines.itm import shot_split
from candela_engines.itm.payload import Fidelity
from candela_server.service.clips import Side, open_master, open_sdr
from candela_server.service.shots_embed_clips import ClipPlan
from candela_server.service.shots_embed_facts import shot_facts
from candela_server.service.shots_embed_pairs import LightNotes, Pairs
from candela_server.service.shots_embed_plan import PlannedShot
from candela_server.service.shots_embed_progress import Fitting, shares_of
from candela_server.service.shots_embed_request import EmbedShotsRequest
from candela_server.service.shots_job import Job

__all__ = ["FinishedShot", "fit_clip"]


@dataclass(frozen=True)
class FinishedShot:
    """One payload and what was measured with it.

    first, last: its frames. planned: those of the shot that it is a part of. worst_frame, worst_db: the frame
    with the lowest PU-PSNR. digests: of every frame. flicker: ΔE_ITP of the change of error from frame to
    frame, at the median and at the 95th percentile, where it was measured. details: how its bytes were spent.
    """

    payload: bytes
    first: int
    last: int
    planned: tuple[int, int]
    fidelity: Fidelity
    worst_frame: int
    worst_db: float
    digests: dict[int, bytes]
    flicker: tuple[float, float] | None = None
    details: dict[str, float | int | str] = field(default_factory=dict)

    @property
    def split(self) -> bool:
        """Whether the shot was cut further, because one network did not hold the quality."""
        return (self.first, self.last) != self.planned

    def stored(self) -> dict[str, Any]:
        """As the job folder keeps it."""
        f = self.fidelity
        return {
            "payload": self.payload,
            "frames": [self.first, self.last],
            "planned": list(self.planned),
            "fidelity": [
                f.pu_psnr, f.delta_e_mean, f.delta_e_p99, f.worst_pu_psnr, f.worst_left, f.worst_top
            ],
            "worst": [self.worst_frame, self.worst_db],
            "digests": dict(self.digests),
            "flicker": None if self.flicker is None else list(self.flicker),
            "details": self.details,
        }  # fmt: skip

    @classmethod
    def of_stored(cls, read: dict[str, Any]) -> FinishedShot:
        """KeyError, TypeError or ValueError for what is not what `stored` gave."""
        flicker = read["flicker"]
        first, last = read["frames"]
        begin, end = read["planned"]
        worst, decibel = read["worst"]
        return cls(
            payload=bytes(read["payload"]),
            first=first,
            last=last,
            planned=(begin, end),
            fidelity=Fidelity(*read["fidelity"]),
            worst_frame=worst,
            worst_db=decibel,
            digests={int(n): bytes(d) for n, d in read["digests"].items()},
            flicker=None if flicker is None else (flicker[0], flicker[1]),
            details=read["details"],
        )


def fit_clip(
    request: EmbedShotsRequest,
    clip: ClipPlan,
    key: Callable[[PlannedShot], str],
    job: Job | None,
    fitting: Fitting,
    light: LightNotes,
) -> list[list[FinishedShot]]:
    """For every planned shot what it became, one payload or several in order.

    Finished ones are taken out of the job folder. Raises what reading and fitting raise; shots that were
    finished before stay in the folder.
    """
    found: list[list[FinishedShot]] = []
    with ExitStack() as stack:
        graded: Side | None = None
        mastered: tuple[str, Side] | None = None
        for shot in clip.shots:
            files = _files(clip, shot)
            done = None if job is None else _recalled(job, key(shot), files, in_place=clip.out.in_place)
            if done is None:
                # Opened when they are needed first: where all is finished nothing is decoded.
                if graded is None:
                    graded = stack.enter_context(open_sdr(clip.sdr, request.said_sdr))
                if mastered is None or mastered[0] != shot.hdr:
                    if mastered is not None:
                        mastered[1].clip.close()
                    mastered = shot.hdr, stack.enter_context(open_master(shot.hdr, request.said_hdr))
                done = _fitted(request, shot, Pairs(graded, mastered[1], shot.offset, light), fitting)
                if job is not None:
                    job.store(key(shot), {"shots": [one.stored() for one in done], "files": files})
                fitting.finish(shot.count, resumed=False)
            else:
                fitting.finish(shot.count, resumed=True)
            found.append(done)
    return found


def _files(clip: ClipPlan, shot: PlannedShot) -> dict[str, str]:
    """What the shot's own files are, for sequences."""
    master = clip.masters[shot.hdr]
    return {
        "SDR": shot_facts(clip.info, shot.first, shot.last),
        "HDR": shot_facts(master, shot.first + shot.offset, shot.last + shot.offset),
    }


def _recalled(job: Job, key: str, files: dict[str, str], *, in_place: bool) -> list[FinishedShot] | None:
    entry = job.load(key)
    if entry is None:
        return None
    # Writing in place changes the SDR files itself.
    own = {"SDR"} if in_place and job.writing else set()
    changed = [
        name for name, now in files.items() if name not in own and entry.get("files", {}).get(name) != now
    ]
    if changed:
        which = " and ".join(changed)
        job.notes.append(f"{which} files of a finished shot changed ({key}): it is done again")
        return None
    try:
        return [FinishedShot.of_stored(one) for one in entry["shots"]]
    except (KeyError, TypeError, ValueError):
        job.notes.append(f"{job.folder}: {key} is damaged; that shot is done again")
        return None


def _fitted(
    request: EmbedShotsRequest, shot: PlannedShot, pairs: Pairs, fitting: Fitting
) -> list[FinishedShot]:
    fitting.shares = shares_of(shot.count, pairs.sdr.info.width * pairs.sdr.info.height, request.effort)
    parts = shot_split.fit_shot(
        pairs,
        shot.first,
        shot.last,
        sdr_state=pairs.sdr.state,
        hdr_state=pairs.hdr.state,
        budget=shot.budget,
        effort=request.effort,
        floor=request.floor,
        seed=request.seed,
        reading=request.reading_of(pairs.sdr.info),
        provenance=request.provenance,
        progress=fitting.tell,
        begun=fitting.begin,
    )
    return [_finished(part, (shot.first, shot.last)) for part in parts]


def _finished(part: Any, planned: tuple[int, int]) -> FinishedShot:
    report = part.report
    return FinishedShot(
        payload=part.payload,
        first=part.first,
        last=part.last,
        planned=planned,
        fidelity=report.fidelity,
        worst_frame=int(report.worst_frame),
        worst_db=float(report.worst),
        digests=dict(report.digests),
        flicker=report.flicker_levels,
        details={k: _simple(v) for k, v in part.details.items()},
    )


def _simple(value: Any) -> float | int | str:
    """A number or a word, as CBOR has them."""
    return value if isinstance(value, (int, float, str)) else float(value)
