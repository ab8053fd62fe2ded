"""What a training with torch keeps to go on from: `state.pt`, replaced whole, and `log.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

__all__ = ["Kept"]


@dataclass(frozen=True)
class Kept:
    """out: a folder that is there. settings: a dataclass; a state of other settings is refused."""

    out: Path
    settings: Any

    @property
    def _state(self) -> Path:
        return self.out / "state.pt"

    @property
    def _said(self) -> str:
        return json.dumps(asdict(self.settings))

    def read(self) -> dict[str, Any] | None:
        """What `write` was last given; None at the beginning. SystemExit for a state of other settings."""
        if not self._state.is_file():
            return None
        kept: dict[str, Any] = torch.load(self._state, weights_only=True)
        if kept["settings"] != self._said:
            raise SystemExit(f"{self._state}: is of other settings; give another folder")
        return kept

    def write(self, line: Mapping[str, Any], **parts: Any) -> None:
        """Keep `parts`, and tell a line, in the log and on the terminal."""
        temporary = self._state.with_suffix(".part")
        torch.save({"settings": self._said, **parts}, temporary)
        temporary.replace(self._state)
        with (self.out / "log.jsonl").open("a") as log:
            log.write(json.dumps(dict(line)) + "\n")
        print(dict(line), flush=True)
