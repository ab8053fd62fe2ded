"""Which files a report has, and writing them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from candela_engines.errors import InputError
from candela_engines.qc.result import QcResult, json_schema
from candela_engines.qc.scope import scope_text
from candela_server.reports.junit import junit_xml
from candela_server.reports.marker_edl import marker_edl
from candela_server.reports.marker_fcpxml import replaced_fcpxml_markers
from candela_server.reports.marker_otio import new_timeline, otio_text, with_markers
from candela_server.reports.markers import PREFIX, Marked, marked
from candela_server.reports.page import Pictures, html_page
from candela_server.reports.tables import findings_csv, shots_csv
from candela_server.reports.writing import write_all

__all__ = ["REPORT_FILES", "report_files", "write_reports"]

REPORT_FILES = {
    "qc.json": "everything, with bare numbers, units in the names",
    "qc.schema.json": "JSON Schema of qc.json, draft 2020-12",
    "qc.html": "the page to read, one file",
    "findings.csv": "a row for every finding",
    "shots.csv": "a row for every shot",
    "junit.xml": "for build servers",
    "markers/NAME.otio": "the timeline, or the clip, with our markers",
    "markers/NAME.edl": "the markers for Resolve",
    "markers/NAME.fcpxml": "of a timeline that came as FCPXML the same file with our markers",
    "scope/NAME.json": "what Candela Scope shows over the clip in a host",
}
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')


def write_reports(
    result: QcResult, folder: Path, pictures: Pictures, timelines: Callable[[str], Path] = Path
) -> tuple[Path, ...]:
    """Write the report of a pass into `folder`, whole or not at all; the paths of its files.

    pictures: what was kept of a shot, see `page.Pictures`. timelines: where one lies that the result names.
    Raises as `writing.write_all`, and InputError for a timeline that cannot be read any more.
    """
    return write_all(folder, report_files(result, pictures, timelines))


def report_files(
    result: QcResult, pictures: Pictures, timelines: Callable[[str], Path] = Path
) -> dict[str, bytes]:
    """The files by their names, as bytes."""
    texts = {
        "qc.json": result.to_text(),
        "qc.schema.json": json.dumps(json_schema(), indent=1) + "\n",
        "qc.html": html_page(result, pictures),
        "findings.csv": findings_csv(result),
        "shots.csv": shots_csv(result),
        "junit.xml": junit_xml(result),
    }
    taken: set[str] = set()
    for of in marked(result):
        name = _file_name(of.name, taken)
        texts[f"markers/{name}.otio"] = _otio(of, timelines)
        texts[f"markers/{name}.edl"] = marker_edl(of)
        fcpxml = _fcpxml(of, timelines)
        if fcpxml is not None:
            texts[f"markers/{name}.fcpxml"] = fcpxml
    taken.clear()
    for clip in result.clips:
        if clip.failed is None:
            texts[f"scope/{_file_name(clip.name, taken)}.json"] = scope_text(clip)
    # Names of files that are no text come as surrogates; a report is UTF-8 whatever they are.
    return {name: text.encode("utf-8", errors="replace") for name, text in texts.items()}


def _otio(of: Marked, timelines: Callable[[str], Path]) -> str:
    before = None if of.timeline is None else otio_text(timelines(of.timeline))
    return new_timeline(of) if before is None else with_markers(before, of)


def _fcpxml(of: Marked, timelines: Callable[[str], Path]) -> str | None:
    """The timeline with our markers, where it is an FCPXML in UTF-8."""
    if of.timeline is None:
        return None
    path = timelines(of.timeline)
    if path.suffix.lower() not in (".fcpxml", ".fcpxmld"):
        return None
    inner = path / "Info.fcpxml" if path.is_dir() else path
    try:
        return replaced_fcpxml_markers(inner.read_bytes(), inner, of, (PREFIX,), None)[0].decode()
    except (InputError, OSError, UnicodeDecodeError):
        return None  # the markers are in the other two files all the same


def _file_name(of: str, taken: set[str]) -> str:
    """A name that every file system takes, each once."""
    stem = of.rpartition(".")[0] or of
    shown = "".join(c if c.isprintable() else "_" for c in stem.encode("utf-8", errors="replace").decode())
    base = _UNSAFE.sub("_", shown).strip(". ")[:80] or "clip"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name.casefold())
    return name
