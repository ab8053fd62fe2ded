"""What hosts load: in Pythons from 3.9 on, without any package of ours or of others beside it."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import candela_bridge

PACKAGE = Path(candela_bridge.__file__).parent
HOSTS = sorted(p for p in PACKAGE.rglob("*.py") if "helper" not in p.relative_to(PACKAGE).parts)
MODULES = [
    ".".join(("candela_bridge", *p.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for p in HOSTS
    if not {"folder", "widgets"} & set(p.parts)  # Nuke's own, and what needs Qt
]
# In the order of imports: every module, then what is there that the standard library does not have.
TRY = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
known = set(getattr(sys, "stdlib_module_names", sys.modules)) | set(sys.builtin_module_names)
top = {name.partition(".")[0] for name in sys.modules}
print(*sorted(name for name in top - known if not name.startswith(("_", "encodings"))))
"""


def pythons() -> dict[str, str]:
    """Of the versions that hosts bring, those that are here, by version; this one always."""
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": sys.executable}
    for minor in (9, 10, 11, 12, 13):
        name = f"python3.{minor}"
        kept = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/{name}"))
        for path in [shutil.which(name), *map(str, kept)]:
            if path and f"3.{minor}" not in found and starts(path):
                found[f"3.{minor}"] = path
    return found


def starts(python: str) -> bool:
    """Whether it does: what is on the path may be a stand-in."""
    command = [python, "-I", "-S", "-c", "print(7)"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return done.stdout.strip() == b"7"


PYTHONS = pythons()


def test_there_are_modules() -> None:
    assert {
        "candela_bridge.client.bridge",
        "candela_bridge.nuke.score",
        "candela_bridge.panel.scoring",
        "candela_bridge.resolve.session",
    } < set(MODULES)


@pytest.mark.parametrize("version", PYTHONS)
def test_they_are_imported_alone(version: str, tmp_path: Path) -> None:
    there = tmp_path / "bare"
    shutil.copytree(PACKAGE, there / "candela_bridge", ignore=shutil.ignore_patterns("helper", "__pycache__"))
    command = [PYTHONS[version], "-I", "-S", "-c", TRY, str(there), *MODULES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    others = set(done.stdout.split()) - {"candela_bridge", "importlib"}
    if version != "3.9":  # which has no list of its library; a package could not be found there either
        assert not others


@pytest.mark.parametrize("path", HOSTS, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_their_grammar_is_that_of_3_9(path: Path) -> None:
    ast.parse(path.read_text("utf-8"), feature_version=(3, 9))


@pytest.mark.skipif("3.9" not in PYTHONS, reason="no Python 3.9 here; its grammar was looked at")
def test_the_client_works_in_3_9(tmp_path: Path) -> None:
    """A call over the wire, to a helper of this Python."""
    from .conftest import TOY, environment

    text = f"""
import os, signal, sys
sys.path.insert(0, {str(PACKAGE.parent)!r})
from candela_bridge.client import Bridge, Launch, Place
from pathlib import Path
launch = Launch(({sys.executable!r}, "-S", {str(TOY)!r}), {environment()!r})
with Bridge("3.9", launch=launch, place=Place(Path({str(tmp_path)!r}), True)) as bridge:
    print(bridge.call("echo", {{"n": 1}}).result(60), sys.version_info[:2])
    os.kill(bridge.helper["process"], signal.SIGKILL)
"""
    tmp_path.chmod(0o700)
    if len(str(tmp_path)) > 80:
        pytest.skip("the temporary folder is too deep for a socket")
    command = [PYTHONS["3.9"], "-I", "-S", "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split("\n")[0] == "{'n': 1} (3, 9)", done.stderr
