"""Builds of the test host, its probes and the plugin: once for a state of the sources, and kept."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOST = Path(__file__).parent
PLUGIN = Path(os.environ.get("CANDELA_OFX_PLUGIN", ROOT / "ofx_bridge/plugin"))
VALGRIND = (
    *("valgrind", "--quiet", "--error-exitcode=97", "--leak-check=full", "--show-leak-kinds=definite"),
    *("--errors-for-leak-kinds=definite", "--fair-sched=yes", "--keep-debuginfo=yes"),
    f"--suppressions={HOST / 'valgrind.supp'}",
)
# Of `address,undefined` what costs a compiler little: the other checks (of null, alignment, sizes of objects)
# triple its time. Builds with sanitizers all through have those, too.
QUICK_CHECKS = (
    "address,shift,integer-divide-by-zero,unreachable,return,signed-integer-overflow,bounds,bool,enum,builtin"
)
BUILDS = Path(os.environ.get("CANDELA_BUILDS", ROOT / "build/ofx_host"))


@dataclass(frozen=True)
class Built:
    """Host and probes in a folder, and the plugin in this or another one.

    under: what programs run under. preload: libraries that come before all others. stands_in: the plugin has
    the tests' stand-in for a CUDA device, and programs of its own tests lie beside it.
    """

    folder: Path
    plugin: Path
    sanitizers: str
    under: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    stands_in: bool = False

    @property
    def program(self) -> Path:
        return self.folder / "candela-ofx-host"

    def probe(self, name: str) -> Path:
        return self.folder / f"{name}.ofx.bundle"

    @property
    def bundle(self) -> Path:
        (found,) = self.plugin.glob("plugin/**/Candela.ofx.bundle")
        return found

    def own_test(self, name: str) -> Path:
        """A program of the plugin's own tests."""
        return self.plugin / "plugin" / name


def _cmake() -> str | None:
    """CMake of the system, or the one that pip installed."""
    if found := shutil.which("cmake"):
        return found
    if importlib.util.find_spec("cmake") is None:
        return None
    import cmake  # type: ignore[import-not-found, unused-ignore]

    return str(Path(cmake.CMAKE_BIN_DIR) / "cmake")


def _engine_sources(engine: Path) -> list[Path]:
    return [engine / "CMakeLists.txt", *engine.glob("include/**/*.hpp"), *engine.glob("src/*/*.[ch]pp")]


def _sources(plugin: Path | None, options: Mapping[str, object]) -> list[Path]:
    files = [HOST / "CMakeLists.txt"]
    if options["HOST"] == "ON":
        files += [*HOST.glob("src/*"), *HOST.glob("probes/*")]
    if plugin is not None:
        left_out = {"build"} if options["OFX_TESTS"] == "ON" else {"build", "tests"}
        files += [p for p in plugin.rglob("*") if left_out.isdisjoint(p.relative_to(plugin).parts)]
        files += _engine_sources(_engine_of(plugin))
    return sorted(p for p in files if p.is_file())


def _engine_of(plugin: Path) -> Path:
    return plugin.parents[1] / "engines/native"


def installed_engine(engine: Path) -> Path | None:
    """The native library as the installation built it, where it is no older than its sources."""
    changed = max(p.stat().st_mtime for p in _engine_sources(engine))
    found = [*ROOT.glob("build/cp3*/libcandela.a")]
    if named := os.environ.get("CANDELA_ENGINE_LIBRARY"):
        return Path(named)
    return next((p for p in found if p.stat().st_mtime >= changed), None)


def _key(plugin: Path | None, options: Mapping[str, object]) -> str:
    digest = hashlib.sha256(repr(sorted(options.items())).encode())
    for path in _sources(plugin, options):
        digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Of several processes that run tests, one builds a folder and the others wait."""
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def chosen(*, plugin: Path | None = None) -> Built:
    """The build that tests run with: what `CANDELA_OFX_CHECK` asks for.

    `address,undefined` or `thread` for a build with these sanitizers, `valgrind` to run the ordinary one
    under it.
    """
    check = os.environ.get("CANDELA_OFX_CHECK", "")
    if check != "valgrind":
        return build(plugin=plugin, sanitizers=check, through=bool(check), stands_in=bool(check))
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is not here")
    return replace(build(plugin=plugin), under=VALGRIND)


def sanitized_plugin(plugin: Path) -> Built:
    """The ordinary host with a plugin that has AddressSanitizer and most of UndefinedBehaviorSanitizer in it.

    Host and native library are not built again: enough for every run of the tests. The stand-in for CUDA and
    the plugin's own tests are in this build alone.
    """
    host = build(plugin=plugin)
    other = build(plugin=plugin, sanitizers=QUICK_CHECKS, host=False, stands_in=True)
    runtime = [_compiler(), "-print-file-name=libasan.so"]
    library = subprocess.run(runtime, capture_output=True, text=True, check=True).stdout.strip()
    if not Path(library).is_file():
        pytest.skip(f"{runtime[0]} has no shared library of AddressSanitizer")
    more = {"sanitizers": other.sanitizers, "preload": (library,), "stands_in": True}
    return replace(host, plugin=other.plugin, **more)


@cache
def build(
    *,
    plugin: Path | None = None,
    sanitizers: str = "",
    through: bool = False,
    host: bool = True,
    stands_in: bool = False,
) -> Built:
    """The build of these sources. Skips the test where a compiler or CMake is missing.

    plugin: the folder with the plugin's CMakeLists.txt; without it only host and probes are built.
    sanitizers: what follows `-fsanitize=`. through: the native library is built with them too; otherwise
    the one that the installation built is linked, if there is one. host: host and probes are built.
    stands_in: see `Built`; without it the plugin has no CUDA.
    """
    cmake, compiler = _cmake(), _compiler()
    if cmake is None:
        pytest.skip("the test host is built with CMake, which is not here: pip install cmake")
    if plugin is not None and host:
        # Apart: a change of the plugin leaves the host as it is, whose own tests have it, too.
        ours = build(sanitizers=sanitizers, through=through)
        other = build(plugin=plugin, sanitizers=sanitizers, through=through, host=False, stands_in=stands_in)
        return replace(ours, plugin=other.plugin, stands_in=stands_in)
    BUILDS.mkdir(parents=True, exist_ok=True)
    engine = None if plugin is None or through else installed_engine(_engine_of(plugin))
    options = {"SANITIZE": sanitizers, "PLUGIN": plugin or "", "ENGINE_LIBRARY": engine or ""}
    options["HOST"] = "ON" if host else "OFF"
    options["OFX_CUDA"] = "STAND_IN" if stands_in else "OFF"
    options["OFX_TESTS"] = "ON" if stands_in else "OFF"
    folder = BUILDS / _key(plugin, options)
    with alone(folder):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            if sanitizers and not _supports(compiler, sanitizers):
                pytest.skip(f"{compiler} has no run-time for {sanitizers}")
            given = [f"-DCANDELA_{key}={value}" for key, value in options.items()]
            if sanitizers:
                given += ["-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O1"]
            _run([cmake, "-S", str(HOST), "-B", str(folder), *given])
            _run([cmake, "--build", str(folder), "-j", "2"])
            (folder / "done").touch()
    return Built(folder, folder, sanitizers, stands_in=stands_in)


def _compiler() -> str:
    found = next((c for c in ("c++", "g++", "clang++") if shutil.which(c)), None)
    if found is None:
        pytest.skip("the test host is built with a C++ compiler, which is not here")
    return found


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}", pytrace=False)


def _supports(compiler: str, sanitizers: str) -> bool:
    probe = BUILDS / f"probe_{os.getpid()}"
    source = probe.with_suffix(".cpp")
    source.write_text("int main() {}\n")
    try:
        command = [compiler, f"-fsanitize={sanitizers}", str(source), "-o", str(probe)]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            return False
        return subprocess.run([probe], capture_output=True, check=False).returncode == 0
    finally:
        source.unlink()
        probe.unlink(missing_ok=True)
