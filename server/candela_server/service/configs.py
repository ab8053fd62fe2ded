"""OCIO configs that a payload depends on: those that every Candela has, and those of a house."""

from __future__ import annotations

import re

from candela_engines.colour.ocio import resolved_config
from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError
from candela_ocio import candela_config_path

__all__ = ["config_notes", "is_everywhere", "know_configs"]

# A built-in config of OCIO by its own name. A payload is not trusted: nothing that could be a path.
_BUILT_IN = re.compile(r"[a-z0-9_.-]{1,80}")


def is_everywhere(identity: str) -> bool:
    """Whether a config, by its identity, comes with Candela or with the OpenColorIO library.

    Those are then known by that identity for the rest of this process, whatever config is in force.
    """
    name = identity.partition("#")[0]
    candidates = [str(candela_config_path())]
    if _BUILT_IN.fullmatch(name):
        candidates.append(f"ocio://{name}")
    for candidate in candidates:
        try:
            if resolved_config(candidate).identity == identity:
                return True
        except ColourStateError:
            continue
    return False


def know_configs(state: ColourState, ocio: str | None) -> None:
    """Make the configs known that `state`, read from a payload, may have been named in.

    ocio: of --ocio. Raises ColourStateError for one that cannot be used.
    """
    if ocio:
        resolved_config(ocio)
    if state.ocio_config is not None:
        is_everywhere(state.ocio_config)


def config_notes(sdr: ColourState) -> list[str]:
    """What whoever embeds has to know of the config that the SDR state was named in.

    The master's state is not needed again: what is reconstructed is light.
    """
    if sdr.ocio_config is None or is_everywhere(sdr.ocio_config):
        return []
    return [
        f"colours are those of the OCIO config {sdr.ocio_config}: whoever reconstructs needs it too, in "
        "$OCIO or as --ocio; a name of Candela's own, where there is one, works without"
    ]
