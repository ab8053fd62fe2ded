"""The templates are valid, have the same commands, and say what a farm reads."""

from __future__ import annotations

import ast
import io
import json
from pathlib import Path
from typing import Any

import openjd.model as openjd
import pytest
import yaml

from candela_engines.errors import InputError
from candela_server.cli.progress import ProgressBar
from candela_server.cli.progress_openjd import OpenJdLines
from candela_server.cli.run import run
from candela_server.farm import export_farm
from candela_server.service.results import Work

ODD = ['a "quoted" name', "back\\slash", "ümläut 😀", "{single}", "--rate=24", "- {x: y}", "#"]


def template(folder: Path, *options: str) -> dict[str, Any]:
    return dict(yaml.safe_load(export_farm(folder, options).template.read_text("utf-8")))


def commands(held: dict[str, Any]) -> dict[str, list[str]]:
    return {step["name"]: step["script"]["actions"]["onRun"]["args"] for step in held["steps"]}


def outline(path: Path, **given: str) -> dict[str, Any]:
    """The layers that an outline makes, by name: commands, and what they depend on."""
    layers: dict[str, Any] = {}

    class Layer:
        def __init__(self, name: str, **told: Any) -> None:
            self.name, self.told, self.after = name, told, []
            layers[name] = self

        def depend_all(self, other: Any) -> None:
            self.after.append(other.name)

    tree = ast.parse(path.read_text("utf-8"))
    names: dict[str, Any] = {}
    build = ast.Module([node for node in tree.body if isinstance(node, ast.FunctionDef)], [])
    exec(compile(build, str(path), "exec"), names)
    names["build"]({f"CANDELA_QC_{name}": value for name, value in given.items()}, Layer, Layer)
    return layers


def filled_in(argument: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        argument = argument.replace(f"{{{{Param.{name}}}}}", value)
    return argument


def test_the_template_is_valid_and_chunks_by_shots(tmp_path: Path) -> None:
    held = template(tmp_path)
    job = openjd.decode_job_template(template=held, supported_extensions=["TASK_CHUNKING"])
    text = openjd.ParameterValueType
    values = {
        "Input": openjd.ParameterValue(type=text.PATH, value="/show/a.mov"),
        "ReportFolder": openjd.ParameterValue(type=text.PATH, value="/show/report"),
        "WorkFolder": openjd.ParameterValue(type=text.PATH, value="/show/work"),
        "Numbers": openjd.ParameterValue(type=text.STRING, value="1-10"),
        "Shots": openjd.ParameterValue(type=text.STRING, value="1-6"),
        "PerTask": openjd.ParameterValue(type=text.INT, value="4"),
    }
    for parameter in held["parameterDefinitions"]:
        if parameter["name"] not in values:
            kind = text[parameter["type"]]
            values[parameter["name"]] = openjd.ParameterValue(type=kind, value=str(parameter["default"]))
    made = openjd.create_job(job_template=job, job_parameter_values=values)
    space = openjd.StepParameterSpaceIterator(space=made.steps[1].parameterSpace)
    assert [task["Numbers"].value for task in space] == ["1-4", "5-8", "9-10"]
    space = openjd.StepParameterSpaceIterator(space=made.steps[2].parameterSpace)
    assert [task["Shots"].value for task in space] == ["1-4", "5-6"]
    assert [[d.dependsOn for d in step.dependencies or []] for step in made.steps] == [
        [], ["Find"], ["Measure"], ["Score"]
    ]  # fmt: skip


def test_every_parameter_is_labelled_and_paths_say_which_way(tmp_path: Path) -> None:
    held = template(tmp_path)
    for parameter in held["parameterDefinitions"]:
        assert parameter["userInterface"]["label"] and parameter["description"], parameter["name"]
        if parameter["type"] == "PATH":
            assert parameter["objectType"] in ("FILE", "DIRECTORY") and parameter["dataFlow"] != "NONE"
    assert held["jobEnvironments"][0]["variables"]["CANDELA_PROGRESS"] == "openjd"


def test_no_reference_is_none_and_no_folder(tmp_path: Path) -> None:
    """A relative default of a path is looked for beside the template; an empty one has to stay empty."""
    held = template(tmp_path)
    job = openjd.decode_job_template(template=held, supported_extensions=["TASK_CHUNKING"])
    given = {"Input": "/a", "ReportFolder": "/r", "WorkFolder": "/w"}
    values = openjd.preprocess_job_parameters(
        job_template=job,
        job_parameter_values=given,
        job_template_dir=tmp_path,
        current_working_dir=tmp_path,
    )
    assert values["Reference"].value == ""
    layers = outline(tmp_path / "candela_qc.outline", INPUT="/a", REPORT="/r", WORK="/w")
    assert layers["report"].told["command"][-2:] == ["--reference", ""]


def test_options_reach_every_task_as_they_are(tmp_path: Path) -> None:
    plain, told = commands(template(tmp_path)), commands(template(tmp_path, *ODD))
    assert all(args == [*plain[name], *ODD] for name, args in told.items())
    layers = outline(tmp_path / "candela_qc.outline", INPUT="/a", REPORT="/r", WORK="/w", COUNT="3")
    assert layers["report"].told["command"][-len(ODD) :] == ODD


def test_the_outline_runs_the_same_commands(tmp_path: Path) -> None:
    filled = {
        "Candela": "candela", "Input": "/a b/shot.####.exr", "ReportFolder": "/r", "WorkFolder": "/w",
        "Profile": "hdr10-1000", "FailOn": "issue", "OnFindings": "tell", "ChunkBy": "parts",
        "Reference": "/sdr",
    }  # fmt: skip
    held = commands(template(tmp_path))
    layers = outline(
        tmp_path / "candela_qc.outline",
        INPUT="/a b/shot.####.exr",
        REPORT="/r",
        WORK="/w",
        COUNT="20",
        SHOTS="10",
        PER_TASK="8",
        REFERENCE="/sdr",
    )
    for layer, step in (("find", "Find"), ("report", "Report")):
        args = [filled_in(a, filled) for a in held[step]]
        assert layers[layer].told["command"] == ["candela", *args]
    chunks = [command[command.index("--parts") + 1] for command in layers["measure"].told["commands"]]
    assert chunks == ["1-8", "9-16", "17-20"]
    chunks = [command[command.index("--shots") + 1] for command in layers["score"].told["commands"]]
    assert chunks == ["1-8", "9-10"]
    for layer, step in (("measure", "Measure"), ("score", "Score")):
        args = [filled_in(a, filled) for a in held[step]]
        (first, *_) = layers[layer].told["commands"]
        assert sorted(first) == sorted(["candela", *("1-8" if a.startswith("{{Task") else a for a in args)])
        assert first[-2:] == args[-2:] == ["--reference", "/sdr"]
    after = [layers[name].after for name in ("measure", "score", "report")]
    assert after == [["find"], ["measure"], ["score"]]
    with pytest.raises(ValueError, match="CANDELA_QC_INPUT is not set"):
        outline(tmp_path / "candela_qc.outline")


@pytest.mark.parametrize("option", ["--work", "--shots=3", "--reference", "{{Param.Input}}", "a\nb"])
def test_options_that_cannot_be_are_refused(tmp_path: Path, option: str) -> None:
    with pytest.raises(InputError):
        export_farm(tmp_path, [option])
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export-openjd", str(tmp_path / "farm"), "--json", "--", "--colour", "pq"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["options"] == ["--colour", "pq"] and Path(told["outline"]).is_file()


def test_progress_goes_one_way_and_not_too_often() -> None:
    out = io.StringIO()
    lines = OpenJdLines(out)
    told = [(0, 0, "Finding\ncuts"), (0.2, 10, "Measuring, 1"), (0.4, 20, "Measuring, 2")]
    told += [(1.5, 30, "Measuring, 3"), (3, 5, "Writing"), (4, 100, "Writing")]
    for now, percent, status in told:
        lines.show(percent, status, now=now)
    assert out.getvalue().splitlines() == [
        "openjd_progress: 0.0", "openjd_status: Finding cuts", "openjd_progress: 10.0",
        "openjd_status: Measuring, 1", "openjd_progress: 30.0", "openjd_status: Measuring, 3",
        "openjd_status: Writing", "openjd_progress: 100.0",
    ]  # fmt: skip


def test_the_bar_of_every_command_speaks_to_a_farm(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CANDELA_PROGRESS", "openjd")
    with ProgressBar(quiet=True) as bar:
        bar.work(Work("cut", 50, 100))
        bar.work(Work("measure", 25, 100, subject="sh010"))
    assert capsys.readouterr().out.splitlines() == [
        "openjd_progress: 0.0", "openjd_status: Finding cuts", "openjd_progress: 25.0",
        "openjd_status: sh010: measuring",
    ]  # fmt: skip
    assert run(["inspect", "/nowhere/at/all.png"]) == 2
    told = capsys.readouterr()
    assert told.out.startswith("openjd_fail: /nowhere/at/all.png") and "candela: /nowhere" in told.err
    monkeypatch.delenv("CANDELA_PROGRESS")
    assert run(["inspect", "/nowhere/at/all.png"]) == 2
    assert capsys.readouterr().out == ""
