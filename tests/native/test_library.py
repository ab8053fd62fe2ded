"""The library by itself: its own suite and its fuzz target, under the sanitizers."""

import os
import platform
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.native.corpus import write_corpus

SOURCE = Path(__file__).parents[2] / "engines/native"
COMPILER = next((c for c in ("c++", "g++", "clang++") if shutil.which(c)), None)

# A second build of everything takes longer than all other tests of a module: `make sanitizers`.
ON_DEMAND = pytest.mark.skipif(
    "CANDELA_SANITIZERS" not in os.environ, reason="ThreadSanitizer runs by `make sanitizers`"
)

SUITES = sorted(path.stem for path in SOURCE.glob("tests/*_test.cpp"))

# Instruction sets have sources of their own; CMakeLists.txt says the same.
TARGETS = {"avx2": ["-mavx2", "-mfma"], "avx512": ["-mavx512f", "-mavx2", "-mfma"]}
# What nearly every source includes: read once for all of them, where the compiler can keep it.
COMMON = """
algorithm array atomic bit cmath cstdint cstring exception functional limits memory mutex
numbers optional random span stdexcept string string_view thread tuple utility vector
"""
# What is coded must not depend on the instruction set: there a product and a sum are rounded one by one.
EXACT = ("plane", "rows", "video", "model", "qc", "views")


def built(folder: Path, sanitizers: str) -> Path:
    """A build of the suites with sanitizers, by the compiler alone: what a machine without CMake has."""
    assert COMPILER is not None
    flags = ["-std=c++20", "-O1", "-g1", f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all", "-pthread"]
    flags += ["-I", str(SOURCE / "include")]
    sources = sorted(s for s in SOURCE.glob("src/*/*.cpp") if s.parent.name != "bind")

    common = folder / "common.hpp"
    common.write_text("".join(f"#include <{name}>\n" for name in COMMON.split()))
    ahead = ["-x", "c++-header", str(common), "-o", f"{common}.gch"]
    if subprocess.run([COMPILER, *flags, *ahead], capture_output=True, check=False).returncode == 0:
        # Another compiler than GCC may read the header itself, which is as right.
        flags += ["-include", str(common)]

    def compiled(source: Path) -> Path:
        target = folder / f"{source.parent.name}_{source.stem}.o"
        # Threads share work in the same way on every instruction set: there the portable kernels do.
        wanted = platform.machine() in ("x86_64", "AMD64") and "address" in sanitizers
        own = TARGETS.get(source.stem, []) if wanted else []
        if source.parent.name in EXACT:
            own = [*own, "-ffp-contract=off"]
        subprocess.run([COMPILER, *flags, *own, "-c", source, "-o", target], check=True)
        return target

    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(compiled, [*sources, *sorted(SOURCE.glob("tests/*.cpp"))]))
    parts, tests = (
        objects[: len(sources)],
        {o.stem.removeprefix("tests_"): o for o in objects[len(sources) :]},
    )
    programs = {name: [tests[name]] for name in SUITES}
    programs["fuzz_streams"] = [tests["fuzz_streams"], tests["fuzz_main"]]
    programs["fuzz_payload"] = [tests["fuzz_payload"], tests["mutate_main"]]
    for name, own in programs.items():
        command = [COMPILER, f"-fsanitize={sanitizers}", "-pthread", *own, *parts, "-o", folder / name]
        subprocess.run(command, check=True)
    return folder


def supports(sanitizers: str, folder: Path) -> bool:
    """Whether compiler and run-time of a sanitizer are there."""
    probe = folder / "probe.cpp"
    probe.write_text("int main() {}")
    command = [str(COMPILER), f"-fsanitize={sanitizers}", str(probe), "-o", str(folder / "probe")]
    return (
        subprocess.run(command, capture_output=True, check=False).returncode == 0
        and subprocess.run([folder / "probe"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler")
@pytest.mark.parametrize("sanitizers", ["address,undefined", pytest.param("thread", marks=ON_DEMAND)])
def test_suite_and_fuzz_target_under_sanitizers(sanitizers: str, tmp_path: Path) -> None:
    if not supports(sanitizers, tmp_path):
        pytest.skip(f"{COMPILER} has no run-time for {sanitizers}")
    folder = built(tmp_path, sanitizers)
    for name in SUITES:
        subprocess.run([folder / name], check=True, timeout=120)
    if "address" in sanitizers:
        subprocess.run([folder / "fuzz_streams", "--runs", "300"], check=True, timeout=120)
        (tmp_path / "corpus").mkdir()
        corpus = write_corpus(tmp_path / "corpus")
        subprocess.run([folder / "fuzz_payload", "--runs", "1500", *corpus], check=True, timeout=120)


@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler")
def test_the_public_header_stands_alone(tmp_path: Path) -> None:
    for header in sorted((SOURCE / "include/candela").glob("*.hpp")):
        unit = tmp_path / "unit.cpp"
        unit.write_text(f'#include "candela/{header.name}"\nint main() {{}}\n')
        command = [str(COMPILER), "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([*command, "-I", SOURCE / "include", unit], check=True)
