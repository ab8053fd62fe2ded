"""Waivers: findings that somebody lets pass, kept in a file beside the media, with author and reason.

`NAME.EXT.candela-qc.json` beside a movie or still, `NAME.candela-qc.json` in the folder of a sequence. A
waiver belongs to a rule and to a picture, by the decoded content of the shot (of the clip, for what is of no
shot): a run on the same picture finds it again, wherever the shot moved to; a changed picture does not. The
place has to overlap: frames from the shot's first, and the box where both have one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from candela_engines.errors import InputError
from candela_engines.media.atomic import write_atomic
from candela_engines.media.clip import ClipInfo
from candela_engines.media.sequence_names import is_pattern
from candela_engines.qc.findings import Box, Finding, Waiver
from candela_engines.qc.records import from_plain, to_plain
from candela_engines.qc.shots import ShotData

__all__ = ["Waived", "WaiverFile", "waived", "waiver_path", "with_waivers"]

SCHEMA = "candela.waivers/1"
_MOST_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Waived:
    """One waiver. content: SHA-256 of the decoded shot, or of the clip. first, last: frames from the shot's
    (clip's) first, 0 for that; None for what is of no frame. id: a short name to remove it by.
    """

    id: str
    code: str
    content: str
    shot: str | None
    first: int | None
    last: int | None
    box: Box | None
    waiver: Waiver


@dataclass(frozen=True, slots=True)
class WaiverFile:
    """All waivers of a clip."""

    waivers: tuple[Waived, ...] = ()

    @classmethod
    def read(cls, path: Path) -> WaiverFile:
        """Empty where there is none. Raises InputError for a file that is none of ours, damaged or of a
        later version.
        """
        try:
            with path.open("rb") as stream:
                data = stream.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            return cls()
        except OSError as error:
            raise InputError(f"{path}: the waivers cannot be read: {error.strerror or error}") from None
        if len(data) > _MOST_BYTES:
            raise InputError(f"{path}: above 16 MiB; that is no list of waivers")
        try:
            document = json.loads(data)
        except ValueError:
            raise InputError(
                f"{path}: is no JSON; mend it or move it away, and add the waivers again"
            ) from None
        if not isinstance(document, dict) or document.pop("schema", None) != SCHEMA:
            raise InputError(f"{path}: is no list of waivers of this version ({SCHEMA})")
        return from_plain(cls, document, str(path))

    def write(self, path: Path) -> None:
        """Whole or not at all. Raises InfrastructureError for what the disk refuses."""
        text = json.dumps({"schema": SCHEMA, **to_plain(self)}, indent=1, ensure_ascii=False) + "\n"
        write_atomic(path, text.encode())


def waiver_path(info: ClipInfo) -> Path:
    """Where the waivers of a clip lie."""
    name = Path(info.name)
    if len(info.files) != 1 or is_pattern(name) or name.is_dir():
        folder = info.files[0].parent
        # Several sequences of one folder have one file each, by the name before the number.
        stem = info.files[0].stem.rstrip("0123456789").rstrip("._- ")
        return folder / f"{stem or 'frames'}.candela-qc.json"
    return info.files[0].with_name(info.files[0].name + ".candela-qc.json")


def waived(finding: Finding, shot: ShotData | None, identity: str, begin: int, waiver: Waiver) -> Waived:
    """The waiver of a finding. shot: the one that it is of. begin: first frame of the clip."""
    content = identity if shot is None else shot.content
    start = begin if shot is None else shot.span.first
    first = None if finding.first is None else finding.first - start
    last = None if finding.last is None else finding.last - start
    return Waived(finding.key[:8], finding.code, content, finding.shot, first, last, finding.box, waiver)


def with_waivers(
    findings: Sequence[Finding],
    waivers: Sequence[Waived],
    shots: Sequence[ShotData],
    identity: str,
    begin: int,
) -> list[Finding]:
    """The findings, those that somebody let pass with their waiver."""
    by_name = {shot.span.name: shot for shot in shots}
    out = []
    for finding in findings:
        shot = None if finding.shot is None else by_name.get(finding.shot)
        content = identity if shot is None else shot.content
        start = begin if shot is None else shot.span.first
        found = next((w for w in waivers if _fits(w, finding, content, start)), None)
        out.append(finding if found is None else replace(finding, waiver=found.waiver))
    return out


def _fits(waived: Waived, finding: Finding, content: str, start: int) -> bool:
    if waived.code != finding.code or waived.content != content:
        return False
    if (waived.first is None) != (finding.first is None):
        return False
    if (
        waived.first is not None
        and waived.last is not None
        and finding.first is not None
        and finding.last is not None
    ):
        first, last = finding.first - start, finding.last - start
        if waived.first > last or first > waived.last:
            return False
    return waived.box is None or finding.box is None or waived.box.overlaps(finding.box)
