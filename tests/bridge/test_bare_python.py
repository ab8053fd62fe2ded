"""What hosts load: in Pythons from 3.9 on, without any package of ours or of others beside it."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
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


MINORS = (9, 10, 11, 12, 13)


def pythons() -> dict[str, str]:
    """Of the versions that hosts bring, those that are here, by version; this one always.

    On the path, and where the managers of versions that say so keep theirs: `$PYENV_ROOT`,
    `$UV_PYTHON_INSTALL_DIR`. $CANDELA_TEST_PYTHONS names more, separated as paths are.
    """
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": sys.executable}
    for path in candidates():
        version = version_of(path)
        if version.startswith("3.") and int(version[2:]) in MINORS:
            found.setdefault(version, path)
    return found


def candidates() -> Iterator[str]:
    yield from filter(None, os.environ.get("CANDELA_TEST_PYTHONS", "").split(os.pathsep))
    for minor in MINORS:
        name = f"python3.{minor}"
        yield from filter(None, [shutil.which(name)])
        for variable, inner in (("PYENV_ROOT", f"versions/3.{minor}.*"), ("UV_PYTHON_INSTALL_DIR", "*")):
            root = os.environ.get(variable)
            if root:
                yield from map(str, sorted(Path(root).glob(f"{inner}/bin/{name}")))


def version_of(python: str) -> str:
    """As `3.9`; nothing for one that does not start: what is on the path may be a stand-in."""
    command = [python, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


PYTHONS = pythons()


def test_there_are_modules() -> None:
    assert {
        "candela_bridge.client.bridge",
        "candela_bridge.nuke.score",
        "candela_bridge.panel.scoring",
        "candela_bridge.resolve.session",
    } < set(MODULES)


@pytest.mark.parametrize("version", [f"3.{minor}" for minor in MINORS])
def test_they_are_imported_alone(version: str, tmp_path: Path) -> None:
    if version not in PYTHONS:
        pytest.skip(f"no Python {version} on the path, in $PYENV_ROOT or $UV_PYTHON_INSTALL_DIR")
    there = tmp_path / "bare"
    shutil.copytree(PACKAGE, there / "candela_bridge", ignore=shutil.ignore_patterns("helper", "__pycache__"))
    command = [PYTHONS[version], "-I", "-S", "-c", TRY, str(there), *MODULES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    others = set(done.stdout.split()) - {"candela_bridge", "importlib"}
    if version != "3.9":  # which has no list of its library; a package could not be found there either
        assert not others


@pytest.mark.parametrize("path", HOSTS, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_they_are_written_for_3_9(path: Path) -> None:
    """Without an interpreter of it: its grammar, and no name of a later library or of a later type."""
    tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 9))
    assert later_than_3_9(tree) == []


def later_than_3_9(tree: ast.Module) -> list[str]:
    """What a module uses that Python 3.9 has not, by line. Annotations that nobody evaluates are free."""
    lazy = any(
        isinstance(node, ast.ImportFrom) and node.module == "__future__" and "annotations" in names_of(node)
        for node in tree.body
    )
    free: set[int] = set()
    if lazy:
        for node in ast.walk(tree):
            for field in ("annotation", "returns"):
                inner = getattr(node, field, None)
                if isinstance(inner, ast.AST):
                    free |= {id(one) for one in ast.walk(inner)}
    found = []
    for node in ast.walk(tree):
        if id(node) in free:
            continue
        what = later(node)
        if what:
            found.append(f"line {getattr(node, 'lineno', '?')}: {what}")
    return found


LATER_MODULES = {"tomllib"}
LATER_NAMES = {
    "typing": {"ParamSpec", "TypeAlias", "TypeGuard", "Self", "Never", "assert_never", "override",
               "Concatenate", "NotRequired", "Required", "LiteralString", "TypeVarTuple", "Unpack",
               "assert_type", "reveal_type"},
    "enum": {"StrEnum", "ReprEnum"}, "datetime": {"UTC"}, "itertools": {"pairwise", "batched"},
    "contextlib": {"aclosing", "chdir"}, "asyncio": {"TaskGroup", "timeout", "Runner"}, "types": {"NoneType",
    "UnionType", "EllipsisType"}, "inspect": {"get_annotations"}, "hashlib": {"file_digest"},
    "dataclasses": {"KW_ONLY"}, "warnings": {"deprecated"},
}  # fmt: skip
LATER_METHODS = {"bit_count", "is_junction", "hardlink_to"}
LATER_BUILTINS = {"anext", "aiter", "ExceptionGroup", "BaseExceptionGroup", "EncodingWarning"}
LATER_ARGUMENTS = {
    "zip": {"strict"}, "dataclass": {"slots", "kw_only", "match_args", "weakref_slot"}, "field": {"kw_only"},
    "glob": {"root_dir"}, "run": {"process_group"}, "Popen": {"process_group"}, "NamedTemporaryFile":
    {"delete_on_close"}, "TemporaryDirectory": {"ignore_cleanup_errors", "delete"}, "bisect": {"key"},
    "bisect_left": {"key"}, "bisect_right": {"key"}, "insort": {"key"}, "walk": {"case_sensitive"},
}  # fmt: skip


def later(node: ast.AST) -> str:
    """What one node uses of Python 3.10 and later, or nothing."""
    if isinstance(node, ast.ImportFrom):
        gone = names_of(node) & LATER_NAMES.get(node.module or "", set())
        return ", ".join(gone) or (str(node.module) if node.module in LATER_MODULES else "")
    if isinstance(node, ast.Import):
        return ", ".join({name.name for name in node.names} & LATER_MODULES)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        kinds = {"int", "str", "float", "bytes", "bool", "list", "dict", "tuple", "None"}
        sides = {side.id for side in (node.left, node.right) if isinstance(side, ast.Name)}
        none = any(isinstance(side, ast.Constant) and side.value is None for side in (node.left, node.right))
        return "a union of types with |" if none or sides & kinds else ""
    if isinstance(node, ast.Attribute):
        module = node.value.id if isinstance(node.value, ast.Name) else ""
        if node.attr in LATER_NAMES.get(module, set()) or node.attr in LATER_METHODS:
            return f".{node.attr}"
    if isinstance(node, ast.Name):
        return node.id if node.id in LATER_BUILTINS else ""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        gone = {word.arg for word in node.keywords if word.arg} & LATER_ARGUMENTS.get(name, set())
        return f"{name}({', '.join(gone)}=)" if gone else ""
    return ""


def names_of(node: ast.ImportFrom) -> set[str]:
    return {name.name for name in node.names}


@pytest.mark.parametrize(
    "text",
    [
        "from enum import StrEnum", "import tomllib", "x = int | None", "zip(a, b, strict=True)",
        "import itertools\nitertools.pairwise(x)", "(7).bit_count()", "def f(a: int | None): pass",
        "from dataclasses import dataclass\n@dataclass(slots=True)\nclass A: pass",
        "raise ExceptionGroup('', [])",
    ],
)  # fmt: skip
def test_what_is_later_is_found(text: str) -> None:
    assert later_than_3_9(ast.parse(text))


def test_annotations_that_nobody_evaluates_are_free() -> None:
    text = "from __future__ import annotations\ndef f(a: int | None) -> str | None: ...\nx: int | None = 1"
    assert later_than_3_9(ast.parse(text)) == []
    with pytest.raises(SyntaxError):
        ast.parse("match x:\n    case 1: pass", feature_version=(3, 9))


@pytest.mark.skipif("3.9" not in PYTHONS, reason="no Python 3.9 here; what it has not was looked for")
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
