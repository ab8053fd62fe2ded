"""What a reader hands over: samples as stored, and what the tags of the file say about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState

__all__ = ["UNTAGGED", "Decoded", "MetadataValue", "Samples", "TagFinding", "by_precedence"]

Samples = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float16] | NDArray[np.float32]
MetadataValue = str | int | float | bool | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TagFinding:
    """What one kind of tag says.

    state: the colour state, where the tag settles it completely. found: the tag in words, also where it
    does not settle the state, so that a person reads why it was not enough.
    """

    state: ColourState | None
    found: str


UNTAGGED = TagFinding(None, "no colour tags")


@dataclass(frozen=True, slots=True)
class Decoded:
    """One decoded picture. samples: (H, W, C), native dtype, C in the order of `channels`.

    bits: significant bits of an integer sample; samples run from 0 to 2**bits - 1. For float samples it is
    the width of the type, 16 or 32. associated: whether the colours are multiplied by alpha.
    """

    format: str
    samples: Samples
    bits: int
    channels: tuple[str, ...]
    colour_channels: tuple[int, ...]
    alpha_channel: int | None
    tags: TagFinding
    original_channels: tuple[str, ...] = ()
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    associated: bool = False


def by_precedence(*findings: TagFinding | None) -> TagFinding:
    """The finding that counts, out of findings in the order of precedence of their format.

    The first tag that is there decides, also where it settles nothing: a profile that we do not know is
    not overruled by a weaker tag, which is there for readers that skip profiles.
    """
    present = [finding for finding in findings if finding is not None]
    if not present:
        return UNTAGGED
    if present[0].state is not None:
        return present[0]
    return TagFinding(None, "; ".join(finding.found for finding in present))
