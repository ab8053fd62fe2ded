"""The method knows no model: its modules import NumPy, the standard library, one another and Φ."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import candela_engines.scorer.alignment as alignment
import candela_engines.scorer.normal as normal

_OWN = "candela_engines.scorer.alignment"


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_alignment_imports_numpy_and_nothing_else():
    modules = sorted(Path(alignment.__file__).parent.glob("*.py"))
    assert len(modules) >= 9
    for path in (*modules, Path(normal.__file__)):
        for name in _imported(path):
            known = name.split(".")[0] in {"numpy", *sys.stdlib_module_names}
            own = name in (_OWN, normal.__name__) or name.startswith(_OWN + ".")
            assert known or own, (path.name, name)
