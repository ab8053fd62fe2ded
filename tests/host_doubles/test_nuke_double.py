"""The double of Nuke's module against public descriptions of it, and its own bad habits."""

from __future__ import annotations

import inspect
import threading
from typing import Any

import pytest

from . import nuke_double
from .nuke_double import HostHangs, NukeDouble
from .public_stubs import Described, described, files_of

# What is Nuke's in other files of it than the stubs describe, or the double's own.
OWN = {"scriptOpen"}
EXTRA: dict[str, set[str]] = {
    "metadata": {"key", "time", "view"},  # two forms in the stubs, one here
    "execute": {"nameOrNode", "start", "end", "incr", "views", "continueOnError"},
    "createNode": {"typ", "node", "knobs", "args", "inpanel"},  # named otherwise from version to version
    "allNodes": {"filter"},  # *args in the stubs
    "setValue": {"value", "item"},
    "evaluate": set(),
}


@pytest.fixture(scope="module")
def public() -> Described:
    return described(files_of("types-nuke", ".pyi"))


def taken(call: Any) -> set[str]:
    return {p.name for p in inspect.signature(call).parameters.values() if p.name not in ("self", "_")}


def fits(name: str, ours: set[str], theirs: list[list[str]]) -> bool:
    known = {argument for form in theirs for argument in form}
    return "*" in known or ours <= known | EXTRA.get(name, set())


def test_functions_are_there_and_take_what_they_take(public: Described) -> None:
    functions = [n for n in vars(NukeDouble) if not n.startswith("_") and not n.endswith("_")]
    functions = [n for n in functions if inspect.isfunction(vars(NukeDouble)[n])]
    for name in sorted({*functions} - OWN - {"pump", "press", "read", "add", "add_read", "must_be_main"}):
        assert name in public.functions, f"Nuke has no {name}"
        ours = taken(vars(NukeDouble)[name])
        assert fits(name, ours, public.functions[name]), (name, ours, public.functions[name])
    assert len(functions) > 15


@pytest.mark.parametrize(
    "name", ["Node", "Group", "Knob", "Enumeration_Knob", "File_Knob", "Menu", "ProgressTask"]
)
def test_methods_too(name: str, public: Described) -> None:
    ours = getattr(nuke_double, name)
    for method, call in vars(ours).items():
        if method.startswith("_") or method.endswith("_") or not inspect.isfunction(call):
            continue
        if method in ("metadata_at", "file_frame", "file_at", "pixels", "at"):  # the double's own
            continue
        theirs = public.method(name, method)
        assert theirs is not None, f"{name} has no {method}"
        assert fits(method, taken(call), theirs), (name, method, taken(call), theirs)


def test_bad_habits() -> None:
    nuke = NukeDouble()
    read = nuke.add_read("Read1", "/s/a.%04d.exr", 1, 5)
    with pytest.raises(NameError):
        read["nothing"]
    assert read.knob("nothing") is None and nuke.toNode("nothing") is None
    assert read.metadata("nothing") is None and read.metadata("input/filename", 3) == "/s/a.0003.exr"
    with pytest.raises(HostHangs):
        nuke.executeInMainThreadWithResult(lambda: None)
    with pytest.raises(RuntimeError, match="Unknown command"):
        nuke.createNode("Nonsense")
    nuke.tcl_["getenv SHOT"] = "/s"
    tcl = nuke.add_read("Read2", "[getenv SHOT]/a.%04d.exr", 1, 5)["file"]
    assert tcl.value() == "[getenv SHOT]/a.%04d.exr" and tcl.getEvaluatedValue() == "/s/a.%04d.exr"
    assert tcl.evaluate() == "/s/a.0001.exr"
    done: list[int] = []
    nuke.executeInMainThread(done.append, 1)
    assert not done, "it is put off"
    nuke.pump(lambda: done)
    thread = threading.Thread(target=lambda: done.append(nuke.executeInMainThreadWithResult(lambda: 7)))
    thread.start()
    nuke.pump(lambda: len(done) == 2)
    thread.join()
    assert done == [1, 7] and NukeDouble(gui=False).menu("Nuke") is None
