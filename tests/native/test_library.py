"""The library by itself: its own suite and its fuzz target, under the sanitizers."""

import platform
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "engines/native"
COMPILER = next((c for c in ("c++", "g++", "clang++") if shutil.which(c)), None)

# Instruction sets have sources of their own; CMakeLists.txt says the same.
TARGETS = {"avx2": ["-mavx2", "-mfma"], "avx512": ["-mavx512f", "-mavx2", "-mfma"]}


def built(folder: Path, sanitizers: str) -> Path:
    """A build of the suite with sanitizers, by the compiler alone: what a machine without CMake has."""
    assert COMPILER is not None
    objects = []
    flags = ["-std=c++20", "-O1", "-g", f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all", "-pthread"]
    flags += ["-I", str(SOURCE / "include")]
    for source in sorted(s for s in SOURCE.glob("src/*/*.cpp") if s.parent.name != "bind"):
        objects.append(folder / f"{source.parent.name}_{source.stem}.o")
        own = TARGETS.get(source.stem, []) if platform.machine() in ("x86_64", "AMD64") else []
        subprocess.run([COMPILER, *flags, *own, "-c", source, "-o", objects[-1]], check=True)
    tests = SOURCE / "tests"
    for name, parts in {
        "coding_test": ["coding_test.cpp"],
        "colour_test": ["colour_test.cpp"],
        "dense_test": ["dense_test.cpp"],
        "frame_test": ["frame_test.cpp"],
        "sine_test": ["sine_test.cpp"],
        "fuzz_streams": ["fuzz_streams.cpp", "fuzz_main.cpp"],
    }.items():
        files = [tests / part for part in parts]
        subprocess.run([COMPILER, *flags, *files, *objects, "-o", folder / name], check=True)
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
@pytest.mark.parametrize("sanitizers", ["address,undefined", "thread"])
def test_suite_and_fuzz_target_under_sanitizers(sanitizers: str, tmp_path: Path) -> None:
    if not supports(sanitizers, tmp_path):
        pytest.skip(f"{COMPILER} has no run-time for {sanitizers}")
    folder = built(tmp_path, sanitizers)
    for name in ("coding_test", "colour_test", "dense_test", "frame_test", "sine_test"):
        subprocess.run([folder / name], check=True, timeout=120)
    if "address" in sanitizers:
        subprocess.run([folder / "fuzz_streams", "--runs", "300"], check=True, timeout=120)


@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler")
def test_the_public_header_stands_alone(tmp_path: Path) -> None:
    for header in sorted((SOURCE / "include/candela").glob("*.hpp")):
        unit = tmp_path / "unit.cpp"
        unit.write_text(f'#include "candela/{header.name}"\nint main() {{}}\n')
        command = [str(COMPILER), "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([*command, "-I", SOURCE / "include", unit], check=True)
