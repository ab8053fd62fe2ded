"""First stage: pairs of SDR and master of every source, by many operators. Stops and goes on at any moment.

    python -m candela_engines.upconvert.training.data DATA OUT [--side 256] [--looks 4] [--part 1/2]

DATA holds `stills` and `clips`. A source becomes a few masters of 1000 nit (the plain one and graded looks of
it, exposures among them), and each of those an SDR of 8 bits by every operator of the scorer's training, and
trimmed ones on top; phone photographs bring their own SDR besides. One file a source.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.colour import gamma, pq
from candela_engines.scorer.training.following import add_part, is_of_part
from candela_engines.scorer.training.groups import SPLIT, split_by
from candela_engines.scorer.training.masters import master, random_style, rendering_of, styled
from candela_engines.scorer.training.operators import OPERATORS, eight_bits, random_trim, sdr_code, trimmed
from candela_engines.scorer.training.pictures import F32, fit_size, generator, shrink_to
from candela_engines.scorer.training.sources import Picture, Source, UnusableError, find_sources, load

__all__ = ["SPLIT", "Pairs", "load_pairs", "main", "save_pairs", "split_of"]

_TRIMS = 2


@dataclass(frozen=True, eq=False)
class Pairs:
    """Of one source. codes: (n, H, W, 3) uint8 SDR; masters: (m, H, W, 3) uint16 PQ codes; of: (n,) which
    master an SDR is of; operators: (n,), `+trim` where one was trimmed.
    """

    name: str
    group: str
    codes: npt.NDArray[np.uint8]
    masters: npt.NDArray[np.uint16]
    of: npt.NDArray[np.int64]
    operators: tuple[str, ...]


def split_of(groups: Sequence[str]) -> dict[str, str]:
    """`train`, `validate` or `test` of every group, by a hash of its name: siblings share a group."""
    return split_by("upconvert", groups)


def load_pairs(folder: Path) -> list[Pairs]:
    """All that are ready, by name."""
    found = []
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as data:
            words = tuple(str(word) for word in data["operators"])
            found.append(
                Pairs(path.stem, str(data["group"]), data["codes"], data["masters"], data["of"], words)
            )
    return found


def save_pairs(made: Pairs, folder: Path) -> None:
    """Into `folder`, whole or not at all."""
    path = folder / f"{made.name}.npz"
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as stream:
        np.savez(
            stream, group=made.group, codes=made.codes, masters=made.masters, of=made.of,
            operators=np.array(made.operators),
        )  # fmt: skip
    temporary.replace(path)


def _versions(picture: Picture, nits: F32, seed: int, *, plain: bool) -> Iterator[tuple[str, F32]]:
    """Operators and their SDR codes 0..1, then trimmed ones of some of them."""
    made = []
    for operator in OPERATORS:
        # A scene's own rendering is that of the plain master, and of no look of it.
        if operator == "aces1" and (picture.scene is None or not plain):
            continue
        scene = picture.scene if plain else None
        made.append((operator, sdr_code(operator, nits, scene)))
    yield from made
    random = generator("trims", picture.source.name, seed)
    for at in random.choice(len(made), size=_TRIMS, replace=False):
        operator, code = made[int(at)]
        yield f"{operator}+trim", trimmed(code, random_trim(random))


def _fitted(picture: Picture, side: int) -> Picture:
    """Views of maps come larger than `side`."""
    if picture.scene is None or max(picture.scene.shape[:2]) <= side:
        return picture
    height, width = picture.scene.shape[:2]
    return replace(picture, scene=shrink_to(picture.scene, *fit_size(height, width, side)))


def _pairs_of(source: Source, side: int, looks: int) -> Pairs:
    picture = _fitted(load(source, side=side), side)
    rendering = rendering_of(picture, generator(0, source.name))
    masters, codes, of, operators = [], [], [], []
    for look in range(looks + 1):
        random = generator("look", source.name, look)
        nits = master(picture, rendering) if look == 0 else styled(picture, rendering, random_style(random))
        masters.append(np.rint(pq.inverse_eotf(np.clip(nits, 0, 1000)) * 65535).astype(np.uint16))
        for operator, code in _versions(picture, nits, look, plain=look == 0):
            codes.append(eight_bits(code))
            of.append(look)
            operators.append(operator)
        if look == 0 and picture.own_sdr is not None:
            codes.append(eight_bits(gamma.inverse_eotf(np.clip(picture.own_sdr, 0, 1), 2.4)))
            of.append(0)
            operators.append("phone")
    stacks = np.stack(codes), np.stack(masters), np.array(of)
    return Pairs(source.name, source.group, *stacks, tuple(operators))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the pairs that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--side", type=int, default=256, help="pixels of the longer side")
    parser.add_argument("--looks", type=int, default=4, help="graded looks, beside the plain master")
    add_part(parser)
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    for source in find_sources(asked.data):
        path = asked.out / f"{source.name}.npz"
        if path.exists() or not is_of_part(source.name, asked.part):
            continue
        try:
            made = _pairs_of(source, asked.side, asked.looks)
        except UnusableError as error:
            print(f"{source.name}: left out, {error}", flush=True)
            continue
        save_pairs(made, asked.out)
        print(f"{source.name}: {len(made.codes)} pairs", flush=True)


if __name__ == "__main__":
    main()
