"""The command line as a program of its own."""
from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

CANDELA = [sys.executable, "-m", "candela_server.cli"]


def call(
    *arguments: object, before: Callable[[], None] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CANDELA, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=before,
        env={**os.environ, **environment},
    )
