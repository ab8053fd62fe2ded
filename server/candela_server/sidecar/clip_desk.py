"""Calls on movies, sequences and timelines: every path in a request is checked by what it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from candela_server.frames import clip_roots as check
from candela_server.frames.roots import Roots
from candela_server.sidecar.asks import ClipAsk, ClipCall
from candela_server.sidecar.tasks import UseCase, UseCaseName

__all__ = ["ClipTask", "clip_task"]

Check = Callable[[Roots, Any], Any]


def _config(roots: Roots, said: str) -> str | None:
    return roots.config(said)


def _file(roots: Roots, said: Path) -> Path:
    return roots.source(str(said))


def _written(roots: Roots, said: Path) -> Path:
    return roots.target(str(said))


def _folders(roots: Roots, said: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(check.folder(roots, str(path)) for path in said)


def _clip(roots: Roots, said: Path) -> Path:
    return check.clip_source(roots, str(said))


def _out(roots: Roots, said: Path) -> Path:
    return check.clip_target(roots, str(said))


_FIELDS: dict[ClipCall, tuple[UseCaseName, dict[str, Check]]] = {
    "EmbedShots": (
        "embed_shots",
        {"sdr": _clip, "hdr": _clip, "out": _out, "timeline": _file, "media": _folders, "hdr_media": _folders,
         "ocio": _config},
    ),
    "ReconstructClip": ("reconstruct_clip", {"file": _clip, "out": _out, "ocio": _config}),
    "VerifyShots": ("verify_shots", {"file": _clip, "hdr": _clip, "ocio": _config}),
    "StripShots": ("strip_shots", {"file": _clip, "out": _out}),
    "InspectShots": ("inspect_shots", {"file": _clip}),
    "ListShots": ("shots", {"file": _clip, "html": _written, "media": _folders}),
}  # fmt: skip
"""The paths of every request, and what they are held against. Nothing else in them opens a file."""


@dataclass(frozen=True)
class ClipTask:
    """sources: files that are read, one for a sequence."""

    use_case: UseCase
    sources: tuple[Path, ...]


def clip_task(ask: ClipAsk, roots: Roots) -> ClipTask:
    """What a worker does. Raises PathRefusedError, MediaError and InputError for paths, as `Roots` does."""
    name, fields = _FIELDS[ask.call]
    found = {
        field: check_path(roots, said)
        for field, check_path in fields.items()
        if (said := getattr(ask.request, field)) is not None
    }
    if ask.call in ("EmbedShots", "ListShots"):
        found["within"] = tuple(roots.folders)
    sources = tuple(check.a_file_of(found[field]) for field in ("sdr", "hdr", "file") if field in found)
    out = found.get("out", found.get("html"))
    return ClipTask(UseCase(name, replace(ask.request, **found), () if out is None else (out,)), sources)
