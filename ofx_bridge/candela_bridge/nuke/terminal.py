"""Scoring on a farm: `nuke -t candela_score.py SCRIPT.nk --read NAME …`.

Exit codes are those of `candela`: 0 pass, 1 findings at or above --fail-on, 2 bad input, 3 the machine
failed, 130 cancelled. Progress is printed as Open Job Description has it.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import traceback
from typing import Any, List, Sequence

from candela_bridge.nuke import scoring, upstream
from candela_bridge.nuke.batch import Batch
from candela_bridge.nuke.host import bridge, nuke

__all__ = ["given", "main"]

_SCRIPT = "candela_score.py"


def given(arguments: Sequence[str]) -> List[str]:
    """The arguments behind our script. arguments: `sys.argv`, of which Nuke keeps a last one that is a number
    to itself, as a range of frames: `--fail-on 0.5` would lose its value. Nuke has what it was given, too.
    """
    raw = [str(one) for one in getattr(nuke(), "rawArgs", None) or ()]
    at = next((n for n, one in enumerate(raw) if one.replace("\\", "/").endswith(_SCRIPT)), None)
    return list(arguments[1:]) if at is None else raw[at + 1 :]


def main(arguments: Sequence[str]) -> int:
    """Judge Reads of a script; the exit code."""
    parser = argparse.ArgumentParser(prog="candela_score.py", description="Score the Reads of a Nuke script.")
    parser.add_argument("script", help="a .nk file; - for the one that is open")
    parser.add_argument(
        "--read", action="append", default=[], metavar="NAME", help="several times; default all"
    )
    parser.add_argument(
        "--colour", default=scoring.AUTOMATIC, help="of the files, where the Reads do not say it"
    )
    parser.add_argument("--white-nits", type=float, default=100.0, help="of 1.0 in scene-referred spaces")
    parser.add_argument("--out", metavar="FILE", help=".csv or .json")
    parser.add_argument("--fail-on", type=float, metavar="SEVERITY", help="0 to 1: exit code 1 from there on")
    parser.add_argument("--seconds", type=float, help="give up after so long")
    try:
        said = parser.parse_args(list(arguments))
    except SystemExit as error:
        return 2 if error.code else 0
    try:
        return _run(said)
    except KeyboardInterrupt:
        _say("openjd_fail: cancelled")
        return 130
    except Exception as error:  # Python's own exit code for it is 1, which says something else here
        traceback.print_exc()
        return _fail(f"{type(error).__name__}: {error}", 3)
    finally:
        bridge().close()


def _run(said: Any) -> int:
    host = nuke()
    if said.fail_on is not None and not 0 <= said.fail_on <= 1:
        return _fail(f"--fail-on {said.fail_on:g}: 0 to 1 are possible", 2)
    if said.out and not os.path.isdir(os.path.dirname(os.path.abspath(said.out))):
        return _fail(f"--out {said.out}: there is no such folder", 2)
    if said.script != "-":
        try:
            host.scriptOpen(said.script)
        except RuntimeError as error:
            return _fail(f"{said.script}: {error}", 2)
    pairs = [tuple(text.partition("=")[::2]) for text in said.read]
    missing = [name for pair in pairs for name in pair if name and host.toNode(name) is None]
    if missing:
        return _fail(f"--read {missing[0]}: the script has no such node", 2)
    twice = [name for n, (name, _) in enumerate(pairs) if name in [other for other, _ in pairs[:n]]]
    if twice:
        return _fail(f"--read {twice[0]}: is named twice", 2)
    reads = [(host.toNode(grade), host.toNode(sdr) if sdr else None) for grade, sdr in pairs]
    reads = reads or [(read, None) for read in host.allNodes("Read") if not upstream.is_off(read)]
    if not reads:
        return _fail("the script has no Read that is switched on", 2)
    return _wait(Batch(reads, said.colour, said.white_nits), said)


def _wait(batch: Batch, said: Any) -> int:
    ended = threading.Event()

    def done() -> None:
        _say(f"openjd_progress: {100 * len(batch.rows) / len(batch.names):.0f}")
        if batch.finished:
            ended.set()

    batch.start(done, lambda name, news: _say(f"openjd_status: {name}: {news.get('text', '')}"))
    try:
        in_time = ended.wait(said.seconds)
    except KeyboardInterrupt:
        batch.cancel()
        raise
    if not in_time:
        batch.cancel()
        return _fail(f"not done within {said.seconds:g} s", 3)
    if said.out:
        try:
            batch.write(said.out)
        except OSError as error:
            return _fail(f"--out {said.out}: cannot be written: {error.strerror or error}", 3)
    _say(batch.summary())
    failed: List[Any] = [row for row in batch.rows.values() if "error" in row]
    if failed:
        return _fail(
            f"{failed[0]['read']}: {failed[0]['error']}", max(row.get("exit_code", 2) for row in failed)
        )
    worst = max(row["worst"] for row in batch.rows.values())
    _say("openjd_status: " + json.dumps({"worst": worst}))
    return 1 if said.fail_on is not None and worst >= said.fail_on else 0


def _fail(text: str, code: int) -> int:
    _say(f"openjd_fail: {text}")
    return code


def _say(text: str) -> None:
    print(text, flush=True)
