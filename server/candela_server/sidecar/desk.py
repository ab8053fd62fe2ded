"""From what is asked to what a worker does: paths are checked, uploads taken, memory is estimated."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from candela_engines.errors import InputError
from candela_engines.media.movie_kind import is_movie
from candela_server import service
from candela_server.frames.roots import Roots
from candela_server.frames.samples import MemoryFrame
from candela_server.frames.segments import Regions
from candela_server.frames.uploads import Uploads
from candela_server.jobs.errors import NotSupportedError
from candela_server.jobs.estimate import TAKES, memory_for
from candela_server.jobs.job import Job
from candela_server.sidecar.asks import (
    Ask,
    ClipAsk,
    EmbedAsk,
    File,
    FrameAsk,
    FramesAsk,
    InspectAsk,
    JudgeAsk,
    QcAsk,
    ReconstructAsk,
    Sent,
    Source,
    StripAsk,
    Target,
    UpconvertAsk,
    VerifyAsk,
)
from candela_server.sidecar.clip_desk import clip_task
from candela_server.sidecar.judge_desk import judge_task
from candela_server.sidecar.qc_desk import qc_task
from candela_server.sidecar.qc_tasks import QcPass, QcSizes
from candela_server.sidecar.tasks import FitFrames, RenderFrame, SizesOf, UseCase
from candela_server.sidecar.upconvert_desk import upconvert_task
from candela_server.workers.task import Task

__all__ = ["Desk", "Ready"]

_DEFAULT_BYTES = 8192
OnFiles = TypeVar("OnFiles", UseCase, QcPass)


@dataclass(frozen=True, eq=False)
class Ready:
    """What a worker is to do. back: the file that goes back to the client, if any. look: what tells before
    how many pixels a frame has, where that takes a decoder or a look into what is named."""

    task: Task
    back: Path | None = None
    look: SizesOf | QcSizes | None = None


@dataclass(frozen=True, eq=False)
class _Paths:
    """What a call on files works on."""

    sdr: Path
    hdr: Path | None
    out: Path | None
    back: Path | None

    @property
    def outputs(self) -> tuple[Path, ...]:
        return () if self.out is None else (self.out,)


@dataclass(frozen=True, eq=False)
class Desk:
    """Everything that calls need. most_pixels: of one picture."""

    roots: Roots
    regions: Regions
    uploads: Uploads
    most_pixels: int

    @contextlib.contextmanager
    def ready(self, ask: Ask, job: Job, ocio: str | None = None) -> Iterator[Ready]:
        """A task for what is asked, and the memory that it may take noted in `job`; uploads go at the end.

        ocio: the client's $OCIO, empty for none, None where it did not say.
        Raises whatever can be said against it before anything is decoded.
        """
        if isinstance(ask, ClipAsk):
            task = clip_task(ask, self.roots)
            job.memory = memory_for(ask.call, files=task.sources, most=self.most_pixels)
            movies = tuple(path for path in task.sources if TAKES[ask.call].bytes_a_pixel and is_movie(path))
            yield Ready(self._in(task.use_case, ocio), look=SizesOf(movies) if movies else None)
        elif isinstance(ask, UpconvertAsk):
            task = upconvert_task(ask, self.roots)
            job.memory = memory_for(ask.call, files=task.sources, most=self.most_pixels)
            movies = tuple(path for path in task.sources if is_movie(path))
            yield Ready(self._in(task.use_case, ocio), look=SizesOf(movies) if movies else None)
        elif isinstance(ask, QcAsk):
            work = qc_task(ask, self.roots)
            job.memory = memory_for(ask.call, most=self.most_pixels)
            yield Ready(self._in(work, ocio), look=QcSizes(work.request))
        elif isinstance(ask, JudgeAsk):
            with judge_task(ask, self.roots, self.uploads) as judging:
                job.memory = memory_for(
                    ask.call, files=judging.sources, pixels=judging.pixels, most=self.most_pixels
                )
                movies = tuple(path for path in judging.sources if is_movie(path))
                yield Ready(self._in(judging.use_case, ocio), look=SizesOf(movies) if movies else None)
        elif isinstance(ask, EmbedAsk) and isinstance(ask.sdr, MemoryFrame):
            yield Ready(self._fit(ask, job))
        elif isinstance(ask, ReconstructAsk) and isinstance(ask.sdr, MemoryFrame):
            yield Ready(self._render(ask, job))
        else:
            first, second, out = _places(ask)
            # A movie is stripped as one file, and else worked on frame by frame.
            with self._paths(job, first, second, out, movies=isinstance(ask, StripAsk)) as paths:
                yield Ready(self._in(self._use_case(ask, paths), ocio), paths.back)

    def _in(self, task: OnFiles, ocio: str | None) -> OnFiles:
        return task if ocio is None else replace(task, ocio=self.roots.environment(ocio))

    def _use_case(self, ask: Ask, paths: _Paths) -> UseCase:
        if isinstance(ask, EmbedAsk):
            ocio = self._ocio(ask.request.ocio)
            embed = replace(ask.request, sdr=paths.sdr, hdr=paths.hdr, out=paths.out, ocio=ocio)
            if paths.back is not None and embed.sidecar:
                raise NotSupportedError("a payload beside the picture needs a folder: give a path for it")
            return UseCase("embed", embed, paths.outputs)
        if isinstance(ask, ReconstructAsk):
            assert paths.out is not None
            if ask.shot_frame is not None:
                raise NotSupportedError("shot_frame is for frames in shared memory; a file knows which it is")
            ocio = self._ocio(ask.request.ocio)
            rebuilt = replace(ask.request, file=paths.sdr, out=paths.out, ocio=ocio)
            return UseCase("reconstruct", rebuilt, paths.outputs, ask.colour)
        if isinstance(ask, VerifyAsk):
            ocio = self._ocio(ask.request.ocio)
            held = replace(ask.request, file=paths.sdr, hdr=paths.hdr, ocio=ocio)
            return UseCase("verify", held, (), ask.colour)
        if isinstance(ask, StripAsk):
            assert paths.out is not None
            return UseCase("strip", service.StripRequest(paths.sdr, paths.out), paths.outputs)
        return UseCase("inspect", service.InspectRequest(paths.sdr))

    def _fit(self, ask: EmbedAsk, job: Job) -> FitFrames:
        sdr, hdr, request = ask.sdr, ask.hdr, ask.request
        if not isinstance(sdr, MemoryFrame) or not isinstance(hdr, MemoryFrame) or ask.hdr_colour is None:
            raise NotSupportedError("an SDR frame in shared memory needs a master in shared memory beside it")
        if ask.out is not None:
            raise NotSupportedError(
                "frames have no file to write: leave `out` away and take the payload of the result"
            )
        ocio = self._ocio(request.ocio)
        states = ask.sdr_colour.state(ocio), ask.hdr_colour.state(ocio)
        job.memory = memory_for(job.call, pixels=max(sdr.pixels, hdr.pixels), most=self.most_pixels)
        return FitFrames(sdr, hdr, *states, request, request.bytes or _DEFAULT_BYTES)

    def _render(self, ask: ReconstructAsk, job: Job) -> RenderFrame:
        sdr, out, request = ask.sdr, ask.out, ask.request
        if not isinstance(sdr, MemoryFrame) or not isinstance(out, MemoryFrame):
            raise NotSupportedError("a frame in shared memory needs a target in shared memory beside it")
        given = request.peak is not None or request.quality is not None
        if given or request.confidence or request.view != "hdr":
            raise NotSupportedError("peak, confidence, view and quality are for files")
        job.memory = memory_for(job.call, pixels=max(sdr.pixels, out.pixels), most=self.most_pixels)
        ocio = self._ocio(request.ocio)
        return RenderFrame(
            ask.payload, sdr, out, ask.colour, request.encoding, ocio, request.force, ask.shot_frame
        )

    def frames(self, setup: FramesAsk) -> RenderFrame:
        """A task for the frames of a stream, but for the places of each; `frame` puts them in."""
        nowhere = MemoryFrame("", 0, 0, 0, 3, "uint8", 8)
        ocio = self._ocio(setup.ocio)
        return RenderFrame(setup.payload, nowhere, nowhere, setup.colour, setup.encoding, ocio, setup.force)

    def frame(self, task: RenderFrame, ask: FrameAsk, job: Job) -> RenderFrame:
        """The task for one of them, and the memory that it may take noted in `job`."""
        pixels = max(ask.sdr.pixels, ask.out.pixels)
        job.memory = memory_for("Reconstruct", pixels=pixels, most=self.most_pixels)
        return replace(task, sdr=ask.sdr, out=ask.out, shot_frame=ask.shot_frame)

    def _ocio(self, said: str | None) -> str | None:
        """An OCIO config that may be used; else the sidecar's own."""
        return self.roots.config(said or "")

    @contextlib.contextmanager
    def _paths(
        self, job: Job, sdr: Source, hdr: Source | None, out: Target | None, *, movies: bool
    ) -> Iterator[_Paths]:
        plain = not any(isinstance(part, Sent) for part in (sdr, hdr, out))
        with contextlib.nullcontext(Path()) if plain else self.uploads.folder() as folder:
            first = self._source(sdr, folder, movies=movies)
            second = None if hdr is None else self._source(hdr, folder)
            target, back = self._target(out, folder)
            files = (first,) if second is None else (first, second)
            job.memory = memory_for(job.call, files=files, most=self.most_pixels)
            yield _Paths(first, second, target, back)

    def _source(self, source: Source, folder: Path, *, movies: bool = False) -> Path:
        if isinstance(source, File):
            path = self.roots.source(source.path)
            if not movies and is_movie(path):
                raise InputError(
                    f"{source.path}: is a movie, and this call takes still pictures; those on shots take it"
                )
            return path
        if isinstance(source, Sent):
            path = self.uploads.take(source.name)
            return path.rename(folder / path.name)
        raise NotSupportedError(
            "frames in shared memory and files do not mix, and calls that look into a file need one"
        )

    def _target(self, out: Target | None, folder: Path) -> tuple[Path | None, Path | None]:
        if out is None:
            return None, None
        if isinstance(out, File):
            return self.roots.target(out.path), None
        if isinstance(out, Sent):
            self.uploads.check_suffix(out.name)
            path = folder / f"out{out.name}"
            return path, path
        raise NotSupportedError("files do not go into shared memory; take a path or a stream for the result")


def _places(ask: Ask) -> tuple[Source, Source | None, Target | None]:
    """Source, master and target of a call on stills."""
    if isinstance(ask, EmbedAsk):
        return ask.sdr, ask.hdr, ask.out
    if isinstance(ask, ReconstructAsk):
        return ask.sdr, None, ask.out
    if isinstance(ask, VerifyAsk):
        return ask.sdr, ask.hdr, None
    if isinstance(ask, StripAsk):
        return ask.source, None, ask.out
    assert isinstance(ask, InspectAsk)
    return ask.source, None, None
