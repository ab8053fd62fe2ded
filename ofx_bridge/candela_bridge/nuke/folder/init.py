"""Run by Nuke when it starts, with a window or without: this folder is in NUKE_PATH, or one that was
added."""

import importlib.util
import os
import sys

import nuke


def _candela_package():
    """Make candela_bridge importable, and nothing else.

    Not by way of sys.path: beside the package lie numpy, protobuf and whatever else is installed there,
    which are not for Nuke's Python.
    """
    if "candela_bridge" in sys.modules:
        return
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (os.path.join(here, "python", "candela_bridge"), os.path.dirname(os.path.dirname(here))):
        start = os.path.join(folder, "__init__.py")
        if os.path.basename(folder) == "candela_bridge" and os.path.isfile(start):
            spec = importlib.util.spec_from_file_location(
                "candela_bridge", start, submodule_search_locations=[folder]
            )
            module = importlib.util.module_from_spec(spec)
            sys.modules["candela_bridge"] = module
            spec.loader.exec_module(module)
            return
    nuke.tprint("Candela: its Python package was not found beside " + here + "; install it anew")


_candela_package()
nuke.pluginAddPath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "gizmos"), addToSysPath=False)


def _candela_created(module):
    """When a node of ours is made: its Python is imported only then."""
    from candela_bridge.nuke import reconstruct, score

    {"reconstruct": reconstruct, "score": score}[module].created()


nuke.addOnCreate(_candela_created, args=("reconstruct",), nodeClass="CandelaReconstruct")
nuke.addOnCreate(_candela_created, args=("score",), nodeClass="CandelaScore")
