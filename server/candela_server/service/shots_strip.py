"""Strip a sequence: every frame's file as it was before. A movie is one file and stripped as a still is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import CandelaError, NoPayloadError
from candela_engines.itm.carriers import strip_payload
from candela_engines.media.open_clip import open_clip
from candela_server.service.results import Json, Work, WorkProgress, no_work
from candela_server.service.shot_binding import sequence_sidecar
from candela_server.service.shots_embed_out import clip_out, make_folder, same_clip
from candela_server.service.shots_embed_write import copy_file
from candela_server.service.strip import EXACT_TEXT

__all__ = ["StripShotsRequest", "StripShotsResult", "strip_shots"]


@dataclass(frozen=True)
class StripShotsRequest:
    """file: a sequence, as a pattern or a folder. out: a pattern or a folder; it may be the same."""

    file: Path
    out: Path


@dataclass(frozen=True)
class StripShotsResult:
    """files: how many had a payload; without: how many had none. exact: as in `StripResult`, of all files."""

    file: Path
    out: Path
    files: int
    without: int
    removed_bytes: int
    exact: bool | None
    notes: tuple[str, ...]

    @property
    def exact_text(self) -> str:
        """`exact` in words."""
        return EXACT_TEXT[self.exact]

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "strip",
            "file": str(self.file),
            "out": str(self.out),
            "files": self.files,
            "files_without": self.without,
            "removed_bytes": self.removed_bytes,
            "exact": self.exact,
            "exact_text": self.exact_text,
            "notes": list(self.notes),
        }


def strip_shots(request: StripShotsRequest, progress: WorkProgress = no_work) -> StripShotsResult:
    """Take the payload out of every file. Raises NoPayloadError where none has one; nothing is written then.

    An error names the file and its frame; files before it are stripped, the rest are as they were.
    """
    with open_clip(str(request.file)) as clip:
        info = clip.info
    out = clip_out(info, request.out, info.files, 0, sidecar=True)
    beside = sequence_sidecar(info)
    had = removed = inexact = 0
    copied: list[tuple[Path, Path]] = []
    notes = []
    folder = next(iter(out.files.values())).parent
    made = not folder.exists()
    make_folder(out)
    for done, (number, source, destination) in enumerate(same_clip(info, out)):
        progress(Work("write", done, info.count))
        try:
            report = strip_payload(source, destination)
        except NoPayloadError:
            copied.append((source, destination))
            continue
        except CandelaError as error:
            raise type(error)(f"frame {number}: {error}; the frames before it are stripped") from error
        had, removed = had + 1, removed + report.bytes_removed
        if not (report.exact and report.as_embedded):
            inexact += 1
            notes.append(f"{source}: {report.note or 'another program has rewritten it'}")
    if not had and not beside.is_file():
        if made:
            folder.rmdir()
        raise NoPayloadError(
            f"{info.name}: none of its files carries a payload: there is nothing to strip, and nothing was "
            "written"
        )
    for source, destination in copied:
        copy_file(source, destination)
    if beside.is_file():
        notes.append(_beside(beside, in_place=out.in_place))
        removed += 0 if not out.in_place else _gone(beside)
    if copied and had:
        notes.append(f"{len(copied)} files had no payload and are as they were")
    return StripShotsResult(
        request.file, request.out, had, len(copied), removed, False if inexact else None, tuple(notes[:8])
    )


def _beside(path: Path, *, in_place: bool) -> str:
    if in_place:
        return f"{path}, which held the payloads, was removed"
    return f"{path} stays there, and holds the payloads"


def _gone(path: Path) -> int:
    size = path.stat().st_size
    path.unlink()
    return size
