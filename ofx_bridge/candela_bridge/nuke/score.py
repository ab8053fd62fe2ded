"""What the node CandelaScore does: it judges the current frame or a range, and shows why on its own panel."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional, Tuple

from candela_bridge.client import Call
from candela_bridge.nuke import effects, scoring
from candela_bridge.nuke.host import bridge, complain, gone, nuke
from candela_bridge.words import verdict_lines

__all__ = ["cancel", "created", "score_frame", "score_range"]

EFFECT = "candela.Scope"
_INNER = "CandelaEffect"
_LINKS = {
    "view": "scopeView",
    "qcFile": "scopeFile",
    "peak": "peak",
    "legend": "legend",
    "reasons": "showReasons",
}
_running: List[Tuple[Any, Call]] = []  # by the node, whose name may change meanwhile


def created() -> None:
    """When a node is made or read with a script: put the false-colour view into it."""
    node = nuke().thisNode()
    if not effects.build(node, EFFECT, _INNER, _LINKS):
        _say(
            node,
            "The false-colour view needs the OpenFX plug-in of Candela (candela install-ofx); scores do not.",
        )


def score_frame(node: Any) -> Optional[Call]:
    """Judge the current frame."""
    frame = int(nuke().frame())
    return _score(node, frame, frame)


def score_range(node: Any) -> Optional[Call]:
    """Judge the frames of the node's range."""
    first, last = int(node["first"].value()), int(node["last"].value())
    if first > last:
        _say(node, f"The range {first} to {last} ends before it begins.")
        return None
    return _score(node, first, last)


def cancel(node: Any) -> None:
    """Stop what this node had asked for."""
    for call in [call for other, call in _running if other == node]:
        if call.cancel():
            _say(node, "Cancelled.")


def _score(node: Any, first: int, last: int) -> Optional[Call]:
    cancel(node)
    grade, reference = node.input(0), node.input(1)
    if grade is None:
        _say(node, "Connect the grade to the first input, and its SDR version to the second.")
        return None
    try:
        asked = scoring.ask(
            grade,
            reference,
            first,
            last,
            colour=str(node["colour"].value()),
            space=str(node["space"].value()),
            white_nits=float(node["whiteNits"].value()),
        )
    except (ValueError, RuntimeError) as error:
        _say(node, complain(error))
        return None
    _say(node, asked.how + "Waiting …")

    def done(call: Call) -> None:
        asked.clean()
        _running[:] = [one for one in _running if one[1] is not call]
        if call.cancelled() or gone(node):
            return
        error = call.exception()
        if error is not None:
            _say(node, complain(error))
        else:
            _show(node, call.result(), asked.how)

    def moved(said: Dict[str, Any]) -> None:
        if gone(node):
            call.cancel()  # nobody would see it
        else:
            _say(node, said.get("text", ""))

    call = bridge().call("score", asked.given, progress=moved, done=done)
    _running.append((node, call))
    return call


def _show(node: Any, found: Dict[str, Any], how: str) -> None:
    result = found["result"]
    shots: List[Any] = result["shots"]
    scores = [shot["score"] for shot in shots if shot["score"] is not None]
    node["score"].setValue(f"{min(scores):.1f}" if scores else "none")
    node["scopeFile"].setValue(found.get("scope") or "")
    node["result"].setValue(json.dumps({"document": found["document"], "colours": found["colours"]}))
    lines = [how.strip(), *verdict_lines(result)]
    if found["cached"]:
        lines.append("Judged before; nothing has changed since.")
    _say(node, "\n".join(lines))


def _say(node: Any, text: str) -> None:
    node["status"].setValue(text)
