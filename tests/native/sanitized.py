"""The native library with sanitizers in it, with its own suites and fuzz targets in one program.

A folder of sources is compiled as one unit, and the suites as another: nearly all of a compiler's work on
single files is reading the same headers again. A build is made once for a state of the sources, and kept.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.ofx_host.build import BUILDS, QUICK_CHECKS, alone, installed_engine

SOURCE = Path(__file__).parents[2] / "engines/native"
COMPILER = next((c for c in ("c++", "g++", "clang++") if shutil.which(c)), None)
SUITES = sorted(path.stem for path in SOURCE.glob("tests/*_test.cpp"))
FUZZERS = {"streams": ("fuzz_streams", "fuzz_main"), "payload": ("fuzz_payload", "mutate_main")}

# What reads bytes that anybody may have made. In every run of the tests these have sanitizers in them, and
# the rest comes from the library as the installation built it; all of it has them by `make sanitizers`.
READERS = ("carriers", "coding", "model", "payload", "plane")
# Of these what is waited for longer than its compiler.
BUSY = ("coding",)
# What nearly every unit includes: read once for all of them, where the compiler can keep it.
COMMON = """
algorithm array atomic bit cmath cstdint cstring exception filesystem fstream functional limits memory mutex
numbers optional random span stdexcept string string_view thread tuple utility vector
"""
# Sources that give names of their own to what another one of their folder calls the same.
APART = {"carriers": ("exr", "sidecar"), "sine": ("gamma_gradient", "siren", "siren_gradient", "gamma")}
# Instruction sets have sources of their own; CMakeLists.txt says the same.
TARGETS = {"avx2": ["-mavx2", "-mfma"], "avx512": ["-mavx512f", "-mavx2", "-mfma"]}
# What is coded must not depend on the instruction set: there a product and a sum are rounded one by one.
EXACT = ("plane", "rows", "video", "model", "qc", "views")


def supported(sanitizers: str, folder: Path) -> bool:
    """Whether compiler and run-time of a sanitizer are there."""
    probe = folder / "probe.cpp"
    probe.write_text("int main() {}")
    command = [str(COMPILER), f"-fsanitize={sanitizers}", str(probe), "-o", str(folder / "probe")]
    return (
        subprocess.run(command, capture_output=True, check=False).returncode == 0
        and subprocess.run([folder / "probe"], capture_output=True, check=False).returncode == 0
    )


def program(sanitizers: str, *, whole: bool) -> Path:
    """Runs the suite that it is given the name of, or a fuzz target with arguments.

    whole: sanitizers are in all of the library and check all that they can; else in what reads foreign bytes,
    where the installation left a library to take the rest from.
    """
    rest = None if whole else installed_engine(SOURCE)
    if not whole and sanitizers == "address,undefined":
        sanitizers = QUICK_CHECKS
    flags = ["-std=c++20", f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all", "-pthread", "-g1"]
    flags.append("-O1" if rest is None else "-O0")
    BUILDS.mkdir(parents=True, exist_ok=True)
    folder = BUILDS / f"native_{_key([*flags, str(rest)])}"
    with alone(folder):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            _build(folder, flags, rest)
            (folder / "done").touch()
    return folder / "suites"


def _key(about: Sequence[str]) -> str:
    digest = hashlib.sha256(repr(about).encode() + Path(__file__).read_bytes())
    for path in sorted(p for p in SOURCE.rglob("*.[ch]pp") if "bind" not in p.parts):
        digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _build(folder: Path, flags: list[str], rest: Path | None) -> None:
    # Threads share work in the same way on every instruction set: there the portable kernels do.
    units = [*_units(folder, READERS if rest else None, "thread" not in flags[1])]
    (folder / "suites.cpp").write_text("\n".join(_suites(folder)))
    units.append((folder / "suites.cpp", ["-I", str(SOURCE / "tests")]))

    common = folder / "common.hpp"
    common.write_text("".join(f"#include <{name}>\n" for name in COMMON.split()))
    ahead = ["-x", "c++-header", str(common), "-o", f"{common}.gch"]
    if subprocess.run([str(COMPILER), *flags, *ahead], capture_output=True, check=False).returncode == 0:
        # Another compiler than GCC may read the header itself, which is as right.
        flags = [*flags, "-include", str(common)]

    def compiled(unit: tuple[Path, list[str]]) -> Path:
        source, own = unit
        target = source.with_suffix(".o")
        # Classes of a unit may hold what is known in the unit alone: to the compiler it is a header.
        includes = ["-Wno-subobject-linkage", "-I", str(SOURCE / "include"), "-I", str(SOURCE / "src")]
        subprocess.run([str(COMPILER), *flags, *includes, *own, "-c", source, "-o", target], check=True)
        return target

    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        objects = list(pool.map(compiled, units))
    libraries = [rest] if rest else []
    command = [str(COMPILER), flags[1], "-pthread", *objects, *libraries, "-o", folder / "suites"]
    subprocess.run(command, check=True)


def _units(folder: Path, only: Sequence[str] | None, targets: bool) -> Iterator[tuple[Path, list[str]]]:
    """What is compiled at once, and its own flags. only: folders. targets: instruction sets are built for."""
    targets = targets and platform.machine() in ("x86_64", "AMD64")
    for part in sorted(p for p in SOURCE.glob("src/*") if p.is_dir() and p.name != "bind"):
        if only is not None and part.name not in only:
            continue
        flags = ["-ffp-contract=off"] if part.name in EXACT else []
        flags += ["-O1"] if part.name in BUSY else []
        together: list[Path] = []
        for source in sorted(part.glob("*.cpp")):
            apart = source.stem in APART.get(part.name, ())
            if source.stem not in TARGETS and not apart:
                together.append(source)
                continue
            own = TARGETS.get(source.stem, []) if targets else []
            yield _unit(folder, f"{part.name}_{source.stem}", [source]), [*flags, *own]
        if together:
            yield _unit(folder, part.name, together), flags


def _unit(folder: Path, name: str, sources: Sequence[Path]) -> Path:
    path = folder / f"{name}.cpp"
    path.write_text("".join(f'#include "{source}"\n' for source in sources))
    return path


def _suites(folder: Path) -> Iterator[str]:
    """A source with every suite in a namespace of its own, behind all that any of them includes."""
    programs = {**{name: (name,) for name in SUITES}, **FUZZERS}
    texts = {
        part: (SOURCE / f"tests/{part}.cpp").read_text() for parts in programs.values() for part in parts
    }
    included = {line for text in texts.values() for line in text.splitlines() if line.startswith("#include")}
    yield from sorted(included)
    yield "#include <cstring>"
    for name, parts in programs.items():
        yield f"#define main main_of_{name}"
        yield f"#define LLVMFuzzerTestOneInput input_of_{name}"
        yield f"namespace of_{name} {{"
        for part in parts:
            yield f'#line 1 "{SOURCE}/tests/{part}.cpp"'
            # No other function than the true `main` may end without a value.
            text = texts[part].rstrip()
            yield text.removesuffix("}") + "return 0; }" if "int main(" in text else text
        yield "}"
        yield "#undef main"
        yield "#undef LLVMFuzzerTestOneInput"
    yield '#line 1 "suites.cpp"'
    yield "int main(int count, char** arguments) {"
    yield "    const char* wanted = count > 1 ? arguments[1] : nullptr;"
    for name in programs:
        given = "count - 1, arguments + 1" if name in FUZZERS else ""
        yield f'    if (wanted && !std::strcmp(wanted, "{name}")) return of_{name}::main_of_{name}({given});'
    yield "    return 2;"
    yield "}"
