"""The OpenFX effects inside Candela's nodes.

What Nuke calls the node of an OpenFX effect is not written down: `OFX`, its identifier, `_v` and its major
version, and seen with the identifier as it is as well as in lower case. So it is tried, and what is inside a
node of ours is made when the node is, and not by the gizmo's text, which would not load at all where the
name is another.
"""

from __future__ import annotations

from typing import Any, Dict, List

from candela_bridge.nuke.host import nuke

__all__ = ["build", "class_names"]

MAJORS = (0, 1)


def class_names(identifier: str) -> List[str]:
    """What the effect's node may be called, as of `candela.Reconstruct`."""
    return [f"OFX{name}_v{major}" for major in MAJORS for name in (identifier, identifier.lower())]


def build(group: Any, identifier: str, name: str, links: Dict[str, str]) -> bool:
    """Put the effect into a group between its Input and its Output, if it is not there yet.

    links: knobs of the effect and those of the group that they follow. False where Nuke does not know the
    effect: the plug-in is not installed, and the group lets its input through.
    """
    host = nuke()
    with group:
        if host.toNode(name) is not None:
            return True
        source = next((node for node in host.allNodes() if node.Class() == "Input"), None)
        output = next((node for node in host.allNodes() if node.Class() == "Output"), None)
        if source is None or output is None:
            return False
        effect = _made(identifier)
        if effect is None:
            output.setInput(0, source)
            return False
        effect.setName(name)
        effect.setInput(0, source)
        output.setInput(0, effect)
        for inner, outer in links.items():
            _follow(effect, inner, outer)
    return True


def _made(identifier: str) -> Any:
    host = nuke()
    for each in host.selectedNodes():
        each.setSelected(False)
    for name in class_names(identifier):
        try:
            return host.createNode(name, inpanel=False)
        except (RuntimeError, ValueError, TypeError):  # that is not its name here
            continue
    return None


def _follow(effect: Any, inner: str, outer: str) -> None:
    """File and text knobs evaluate Tcl, all others have expressions."""
    knob = effect.knob(inner)
    if knob is None:
        return
    if isinstance(knob.value(), str) and not hasattr(knob, "values"):
        knob.setValue(f"[value parent.{outer}]")
    else:
        knob.setExpression(f"parent.{outer}")
