"""Candela in Resolve's menu Workspace > Scripts: it starts Candela's panel, a program of its own.

Resolve runs this in whatever Python it has found, so that nothing but the standard library is in it.
"""

import os
import subprocess
import sys
import tempfile
from typing import Any, Dict, Tuple

# Both are filled in by `candela install resolve`.
COMMAND: Tuple[str, ...] = ()
HOSTS_OWN: Tuple[str, ...] = ()


def environment() -> Dict[str, str]:
    """Resolve's own Python, Qt and libraries are not the panel's."""
    return {name: value for name, value in os.environ.items() if name.upper() not in HOSTS_OWN}


def start() -> str:
    """Start the panel and do not wait for it. What it says is in the file that comes back."""
    said = os.environ.get("CANDELA_COMMAND")
    command = [said] if said else list(COMMAND) or ["candela"]
    number, log = tempfile.mkstemp(".log", "candela-panel-")
    more: Dict[str, Any] = {}
    if sys.platform == "win32":
        more["creationflags"] = 0x08000000 | 0x00000200  # no console, and a process group of its own
    else:
        more["start_new_session"] = True
    with os.fdopen(number, "wb") as out:
        subprocess.Popen(
            [*command, "panel", "--resolve"],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment(), close_fds=True, **more
        )  # fmt: skip
    return log


if __name__ == "__main__":
    try:
        print("Candela's panel is being started; what it says is in " + start())
    except OSError as error:
        print(f"Candela's panel cannot be started: {error}. Run candela install resolve again.")
