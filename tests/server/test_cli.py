"""The command line as a program: help, exit codes, errors in a line or in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from candela_engines import __version__
from candela_engines.errors import CandelaError, InfrastructureError
from candela_server.cli import commands
from candela_server.cli.app import program_for
from candela_server.cli.run import run

from .conftest import Candela
from .pictures import Pair
from .programs import CANDELA, call


class TestHelp:
    def test_version(self, candela: Candela) -> None:
        said = candela("--version")
        assert said.code == 0 and said.out == f"candela {__version__}\n"

    def test_help_lists_the_commands(self, candela: Candela) -> None:
        out = candela("--help").out
        for name in ("embed", "reconstruct", "inspect", "strip", "verify", "demo", "formats", "install-ofx"):
            assert name in out

    @pytest.mark.parametrize("name", ["embed", "reconstruct", "inspect", "strip", "verify", "demo"])
    def test_every_command_has_an_example_or_a_story(self, candela: Candela, name: str) -> None:
        said = candela(name, "--help")
        assert said.code == 0 and (f"candela {name}" in said.out)

    def test_help_loads_no_engine(self) -> None:
        code = (
            "import sys; from candela_server.cli.run import run; run(['--help']); "
            "print(sorted({m.partition('.')[0] for m in sys.modules} & "
            "{'numpy', 'onnxruntime', 'cbor2', 'imagecodecs', 'OpenImageIO', 'PyOpenColorIO', 'rich'}))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.endswith("[]\n")

    def test_a_line_gets_its_command_alone_which_is_that_of_the_whole_program(self) -> None:
        def read(command: Any) -> tuple[object, ...]:
            return command.help, [(p.name, p.opts, p.nargs, p.required, p.help) for p in command.params]

        whole = program_for([])
        for name, command in whole.commands.items():
            ((only, found),) = program_for([name, "--help"]).commands.items()
            assert only == name and read(found) == read(command)
        assert program_for(["--help"]) is whole and len(whole.commands) > 20
        for line in ("--help embed", "-h qc", "--ocio embed --help", "--sidecar embed -h", "-q embed --help"):
            assert program_for(line.split()) is whole, line

    def test_a_word_that_is_no_command_beside_one_that_is(self, candela: Candela) -> None:
        said = candela("--ocio", "embed", "reconstrut", "a.png")
        assert said.code == 2 and "reconstrut" in said.err and "'reconstruct'" in said.err
        said = candela("--ocio", "embed", "reconstruct", "none.png", "-o", "x.exr")
        assert said.code == 2 and "No such command" not in said.err

    def test_nothing_at_all_shows_the_help(self, candela: Candela) -> None:
        said = candela()
        assert said.code == 2 and "Commands:" in said.err


class TestRuntime:
    def test_says_what_computes_here(self, candela: Candela) -> None:
        said = candela("inspect", "--runtime")
        assert said.code == 0 and "native code" in said.out and "ONNX Runtime" in said.out
        told = candela("inspect", "--runtime", "--json").json["runtime"]
        assert told["versions"]["candela-hdr"] == __version__
        assert told["native_library"] in said.out


class TestExitCodes:
    def test_0_1_2_in_a_real_process(self, carrying: Path, pair: Pair, tmp_path: Path) -> None:
        assert call("verify", carrying, "--hdr", pair.hdr).returncode == 0
        assert call("verify", carrying, "--hdr", pair.hdr, "--min-psnr", 99).returncode == 1
        missing = call("inspect", tmp_path / "none.png")
        assert missing.returncode == 2
        assert missing.stderr.startswith("candela: ") and missing.stderr.count("\n") == 1
        assert "Traceback" not in missing.stderr and missing.stdout == ""

    @pytest.mark.parametrize(
        "arguments",
        [
            ["nope"],
            ["inspect"],
            ["inspect", "a", "b"],
            ["inspect", "a", "--runtime"],
            ["embed", "--bytes", "x"],
        ],
    )
    def test_usage(self, candela: Candela, arguments: list[str]) -> None:
        said = candela(*arguments)
        assert said.code == 2 and said.err.startswith("candela: ") and "--help" in said.err
        assert json.loads(candela("--json", *arguments).out)["error"]["exit_code"] == 2

    def test_every_kind_of_error(
        self, candela: Candela, monkeypatch: pytest.MonkeyPatch, carrying: Path
    ) -> None:
        def kinds(kind: type[CandelaError]) -> list[type[CandelaError]]:
            return [kind, *(inner for sub in kind.__subclasses__() for inner in kinds(sub))]

        import candela_server.jobs.errors  # noqa: F401  those of the sidecar as well
        import candela_server.service as service

        for kind in kinds(CandelaError):

            def fail(request: object, progress: object = None, kind: type[CandelaError] = kind) -> None:
                raise kind("what failed\nand what to do")

            monkeypatch.setattr(service, "inspect", fail)
            said = candela("inspect", carrying)
            otherwise = 3 if issubclass(kind, InfrastructureError) else 2
            expected = 130 if kind.__name__ in ("Cancelled", "CancelledError") else otherwise
            assert said.code == kind.exit_code == expected
            assert said.err == "candela: what failed and what to do\n"
            error = candela("inspect", carrying, "--json").json["error"]
            assert error == {
                "kind": kind.__name__,
                "message": "what failed and what to do",
                "exit_code": kind.exit_code,
            }

    def test_a_fault_of_ours(self, candela: Candela, monkeypatch: pytest.MonkeyPatch, carrying: Path) -> None:
        import candela_server.service as service

        def fail(request: object) -> None:
            raise KeyError("oops")

        monkeypatch.setattr(service, "inspect", fail)
        monkeypatch.delenv("CANDELA_DEBUG", raising=False)
        said = candela("inspect", carrying)
        assert said.code == 3 and "incident" in said.err and said.err.count("\n") == 1
        assert said.err == candela("inspect", carrying).err  # one fault, one number
        monkeypatch.setenv("CANDELA_DEBUG", "1")
        assert "Traceback" in candela("inspect", carrying).err

    def test_no_memory(self, candela: Candela, monkeypatch: pytest.MonkeyPatch, carrying: Path) -> None:
        import candela_server.service as service

        def fail(request: object) -> None:
            raise MemoryError

        monkeypatch.setattr(service, "inspect", fail)
        assert candela("inspect", carrying).code == 3

    def test_a_reader_that_leaves(self, carrying: Path) -> None:
        process = subprocess.Popen(
            [*CANDELA, "inspect", str(carrying)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait(60) == 0

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full exists on Linux only")
    @pytest.mark.parametrize("options", [[], ["--json"]])
    def test_an_output_that_is_full(self, carrying: Path, options: list[str]) -> None:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [*CANDELA, "inspect", str(carrying), *options],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 3 and done.stderr.count("\n") == 1


class TestGlobalOptions:
    def test_before_and_after_the_command(self, candela: Candela, carrying: Path) -> None:
        assert candela("--json", "inspect", carrying).json == candela("inspect", carrying, "--json").json

    @pytest.mark.parametrize("place", [0, 2])
    def test_quiet(self, candela: Candela, carrying: Path, place: int) -> None:
        arguments: list[object] = ["inspect", carrying]
        arguments.insert(place, "--quiet")
        said = candela(*arguments)
        assert (said.code, said.out, said.err) == (0, "", "")

    @pytest.mark.parametrize("place", [0, 6])
    def test_ocio(self, candela: Candela, carrying: Path, tmp_path: Path, place: int) -> None:
        out = tmp_path / "o.exr"
        arguments: list[object] = ["reconstruct", carrying, "-o", out, "--encoding", "ACEScg@100"]
        arguments[place:place] = ["--ocio", "ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"]
        assert candela(*arguments).code == 0
        assert b"studio-config-v2.2.0" in out.read_bytes()

    def test_a_config_that_is_not_there(self, candela: Candela, carrying: Path, tmp_path: Path) -> None:
        said = candela("--ocio", tmp_path / "no.ocio", "reconstruct", carrying, "-o", tmp_path / "o.exr",
                       "--encoding", "ACEScg@100")  # fmt: skip
        assert said.code == 2 and "no.ocio" in said.err

    def test_json_stdout_has_nothing_but_the_document(self, carrying: Path, tmp_path: Path) -> None:
        done = call("reconstruct", carrying, "-o", tmp_path / "o.exr", "--json")
        assert json.loads(done.stdout)["command"] == "reconstruct"

    def test_a_terminal_without_greek(self, carrying: Path) -> None:
        done = call("inspect", carrying, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert done.returncode == 0 and "\\u0394E_ITP" in done.stdout


def test_commands_are_all_documented() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    for name in [*commands.__all__, "demo"]:
        assert f"candela {name}" in guide


def test_the_entry_point() -> None:
    from candela_server.cli import main

    assert callable(main) and callable(run)
