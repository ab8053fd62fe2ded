"""The `candela` command.

Exit codes: 0 pass, 1 findings, 2 bad input or usage, 3 the machine failed, 130 cancelled.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point: run the command line and leave with its exit code."""
    try:
        from candela_server.cli.run import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
