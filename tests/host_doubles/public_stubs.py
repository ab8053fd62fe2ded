"""Public descriptions of hosts' modules, read as text: names and arguments to hold doubles against.

Packages that are installed for development only: `types-nuke` describes the Python module of Nuke, `pybmd`
calls that of DaVinci Resolve. Nothing of them is run.
"""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import pytest


@dataclass
class Described:
    """functions, and classes with methods: by name, the argument names of every overload; *args is ["*"]."""

    functions: dict[str, list[list[str]]] = field(default_factory=dict)
    classes: dict[str, dict[str, list[list[str]]]] = field(default_factory=dict)
    bases: dict[str, list[str]] = field(default_factory=dict)

    def method(self, class_: str, name: str) -> list[list[str]] | None:
        """Of a class or of what it is derived from."""
        found = self.classes.get(class_, {}).get(name)
        if found is not None:
            return found
        return next((m for base in self.bases.get(class_, []) if (m := self.method(base, name))), None)


def files_of(distribution: str, ending: str) -> list[Path]:
    """Files of an installed package. The test is skipped without it."""
    try:
        found = metadata.distribution(distribution).files or []
    except metadata.PackageNotFoundError:
        pytest.skip(f"{distribution} is not installed; pip install -e '.[dev]'")
    return [Path(str(file.locate())) for file in found if file.name.endswith(ending)]


def described(paths: list[Path]) -> Described:
    """What the files say."""
    out = Described()
    for path in paths:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                out.functions.setdefault(node.name, []).append(arguments(node))
            elif isinstance(node, ast.ClassDef):
                out.bases[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
                methods = out.classes.setdefault(node.name, {})
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef):
                        methods.setdefault(inner.name, []).append(arguments(inner)[1:])
    return out


def arguments(node: ast.FunctionDef) -> list[str]:
    """Names of what it takes."""
    given = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return given + (["*"] if node.args.vararg or node.args.kwarg else [])


def has_module(name: str) -> bool:
    """Whether a module can be found."""
    return importlib.util.find_spec(name) is not None
