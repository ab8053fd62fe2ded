"""The calls on files: paths are checked, uploads taken, memory estimated, and a use case does the rest."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from candela_engines.errors import ColourStateError, InputError
from candela_engines.media import state_label
from candela_engines.media.movie_kind import is_movie
from candela_server import service
from candela_server.frames.roots import Roots
from candela_server.frames.segments import Regions
from candela_server.frames.uploads import Uploads
from candela_server.jobs.errors import NotSupportedError
from candela_server.jobs.estimate import memory_for
from candela_server.jobs.job import Job
from candela_server.service.binding import load_payload
from candela_server.service.embed import Measured
from candela_server.sidecar.asks import (
    Colour,
    EmbedAsk,
    File,
    InspectAsk,
    ReconstructAsk,
    Sent,
    Source,
    StripAsk,
    Target,
    VerifyAsk,
)
from candela_server.sidecar.on_frames import Kept

__all__ = ["Desk", "Done", "Paths"]


@dataclass(frozen=True, eq=False)
class Paths:
    """What a call works on. back: the file that goes back to the client, if any."""

    sdr: Path
    hdr: Path | None
    out: Path | None
    back: Path | None


R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Done(Generic[R]):
    """A result, and the bytes of a file that goes back with it."""

    result: R
    back: Path | None = None


@dataclass(frozen=True, eq=False)
class Desk:
    """Everything that calls need. most_pixels: of one picture."""

    roots: Roots
    regions: Regions
    uploads: Uploads
    most_pixels: int
    kept: Kept

    def ocio(self, said: str | None) -> str | None:
        """An OCIO config that may be used; else the sidecar's own."""
        return self.roots.config(said or "")

    @contextlib.contextmanager
    def paths(
        self, job: Job, sdr: Source, hdr: Source | None = None, out: Target | None = None
    ) -> Iterator[Paths]:
        """Paths for a call, and the memory that it may take noted in `job`; uploads go when it has ended."""
        plain = not any(isinstance(part, Sent) for part in (sdr, hdr, out))
        with contextlib.nullcontext(Path()) if plain else self.uploads.folder() as folder:
            first = self._source(sdr, folder)
            second = None if hdr is None else self._source(hdr, folder)
            target, back = self._target(out, folder)
            files = (first,) if second is None else (first, second)
            job.memory = memory_for(job.call, files=files, most=self.most_pixels)
            yield Paths(first, second, target, back)

    def embed(self, ask: EmbedAsk, paths: Paths, job: Job, measured: Measured) -> Done[service.EmbedResult]:
        """As `service.embed`."""
        request = replace(
            ask.request, sdr=paths.sdr, hdr=paths.hdr, out=paths.out, ocio=self.ocio(ask.request.ocio)
        )
        if paths.back is not None and request.sidecar:
            raise NotSupportedError("a payload beside the picture needs a folder: give a path to write to")
        return Done(service.embed(request, job.progress, measured), paths.back)

    def reconstruct(self, ask: ReconstructAsk, paths: Paths, job: Job) -> Done[service.ReconstructResult]:
        """As `service.reconstruct`. ColourStateError where the colour that was said is not the payload's."""
        assert paths.out is not None
        request = replace(ask.request, file=paths.sdr, out=paths.out, ocio=self.ocio(ask.request.ocio))
        self._agree(ask.colour, paths.sdr, request.ocio)
        return Done(service.reconstruct(request, job.progress), paths.back)

    def verify(self, ask: VerifyAsk, paths: Paths, job: Job) -> Done[service.VerifyResult]:
        """As `service.verify`."""
        request = replace(ask.request, file=paths.sdr, hdr=paths.hdr, ocio=self.ocio(ask.request.ocio))
        self._agree(ask.colour, paths.sdr, request.ocio)
        return Done(service.verify(request, job.progress))

    def strip(self, ask: StripAsk, paths: Paths, job: Job) -> Done[service.StripResult]:
        """As `service.strip`."""
        assert paths.out is not None
        return Done(service.strip(service.StripRequest(paths.sdr, paths.out), job.progress), paths.back)

    def inspect(self, ask: InspectAsk, paths: Paths, job: Job) -> service.InspectResult:
        """As `service.inspect`."""
        return service.inspect(service.InspectRequest(paths.sdr), job.progress)

    def _source(self, source: Source, folder: Path) -> Path:
        if isinstance(source, File):
            path = self.roots.source(source.path)
            if is_movie(path):
                raise InputError(f"{source.path}: is a movie, and the sidecar takes still pictures")
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

    def _agree(self, colour: Colour, file: Path, ocio: str | None) -> None:
        """Whoever says what a picture is, and is wrong, is told so: its payload knows."""
        if colour.name is None and colour.range is None:
            return
        known = load_payload(file)[1].payload.sdr
        said = known if colour.name is None else colour.state(ocio)
        if said != known or colour.range not in (None, known.range):
            raise ColourStateError(
                f"{file}: was said to be {colour.name or colour.range}, and its payload was made for "
                f"{state_label(known)}; leave it to the payload, or find out which is right"
            )
