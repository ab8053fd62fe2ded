"""Calls on pictures and clips beside one another: where each side lies, and what a worker opens for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from candela_server.frames import clip_roots as check
from candela_server.frames.roots import Roots
from candela_server.frames.samples import MemoryFrame
from candela_server.frames.uploads import Uploads
from candela_server.service.score_overlay import overlay_stem
from candela_server.sidecar.asks import File, JudgeAsk, JudgeCall, Sent
from candela_server.sidecar.frame_sides import FrameSide
from candela_server.sidecar.tasks import UseCase, UseCaseName

__all__ = ["JudgeTask", "judge_task"]

_USE_CASES: dict[JudgeCall, UseCaseName] = {
    "Score": "score", "Compare": "compare", "Measure": "metrics", "Look": "look",
}  # fmt: skip


@dataclass(frozen=True)
class JudgeTask:
    """sources: files that are read, of a sequence one. pixels: of the largest frame in memory, 0 for none."""

    use_case: UseCase
    sources: tuple[Path, ...]
    pixels: int


@contextlib.contextmanager
def judge_task(ask: JudgeAsk, roots: Roots, uploads: Uploads) -> Iterator[JudgeTask]:
    """What a worker does. Uploads that it names are used up, and gone at the end.

    Raises PathRefusedError, MediaError and InputError for paths, as `Roots` does, ColourStateError for a
    frame in memory whose colours are left open.
    """
    sent = any(isinstance(source, Sent) for _, source, _ in ask.sides)
    with uploads.folder() if sent else contextlib.nullcontext(Path()) as folder:
        found: dict[str, Any] = {}
        frames: list[FrameSide] = []
        sources: list[Path] = []
        for field, source, colour in ask.sides:
            about = "said" if field == "grade" else f"{field}_said"
            said = getattr(ask.request, about)
            config = roots.config(said.ocio or "")
            if isinstance(source, File):
                path = check.clip_source(roots, source.path)
            elif isinstance(source, Sent):
                taken = uploads.take(source.name)
                path = taken.rename(folder / f"{field}{taken.suffix}")
            else:
                path = Path(f"{field}-frame")
                frames.append(FrameSide(path, source, colour.state(config)))
            if not isinstance(source, MemoryFrame):
                sources.append(check.a_file_of(path))
            found |= {field: path, about: replace(said, ocio=config)}
        house = getattr(ask.request, "model", None)
        if house is not None:
            found["model"] = roots.source(str(house))
        outputs: tuple[Path, ...] = ()
        overlay = getattr(ask.request, "overlay", None)
        if overlay is not None:
            found["overlay"] = check.folder_target(roots, str(overlay))
            outputs = (found["overlay"] / f"{overlay_stem(found['grade'])}.*",)
        request = replace(ask.request, **found)
        use_case = UseCase(_USE_CASES[ask.call], request, outputs, frames=tuple(frames))
        yield JudgeTask(use_case, tuple(sources), max((frame.place.pixels for frame in frames), default=0))
