"""One clip of a QC pass: measured, cut into shots, judged by the profile, told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from candela_engines.colour.state import ColourState
from candela_engines.media.clip import Clip, ClipInfo
from candela_engines.media.timecode import is_drop
from candela_engines.qc.apply import clip_measures, find, histogram_of, limits_of, shot_measures, trend_of
from candela_engines.qc.findings import Finding
from candela_engines.qc.measuring import MeasuredClip, Proxy, Told, measured_clip
from candela_engines.qc.pq_codes import ten_bit
from candela_engines.qc.profile import Profile
from candela_engines.qc.result import ClipReference, ClipResult, Declared, ShotResult, ShotScore
from candela_engines.qc.rule import ClipFacts
from candela_engines.qc.shot_pictures import PictureStore, representative
from candela_engines.qc.shots import ShotData, Span, find_spans, gather, keep_spans, kept_spans
from candela_engines.qc.waivers import WaiverFile, waiver_path, with_waivers
from candela_server.service.qc_facts import facts_of, timecode_of_frame
from candela_server.service.qc_inputs import QcInput, spans_in
from candela_server.service.qc_network import networks_of
from candela_server.service.qc_pairing import name_of
from candela_server.service.qc_reference import ShotReference, reference_of
from candela_server.service.qc_request import QcRequest
from candela_server.service.qc_score import judge_of, scores_of
from candela_server.service.results import Work, WorkProgress

__all__ = ["ClipPass", "failed_clip"]


@dataclass(eq=False)
class ClipPass:
    """An open clip on its way through QC. Shots are found or listed before or after it is measured, as it
    comes.
    """

    given: QcInput
    clip: Clip
    state: ColourState
    request: QcRequest
    folder: Path
    progress: WorkProgress
    measured: MeasuredClip

    @classmethod
    def begin(
        cls, given: QcInput, clip: Clip, request: QcRequest, folder: Path, progress: WorkProgress
    ) -> ClipPass:
        """Know the clip's frames by what they are made of. Raises as `measured_clip`."""
        name = Path(given.name).name
        measured = measured_clip(clip, folder, _told(progress, name, "MB"))
        return cls(given, clip, measured.state, request, folder, progress, measured)

    @property
    def info(self) -> ClipInfo:
        """Of the clip."""
        return self.clip.info

    def spans(self) -> list[Span]:
        """The shots: of the timeline, kept from earlier, or found now by a look at every frame."""
        listed = spans_in(self.given, self.info)
        if listed is not None:
            return listed
        kept = kept_spans(self._spans_path)
        if kept is not None:
            return kept
        return self._found(self.measured.proxies(_told(self.progress, Path(self.given.name).name)))

    def measure(self, first: int, last: int) -> None:
        """Measure what is not kept yet."""
        told = _told(self.progress, Path(self.given.name).name)
        self.measured.measure(first, last, told, self.request.threads)

    def measure_all(self) -> list[Span]:
        """Measure all that is wanted, each frame read once; the shots."""
        listed = spans_in(self.given, self.info)
        if listed is None:
            first, last = self.info.first, self.measured.numbers[-1]
            # Shots are kept by the prints of all frames, which files have once they have been read.
            if self.info.kind != "movie" or kept_spans(self._spans_path) is not None:
                self.measure(first, last)
                return self.spans()
            told = _told(self.progress, Path(self.given.name).name)
            with closing(self.measured.measured_proxies(first, last, told, self.request.threads)) as frames:
                return self._found(frames)
        for first, last in _joined(listed):
            self.measure(first, last)
        return listed

    def _found(self, frames: Iterable[tuple[int, Proxy]]) -> list[Span]:
        spans = find_spans(frames, self.info.first, self.measured.numbers[-1])
        keep_spans(self._spans_path, spans)
        return spans

    def result(self, profile: Profile, spans: Sequence[Span]) -> tuple[ClipResult, list[ShotData]]:
        """Judged by the profile, with the waivers that lie beside the media."""
        facts = facts_of(self.clip, self.state, self.request.said, profile)
        facts = replace(facts, network=networks_of(self.clip, still=self.given.still))
        facts = replace(facts, scores=self.scores(spans))
        limits = limits_of(facts, profile)
        codes = [round(ten_bit(limit)) for limit in limits]
        shots = [gather(self.measured, span, limits, codes) for span in spans]
        identity = hashlib.sha256("".join(shot.content for shot in shots).encode()).hexdigest()
        findings = find(
            facts, shots, profile, clip=self.given.name, identity=identity,
            timecode=lambda number: timecode_of_frame(self.info, number),
        )  # fmt: skip
        kept = WaiverFile.read(waiver_path(self.info)).waivers
        findings = with_waivers(findings, kept, shots, identity, self.info.first)
        told = tuple(self._shot(shot, facts) for shot in shots)
        return self._told(facts, shots, told, findings, identity), shots

    def scores(self, spans: Sequence[Span]) -> dict[str, ShotScore]:
        """Scores of shots, kept ones not made again."""
        return scores_of(
            self.given.name, self.request.said, spans, self.measured, self.folder, self.progress,
            wanted=self.request.score, referred=lambda: self.reference,
        )  # fmt: skip

    @cached_property
    def reference(self) -> ShotReference | None:
        """The SDR reference, looked at once; None without one."""
        path = self.given.reference
        if path is None:
            return None
        told = _told(self.progress, path.name, "MB")
        return reference_of(
            path, self.request.reference_said, self.info, self.measured.numbers, self.folder,
            self.given.within, lambda done, total: told("read", done, total),
        )  # fmt: skip

    def pictures(self, shots: Sequence[ShotData]) -> dict[tuple[str, str], bytes]:
        """One picture of each shot, for reports."""
        store, out = PictureStore(self.folder), {}
        for done, shot in enumerate(shots):
            self.progress(Work("render", done, len(shots), "shots", Path(self.given.name).name))
            number = representative(self.clip, shot.numbers.tolist())
            if number is None:
                continue
            key = self.measured.key(number) or b""
            found = store.pictures(self.clip, self.state, key, number, shot.active)
            if found is not None:
                out[self.given.name, shot.span.name] = found
        return out

    @property
    def _spans_path(self) -> Path:
        digest = hashlib.sha256(b"shots 1")
        for number in self.measured.numbers:
            digest.update(self.measured.key(number) or b"")
        digest.update(str(sorted(self.state.to_dict().items())).encode())
        return self.folder / "shots" / f"{digest.hexdigest()[:32]}.json"

    def _shot(self, shot: ShotData, facts: ClipFacts) -> ShotResult:
        span = shot.span
        return ShotResult(
            name=span.name,
            first=span.first,
            last=span.last,
            opening=span.opening,
            timecode_in=timecode_of_frame(self.info, span.first),
            timecode_out=timecode_of_frame(self.info, span.last),
            active=shot.active,
            letterboxed=shot.letterboxed,
            content=shot.content,
            measures=shot_measures(shot),
            trend=trend_of(shot),
            histogram=histogram_of(shot),
            score=facts.scores.get(span.name),
            record=span.record,
            frames_unread=tuple(sorted(shot.unread)),
        )

    def _told(
        self, facts: ClipFacts, shots: Sequence[ShotData], told: tuple[ShotResult, ...],
        findings: list[Finding], identity: str,
    ) -> ClipResult:  # fmt: skip
        info = self.info
        return ClipResult(
            path=self.given.name,
            kind="still" if self.given.still else info.kind,
            format=info.format,
            identity=identity,
            width_px=info.width,
            height_px=info.height,
            bits=info.bits,
            rate=None if info.rate is None else str(info.rate),
            start_timecode=timecode_of_frame(info, info.first),
            drop_frame=info.timecode is not None and is_drop(info.timecode),
            first=info.first,
            last=info.last,
            missing=info.missing,
            colour=facts.colour,
            declared=facts.declared,
            measures=clip_measures(shots),
            shots=told,
            findings=tuple(findings),
            notes=(*info.notes, *self._unreferred()),
            reference=self._referred(),
        )

    def _referred(self) -> ClipReference | None:
        path = self.given.reference
        looked = judge_of(wanted=self.request.score) is not None
        used = self.reference if looked else None
        return used.told if used is not None else None if path is None else ClipReference(str(path))

    def _unreferred(self) -> tuple[str, ...]:
        if self.given.reference is not None or not self.request.references:
            return ()
        name = name_of(Path(self.given.name), "hdr")
        return (f"no SDR reference: none of those given has the name {name!r}",)


def failed_clip(given: QcInput, why: str) -> ClipResult:
    """A clip that could not be opened or measured at all."""
    return ClipResult(
        given.name, "still" if given.still else "movie", "", "", 0, 0, 0, None, None, False, 0, 0, (), None,
        Declared(), (), (), (), (), why,
    )  # fmt: skip


def _told(progress: WorkProgress, name: str, unit: str = "frames") -> Told:
    def told(stage: str, done: int, total: int) -> None:
        if stage == "read" and unit == "MB":
            progress(Work("read", done / 1e6, total / 1e6, "MB", name))
        else:
            progress(Work(stage, done, total, "frames", name))

    return told


def _joined(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Stretches of frames that shots use, each once."""
    out: list[tuple[int, int]] = []
    for first, last in sorted((span.first, span.last) for span in spans):
        if out and first <= out[-1][1] + 1:
            out[-1] = out[-1][0], max(out[-1][1], last)
        else:
            out.append((first, last))
    return out
