"""The command line as a program: exit codes, errors in a line or in JSON, cancelling, disks that refuse."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from candela_engines import __version__
from candela_engines.errors import CandelaError, InfrastructureError
from candela_server.cli import commands
from candela_server.cli.progress import ProgressBar
from candela_server.cli.run import run

from .conftest import Candela
from .pictures import QUICK, Pair

CANDELA = [sys.executable, "-m", "candela_server.cli"]


def call(
    *arguments: object, before: Callable[[], None] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CANDELA, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=before,
        env={**os.environ, **environment},
    )


def small_files_only() -> None:
    """As on a full disk: no file may grow beyond 2 KB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))


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


def test_a_signal_whose_exception_got_lost_still_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Python drops one that a handler raises inside of a destructor."""
    monkeypatch.setattr("candela_server.cli.progress.SIGNALS", [])
    with ProgressBar(quiet=True) as bar:
        bar("fit", 0.1)
        monkeypatch.setattr("candela_server.cli.progress.SIGNALS", [2])
        with pytest.raises(KeyboardInterrupt):
            bar("fit", 0.2)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_ctrl_c_inside_of_a_destructor(pair: Pair, tmp_path: Path) -> None:
    """Python drops what the handler raises there; the command stops nevertheless, and without a traceback."""
    code = (
        "import os, signal, sys\n"
        "from candela_server.cli.run import run\n"
        "from candela_server import service\n"
        "class Late:\n"
        "    def __del__(self): os.kill(os.getpid(), signal.SIGINT); sum(range(1000))\n"
        "def embed(request, sdr, progress):\n"
        "    Late()\n"
        "    progress('fit', 0.5)\n"
        "    raise AssertionError('went on')\n"
        "service.embed = embed\n"
        f"sys.exit(run(['embed', {str(pair.sdr)!r}, '--hdr', {str(pair.hdr)!r}, '-o', 'x.png']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    assert "cancelled" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cancelling_leaves_nothing_behind(pair: Pair, tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "out.png"
    out.write_bytes(b"what was there before")
    arguments = ["embed", str(pair.sdr), "--hdr", str(pair.hdr), "-o", str(out), "--effort", "best"]
    code = (
        "import sys; from candela_server.cli.run import run; from candela_server import service; "
        f"print('ready', flush=True); sys.exit(run({arguments!r}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job starts with SIGINT ignored, and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(0.7)  # anywhere in the work: the outcome has to be the same
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "cancelled" in err and "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
    assert out.read_bytes() == b"what was there before"


INTERRUPTED = """
import shutil, signal, sys
from candela_server.cli.run import run
from candela_server.service import outputs

remove, left = shutil.rmtree, [1]

def interrupted(*given, **more):
    if left:
        left.pop()
        signal.raise_signal(signal.SIGTERM)
    return remove(*given, **more)

def broken(*given, **more):
    try:
        signal.raise_signal(signal.SIGTERM)
    except KeyboardInterrupt:
        raise ImportError("as numpy says it") from None

if sys.argv[1] == "remove":
    shutil.rmtree = interrupted
else:
    outputs.carrier_for = broken
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("where", ["remove", "import"])
def test_cancelling_at_a_bad_moment(pair: Pair, tmp_path: Path, where: str) -> None:
    """While what was tried is removed, and inside of what makes another error of it."""
    line = ["embed", str(pair.sdr), "--hdr", str(pair.hdr), "-o", str(tmp_path / "out.png"), *QUICK]
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, where, *line], capture_output=True, text=True)
    assert done.returncode == 130 and "cancelled" in done.stderr, done.stderr
    assert not list(tmp_path.iterdir())


class TestDisks:
    def test_full_at_embedding(self, pair: Pair, tmp_path: Path) -> None:
        out = tmp_path / "out.png"
        out.write_bytes(b"what was there before")
        done = call("embed", pair.sdr, "--hdr", pair.hdr, "-o", out, *QUICK, before=small_files_only)
        assert done.returncode == 3, done.stderr
        assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1
        assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
        assert out.read_bytes() == b"what was there before"

    @pytest.mark.parametrize("name", ["o.exr", "o.png", "o.tif", "o.dpx", "o.avif", "o.jpg"])
    def test_full_at_reconstructing(self, carrying: Path, tmp_path: Path, name: str) -> None:
        done = call("reconstruct", carrying, "-o", tmp_path / name, before=small_files_only)
        assert done.returncode == 3, done.stderr
        assert f"{tmp_path / name}: cannot be written" in done.stderr and ".part" not in done.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["carrying.png"]

    def test_full_at_stripping_in_place(self, carrying: Path) -> None:
        before = carrying.read_bytes()
        done = call("strip", carrying, "-o", carrying, before=small_files_only)
        assert done.returncode == 3, done.stderr
        assert carrying.read_bytes() == before

    @pytest.mark.skipif(
        not Path("/proc/self").is_dir(), reason="/proc is a folder that not even root writes to"
    )
    @pytest.mark.parametrize("command", ["embed", "reconstruct", "strip"])
    def test_a_folder_that_takes_no_files(
        self, candela: Candela, carrying: Path, pair: Pair, command: str
    ) -> None:
        master = ["--hdr", pair.hdr] if command == "embed" else []
        said = candela(command, carrying, *master, "-o", "/proc/o.png")
        assert said.code in (2, 3) and said.err.startswith("candela: ")

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
    def test_a_read_only_folder(self, candela: Candela, carrying: Path, pair: Pair, tmp_path: Path) -> None:
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o500)
        assert candela("embed", pair.sdr, "--hdr", pair.hdr, "-o", locked / "o.png").code == 3
        assert candela("reconstruct", carrying, "-o", locked / "o.exr").code == 3
        assert candela("strip", carrying, "-o", locked / "o.png").code == 3

    def test_no_permission(
        self, candela: Candela, carrying: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("candela_server.service.outputs.os.access", lambda path, mode: False)
        said = candela("reconstruct", carrying, "-o", tmp_path / "o.exr")
        assert said.code == 3 and "no permission" in said.err


def test_commands_are_all_documented() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    for name in [*commands.__all__, "demo"]:
        assert f"candela {name}" in guide


def test_the_entry_point() -> None:
    from candela_server.cli import main

    assert callable(main) and callable(run)
