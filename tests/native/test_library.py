"""The library by itself: its own suite and its fuzz target, under the sanitizers."""

import os
import subprocess
from pathlib import Path

import pytest
from tests.native.corpus import write_corpus
from tests.native.sanitized import COMPILER, SOURCE, SUITES, program, supported

WHOLE = "CANDELA_SANITIZERS" in os.environ
# A build of everything takes longer than all other tests of a module.
ON_DEMAND = pytest.mark.skipif(not WHOLE, reason="ThreadSanitizer runs by `make sanitizers`")


@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler")
@pytest.mark.parametrize("sanitizers", ["address,undefined", pytest.param("thread", marks=ON_DEMAND)])
def test_suites_and_fuzz_targets_under_sanitizers(sanitizers: str, tmp_path: Path) -> None:
    if not supported(sanitizers, tmp_path):
        pytest.skip(f"{COMPILER} has no run-time for {sanitizers}")
    suites = program(sanitizers, whole=WHOLE)
    for name in SUITES:
        subprocess.run([suites, name], check=True, timeout=120)
    if "address" in sanitizers:
        subprocess.run([suites, "streams", "--runs", "300"], check=True, timeout=120)
        (tmp_path / "corpus").mkdir()
        corpus = write_corpus(tmp_path / "corpus")
        subprocess.run([suites, "payload", "--runs", "1500", *corpus], check=True, timeout=120)


@pytest.mark.skipif(COMPILER is None, reason="no C++ compiler")
def test_the_public_header_stands_alone(tmp_path: Path) -> None:
    for header in sorted((SOURCE / "include/candela").glob("*.hpp")):
        unit = tmp_path / "unit.cpp"
        unit.write_text(f'#include "candela/{header.name}"\nint main() {{}}\n')
        command = [str(COMPILER), "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([*command, "-I", SOURCE / "include", unit], check=True)
