"""Quality control on a client's behalf: every path in a request is checked by what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from candela_server.frames import clip_roots as check
from candela_server.frames.roots import Roots
from candela_server.service.in_words import words_of
from candela_server.service.qc_request import is_file_name
from candela_server.sidecar.asks import QcAsk
from candela_server.sidecar.qc_tasks import QcPass

__all__ = ["qc_task"]


def qc_task(ask: QcAsk, roots: Roots) -> QcPass:
    """What a worker does. Raises PathRefusedError, MediaError and InputError for paths, as `Roots` does.

    What a timeline or a profile names is held to the roots by the worker, which reads them.
    """
    asked, places = ask.request, _Places(ask.called)
    inputs = tuple(places.of(path, check.clip_source(roots, str(path))) for path in asked.inputs)
    for path in inputs:
        check.beside(roots, path)
    media = tuple(places.of(path, check.folder(roots, str(path))) for path in asked.media)
    profile = asked.profile
    if is_file_name(profile):
        profile = str(places.of(Path(profile), roots.source(profile)))
    work = None if asked.work is None else check.folder_target(roots, str(asked.work), deep=True)
    report = None
    if asked.report is not None:
        report = places.of(asked.report, check.folder_target(roots, str(asked.report)))
    request = replace(
        asked,
        inputs=inputs,
        profile=profile,
        said=replace(asked.said, ocio=roots.config(asked.said.ocio or "")),
        work=work,
        report=report,
        media=media,
        within=tuple(roots.folders),
        called=words_of(places.found),
    )
    return QcPass(request, ask.chunk, () if report is None else (report,))


class _Places:
    """Paths of a request as they lie here, with the words for them."""

    def __init__(self, called: Mapping[str, str]) -> None:
        self._called = called
        self.found: list[tuple[Path, str]] = []

    def of(self, said: Path, real: Path) -> Path:
        self.found.append((real, self._called.get(str(said), str(said))))
        return real
