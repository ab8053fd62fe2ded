"""The dual encoder: what it sees, its losses by hand, what moves in which step, and interrupted runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from candela_engines.colour import pq  # noqa: E402
from candela_engines.scorer.descriptors import names  # noqa: E402
from candela_engines.scorer.training.dataset import FOLDS, Dataset  # noqa: E402
from candela_engines.scorer.training.dual import losses, pictures  # noqa: E402
from candela_engines.scorer.training.dual.beside_trees import nested  # noqa: E402
from candela_engines.scorer.training.dual.hearing import Hearing  # noqa: E402
from candela_engines.scorer.training.dual.material import Material  # noqa: E402
from candela_engines.scorer.training.dual.network import (  # noqa: E402
    KINDS,
    ContextEncoder,
    Dual,
    PixelEncoder,
    count,
)
from candela_engines.scorer.training.dual.train import Settings, train  # noqa: E402
from candela_engines.scorer.training.operators import placed  # noqa: E402
from candela_engines.scorer.training.pictures import generator, nits_of  # noqa: E402
from candela_engines.scorer.training.ranked import RankedSettings  # noqa: E402
from candela_engines.scorer.training.store import Store  # noqa: E402

RUNGS = 4
SOURCES = FOLDS


def dataset() -> Dataset:
    """Five sources of a master and two ladders of three rungs, beside one reference each."""
    random = np.random.default_rng(0)
    ladders = ["master", *["blur"] * 3, *["hue"] * 3]
    rungs = [0, 1, 2, 3, 1, 2, 3]
    each = len(ladders)
    ladder, rung = np.array(ladders * SOURCES), np.array(rungs * SOURCES)
    source = np.repeat([f"s{n}" for n in range(SOURCES)], each)
    n = len(source)
    zeros, same = np.zeros(n), np.full(n, "base")
    values = random.normal(0, 1, (n, len(names()))).astype(np.float32)
    return Dataset(
        values=values, valid=random.random(values.shape) > 0.1, source=source, group=source,
        file_kind=same, rendering=same, parent=same, kind=np.where(rung == 0, "master", "fault"),
        ladder=ladder, operator=np.full(n, "aces2"), name=np.array([f"base/{a}/{b}" for a, b in
        zip(ladder, rung, strict=True)]), variant=np.tile(np.arange(each), SOURCES), reference=np.zeros(n,
        np.int64), rung=rung, fold=np.repeat(np.arange(SOURCES), each), trimmed=np.zeros(n, bool),
        visible=np.ones(n, bool), asked=np.ones(n, bool), parameter=zeros, mix=10.0 - rung, score=10.0 - 2
        * rung, jod=zeros, jod_star=zeros, delta_e=zeros, pu_psnr=zeros, sdr_delta_e=zeros,
        sdr_pu_psnr=zeros, luminance=zeros, zero=np.full(n, 5.0), components=((),) * n,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Path]:
    """A set's pictures and their cache."""
    root = tmp_path_factory.mktemp("set")
    store, cache = Store(root / "set"), root / "cache"
    cache.mkdir()
    random = np.random.default_rng(1)
    for source in range(SOURCES):
        light = np.exp(random.normal(2.5, 1.0, (7, 64, 128, 3))).astype(np.float32)
        variants = np.rint(65535 * pq.inverse_eotf(light)).astype(np.uint16)
        references = random.integers(0, 256, (1, 64, 128, 3), dtype=np.uint8)
        store.write_pictures(f"s{source}", {"variants": variants, "references": references}, {})
        pictures.keep(cache, f"s{source}", pictures.cached(store, f"s{source}", [0]))
    return store, cache


def test_what_is_seen() -> None:
    """203 nit are HLG 75 % (BT.2408); crops lie inside; a small picture is filled up, not stretched."""
    assert pictures.to_hlg(np.full((1, 3), 203.0, np.float32)) == pytest.approx(0.75, abs=2e-3)
    for random in (None, np.random.default_rng(0)):
        at = pictures.corners(256, 512, 8, random)
        assert at.shape == (8, 2) and at.min() >= 0
        assert np.all(at[:, 0] <= 256 - 96) and np.all(at[:, 1] <= 512 - 96)
    light = np.full((64, 300, 3), 203.0, np.float32)
    light[:, 10] = 1000.0
    crops = pictures.crops_of(light, np.array([[0, 10], [0, 200]]))
    assert crops.shape == (2, 3, 96, 96) and crops.dtype == np.float16
    assert np.all(crops[0, :, :, 0] == 1) and crops[0, :, :, 1:] == pytest.approx(0.75, abs=2e-3)
    steps = np.tile(np.arange(64.0, dtype=np.float32)[:, None, None], (1, 96, 3))
    steep = pictures.crops_of(steps, np.array([[0, 0]]))
    assert np.array_equal(steep[0, :, 64], steep[0, :, 62]) and np.all(np.diff(steep[0, 0, :64, 0]) > 0)


def test_crops_are_of_the_row_and_of_the_same_places(made: tuple[Store, Path]) -> None:
    """Codes of grade and reference, untouched, where `corners` says; turned over only while it is taught."""
    store, cache = made
    material = Material(cache, dataset(), fold=0)
    at = pictures.corners(64, 128, pictures.CROPS, generator("dual crops", "s1"))
    row = np.array([7 + 3])
    seen = material.crops(row, pictures.CROPS, None).numpy()
    assert seen.shape == (1, pictures.CROPS, 6, 96, 96)
    grade = pictures.to_hlg(nits_of(store.array("s1", "variants")[3]))
    reference = pictures.to_hlg(placed(store.array("s1", "references")[0]))
    for place, (top, left) in enumerate(at.tolist()):
        for half, whole in enumerate((grade, reference)):
            code = whole[top : top + 64, left : left + 96].transpose(2, 0, 1)
            shown = (seen[0, place, 3 * half : 3 * half + 3, :64] + 1) / 2
            np.testing.assert_allclose(shown, code, atol=5e-4)
    drawn = material.crops(row, 2, np.random.default_rng(0)).numpy()
    assert drawn.shape == (1, 2, 6, 96, 96)
    means = {round(float(v), 4) for v in drawn.mean((0, 2, 3, 4))}
    assert means <= {round(float(v), 4) for v in seen.mean((0, 2, 3, 4))}


def test_losses_by_hand() -> None:
    """Margins are the labels' gap, 1 at most; rows without a label do not count."""
    better, worse, gap = (torch.tensor(v) for v in ([2.0, 1.0], [1.5, 3.0], [0.8, 5.0]))
    assert float(losses.rank(better, worse, gap)) == pytest.approx(((0.8 - 0.5) + (1.0 + 2.0)) / 2)
    said, wanted = torch.tensor([1.0, 4.0]), torch.tensor([3.0, 0.0])
    assert float(losses.regression(said, wanted, torch.tensor([True, False]))) == 2.0
    assert float(losses.regression(said, wanted, torch.tensor([False, False]))) == 0.0
    none = losses.severity(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), torch.tensor([[True, False]]))
    assert float(none) == pytest.approx(np.log(2))


def test_sizes() -> None:
    assert 0.8e6 < count(ContextEncoder()) < 1.8e6
    assert 1.2e6 < count(PixelEncoder()) < 2.5e6


def test_only_the_intended_parts_move(made: tuple[Store, Path], tmp_path: Path) -> None:
    """Step 1 the context encoder; step 2 pixels and heads with the context frozen; step 3 everything."""
    _, cache = made
    data = dataset()
    material = Material(cache, data, fold=0)
    settings = Settings(steps=(1, 1, 1), rows=4, crops=2)
    torch.manual_seed(settings.seed)
    before = Dual(data.values.shape[1], material.telling)
    kept = {key: value.clone() for key, value in before.state_dict().items()}
    moved = []
    for until in (1, 2, 3):
        train(settings, material, tmp_path, until=until)
        now = torch.load(tmp_path / "state.pt", weights_only=True)["network"]
        moved.append(
            {
                part: any(
                    not torch.equal(value, kept[key])
                    for key, value in now.items()
                    if key.split(".")[0] == part
                )
                for part in ("context", "tell", "pixels", "project", "score", "severity")
            }
        )
        kept = now
    first, second, third = moved
    assert first["context"] and first["tell"] and not (first["pixels"] or first["score"] or first["project"])
    assert second["pixels"] and second["score"] and not second["context"]
    assert third["context"] and third["pixels"] and third["score"]


def test_interrupted_is_as_straight_through(made: tuple[Store, Path], tmp_path: Path) -> None:
    _, cache = made
    data = dataset()
    material = Material(cache, data, fold=1)
    assert set(data.fold[material.held_out]) == {1} and not set(data.fold[material.pairs].ravel()) & {1}
    settings = Settings(arm="pixels", fold=1, steps=(1, 2, 1), rows=4, crops=2)
    straight, parts = tmp_path / "straight", tmp_path / "parts"
    for folder in (straight, parts):
        folder.mkdir()
    train(settings, material, straight)
    train(settings, material, parts, until=2)
    train(settings, material, parts)
    one, other = (np.load(folder / "said.npz") for folder in (straight, parts))
    assert np.array_equal(one["row"], material.held_out)
    np.testing.assert_array_equal(one["score"], other["score"])
    with pytest.raises(SystemExit, match="other settings"):
        train(replace(settings, rows=6), material, parts)


def test_masters_are_as_often_drawn_as_asked(made: tuple[Store, Path]) -> None:
    _, cache = made
    data = dataset()
    material = Material(cache, data, fold=0)
    for share, expected in ((0.0, 1 / 7), (0.35, 0.35)):
        rows = material.drawn(4000, share, np.random.default_rng(0))
        assert set(rows) == set(material.learnt)
        assert (data.kind[rows] == "master").mean() == pytest.approx(expected, abs=0.03)


def test_what_is_wanted_of_rows(made: tuple[Store, Path]) -> None:
    """A third rung of blur is three fifths of severity; the first rung says nothing of its own kind."""
    _, cache = made
    material = Material(cache, dataset(), fold=0)
    score, counted, severe, told = material.wanted(np.array([0, 3, 1]))
    soft = KINDS.index("soft")
    assert score.tolist() == [10.0, 4.0, 8.0] and bool(counted.all())
    assert severe[:, soft].tolist() == pytest.approx([0.0, 0.6, 0.2]) and told[:, soft].tolist() == [
        True,
        True,
        False,
    ]


def test_arms_that_part_late_are_as_if_taught_apart(made: tuple[Store, Path], tmp_path: Path) -> None:
    """`both` from the end of `frozen` is `both`; `context` takes the first step; others are refused."""
    _, cache = made
    material = Material(cache, dataset(), fold=1)
    settings = Settings(arm="frozen", fold=1, steps=(1, 2, 1), rows=4, crops=2)
    names = ("frozen", "both", "taken", "context", "context_taken", "one-shot")
    folders = {name: tmp_path / name for name in names}
    for folder in folders.values():
        folder.mkdir()
    train(settings, material, folders["frozen"])
    for arm in ("both", "context"):
        mine = replace(settings, arm=arm)
        taken = folders["taken" if arm == "both" else "context_taken"]
        train(mine, material, folders[arm])
        train(mine, material, taken, start=folders["frozen"])
        one, other = (np.load(folder / "said.npz")["score"] for folder in (folders[arm], taken))
        np.testing.assert_array_equal(one, other)
    with pytest.raises(SystemExit, match="a run of `frozen`"):
        train(replace(settings, arm="one-shot"), material, folders["one-shot"], start=folders["frozen"])


def test_beside_trees_begins_at_what_they_say(made: tuple[Store, Path], tmp_path: Path) -> None:
    """Untaught, the heads add nothing; scores of rows that are learnt come of trees that did not see them."""
    pytest.importorskip("lightgbm")
    _, cache = made
    data = dataset()
    settings = RankedSettings(trees=5, bags=2, least=1)
    trees = nested(data, 1, settings, tmp_path / "trees.npz")
    changed = replace(data, mix=np.where(data.fold == 1, 3.0, data.mix))
    again = nested(changed, 1, settings, tmp_path / "other.npz")
    np.testing.assert_array_equal(trees, again)
    assert np.isfinite(trees).all()
    material = Material(cache, data, 1, trees)
    mine = Settings(arm="beside-trees", fold=1, steps=(1, 1, 0), rows=4, crops=2)
    rows = material.held_out[:3]
    with torch.inference_mode():
        network = mine.network(material)
        said, _ = Hearing(material, mine.arm)(network, rows, 2, None, frozen=True)
    np.testing.assert_allclose(said.numpy(), np.clip(trees[rows], -6, 12), rtol=1e-6)
    train(mine, material, tmp_path)
    assert np.load(tmp_path / "said.npz")["score"].shape == material.held_out.shape


def test_descriptors_alone_need_no_first_step(made: tuple[Store, Path], tmp_path: Path) -> None:
    _, cache = made
    material = Material(cache, dataset(), fold=1)
    settings = Settings(arm="descriptors", fold=1, steps=(5, 2, 1), rows=4, crops=2)
    assert train(settings, material, tmp_path)["step"] == 7
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    assert state["network"]["project.weight"].shape[1] == len(names())
