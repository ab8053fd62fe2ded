"""How soon a host knows that the helper or the sidecar is dead or hangs, and when the next call is answered.

    python -m bench.bridge_death [--rounds 3]

Writes bench/results/bridge_death.json. While a score goes on, one of the two is killed or stopped; `told` is
from there to the error in the host. `again` is from the next call to its result, with whatever has to be
started. There is no rival; `ping`, the answer of a helper that lives, says what the machine was like.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.bridge import pictures, spread, timed
from bench.bridging import bridged
from bench.environment import environment
from candela_bridge.client import Bridge, BridgeError

RESULTS = Path(__file__).parent / "results" / "bridge_death.json"
LONG = 300.0
# Where the sidecar's socket lies is of one run on one machine.
_LOCAL = re.compile(r"unix:\S+")


def struck(bridge: Bridge, given: dict[str, Any], who: str, how: signal.Signals) -> dict[str, Any]:
    """One of the two struck in the middle of a score. Milliseconds, and what the host was told."""
    sidecar = bridge.call("status").result(LONG)["process_id"]
    if bridge.helper is None:
        raise RuntimeError("there is no helper")
    process = bridge.helper["process"] if who == "helper" else sidecar
    call = bridge.call("score", {**given, "fresh": True})
    while call.last.get("stage") in (None, "queued", "start"):
        time.sleep(0.01)
    begin = time.monotonic()
    os.kill(process, how)
    try:
        call.result(LONG)
    except BridgeError as error:
        told = (time.monotonic() - begin) * 1000
        text = f"{type(error).__name__}: {_LOCAL.sub('unix:SOCKET', str(error))}"
    else:
        raise RuntimeError("the score was done before anything was struck")
    again = timed(lambda: bridge.call("status").result(LONG))
    return {"told_ms": told, "again_ms": again, "text": text}


def measured(folder: Path, rounds: int) -> dict[str, Any]:
    """All four, in turns."""
    grade, sdr = pictures(folder)
    given = {"grade": {"path": str(grade)}, "reference": {"path": str(sdr)}}
    found: dict[str, list[dict[str, Any]]] = {}
    pings: list[float] = []
    with bridged(folder) as bridge:
        bridge.call("score", given).result(LONG)
        for _ in range(rounds):
            for who in ("helper", "sidecar"):
                for how in (signal.SIGKILL, signal.SIGSTOP):
                    pings.append(timed(lambda: bridge.ping().result(LONG)))
                    name = f"{who} {'killed' if how == signal.SIGKILL else 'stopped'}"
                    found.setdefault(name, []).append(struck(bridge, given, who, how))
    return {
        "ping": spread(pings),
        **{
            name: {
                "told": spread([one["told_ms"] for one in rows]),
                "again": spread([one["again_ms"] for one in rows]),
                "text": rows[-1]["text"],
            }
            for name, rows in found.items()
        },
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    folder = Path(tempfile.mkdtemp(prefix="cb"))
    try:
        before = os.getloadavg()[0]
        figures = measured(folder, rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    load = {"before": before, "after": os.getloadavg()[0]}
    document = {"environment": environment(), "load": load, "rounds": rounds, **figures}
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
