"""The page that a study collects choices with: one HTML file that fetches nothing.

Its pictures are an SDR rendition, which it says; for a reference display it goes without pictures and a host
plays them (`host`). It forbids everything but its own style, script and pictures (Content-Security-Policy).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources

from candela_server.reports.page_text import escape

__all__ = ["COLUMNS", "PageTrial", "study_page"]

COLUMNS = (
    "observer", "session", "scene", "condition_A", "condition_B", "is_A_selected", "left", "blind", "frame",
    "file_A", "file_B", "time", "candela",
)  # fmt: skip
"""Those of the panel's CSV, in its order."""

PageTrial = Mapping[str, object]
"""first, second: names of pictures. scene, a, b, file_a, file_b: of the row; swapped: whether b is first."""

_SDR = (
    "<p class=warn><strong>These pictures are SDR.</strong> A browser gives no control of absolute light: "
    "each HDR version was tone-mapped (BT.2446 method A) to the range of SDR, all of a scene from the "
    "same peak. What they show of one another: composition of tones up to reference white, colour "
    "balance, saturation, noise, softness. <strong>What they cannot show:</strong> how bright highlights "
    "are, clipping above reference white, blacks below what SDR holds, colours outside BT.709. To judge "
    "those, play the versions on the reference display (<code>candela study --host</code>) and vote "
    "here.</p>"
)
_HOST = (
    "<p class=warn><strong>The pictures are on the reference display.</strong> Play the timeline or list "
    "of your number there; every trial is two clips, named by the trial and <em>first</em> or "
    "<em>second</em>. Here you vote. Press Space when the display shows the other one, so that this page "
    "says which of the two it is.</p>"
)


def study_page(
    study_id: str,
    raters: Sequence[Sequence[PageTrial]],
    pictures: Mapping[str, bytes],
    *,
    question: str,
    host: bool,
    version: str,
) -> str:
    """The page, UTF-8. raters: trials of each, in order. pictures: JPEG by name; empty with `host`."""
    data = {
        "id": study_id, "raters": raters, "host": host, "version": version, "columns": COLUMNS,
        "pictures": {
            name: "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
            for name, jpeg in pictures.items()
        },
    }  # fmt: skip
    style, script = _asset("study.css"), _asset("study.js")
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'"
    # In a script element only `</` could end the data.
    held = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    return (
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        f'<meta http-equiv=Content-Security-Policy content="{policy}">\n'
        "<meta name=viewport content='width=device-width, initial-scale=1'>\n"
        f"<link rel=icon href='data:,'>\n<title>Study {escape(study_id)}</title>\n<style>{style}</style>\n"
        f"</head>\n<body>\n{_intro(len(raters), question, host)}{_stage()}{_end()}"
        "<script type=application/json "
        f"id=study>{held}</script>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _intro(raters: int, question: str, host: bool) -> str:
    return (
        f"<main id=intro>\n<h1>{escape(question)}</h1>\n{_HOST if host else _SDR}\n"
        "<p>Two versions of a shot are shown in the same place, in hidden order. Flip between them as often "
        "as you like, then choose one; there is no tie. Trust your first judgement. Some trials have a plain "
        "answer, to see that all is well. Rest after half an hour at the latest: your choices are kept in "
        "this browser, and the same name and number go on where you were.</p>\n"
        "<table><tr><td><kbd>Space</kbd> or <kbd>F</kbd><td>flip to the other version\n"
        "<tr><td><kbd>1</kbd> or <kbd>←</kbd><td>the first is better\n"
        "<tr><td><kbd>2</kbd> or <kbd>→</kbd><td>the second is better\n"
        "<tr><td><kbd>U</kbd><td>take the last choice back</table>\n"
        "<label for=name>Your name, or a code for it</label><input id=name maxlength=80 autocomplete=off>\n"
        f"<label for=rater>Your number, 1 to {raters}</label>"
        f"<input id=rater type=number min=1 max={raters} value=1>\n"
        "<p id=wrong role=alert></p>\n<p><button id=begin>Begin</button></p>\n</main>\n"
    )


def _stage() -> str:
    return (
        "<div id=show hidden>\n<div id=stage><img id=one alt='the first version'>"
        "<img id=two alt='the second version'><span id=which></span></div>\n"
        "<div id=foot><span id=told role=status></span><button id=better1>1: first is better</button>"
        "<button id=flip>Space: flip</button><span id=side></span>"
        "<button id=better2>2: second is better</button><button id=undo>U: undo</button>"
        "<span id=count></span><button id=early>Save CSV so far</button></div>\n</div>\n"
    )


def _end() -> str:
    return (
        "<main id=end hidden>\n<h1>Done, thank you</h1>\n<p id=sum></p>\n"
        "<p>Save the choices and give the file to whoever runs the study; <code>candela calibrate</code> and "
        "<code>candela evaluate</code> read it.</p>\n"
        "<p><button id=save>Save CSV</button> <button id=back>Take the last choice back</button></p>\n"
        "<p id=kept role=status></p>\n</main>\n"
    )


def _asset(name: str) -> str:
    return resources.files("candela_server.reports").joinpath(f"study/{name}").read_text("utf-8")
