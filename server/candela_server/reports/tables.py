"""Findings and shots as CSV (RFC 4180, UTF-8): the same numbers as in the JSON, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from candela_engines.qc.findings import Box
from candela_engines.qc.result import QcResult

__all__ = ["findings_csv", "shots_csv"]

Cell = str | int | float | None
_BOX = ("box_left_px", "box_top_px", "box_right_px", "box_bottom_px")
_FINDING = (
    "clip", "shot", "severity", "code", "group", "first_frame", "last_frame", "timecode_in", "timecode_out",
    "frames_count", "worst_frame", *_BOX, "measured", "limit", "unit", "limit_text", "source", "sentence",
    "key", "waived_by", "waived_because", "waived_on",
)  # fmt: skip
_SHOT = (
    "clip", "shot", "first_frame", "last_frame", "timecode_in", "timecode_out", "opening", "active_left_px",
    "active_top_px", "active_right_px", "active_bottom_px", "frames_unread", "score", "timeline",
    "record_first", "record_last", "record_timecode_in", "record_timecode_out",
)  # fmt: skip


def findings_csv(result: QcResult) -> str:
    """A row for every finding, waived ones too."""
    rows: list[list[Cell]] = []
    for f in result.findings:
        waiver: Sequence[Cell] = (None,) * 3
        if f.waiver is not None:
            waiver = (f.waiver.author, f.waiver.reason, f.waiver.date)
        rows.append([
            f.clip, f.shot, f.severity.word, f.code, f.group, f.first, f.last, f.timecode_in, f.timecode_out,
            f.frames_count, f.worst_frame, *_box(f.box), f.measured, f.limit, f.unit, f.limit_text, f.source,
            f.sentence, f.key, *waiver,
        ])  # fmt: skip
    return _csv(_FINDING, rows)


def shots_csv(result: QcResult) -> str:
    """A row for every shot, with every number that was measured of any of them as a column, its unit in its
    name.
    """
    shots = [(clip, shot) for clip in result.clips for shot in clip.shots]
    names = list(dict.fromkeys(m.name for _, shot in shots for m in shot.measures))
    rows: list[list[Cell]] = []
    for clip, shot in shots:
        r = shot.record
        place: Sequence[Cell] = (None,) * 5
        if r is not None:
            place = (r.timeline, r.first, r.last, r.timecode_in, r.timecode_out)
        rows.append([
            clip.path, shot.name, shot.first, shot.last, shot.timecode_in, shot.timecode_out, shot.opening,
            *_box(shot.active), len(shot.frames_unread), None if shot.score is None else shot.score.score,
            *place, *(shot.measure(name) for name in names),
        ])  # fmt: skip
    return _csv((*_SHOT, *names), rows)


def _box(box: Box | None) -> tuple[int | None, ...]:
    return (None,) * 4 if box is None else (box.left_px, box.top_px, box.right_px, box.bottom_px)


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: Cell) -> Cell:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay bare."""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
