"""Writing the farm's files into a folder, with options of `candela qc` that every task is to have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.media.atomic import write_atomic

__all__ = ["OUTLINE", "TEMPLATE", "FarmFiles", "export_farm"]

TEMPLATE = "candela_qc.template.yaml"
OUTLINE = "candela_qc.outline"
_MARK = "@EXTRA@"
# What the templates set themselves.
_TAKEN = (
    "--work",
    "--shots",
    "--parts",
    "--find-shots",
    "--find-parts",
    "-o",
    "--output",
    "--profile",
    "--fail-on",
    "--on-findings",
    "--reference",
)


@dataclass(frozen=True, slots=True)
class FarmFiles:
    """What was written. options: that every task has on top."""

    template: Path
    outline: Path
    options: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """JSON values."""
        return {"template": str(self.template), "outline": str(self.outline), "options": list(self.options)}


def export_farm(folder: Path, options: Sequence[str] = ()) -> FarmFiles:
    """Write TEMPLATE and OUTLINE into `folder`, which is made where it is not there.

    options: of `candela qc`, such as `--colour`, `pq`, given to all tasks. Raises InputError for options that
    the templates set by their parameters or cannot hold, InfrastructureError for what the disk refuses.
    """
    for option in options:
        if option.partition("=")[0] in _TAKEN:
            raise InputError(f"{option}: is a parameter of the template; give its value at submission")
        if "{{" in option or not option.isprintable():
            raise InputError(f"{option!r}: cannot stand in a template, for {{{{ or a control character")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be made: {error.strerror or error}") from error
    # A string of JSON is one of YAML and of Python.
    extra = [json.dumps(option, ensure_ascii=False) for option in options]
    for name, before in ((TEMPLATE, ", "), (OUTLINE, "")):
        text = resources.files("candela_server.farm").joinpath(name).read_text("utf-8")
        held = before * bool(extra) + ", ".join(extra)
        write_atomic(folder / name, text.replace(_MARK, held).encode())
    return FarmFiles(folder / TEMPLATE, folder / OUTLINE, tuple(options))
