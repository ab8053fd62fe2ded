"""Training: the split keeps siblings together, and a run that was interrupted ends where it would have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from candela_engines.colour import pq  # noqa: E402
from candela_engines.colour.convert import place_sdr_at_reference_white  # noqa: E402
from candela_engines.colour.names import NAMED  # noqa: E402
from candela_engines.upconvert.training.batches import usable  # noqa: E402
from candela_engines.upconvert.training.data import SPLIT, Pairs, load_pairs, split_of  # noqa: E402
from candela_engines.upconvert.training.train import Settings, train  # noqa: E402

from .test_network import picture  # noqa: E402


def made(name: str, seed: int) -> Pairs:
    codes = np.stack([np.rint(255 * picture(40, 64, seed + n)).astype(np.uint8) for n in range(3)])
    light = place_sdr_at_reference_white(codes.astype(np.float32) / np.float32(255), NAMED["rec709"])
    masters = np.rint(65535 * pq.inverse_eotf(light)).astype(np.uint16)
    return Pairs(name, name, codes, masters, np.arange(3), ("aces2", "bt2390", "bt2390+trim"))


def test_split() -> None:
    groups = [f"g{n}" for n in range(40)]
    split = split_of([*groups, *groups])
    counts = [sum(side == name for side in split.values()) for name in SPLIT]
    assert counts == [28, 4, 8] and split == split_of(list(reversed(groups)))
    assert usable(made("a", 0), ("bt2390",)) == [0]


@pytest.mark.parametrize("name", ["agcm", "hdcfm"])
def test_interrupted_is_as_straight_through(name: str, tmp_path: Path) -> None:
    pairs = [made(f"s{n}", 10 * n) for n in range(10)]
    settings = Settings(name, steps=4, pairs=3, crop=20, hold_out=("bt2390",))
    straight, parts = tmp_path / "straight", tmp_path / "parts"
    for folder in (straight, parts):
        folder.mkdir()
    train(settings, pairs, straight)
    train(settings, pairs, parts, until=2)
    train(settings, pairs, parts)
    one, other = (torch.load(folder / "state.pt", weights_only=True) for folder in (straight, parts))
    assert one["step"] == other["step"] == 4
    assert one["regrets"] == other["regrets"] and set(one["regrets"]) == {"aces2"}
    for key, values in one["network"].items():
        torch.testing.assert_close(values, other["network"][key], rtol=0, atol=0)
    assert (parts / f"{name}.npz").is_file()
    with pytest.raises(SystemExit, match="other settings"):
        train(Settings(name, steps=5), pairs, parts)


def test_pairs_come_back(tmp_path: Path) -> None:
    one = made("s", 1)
    arrays = {"codes": one.codes, "masters": one.masters, "of": one.of, "operators": np.array(one.operators)}
    np.savez(tmp_path / "s.npz", group="g", **arrays)
    (back,) = load_pairs(tmp_path)
    assert (back.name, back.group, back.operators) == ("s", "g", one.operators)
    np.testing.assert_array_equal(back.codes, one.codes)
