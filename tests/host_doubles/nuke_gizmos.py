"""Gizmos as the double of Nuke reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .nuke_graph import Group, Node
from .nuke_knobs import Enumeration_Knob, File_Knob, Knob

if TYPE_CHECKING:
    from .nuke_double import NukeDouble

GIZMO = re.compile(r"^\s*addUserKnob \{(?P<kind>\d+) (?P<name>\w+)?(?P<rest>.*)\}\s*$")


def gizmo(nuke: NukeDouble, path: Path, class_: str, name: str) -> Node:
    """Knobs as the file says them; nodes inside it that are none here are an error, as in Nuke."""
    node = Group(nuke, class_, name)
    depth = 0
    for line in path.read_text("utf-8").splitlines():
        match = GIZMO.match(line)
        if match and depth == 1:
            for knob in user_knob(match):
                node.addKnob(knob)
        value = re.match(r"^ (knobChanged|onCreate|help) (.*)$", line)
        if value and depth == 1:
            node.addKnob(Knob(value[1], None, unquoted(value[2])))
        number = re.match(r"^ (\w+) (\S+)$", line)
        if number and depth == 1 and number[1] in node._knobs:
            was = node[number[1]].value()
            node[number[1]].setValue(number[2] == "true" if isinstance(was, bool) else type(was)(number[2]))
        inner = re.match(r"^ (\w[\w.]*) \{$", line)
        if inner and depth == 0:
            node.inside.append(nuke.make_(inner[1]))
            if inner[1] == "Output" and len(node.inside) > 1:
                node.inside[-1].setInput(0, node.inside[0])
        depth += line.count("{") - line.count("}") if not match else 0
    return node


def user_knob(match: re.Match[str]) -> Iterator[Knob]:
    """Knobs of a gizmo's line; the kinds that Candela's gizmos have."""
    kind, name, rest = int(match["kind"]), match["name"] or "", match["rest"]
    if kind == 20:  # a tab
        return
    if kind == 4:
        values = re.search(r" M \{(.*?)\}", rest)
        assert values is not None, f"{name}: an enumeration without values"
        yield Enumeration_Knob(name, "", re.findall(r'"([^"]*)"|(\S+)', values[1]) and menu_of(values[1]))
    elif kind in (22, 26, 1, 2, 43):
        text = re.search(r' T (".*"|\{.*\}|\S+)', rest)
        value = unquoted(text[1]) if text else ""
        yield File_Knob(name, None, value) if kind == 2 else Knob(name, None, value)
    elif kind in (3, 6, 7):
        yield Knob(name, None, {3: 0, 6: False, 7: 0.0}[kind])
    else:
        raise AssertionError(f"{name}: a knob of kind {kind}, which the double does not know")


def menu_of(text: str) -> list[str]:
    return [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', text)]


def unquoted(text: str) -> str:
    if text.startswith("{") and text.endswith("}"):
        return text[1:-1]
    if text.startswith('"') and text.endswith('"'):
        return text[1:-1].replace('\\"', '"').replace("\\n", "\n").replace("\\[", "[").replace("\\]", "]")
    return text
