"""Up-conversion on a client's behalf: which use case it is, and paths checked by what they are for."""

from __future__ import annotations

from dataclasses import replace

from candela_server.frames import clip_roots as check
from candela_server.frames.roots import Roots
from candela_server.service import DistilRequest
from candela_server.service.clip_kind import kind_of_name
from candela_server.sidecar.asks import UpconvertAsk
from candela_server.sidecar.clip_desk import ClipTask
from candela_server.sidecar.tasks import UseCase, UseCaseName

__all__ = ["upconvert_task"]


def upconvert_task(ask: UpconvertAsk, roots: Roots) -> ClipTask:
    """What a worker does. Raises PathRefusedError, MediaError and InputError for paths, as `Roots` does."""
    asked = ask.request
    file = check.clip_source(roots, str(asked.file))
    kind = kind_of_name(file)
    media = tuple(check.folder(roots, str(path)) for path in asked.media)
    name: UseCaseName
    if kind == "timeline":
        name = "distil_timeline" if isinstance(asked, DistilRequest) else "upconvert_timeline"
    elif isinstance(asked, DistilRequest):
        name = "distil" if kind == "still" else "distil_shots"
        # What a file carries is looked for beside it, too.
        check.beside(roots, file)
    elif asked.out.suffix.lower() == ".cube":
        name = "upconvert_cube"
    else:
        name = "upconvert" if kind == "still" else "upconvert_clip"
    one = kind == "still" or name == "upconvert_cube"
    if kind == "timeline":
        # Written into two levels down; what is there already may be links.
        out = check.folder_target(roots, str(asked.out), deep=True)
    else:
        out = roots.target(str(asked.out)) if one else check.clip_target(roots, str(asked.out))
    request = replace(
        asked, file=file, out=out, ocio=roots.config(asked.ocio or ""), media=media,
        within=tuple(roots.folders),
    )  # fmt: skip
    return ClipTask(UseCase(name, request, (out,)), (check.a_file_of(file),))
