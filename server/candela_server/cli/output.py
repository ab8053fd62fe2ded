"""Results on stdout: text for people, one JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from candela_server.cli.options import Settings

__all__ = ["show"]


def show(said: Settings, lines: Iterable[str], document: Mapping[str, object] | None = None) -> None:
    """Print `document` with --json, else the lines, else (--quiet) nothing."""
    if said.json:
        if document is not None:
            print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
    elif not said.quiet:
        for line in lines:
            print(line)
