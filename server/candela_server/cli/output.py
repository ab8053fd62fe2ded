"""Results on stdout: text for people, one JSON document for programs."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Mapping

from candela_engines.errors import InfrastructureError
from candela_server.cli.lines import columns, folded
from candela_server.cli.options import Settings

__all__ = ["say", "settle", "show"]


def show(said: Settings, lines: Iterable[str], document: Mapping[str, object] | None = None) -> None:
    """Print `document` with --json, else the lines, folded to the terminal, else (--quiet) nothing."""
    if said.json:
        if document is not None:
            say(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
    elif not said.quiet:
        say("\n".join(folded(lines, columns())))


def say(text: str) -> None:
    """Print to stdout. A reader that has had enough, as in `… | head -1`, changes nothing, not even the
    exit code; InfrastructureError for an output that cannot be written.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _drop()
    except OSError as error:
        raise InfrastructureError(
            f"standard output cannot be written: {error.strerror or error}; the files are as they should be"
        ) from error


def settle() -> None:
    """Let go of what cannot be printed; else Python tries once more when it leaves, and says so."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        _drop()


def _drop() -> None:
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
