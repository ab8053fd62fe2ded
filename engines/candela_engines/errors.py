"""Every error that Candela raises on purpose: what failed, which value, what to do.

Engines know no transport. The command line maps `exit_code`; a server maps the class.
"""

from __future__ import annotations

__all__ = [
    "CandelaError",
    "CarrierError",
    "ColourStateError",
    "InfrastructureError",
    "InputError",
    "MediaError",
    "NoPayloadError",
    "PayloadError",
    "PictureMismatchError",
]


class CandelaError(Exception):
    """Base of all errors raised on purpose. `exit_code` is what the command line returns."""

    exit_code: int = 2


class InputError(CandelaError):
    """A value or a combination of values that cannot be worked with."""


class ColourStateError(InputError):
    """A colour state that is missing, unknown or contradictory."""


class MediaError(InputError):
    """A picture file that cannot be read, decoded or represented."""


class CarrierError(InputError):
    """A file whose structure does not allow a payload to be found, placed or removed."""


class NoPayloadError(CarrierError):
    """A sound file that carries no payload."""


class PayloadError(InputError):
    """Payload bytes that are damaged, hostile, too large or of an unknown version."""


class PictureMismatchError(InputError):
    """A payload that belongs to another picture than the one at hand."""


class InfrastructureError(CandelaError):
    """The machine failed, not the input: disk full, no permission, an engine that does not start."""

    exit_code = 3
