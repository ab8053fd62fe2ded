"""The colour state of an image: a value that travels with the pixels, never a habit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from candela_engines.errors import ColourStateError

__all__ = ["ColourState", "Primaries", "Range", "Transfer"]

Primaries = Literal["bt709", "p3d65", "bt2020", "ap0", "ap1"]
Transfer = Literal["bt1886", "srgb", "gamma22", "gamma24", "gamma26", "pq", "hlg", "linear"]
Range = Literal["full", "narrow"]

_MAX_NITS = 1e6
_MAX_TEXT = 256
# Short keys: a state is part of payloads of a few kilobytes.
_KEYS = {
    "primaries": "p",
    "transfer": "t",
    "range": "r",
    "peak_nits": "pk",
    "reference_white_nits": "rw",
    "unit_nits": "un",
    "ocio_space": "os",
    "ocio_config": "oc",
}
_CHOICES = {"primaries": Primaries, "transfer": Transfer, "range": Range}


@dataclass(frozen=True, slots=True)
class ColourState:
    """What the numbers of an image mean.

    primaries: the gamut of R, G and B. transfer: how a code becomes light. range: full or narrow codes.
    peak_nits: the luminance of code 1.0 for a display-referred relative transfer (BT.1886, sRGB, gammas),
    the nominal display peak L_W for HLG, the mastering peak for PQ; for `linear`, the luminance of 1.0
    is `unit_nits`. reference_white_nits: the luminance of graphics white.
    ocio_space and ocio_config: set when the state was named through OCIO; the other fields then describe
    the interchange form that the pixels were brought to. ocio_config is the identity of the config
    (`ResolvedConfig.identity`), not a path of somebody's disk.

    Raises ColourStateError for a value that no image can have.
    """

    primaries: Primaries
    transfer: Transfer
    range: Range = "full"
    peak_nits: float = 100.0
    reference_white_nits: float = 100.0
    unit_nits: float = 1.0
    ocio_space: str | None = None
    ocio_config: str | None = None

    def __post_init__(self) -> None:
        """Check every field, whoever built the state."""
        for field, choices in _CHOICES.items():
            value = getattr(self, field)
            if not isinstance(value, str) or value not in get_args(choices):
                raise ColourStateError(
                    f"colour state: {field} {_shown(value)}: one of {', '.join(get_args(choices))} is needed"
                )
        for field in ("peak_nits", "reference_white_nits", "unit_nits"):
            value = getattr(self, field)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 < value <= _MAX_NITS:
                raise ColourStateError(
                    f"colour state: {field} {_shown(value)}: above 0 and up to {_MAX_NITS:g} is needed"
                )
            object.__setattr__(self, field, float(value))
        for field in ("ocio_space", "ocio_config"):
            value = getattr(self, field)
            if value is None:
                continue
            if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT or not value.isprintable():
                raise ColourStateError(
                    f"colour state: {field} {_shown(value)}: printable text of 1 to {_MAX_TEXT} is needed"
                )
        if (self.ocio_space is None) != (self.ocio_config is None):
            raise ColourStateError("colour state: ocio_space and ocio_config go together; one is missing")

    @property
    def is_hdr(self) -> bool:
        """Whether codes reach above graphics white by design: PQ, HLG, or a peak above the white."""
        return self.transfer in ("pq", "hlg") or self.peak_nits > self.reference_white_nits

    def to_dict(self) -> dict[str, str | int | float]:
        """Short-keyed map for CBOR or JSON; fields at their defaults are left out."""
        out: dict[str, str | int | float] = {}
        for field, key in _KEYS.items():
            value = getattr(self, field)
            if field in _DEFAULTS and value == _DEFAULTS[field]:
                continue
            out[key] = int(value) if isinstance(value, float) and value.is_integer() else value
        return out

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ColourState:
        """State of a map made by `to_dict`, from a source that is not trusted.

        Raises ColourStateError for anything but a map with known keys, the needed ones and sane values.
        """
        if not isinstance(data, Mapping):
            raise ColourStateError(f"colour state: {type(data).__name__} where a map is needed")
        fields = {key: field for field, key in _KEYS.items()}
        unknown = [key for key in data if not isinstance(key, str) or key not in fields]
        if unknown:
            raise ColourStateError(f"colour state: unknown key {_shown(unknown[0])}")
        missing = [field for field in ("primaries", "transfer") if _KEYS[field] not in data]
        if missing:
            raise ColourStateError(f"colour state: {missing[0]} (key {_KEYS[missing[0]]!r}) is missing")
        return cls(**{fields[key]: value for key, value in data.items()})


_DEFAULTS: dict[str, str | float | None] = {
    "range": "full",
    "peak_nits": 100.0,
    "reference_white_nits": 100.0,
    "unit_nits": 1.0,
    "ocio_space": None,
    "ocio_config": None,
}


def _shown(value: object) -> str:
    """Short form of a value that may be hostile: a huge integer cannot even be printed."""
    if isinstance(value, int) and value.bit_length() > 64:
        return "a huge integer"
    if not isinstance(value, str | int | float | None):
        return f"of type {type(value).__name__}"
    return repr(value[:60] if isinstance(value, str) else value)
