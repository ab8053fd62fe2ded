"""What the panel keeps of its own for a user from one day to the next. No Qt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Dict

from candela_bridge.panel.choices import default_file
from candela_bridge.whole import whole

__all__ = ["Settings"]


class Settings:
    """Names and texts in a JSON file, beside the choices as a rule. A damaged file counts as none; a disk
    that refuses costs the memory alone, and `keep` says so."""

    def __init__(self, file: "Path | None" = None) -> None:
        self.file = file or default_file().with_name("panel.json")

    def get(self, name: str) -> str:
        """Empty where nothing is kept."""
        return self._all().get(name, "")

    def keep(self, name: str, value: str) -> str:
        """Have it, beside what is kept of others; empty lets go of it. Gives what is in the way, in words."""
        kept = self._all()
        kept[name] = value
        text = json.dumps({key: of for key, of in sorted(kept.items()) if of}, indent=2)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with whole(self.file) as fresh:
                fresh.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            why = error.strerror or str(error)
            return f"{self.file}: cannot be written ({why}); it will not be known the next time"
        return ""

    def _all(self) -> "Dict[str, str]":
        try:
            found = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {str(name): of for name, of in found.items() if isinstance(of, str)}
