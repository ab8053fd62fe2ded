"""Which sources training may see. Training and the bench both ask here, so they cannot disagree."""

from __future__ import annotations

import hashlib
import re

__all__ = ["is_training_source", "source_group"]

# Drawn once, before anything was trained: the first number that holds out three in ten of the HDR stills and
# of the phone photographs of the development set, no two of them siblings, photographs of both gamuts.
_SALT = "candela-split-454"
_TRAINING_SHARE = 0.7
# Pictures of one place under names that do not say so.
_ALIASES = {"studio": "studio_small"}
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}$")
_RESOLUTION = re.compile(r"_\d{1,2}k$")
_NUMBER = re.compile(r"(?<=[a-z])[_-]?\d+$")


def source_group(name: str) -> str:
    """The group of near-siblings that a source belongs to: its name without folder, suffix, size and number.

    name: a file name or a bare name, in any case. `brown_photostudio_01.hdr` and `Brown_Photostudio_7_2k.exr`
    are both of `brown_photostudio`; whatever is cut or derived from a source must be asked for by its name.
    """
    stem = re.split(r"[/\\]", name)[-1].lower()
    stem = _SUFFIX.sub("", stem)
    stem = _NUMBER.sub("", _RESOLUTION.sub("", stem))
    return _ALIASES.get(stem, stem)


def is_training_source(name: str) -> bool:
    """Whether training may use the source of this file name; if not, it is kept for measuring.

    About 70 % of all groups (`source_group`) are for training, drawn by a hash of the group, so that siblings
    stay together and a new source has its side before anybody looks at it.
    """
    digest = hashlib.sha256(f"{_SALT}:{source_group(name)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < _TRAINING_SHARE * 2**64
