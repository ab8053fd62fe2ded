"""Waivers and the command line: exit codes, JSON, a waiver that survives a run and not a change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from candela_engines.qc.result import QcResult
from candela_server.cli.run import run
from candela_server.service.qc_request import QcOutcome

from .golden import write_reel

Cli = Callable[..., tuple[int, str]]


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], work: Path) -> Cli:
    def call(*arguments: object) -> tuple[int, str]:
        capfd.readouterr()
        code = run([str(argument) for argument in (*arguments, "--work", work)])
        return code, capfd.readouterr().out

    return call


def test_json_is_the_result(cli: Cli, reel: Path, outcome: QcOutcome) -> None:
    code, out = cli("qc", reel, "--json")
    assert code == 1
    result = QcResult.from_json(json.loads(out))
    assert result.clips == outcome.result.clips


def test_exit_codes(cli: Cli, reel: Path, outcome: QcOutcome, tmp_path: Path) -> None:
    assert cli("qc", reel, "--fail-on", "blocker")[0] == 0
    assert cli("qc", reel, "--on-findings", "tell")[0] == 0
    assert cli("qc", reel, "--profile", "none")[0] == 2
    assert cli("qc", tmp_path / "none.mov")[0] == 2
    assert cli("qc", reel, "--shots", "0-3")[0] == 2
    code, out = cli("qc", reel, "--shots", "2", "--json")
    assert code == 0 and json.loads(out)["measured"] == ["shot002"]


def test_what_cannot_be_read_is_told_even_where_nothing_else_is(
    reel: Path, work: Path, outcome: QcOutcome, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.mov").write_text("no movie")
    assert run(["qc", str(reel), str(tmp_path / "text.mov"), "--quiet", "--work", str(work)]) == 2
    said = capfd.readouterr()
    assert not said.out and "text.mov" in said.err


def test_text_names_every_finding(cli: Cli, reel: Path, outcome: QcOutcome) -> None:
    _, out = cli("qc", reel)
    for finding in outcome.result.findings:
        assert f"{finding.code}: {finding.sentence}" in out and f"[{finding.key[:8]}]" in out
    assert len({finding.key for finding in outcome.result.findings}) == len(outcome.result.findings)


def test_a_waiver_holds_for_the_same_picture_alone(
    cli: Cli, reel: Path, tmp_path: Path, outcome: QcOutcome
) -> None:
    copy = shutil.copy(reel, tmp_path / "copy.mp4")
    finding = next(f for f in outcome.result.findings if f.code == "gamut.p3")
    assert cli("waive", copy, finding.key[:8])[0] == 2, "a reason is needed"
    code, out = cli("waive", copy, finding.key[:8], "--reason", "laser show", "--author", "A. C.")
    assert code == 0 and "gamut.p3" in out
    assert (tmp_path / "copy.mp4.candela-qc.json").is_file()
    held = QcResult.from_json(json.loads(cli("qc", copy, "--json")[1]))
    (waived,) = [f for f in held.findings if f.waiver is not None]
    assert waived.code == "gamut.p3" and waived.waiver is not None and waived.waiver.author == "A. C."
    # Another declared light: other bytes, the same picture.
    write_reel(Path(copy), max_cll="1500,100")
    same = QcResult.from_json(json.loads(cli("qc", copy, "--json")[1]))
    assert [f.code for f in same.findings if f.waiver is not None] == ["gamut.p3"]
    # A shot that is shorter is another picture.
    write_reel(Path(copy), numbers=range(45))
    other = QcResult.from_json(json.loads(cli("qc", copy, "--json")[1]))
    assert any(f.code == "gamut.p3" for f in other.findings) and all(f.counts for f in other.findings)
    assert cli("waive", copy, finding.key[:8], "--remove")[0] == 0
    assert "nothing" in cli("waive", copy)[1]


def test_a_waiver_over_a_sidecar_is_refused_with_what_to_do(
    reel: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["--sidecar", "127.0.0.1:1", "waive", str(reel)]) == 2
    assert "without --sidecar where the clip lies" in capfd.readouterr().err


def test_a_damaged_list_of_waivers_is_told(cli: Cli, reel: Path, tmp_path: Path, outcome: QcOutcome) -> None:
    copy = shutil.copy(reel, tmp_path / "copy.mp4")
    beside = tmp_path / "copy.mp4.candela-qc.json"
    for text in ("{", '{"schema": "other/1"}', '{"schema": "candela.waivers/1", "waivers": [{"id": 3}]}'):
        beside.write_text(text)
        assert cli("qc", copy)[0] == 2
        assert beside.read_text() == text
