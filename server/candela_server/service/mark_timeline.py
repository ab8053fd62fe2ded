"""Mark: markers of ours written into a timeline's file in place of earlier ones, and nothing else changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.media.atomic import write_atomic
from candela_engines.media.timeline import Timeline, TimelineShot, read_timeline
from candela_server.reports.marker_edl import merged_edl
from candela_server.reports.marker_fcpxml import replaced_fcpxml_markers
from candela_server.reports.marker_otio import Within, otio_text, replaced_markers
from candela_server.reports.markers import Mark, Marked
from candela_server.service.results import Json

__all__ = ["MarkRequest", "MarkResult", "frame_shown", "mark_timeline"]


@dataclass(frozen=True)
class MarkRequest:
    """marks: gives the markers for a timeline, whose frames count from its first one. out: None writes into
    the file itself, of an EDL into NAME.markers.edl beside it. ours: how names of markers begin that give
    way; within: on which frames, None for everywhere. rate: of an EDL."""

    file: Path
    marks: Callable[[Timeline], tuple[Mark, ...]]
    ours: tuple[str, ...]
    out: Path | None = None
    within: Within = None
    rate: Fraction | None = None


@dataclass(frozen=True)
class MarkResult:
    """path: of the file that has the markers. written, removed: how many."""

    path: Path
    written: int
    removed: int
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """As it stands."""
        return {
            "command": "mark",
            "path": str(self.path),
            "written": self.written,
            "removed": self.removed,
            "notes": list(self.notes),
        }


def mark_timeline(request: MarkRequest) -> MarkResult:
    """Write the file, whole or not at all.

    Raises InputError and MediaError as `read_timeline`, for a bundle that cannot be written into, and for a
    file at `out` that is no list of markers; InfrastructureError for a disk that refuses.
    """
    timeline = read_timeline(request.file, rate=request.rate)
    of = Marked(
        request.file.name, str(request.file), timeline.rate, timeline.start, timeline.drop, timeline.count,
        (), request.marks(timeline),
    )  # fmt: skip
    kind = _kind(request.file)
    path = request.out or _usual_out(request.file, kind)
    notes: list[str] = []
    try:
        if kind == "fcpxml":
            inner = request.file / "Info.fcpxml" if request.file.is_dir() else request.file
            data, gone = replaced_fcpxml_markers(inner.read_bytes(), inner, of, request.ours, request.within)
            notes.append("FCPXML has no colours of markers")
        elif kind == "otio":
            text = otio_text(request.file)
            if text is None:
                raise InputError(f"{request.file}: is no timeline that markers can be written into")
            made, gone = replaced_markers(text, of, request.ours, request.within)
            data = made.encode("utf-8", errors="replace")
        else:
            before = path.read_text("utf-8") if path.exists() else ""
            made, gone = merged_edl(before, replace(of, name=path.name), request.ours, request.within)
            data = made.encode("utf-8", errors="replace")
            notes.append("in Resolve: Timelines > Import > Timeline Markers from EDL")
        target = _target(path, kind)
        if of.markers or target.exists():
            write_atomic(target, data)
    except OSError as error:
        raise InfrastructureError(f"{path}: cannot be written: {error.strerror or error}") from error
    except UnicodeDecodeError:
        raise InputError(f"{path}: is no list of markers; move it away") from None
    return MarkResult(path, len(of.markers), gone, tuple(notes))


def frame_shown(timeline: Timeline, first: int, last: int, after: int) -> int | None:
    """The frame of the timeline at which a shot first..last shows that frame of its medium which is `after`
    frames behind the lowest one that it shows, or else the nearest to it; None for a shot that is not there.
    """
    shot = next((s for s in timeline.shots if (s.record_first, s.record_last) == (first, last)), None)
    return None if shot is None else _nearest(shot, shot.source_first + after)


def _nearest(shot: TimelineShot, wanted: int) -> int:
    if shot.step == 0:
        return shot.record_first
    guess = shot.record_first + int((wanted - shot.source_start) / shot.step)
    guess = min(max(guess, shot.record_first), shot.record_last)
    near = range(max(shot.record_first, guess - 2), min(shot.record_last, guess + 2) + 1)
    return min(near, key=lambda at: abs(shot.source_at(at) - wanted))


def _kind(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in (".fcpxml", ".fcpxmld"):
        return "fcpxml"
    if suffix == ".edl":
        return "edl"
    if suffix in (".otio", ".otiod", ".otioz"):
        return "otio"
    head = b"" if path.is_dir() else path.read_bytes()[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return "fcpxml" if head.startswith(b"<") else "otio" if head.startswith((b"{", b"PK")) else "edl"


def _usual_out(file: Path, kind: str) -> Path:
    if kind == "edl":
        return file.with_name(f"{file.stem}.markers.edl")
    if file.suffix.lower() == ".otioz":
        return file.with_name(f"{file.stem}.markers.otio")  # in the bundle it would have to be packed anew
    return file


def _target(path: Path, kind: str) -> Path:
    if not path.is_dir():
        return path
    return path / ("Info.fcpxml" if kind == "fcpxml" else "content.otio")
