"""The whole of a QC pass, from which every report is made. Its JSON has bare numbers, with units in the
names.

Frame numbers are the clip's own (a movie's from 0); ranges have both ends in them. Percentages are of pixels
of the active picture. Light is max(R, G, B) in cd/m² (nits) where "luminance" is not said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from candela_engines.errors import InputError
from candela_engines.qc.clip_result import (
    ClipColour,
    ClipReference,
    ClipResult,
    Declared,
    Histogram,
    Mastering,
    Measured,
    Record,
    ShotResult,
    Trend,
)
from candela_engines.qc.findings import Finding, Severity
from candela_engines.qc.json_text import json_text
from candela_engines.qc.records import from_plain, schema_of, to_plain
from candela_engines.qc.shot_score import Abstention, Evidence, ScorePart, ScoreReason, ShotScore

__all__ = [
    "OUT_OF_SCOPE", "SCHEMA", "Abstention", "ClipColour", "ClipReference", "ClipResult", "Declared",
    "Evidence", "Histogram", "Mastering", "Measured", "ProfileUsed", "QcResult", "Record", "ScorePart",
    "ScoreReason", "ShotResult", "ShotScore", "Software", "Trend", "json_schema",
]  # fmt: skip

#: Name and version of the JSON; the number goes up when a member changes its meaning or goes away.
SCHEMA = "candela.qc/1"
OUT_OF_SCOPE = (
    "photosensitive epilepsy (flashes and red flashes, ITU-R BT.1702) is not tested",
    "audio, subtitles and the structure of packages (IMF, DCP) are not tested",
)


@dataclass(frozen=True, slots=True)
class Software:
    """What made the numbers. models: SHA-256 of each network by its name. ocio: the config in force, by path
    or name as resolved (never a moving alias), and ocio_identity its hash; None where no OCIO took part.
    """

    candela: str
    measures_version: int
    models: Mapping[str, str] = field(default_factory=dict)
    ocio: str | None = None
    ocio_identity: str | None = None


@dataclass(frozen=True, slots=True)
class ProfileUsed:
    """file: None for one that is shipped. inherits: names from the nearest to the root. sha256: of the
    resolved values. values: every resolved setting by its dotted name, as `rule.light.max_cll.limit_nits`.
    """

    name: str
    title: str
    file: str | None
    inherits: tuple[str, ...]
    sha256: str
    values: Mapping[str, float | str | bool]


@dataclass(frozen=True, slots=True)
class QcResult:
    """All of a pass. inputs: as given. fail_on: the severity from which on it failed. started, finished: ISO
    8601, UTC. out_of_scope: what nobody may take as tested. complete: False for one that lacks shots (a
    chunk).
    """

    software: Software
    profile: ProfileUsed
    inputs: tuple[str, ...]
    fail_on: Severity
    clips: tuple[ClipResult, ...]
    notes: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = OUT_OF_SCOPE
    started: str = ""
    finished: str = ""
    complete: bool = True

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all clips, in their order."""
        return tuple(finding for clip in self.clips for finding in clip.findings)

    def count(self, severity: Severity) -> int:
        """Findings of exactly that severity that are not waived."""
        return sum(finding.severity is severity and finding.counts for finding in self.findings)

    @property
    def passed(self) -> bool:
        """Whether nothing at or above `fail_on` stands without a waiver."""
        return not any(f.counts and f.severity.rank >= self.fail_on.rank for f in self.findings)

    def to_json(self) -> dict[str, Any]:
        """JSON values, `schema` first; numbers that are not finite become null."""
        counts = {severity.value: self.count(severity) for severity in Severity}
        waived = sum(not finding.counts for finding in self.findings)
        summary = {"passed": self.passed, "findings": {**counts, "waived": waived}}
        return {"schema": SCHEMA, "summary": summary, **to_plain(self)}

    def to_text(self) -> str:
        """The JSON document."""
        return json_text(self.to_json())

    @classmethod
    def from_json(cls, data: Any) -> QcResult:
        """Of what `to_json` made. Raises InputError naming the member that is missing, unknown or of another
        type.
        """
        held = dict(data) if isinstance(data, Mapping) else data
        if isinstance(held, dict):
            schema = held.pop("schema", None)
            held.pop("summary", None)
            if schema != SCHEMA:
                raise InputError(f"QC result: schema {schema!r}; this version reads {SCHEMA!r}")
        return from_plain(cls, held, "QC result")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `QcResult.to_json`."""
    schema = schema_of(QcResult)
    counts = {name: {"type": "integer", "minimum": 0} for name in (*(s.value for s in Severity), "waived")}
    summary = {
        "type": "object",
        "required": ["passed", "findings"],
        "properties": {"passed": {"type": "boolean"}, "findings": {"type": "object", "properties": counts}},
    }
    schema["properties"] = {"schema": {"const": SCHEMA}, "summary": summary, **schema["properties"]}
    schema["required"] = ["schema", "summary", *schema["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA, **schema}
