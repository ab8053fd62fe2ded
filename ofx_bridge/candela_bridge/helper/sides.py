"""The pictures of a call as hosts say them: where each lies, and what its numbers mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from candela_bridge.helper.colour import HostColour, host_colour
from candela_bridge.helper.given import Given

if TYPE_CHECKING:
    from candela_server.service import SaidSide

__all__ = ["one_config", "reference_of", "side_of"]


def side_of(given: Given, flag: str) -> tuple[Path, SaidSide, HostColour]:
    """Its path, what was said of it, and how its colour was found. flag: that names its colours in errors."""
    from candela_server.service import SaidSide

    colour = host_colour(given)
    side = SaidSide(flag, colour.name, given.range(), given.maybe_text("matrix"), colour.ocio)
    return given.path("path"), side, colour


def one_config(given: Given, *sides: SaidSide) -> tuple[SaidSide, ...]:
    """All sides with the one config that there is: the sidecar takes one for a call."""
    from dataclasses import replace

    configs = {side.ocio for side in sides if side.ocio is not None}
    if len(configs) > 1:
        raise given.refuse("config", f"sides name different OCIO configs: {', '.join(sorted(configs))}")
    return tuple(replace(side, ocio=next(iter(configs), None)) for side in sides)


def reference_of(given: Given, colours: dict[str, HostColour]) -> tuple[Path | None, SaidSide]:
    """That of a call, if it has one; how its colour was found goes to `colours`."""
    from candela_server.service import SaidSide

    if "reference" not in given:
        return None, SaidSide("--reference-colour")
    path, said, colours["reference"] = side_of(given.inner("reference"), "--reference-colour")
    return path, said
