"""Strip: the original SDR file again, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import NoPayloadError
from candela_engines.itm.carriers import StripReport, strip_payload
from candela_server.service.outputs import check_keeps_format, check_writable
from candela_server.service.results import Json, Progress, no_progress

__all__ = ["EXACT_TEXT", "StripRequest", "StripResult", "strip"]


@dataclass(frozen=True)
class StripRequest:
    """file: the picture with its payload. out: where to; it may be the same file."""

    file: Path
    out: Path


@dataclass(frozen=True)
class StripResult:
    """exact: None where every byte is as before embedding unless another program has rewritten the file
    since, which cannot be known from the file; False where it is known not to be, or could not be confirmed.
    notes say why, and what became of sidecar files.
    """

    file: Path
    out: Path
    carrier: str
    removed_bytes: int
    out_bytes: int
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
            "carrier": self.carrier,
            "removed_bytes": self.removed_bytes,
            "out_bytes": self.out_bytes,
            "exact": self.exact,
            "exact_text": self.exact_text,
            "notes": list(self.notes),
        }


EXACT_TEXT = {
    None: "as before embedding, if no other program has rewritten the file since: that cannot be known",
    False: "not as before embedding, or not known to be",
}
"""`exact` in words."""


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
        None if report.exact and report.as_embedded else False,
        tuple(_notes(report)),
    )


def _notes(report: StripReport) -> Iterator[str]:
    if report.note:
        yield report.note
    elif not report.as_embedded:
        yield "another program has rewritten the file: the payload was not as and where embedding writes it"
    if report.left is not None:
        yield f"{report.left} stays there, and holds a payload"
    if report.sidecar is not None:
        yield f"{report.sidecar}, which held a payload, was removed"
