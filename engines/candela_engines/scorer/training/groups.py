"""Which sources show one place: near-siblings that may never lie on two sides of a split.

`groups.json` holds the answer as data, so that training, evaluation and a later reader see the same. It is
made by names (a series has numbers), by published names of one place under two, and by looking: a perceptual
hash and the colour difference of thumbnails, lat-long maps turned against each other.

    python -m candela_engines.scorer.training.groups DATA [--write]
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from candela_engines.scorer.training.pictures import generator

__all__ = ["GROUPS_FILE", "SPLIT", "group_of", "groups", "split_by"]

GROUPS_FILE = Path(__file__).with_name("groups.json")

SPLIT = ("train", "validate", "test")
_SHARES = (0.7, 0.1, 0.2)
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}$")
_RESOLUTION = re.compile(r"_\d{1,2}k$")
_NUMBER = re.compile(r"(?<=[a-z])[_-]?s?\d+$")


@lru_cache(maxsize=1)
def groups() -> dict[str, str]:
    """Group of every file looked at, by file name."""
    if not GROUPS_FILE.is_file():
        return {}
    return dict(json.loads(GROUPS_FILE.read_text("utf-8"))["groups"])


def group_of(name: str) -> str:
    """The group of a source file: what `groups.json` says, else its name without suffix, size and number."""
    return groups().get(name) or by_name(name)


def by_name(name: str) -> str:
    """A group by the name alone: `brown_photostudio_01.hdr` is of `brown_photostudio`."""
    stem = _SUFFIX.sub("", name.lower())
    return _NUMBER.sub("", _RESOLUTION.sub("", stem))


def split_by(word: str, names: Sequence[str]) -> dict[str, str]:
    """`train`, `validate` or `test` of every group, by a hash of `word` and its name."""
    order = sorted(set(names), key=lambda group: int(generator(word, group).integers(1 << 62)))
    edges = np.cumsum(_SHARES) * len(order)
    return {group: SPLIT[int(np.searchsorted(edges, at, side="right"))] for at, group in enumerate(order)}


def main(arguments: list[str] | None = None) -> None:
    """Look at the sources, say who is like whom, write the file if asked."""
    from candela_engines.scorer.training.siblings import found_groups

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help="into groups.json beside this module")
    asked = parser.parse_args(arguments)
    made, reasons = found_groups(asked.data)
    for reason in reasons:
        print(reason)
    count = len(set(made.values()))
    print(f"{len(made)} files in {count} groups")
    if asked.write:
        text = {"groups": dict(sorted(made.items())), "reasons": reasons}
        GROUPS_FILE.write_text(json.dumps(text, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
