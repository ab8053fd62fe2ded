"""A small data set from made pictures: the same at any order and after a kill, whole or not there."""

import json
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from candela_engines.errors import InputError
from candela_engines.scorer.training import beside, label, render, variants
from candela_engines.scorer.training.dataset import fold_of, load_dataset
from candela_engines.scorer.training.describe import changed, vectors_of
from candela_engines.scorer.training.faults import ladder_named
from candela_engines.scorer.training.following import is_of_part
from candela_engines.scorer.training.groups import group_of
from candela_engines.scorer.training.labelled import variant_labels
from candela_engines.scorer.training.operators import OPERATORS, placed
from candela_engines.scorer.training.pictures import codes_of, nits_of
from candela_engines.scorer.training.sources import find_sources
from candela_engines.scorer.training.store import Store

SETTINGS = render.Settings(styles=2, local=3, combined=2)


def write_scene(path: Path, seed: int, height: int = 48, width: int = 96) -> None:
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 0.05 + columns / width + 0.2 * np.sin(rows / 4 + seed)[...]
    colour = np.stack([light, 0.9 * light[::-1], 0.7 * light[:, ::-1]], -1).clip(0.004)
    colour[8:16, 20:40] *= 60
    colour[30:40, 50:80] *= (1.0, 0.12, 0.05)
    colour *= 1 + 0.03 * random.standard_normal(colour.shape)
    picture = np.ascontiguousarray(colour.clip(0), np.float32)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), oiio.ImageSpec(width, height, 3, oiio.FLOAT))
    out.write_image(picture)
    out.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "stills").mkdir()
    write_scene(folder / "stills" / "street_01.exr", 1)
    write_scene(folder / "stills" / "street_02.exr", 2)
    (folder / "stills" / "broken.exr").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def made(data, tmp_path_factory) -> Store:
    store = Store(tmp_path_factory.mktemp("set"))
    for source in find_sources(data):
        if source.kind != "view":
            render.render_source(source, store, SETTINGS)
    return store


def everything(store: Store, name: str) -> tuple[str, bytes]:
    arrays = [store.array(name, key).tobytes() for key in ("variants", "references", "masks")]
    return json.dumps(store.meta(name)), b"".join(arrays)


def test_a_source_has_its_ladders_references_masks_and_masters(made):
    meta = made.meta("street_01")
    kinds = {note["kind"] for note in meta["variants"]}
    assert {"master", "fault", "local", "combined", "eotf", "sdr", "style"} <= kinds
    ladders = {note["ladder"] for note in meta["variants"] if note["kind"] == "fault"}
    assert {
        "hl_clip",
        "crush",
        "lift",
        "band",
        "hue",
        "x265",
        "x264",
        "av1",
        "noise",
        "blur",
        "halo",
    } <= ladders
    operators = [note["operator"] for note in meta["references"] if note["family"] == "base"]
    assert set(OPERATORS) <= set(operators)
    assert sum(note["trim"] is not None for note in meta["references"]) == SETTINGS.trims
    assert made.array("street_01", "variants").dtype == np.uint16
    assert len(made.array("street_01", "variants")) == len(meta["variants"])
    assert not (made.root / "pictures" / "broken").exists()
    assert made.has("pictures", "broken")


def test_a_local_fault_is_the_whole_fault_inside_its_mask_and_nothing_outside(made):
    meta, codes = made.meta("street_01"), made.array("street_01", "variants")
    masks = made.array("street_01", "masks")
    local = [(i, note) for i, note in enumerate(meta["variants"]) if note["kind"] == "local"]
    assert local
    for place, note in local:
        mask = masks[note["mask"]]
        assert 0 < (mask > 0).mean() < 0.9
        assert ((mask > 0) & (mask < 255)).any(), "a soft edge"
        assert np.array_equal(codes[place][mask == 0], codes[0][mask == 0])
        assert not np.array_equal(codes[place][mask > 128], codes[0][mask > 128])


def test_the_same_pictures_come_again_in_another_order(data, made, tmp_path):
    again = Store(tmp_path)
    for source in reversed(find_sources(data)):
        if source.name == "street_02":
            render.render_source(source, again, SETTINGS)
    assert everything(again, "street_02") == everything(made, "street_02")


def test_a_killed_run_goes_on_and_leaves_nothing_half_made(data, made, tmp_path, monkeypatch):
    store = Store(tmp_path)
    source = next(s for s in find_sources(data) if s.name == "street_01")
    save = np.save

    def killed(path: Path, array: np.ndarray) -> None:
        if Path(path).name.startswith("references"):
            raise KeyboardInterrupt
        save(path, array)

    monkeypatch.setattr(np, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        render.render_source(source, store, SETTINGS)
    monkeypatch.undo()
    assert not store.has("pictures", "street_01")
    assert store.names() == []
    left = next((tmp_path / "pictures").glob(".*.part"))
    left.rename(left.with_name(".street_01.999999999.part"))
    store.tidy()
    assert list((tmp_path / "pictures").iterdir()) == []
    render.render_source(source, store, SETTINGS)
    assert everything(store, "street_01") == everything(made, "street_01")


def test_a_set_begun_otherwise_is_refused(tmp_path):
    store = Store(tmp_path)
    store.claim({"seed": 0})
    store.claim({"seed": 0})
    with pytest.raises(InputError, match="begun with"):
        store.claim({"seed": 1})


def fake_oracle(store: Store, name: str) -> None:
    """A stand-in with the oracle's shape: what it says falls with ΔE_ITP."""
    measured = store.read_json("labels", name)
    jods = [10 - 0.1 * mean for mean in measured["mean"]]
    references = [10 - 0.1 * row["mean"] for row in measured["references"]]
    store.write_json("jod", name, {"variants": jods, "references": references})


def test_stages_after_rendering_make_a_data_set_with_its_order(made):
    for name in made.names():
        made.write_json("labels", name, label.labels_of(made, name))
        fake_oracle(made, name)
        made.write_arrays("vectors", name, vectors_of(made, name, 2))
        made.write_arrays("beside", name, beside.measured(made, name, 2))
    data = load_dataset(made)
    assert set(data.source) == {"street_01", "street_02"}
    assert data.values.shape == (len(data), len(data.names))
    assert np.isfinite(data.values).all()
    assert len(set(data.fold)) == 1, "near-siblings are on one side"
    assert (data.mix[data.ladder == "master"] == 10).all()
    assert (data.score[data.ladder == "master"] == 10).all()
    for gap in (1, 2):
        better, worse = data.order(gap).T
        assert len(better) > 100
        assert (data.source[better] == data.source[worse]).all()
        assert (data.reference[better] == data.reference[worse]).all()
        assert (data.delta_e[better] < data.delta_e[worse]).all()
        assert (data.mix[better] >= data.mix[worse]).all()
    known = {(data.name[a], data.name[b]) for a, b in data.order()}
    meta = made.meta("street_01")
    combined = next(note for note in meta["variants"] if note["kind"] == "combined")
    assert {(part, combined["name"]) for part in combined["components"]} <= known
    (made.root / "jod" / "street_02.json").unlink()
    assert set(load_dataset(made).source) == {"street_01"}
    guessed = load_dataset(made, estimate=True)
    assert set(guessed.source[~guessed.asked]) == {"street_02"}
    assert np.isnan(guessed.jod[~guessed.asked]).all() and np.isfinite(guessed.mix).all()
    assert (guessed.mix[guessed.asked] == data.mix[data.source == "street_01"]).all()
    part = data.only(data.kind == "style")
    assert len(part) > 0 and set(part.kind) == {"style"}


def test_the_placed_reference_has_a_score_of_nought(made):
    made.write_json("labels", "street_01", label.labels_of(made, "street_01"))
    fake_oracle(made, "street_01")
    found = variant_labels(made, "street_01")
    assert len(found["zero"]) == len(made.meta("street_01")["references"])
    place = next(i for i, v in enumerate(made.meta("street_01")["variants"]) if v["kind"] == "sdr")
    # 16-bit PQ codes of the placed picture are all that lies between the two.
    assert found["mix"][place] == pytest.approx(found["zero"][0], abs=0.02)
    sdr = made.array("street_01", "references")[0]
    assert np.array_equal(codes_of(placed(sdr)), made.array("street_01", "variants")[place])
    assert nits_of(codes_of(placed(sdr))).max() <= 203.5


def test_groups_hold_siblings_together_and_folds_are_even():
    assert group_of("brown_photostudio_01.hdr") == group_of("brown_photostudio_06.hdr")
    assert group_of("studio.hdr") == group_of("studio_small_09.exr")
    assert group_of("an_unknown_place_03_2k.exr") == "an_unknown_place"
    folds = fold_of([f"place{i}" for i in range(23)])
    assert sorted(np.bincount(list(folds.values()))) == [4, 4, 5, 5, 5]


def test_vectors_that_come_out_differently_are_noticed_and_forgotten(made):
    found = vectors_of(made, "street_02", 2)
    made.write_arrays("vectors", "street_02", found)
    assert not changed(made, "street_02", 2)
    assert changed(made, "street_02", 1), "beside other references"
    found["values"] = found["values"] * np.float32(1.01)
    made.write_arrays("vectors", "street_02", found)
    assert changed(made, "street_02", 2)
    made.forget("vectors", "street_02")
    assert not made.has("vectors", "street_02")


def test_parts_share_the_sources_out_once_each_and_the_command_does_its_own(data, tmp_path):
    names = [f"source{i}" for i in range(50)]
    shared = [[n for n in names if is_of_part(n, (i, 3))] for i in range(3)]
    assert sorted(n for part in shared for n in part) == sorted(names) and min(map(len, shared)) > 5
    out = tmp_path / "set"
    for part in ("1/2", "2/2"):
        render.main([str(data), str(out), "--limit", "1", "--part", part])
    store = Store(out)
    assert len(store.names()) + len(list((out / "unusable").glob("*.json"))) == 1
    with pytest.raises(InputError, match="begun with"):
        render.main([str(data), str(out), "--seed", "3"])
    with pytest.raises(SystemExit):
        render.main([str(data), str(out), "--part", "3/2"])


def test_a_native_set_keeps_windows_untouched_and_the_whole_small(tmp_path, monkeypatch):
    monkeypatch.setattr(variants, "LADDERS", (ladder_named("noise"), ladder_named("x265")))
    (tmp_path / "stills").mkdir()
    write_scene(tmp_path / "stills" / "wide.exr", 4, 264, 528)
    source = next(s for s in find_sources(tmp_path) if s.kind == "still")
    store = Store(tmp_path / "set")
    render.render_source(source, store, render.Settings(size="native-crop", styles=0, local=1, combined=0))
    meta, crops = store.meta("wide"), store.array("wide", "crops")
    whole = store.array("wide", "variants")
    count = len(meta["variants"])
    assert crops.shape == (count, 4, 256, 256, 3) and whole.shape == (count, 256, 512, 3)
    assert store.array("wide", "references").shape[1:] == (256, 512, 3)
    assert store.array("wide", "reference_crops").shape[1:] == (4, 256, 256, 3)
    # Overlapping windows hold the same pixels, so they are cut from one picture and nothing was resampled.
    (y0, x0), (y1, x1) = sorted(meta["crops"], key=lambda box: box[1])[:2]
    assert x1 - x0 < 256
    top, left = max(y0, y1), x1
    bottom, right = min(y0, y1) + 256, x0 + 256
    boxes = [meta["crops"].index(list(box)) for box in ((y0, x0), (y1, x1))]
    first = crops[:, boxes[0], top - y0 : bottom - y0, left - x0 : right - x0]
    second = crops[:, boxes[1], top - y1 : bottom - y1, left - x1 : right - x1]
    assert first.size and np.array_equal(first, second)
