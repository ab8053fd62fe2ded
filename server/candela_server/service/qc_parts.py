"""A QC pass in parts that are known before a frame is read, for farms.

Shots of a clip are known only when all its frames have been looked at, which costs as much as half of the
measuring. Parts are the shots where a timeline names them, and else stretches of PART_FRAMES frames: frames
are measured one by one, so it makes no difference to any number where a part ends. Cuts are found afterwards,
from what is kept of every frame; then shots are scored, each by whoever asks for it with `qc.measure_shots`.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from candela_server.service.qc import profile_of, work_folder
from candela_server.service.qc_clip import ClipPass
from candela_server.service.qc_inputs import inputs_of, open_input, spans_in
from candela_server.service.qc_request import QcRequest, ShotsMeasured
from candela_server.service.results import WorkProgress, no_work

__all__ = ["PART_FRAMES", "Part", "find_parts", "measure_parts"]

PART_FRAMES = 240

Part = tuple[str, str, int, int]
"""Clip, name, first and last frame."""


def find_parts(request: QcRequest, progress: WorkProgress = no_work) -> list[Part]:
    """The parts of all inputs in order; nothing is decoded. Raises as `qc`."""
    return _walk(request, frozenset(), progress)[0]


def measure_parts(
    request: QcRequest, wanted: frozenset[int], progress: WorkProgress = no_work
) -> ShotsMeasured:
    """Measure the parts of these numbers (from 1, over all inputs) into the work folder; numbers beyond the
    last do nothing. Raises as `qc`.
    """
    profile_of(request)
    parts, frames = _walk(request, wanted, progress)
    several = len({clip for clip, *_ in parts}) > 1
    names = [
        f"{Path(clip).name} {name}" if several else name
        for number, (clip, name, *_) in enumerate(parts, 1)
        if number in wanted
    ]
    return replace(ShotsMeasured(len(parts), tuple(names), frames), of="parts")


def _walk(request: QcRequest, wanted: frozenset[int], progress: WorkProgress) -> tuple[list[Part], int]:
    folder = work_folder(request)
    parts: list[Part] = []
    frames = 0
    for one in inputs_of(request):
        with closing(open_input(one, request.said)) as clip:
            step = ClipPass.begin(one, clip, request, folder, progress)
            spans, before = spans_in(one, clip.info), len(parts)
            if spans is None:
                numbers = step.measured.numbers
                firsts = range(clip.info.first, numbers[-1] + 1, PART_FRAMES)
                here = [(f, min(f + PART_FRAMES - 1, numbers[-1])) for f in firsts]
                names = [f"frames {first} to {last}" for first, last in here]
            else:
                here, names = [(s.first, s.last) for s in spans], [s.name for s in spans]
            for name, (first, last) in zip(names, here, strict=True):
                parts.append((one.name, name, first, last))
                if len(parts) in wanted:
                    step.measure(first, last)
                    if spans is not None:
                        step.scores([spans[len(parts) - before - 1]])
                    frames += sum(first <= n <= last for n in step.measured.numbers)
    return parts, frames
