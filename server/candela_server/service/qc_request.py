"""What a QC pass is asked for, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from candela_engines.colour.state import Range
from candela_engines.qc.findings import Severity
from candela_engines.qc.result import QcResult
from candela_server.service.timeline_within import Within

__all__ = ["QcOutcome", "QcRequest", "QcSaid", "ShotsMeasured", "is_file_name"]


def is_file_name(profile: str) -> bool:
    """Whether a profile is a TOML file by its path, and none of those that ship."""
    return profile.lower().endswith(".toml")


@dataclass(frozen=True)
class QcSaid:
    """What flags say of all inputs: colour by name, range, matrix; the OCIO config."""

    colour: str | None = None
    range: Range | None = None
    matrix: str | None = None
    ocio: str | None = None


@dataclass(frozen=True)
class QcRequest:
    """inputs: clips, sequences, folders, stills, timelines. profile: a shipped name or a TOML file. work:
    folder in which measurements are kept, None for the user's cache. report: folder to write, or None.
    threads: of the counting, None for the machine's. media, rate: of timelines. score: judge shots where a
    grade model is there. references: SDR versions of the inputs, or folders with them, paired by
    `qc_pairing`; reference_said: how they are read. within: folders that everything that is read has to
    lie in, None for no limit. called: places in the words of whoever asked (`in_words`), as results and
    reports have them.
    """

    inputs: tuple[Path, ...]
    profile: str = "hdr10-1000"
    said: QcSaid = QcSaid()
    fail_on: Severity = Severity.ISSUE
    work: Path | None = None
    report: Path | None = None
    media: tuple[Path, ...] = ()
    rate: Fraction | None = None
    threads: int | None = None
    score: bool = True
    references: tuple[Path, ...] = ()
    reference_said: QcSaid = QcSaid()
    within: Within = None
    called: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class QcOutcome:
    """result: of all. reports: files that were written. pictures: of shots, for reports, by the path that a
    clip was opened by and the shot's name.
    """

    result: QcResult
    reports: tuple[Path, ...]
    pictures: Mapping[tuple[str, str], bytes]

    @property
    def unread(self) -> tuple[str, ...]:
        """Why clips could not be measured at all."""
        return tuple(clip.failed for clip in self.result.clips if clip.failed is not None)


@dataclass(frozen=True)
class ShotsMeasured:
    """What a chunk did. of: whether of shots or parts. shots: how many there are in all inputs. measured:
    names of those of this chunk. frames: how many they have.
    """

    shots: int
    measured: tuple[str, ...]
    frames: int
    of: str = "shots"

    def to_json(self) -> dict[str, object]:
        """Bare numbers."""
        return {"command": "qc", self.of: self.shots, "measured": list(self.measured), "frames": self.frames}
