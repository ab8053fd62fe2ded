"""Pictures in and out: stills with their colour state, and the hash that binds a payload to a picture."""

from candela_engines.media.atomic import atomic_path, write_atomic
from candela_engines.media.state_text import state_label
from candela_engines.media.still import Still, picture_hash, read_still, require_state
from candela_engines.media.ultrahdr import is_ultrahdr, read_ultrahdr
from candela_engines.media.writer import WRITABLE, WriteReport, write_hdr, write_sdr_png

__all__ = [
    "WRITABLE",
    "Still",
    "WriteReport",
    "atomic_path",
    "is_ultrahdr",
    "picture_hash",
    "read_still",
    "read_ultrahdr",
    "require_state",
    "state_label",
    "write_atomic",
    "write_hdr",
    "write_sdr_png",
]
