"""Strip: the original SDR file again, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import NoPayloadError
from candela_engines.itm.carriers import strip_payload
from candela_server.service.outputs import check_keeps_format, check_writable
from candela_server.service.results import Json, Progress, no_progress

__all__ = ["StripRequest", "StripResult", "strip"]


@dataclass(frozen=True)
class StripRequest:
    """file: the picture with its payload. out: where to; it may be the same file."""

    file: Path
    out: Path


@dataclass(frozen=True)
class StripResult:
    """exact: the file written is known to be the original, byte for byte; else `note` says why not."""

    file: Path
    out: Path
    carrier: str
    removed_bytes: int
    out_bytes: int
    exact: bool
    note: str

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "strip",
            "file": str(self.file),
            "out": str(self.out),
            "carrier": self.carrier,
            "removed_bytes": self.removed_bytes,
            "out_bytes": self.out_bytes,
            "exact": self.exact,
            "notes": [self.note] if self.note else [],
        }


def strip(request: StripRequest, progress: Progress = no_progress) -> StripResult:
    """Take the payload out. Raises NoPayloadError where there is none; nothing is written then."""
    check_keeps_format(request.file, request.out)
    check_writable(request.out, inputs=())
    progress("write", 0.0)
    try:
        report = strip_payload(request.file, request.out)
    except NoPayloadError as error:
        raise NoPayloadError(f"{error}: there is nothing to strip, and nothing was written") from error
    progress("write", 1.0)
    return StripResult(
        request.file,
        request.out,
        report.carrier,
        report.bytes_removed,
        request.out.stat().st_size,
        report.exact,
        report.note,
    )
