"""Pictures in and out: stills with their colour state, and the hash that binds a payload to a picture."""

from candela_engines.media.still import (
    COMMON_COLOUR_NAMES,
    Still,
    picture_hash,
    read_still,
    require_state,
)

__all__ = ["COMMON_COLOUR_NAMES", "Still", "picture_hash", "read_still", "require_state"]
