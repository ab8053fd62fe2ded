"""What can be read, written and carried, out of the engines' own lists."""

from __future__ import annotations

from dataclasses import dataclass

from candela_engines.colour.names import NAMED
from candela_engines.itm.carriers import CARRIERS
from candela_engines.media import WRITABLE
from candela_engines.media.source import STILL_FORMATS
from candela_server.service.results import Json

__all__ = ["CarrierInfo", "FormatsResult", "formats"]


@dataclass(frozen=True)
class CarrierInfo:
    """overhead: what a file grows by on top of the payload, in words; limits: what is refused.

    holds: `payload` for pictures and single frames, `reel` for movies, `either` beside any file.
    """

    name: str
    formats: tuple[str, ...]
    overhead: str
    limits: str
    holds: str


@dataclass(frozen=True)
class FormatsResult:
    """written: extensions that `reconstruct` writes, with the bits of a sample, the default first."""

    read: tuple[str, ...]
    written: dict[str, tuple[int, ...]]
    carriers: tuple[CarrierInfo, ...]
    colours: tuple[str, ...]

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "formats",
            "read": list(self.read),
            "written_bits": {suffix: list(bits) for suffix, bits in self.written.items()},
            "carriers": [
                {
                    "name": c.name,
                    "formats": list(c.formats),
                    "overhead": c.overhead,
                    "limits": c.limits,
                    "holds": c.holds,
                }
                for c in self.carriers
            ],
            "colours": list(self.colours),
        }


def formats() -> FormatsResult:
    """The lists."""
    carriers = tuple(CarrierInfo(c.name, c.formats, c.overhead, c.limits, c.holds) for c in CARRIERS.values())
    return FormatsResult(STILL_FORMATS, dict(WRITABLE), carriers, tuple(NAMED))
