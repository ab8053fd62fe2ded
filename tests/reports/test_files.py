"""JSON, CSV and JUnit XML hold the same numbers; what comes from outside breaks none of them."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import junitparser
import pytest
from tests.reports import results

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.qc.findings import Severity
from candela_engines.qc.result import QcResult, json_schema
from candela_server.reports import write_reports
from candela_server.reports.junit import junit_xml
from candela_server.reports.page import html_page
from candela_server.reports.report import report_files
from candela_server.reports.tables import findings_csv, shots_csv
from candela_server.reports.writing import LIST


def none(clip: object, shot: object) -> None:
    return None


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_schema_that_is_shipped_fits() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for result in (results.result(results.clip()), results.hostile(), results.result()):
        data = json.loads(result.to_text())
        jsonschema.validate(data, schema, jsonschema.Draft202012Validator)
        assert QcResult.from_json(data) == result
    data["clips"] = [{"path": 3}]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema, jsonschema.Draft202012Validator)
    assert json.loads(report_files(result, none)["qc.schema.json"]) == schema


def test_the_same_numbers_everywhere() -> None:
    result = results.result(results.clip())
    data: dict[str, Any] = json.loads(result.to_text())
    found = rows(findings_csv(result))
    page = html_page(result, none)
    assert len(found) == len(data["clips"][0]["findings"]) == 5
    for row, one in zip(found, data["clips"][0]["findings"], strict=True):
        for name in ("measured", "limit"):
            assert (float(row[name]) if row[name] else None) == one[name]
            assert one[name] is None or f"data-v={one[name]!r}" in page
        assert row["key"] == one["key"]
        assert row["first_frame"] == str("" if one["first"] is None else one["first"])
    shots = rows(shots_csv(result))
    for shot_row, shot in zip(shots, data["clips"][0]["shots"], strict=True):
        for measure in shot["measures"]:
            assert float(shot_row[measure["name"]]) == measure["value"]
    assert found[4]["waived_because"] == "fog, <as> wanted" and shots[1]["score"] == "4.25"


def test_the_scope_has_a_file_for_every_clip() -> None:
    files = report_files(results.result(results.clip(), results.clip("/other/reel1.mov")), none)
    told = json.loads(files["scope/reel1.json"])
    assert "scope/reel1-2.json" in files and told["width_px"] == 1920
    # What stands, then what is of the whole clip; the waived one is not told.
    kinds = [[reason["kind"] for reason in shot["reasons"]] for shot in told["shots"]]
    assert kinds[0] == ["light.max_cll", "metadata.max_fall"]
    assert kinds[1][:2] == ["levels.black", "gamut.outside_p3"] and "picture.banding" not in kinds[1]


def test_spreadsheets_run_nothing() -> None:
    bad = results.finding("light.max_cll", Severity.FYI, sentence="=HYPERLINK(1)", source="@x", measured=-0.5)
    (row,) = rows(findings_csv(results.result(results.clip(findings=(bad,)))))
    assert row["sentence"] == "'=HYPERLINK(1)" and row["source"] == "'@x" and row["measured"] == "-0.5"


def test_junit_tells_failures_errors_and_waivers_apart() -> None:
    lost = results.clip("/show/lost.mov", shots=(), findings=(), failed="no such file")
    text = junit_xml(results.result(results.clip(), lost))
    suites = junitparser.JUnitXml.fromstring(text.encode())
    reel, gone = list(suites)
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == (8, 1, 1, 1)
    kinds = {case.name: [type(r).__name__ for r in case.result] for case in reel}
    assert kinds == {
        "the clip can be measured": [],
        "light.max_cll in shot 1": ["Failure"],
        "levels.black in shot 2": [],
        "gamut.outside_p3 in shot 2": [],
        "metadata.max_fall": [],
        "picture.banding in shot 2": ["Skipped"],
        "no finding in shot 3": [],
    }
    (failed,) = [case for case in reel if case.name.startswith("light")]
    assert failed.result[0].type == "Blocker" and "frames 10-12 (01:00:00:10)" in failed.result[0].text
    (told,) = [case for case in reel if case.name.startswith("levels")]
    assert "Issue frames 60-80" in told.system_out
    assert [type(r).__name__ for case in gone for r in case.result] == ["Error"]


def test_hostile_names_break_no_file() -> None:
    files = report_files(results.hostile(), none)
    suites = junitparser.JUnitXml.fromstring(files["junit.xml"])
    assert suites.failures == 1 and suites.errors == 1
    (row,) = rows(files["findings.csv"].decode())
    assert row["clip"] == results.HOSTILE
    for name in files:
        parts = Path(name).parts
        assert len(parts) <= 2 and all(c not in parts[-1] for c in '<>:"\\|?*') and parts[-1].isprintable()


def test_a_name_that_is_no_text_is_written_too(tmp_path: Path) -> None:
    name = os.fsdecode(b"/show/\xff\xfe.mov")
    written = write_reports(results.result(results.clip(name)), tmp_path / "report", none)
    assert {path.name for path in written} >= {"qc.json", "qc.html", "junit.xml"}
    json.loads((tmp_path / "report/qc.json").read_bytes())


def test_a_later_report_takes_away_what_it_does_not_have(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_reports(results.result(results.clip("/a/one.mov"), results.clip("/a/two.mov")), folder, none)
    (folder / "markers/mine.txt").write_text("mine")
    (folder / "qc.json").chmod(0o600)
    write_reports(results.result(results.clip("/a/two.mov")), folder, none)
    names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    assert names == sorted([
        LIST, "findings.csv", "junit.xml", "markers/mine.txt", "markers/two.edl", "markers/two.otio",
        "qc.html", "qc.json", "qc.schema.json", "scope/two.json", "shots.csv",
    ])  # fmt: skip


@pytest.mark.parametrize(
    "listed", ['{"files": ["../keep"]}', '{"files": ["/etc/x"]}', "[", '{"files": 3}', "{}"]
)
def test_a_damaged_list_takes_away_nothing(tmp_path: Path, listed: str) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    (tmp_path / "keep").write_text("kept")
    (folder / LIST).write_text(listed)
    write_reports(results.result(), folder, none)
    assert (tmp_path / "keep").read_text() == "kept"


@pytest.fixture
def full_disk() -> Iterator[None]:
    """A limit of the process on the size of files stands in for a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    folder = tmp_path / "report"
    write_reports(results.result(results.clip("/a/one.mov")), folder, none)
    return folder


def test_a_full_disk_leaves_the_report_as_it_was(earlier: Path, full_disk: None) -> None:
    before = {p: p.read_bytes() for p in earlier.rglob("*") if p.is_file()}
    assert max(map(len, before.values())) > 30_000
    with pytest.raises(InfrastructureError, match="File too large; what was there is as it was"):
        write_reports(results.result(results.clip("/a/two.mov")), earlier, none)
    assert {p: p.read_bytes() for p in earlier.rglob("*") if p.is_file()} == before
    assert [p for p in earlier.iterdir() if p.name.endswith(".part")] == []
    fresh = earlier.with_name("fresh")
    with pytest.raises(InfrastructureError):
        write_reports(results.result(results.clip("/a/two.mov")), fresh, none)
    assert not fresh.exists()


def test_places_that_cannot_be_a_report(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        write_reports(results.result(), tmp_path / "file", none)
    with pytest.raises(InputError, match="create it first"):
        write_reports(results.result(), tmp_path / "a/b", none)
    (tmp_path / "report/qc.html").mkdir(parents=True)
    with pytest.raises(InputError, match="move it away"):
        write_reports(results.result(), tmp_path / "report", none)
    assert sorted(p.name for p in (tmp_path / "report").iterdir()) == ["qc.html"]


def test_a_page_bears_so_many_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    one = results.picture()
    monkeypatch.setattr("candela_server.reports.page._MOST_PICTURES", int(2.5 * len(one)))
    text = html_page(results.result(results.clip()), lambda clip, shot: one)
    assert text.count("<figure class=picture>") == 4 and "pictures of 1 shot are left out" in text
    assert "<h4>3</h4>" in text.split("no pictures are kept of this shot")[0].rsplit("<article", 1)[1]
