"""candela calibrate, evaluate and score --model on pictures: a house model is made, used, and refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from candela_engines.scorer.eye.house import load_house
from candela_server import service

from ..scorer.eye.raters import Rated
from .conftest import Candela
from .dataset import QUALITY, SCENES, choose, make_dataset, rated, simulated, write_choices


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("versions"))


def test_a_house_model_is_made_and_scores(tmp_path: Path, candela: Candela) -> None:
    scenes = 9
    versions = make_dataset(tmp_path / "versions", scenes)
    choices = write_choices(tmp_path / "choices.csv", simulated(rated(scenes), raters=10, opposite=1))
    house = tmp_path / "north.npz"
    said = candela("--json", "calibrate", choices, "--media", versions, "-o", house, "--name", "North")
    assert said.code == 0, said.out + said.err
    found = said.json
    assert found["refused"] is None and found["versions"] == 3 * scenes and found["house_model"] == str(house)
    assert [r["name"] for r in found["raters"] if r["why"]] == ["opposite0"]
    best = [rows[0] for rows in found["scales_jod"].values()]
    assert [b["condition"] for b in best] == ["bright"] * scenes and all(
        b["low"] <= b["jod"] <= b["high"] for b in best
    )
    held = found["held_out"]
    assert held["gain_log_likelihood_nats"]["low"] > 0 and held["choices"] == 9 * 3 * scenes
    card = load_house(house).card
    assert card["raters"] == 9 and card["raters_left_out"] == 1 and "honest" not in str(card)
    # The studio likes it bright, which the stock scorer does not.
    scene = versions / "s1"
    arguments = ("score", scene / "plain.exr", scene / "bright.exr", "--reference", scene / "sdr.png")
    stock = [g["shots"][0]["score"] for g in candela("--json", *arguments).json["grades"]]
    by_house = candela("--json", *arguments, "--model", house).json["grades"]
    scores = [g["shots"][0]["score"] for g in by_house]
    assert scores[1] - scores[0] > stock[1] - stock[0] and scores[1] > scores[0]
    assert (
        by_house[0]["engine"]["name"] == "house model North"
        and by_house[0]["engine"]["sha256"] == found["sha256"]
    )
    assert "one studio's own preference" in by_house[0]["meaning"]
    text = candela("score", scene / "plain.exr", "--reference", scene / "sdr.png", "--model", house).out
    assert "house model North" in text and "one studio's own preference" in text
    compared = candela(
        "--json",
        "compare",
        scene / "bright.exr",
        scene / "plain.exr",
        "--reference",
        scene / "sdr.png",
        "--model",
        house,
    ).json
    assert compared["better"] == "first" and "one studio's" in compared["meaning"]
    pair = ("compare", scene / "bright.exr", scene / "plain.exr", "--reference", scene / "sdr.png")
    assert "house model North" in candela(*pair, "--model", house).out


def test_a_refusal_writes_nothing_and_says_how_many_more(
    versions: Path, tmp_path: Path, candela: Candela
) -> None:
    choices = write_choices(tmp_path / "choices.csv", choose(raters=1))
    house = tmp_path / "h.npz"
    said = candela("--json", "calibrate", choices, "--media", versions, "-o", house)
    assert said.code == 1 and not house.exists()
    assert said.json["refused"]["code"] == "few-raters" and said.json["refused"]["more_choices"] > 0
    text = candela("calibrate", choices, "--media", versions, "-o", house)
    assert (
        text.code == 1 and "all 15 choices are of one rater" in text.out and "Nothing was written" in text.out
    )
    # Nothing is measured for what choices alone rule out: these pictures are none.
    for scene in (f"s{k}" for k in range(SCENES)):
        (tmp_path / "none" / scene).mkdir(parents=True)
        for name in ("sdr.png", *(f"{condition}.exr" for condition in QUALITY)):
            (tmp_path / "none" / scene / name).write_bytes(b"no picture")
    unseen = candela("--json", "calibrate", choices, "--media", tmp_path / "none", "-o", house)
    assert unseen.code == 1 and unseen.json["refused"] == said.json["refused"]


def test_bad_input_is_told_before_any_picture_is_opened(
    versions: Path, tmp_path: Path, candela: Candela
) -> None:
    good = write_choices(tmp_path / "good.csv", choose())
    unknown = write_choices(
        tmp_path / "unknown.csv", [*choose(), *simulated([*rated(), *rated(6)[15:]], raters=1)]
    )
    apart = write_choices(tmp_path / "apart.csv", [c for c in choose() if {c.a, c.b} == {"plain", "bright"}
                                                   or (c.a, c.b) == ("x", "y")])  # fmt: skip
    with apart.open("a") as out:
        out.write("r,1,s0,x,y,1,A\r\n")
    house = tmp_path / "h.npz"
    for arguments, words in (
        ((tmp_path / "none.csv", "--media", versions, "-o", house), "cannot be read"),
        ((good, "--media", tmp_path / "none", "-o", house), "neither a folder nor a table"),
        ((good, "--media", tmp_path, "-o", house), "holds no versions"),
        ((unknown, "--media", versions, "-o", house), "plain of scene s5"),
        ((apart, "--media", versions, "-o", house), "2 groups that nothing connects"),
        ((good, good, "--media", versions, "-o", house), "would count twice"),
        ((good, "--media", versions, "-o", tmp_path / "h.csv"), ".npz"),
        ((good, "--media", versions, "-o", house, "--zero", "nothing"), "--zero nothing"),
        ((good, "--media", versions, "-o", house, "--key-frames", "0"), "1 to 50"),
    ):
        said = candela("calibrate", *arguments)
        assert said.code == 2 and words in said.err, (words, said.err)
    said = candela("--sidecar", "unix:/nowhere", "calibrate", good, "--media", versions, "-o", house)
    assert said.code == 2 and "sidecar" in said.err


def test_the_sdr_reference_is_judged_as_well_and_not_learnt_from(tmp_path: Path, candela: Candela) -> None:
    """It is the zero of a scale that is asked for, and no grade, which would be an error."""
    scenes = 6
    versions = make_dataset(tmp_path / "versions", scenes)
    with_sdr = [*rated(scenes), *(Rated(f"s{k}", "sdr", -2.5) for k in range(scenes))]
    choices = write_choices(tmp_path / "choices.csv", simulated(with_sdr, raters=8))
    arguments = (choices, "--media", versions, "-o", tmp_path / "h.npz", "--zero", "sdr", "--key-frames", 1)
    said = candela("--json", "calibrate", *arguments)
    assert said.code == 0, said.out + said.err
    left = said.json["versions_without_a_score"]
    assert [(v["scene"], v["condition"]) for v in left] == [(f"s{k}", "sdr") for k in range(scenes)]
    assert all("the SDR reference itself" in v["why"] for v in left)
    for rows in said.json["scales_jod"].values():
        assert {row["condition"]: row["jod"] for row in rows}["sdr"] == 0
    # Only what is between grades was learnt from: three pairs of six.
    assert said.json["choices_learnt_from"] == 8 * 3 * scenes
    told = candela("--json", "evaluate", versions, "--choices", choices, "--zero", "sdr", "--key-frames", 1)
    assert told.code == 0, told.err
    assert any("s0, sdr: is the SDR reference itself" in note for note in told.json["notes"])


def test_a_house_model_of_another_grade_model(versions: Path, tmp_path: Path, candela: Candela) -> None:
    import numpy as np

    from candela_engines.scorer.eye.features import FEATURES, stock_head
    from candela_engines.scorer.eye.house import HouseModel, save_house

    head = stock_head(np.random.default_rng(0).normal(size=(9, len(FEATURES))))
    path = tmp_path / "h.npz"
    save_house(path, HouseModel("x", head, FEATURES, "ab" * 32, {}))
    scene = versions / "s0"
    said = candela("score", scene / "plain.exr", "--reference", scene / "sdr.png", "--model", path)
    assert said.code == 2 and "calibrate again" in said.err
    said = candela(
        "score", scene / "plain.exr", "--reference", scene / "sdr.png", "--model", scene / "sdr.png"
    )
    assert said.code == 2 and "no house model" in said.err


def test_evaluate_puts_scorers_beside_one_another(versions: Path, tmp_path: Path, candela: Candela) -> None:
    choices = write_choices(tmp_path / "choices.csv", choose(raters=6))
    with (tmp_path / "other.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("scene", "condition", "oracle"))
        rows.writerows((v.scene, v.condition, v.quality) for v in rated())
    said = candela(
        "--json",
        "evaluate",
        versions,
        "--choices",
        choices,
        "--scores",
        tmp_path / "other.csv",
        "--key-frames",
        1,
    )
    assert said.code == 0, said.err
    rows = {row["scorer"]: row for row in said.json["scorers"]}
    assert next(iter(rows)) == "candela" and {"oracle", "random", "mean luminance"} < set(rows)
    assert {"PU-PSNR to the SDR at 203 nit", "ΔE_ITP to the SDR at 203 nit"} < set(rows)
    assert rows["oracle"]["srocc_per_scene"]["value"] > 0.9 and rows["oracle"]["flip_rate"]["value"] < 0.1
    assert rows["mean luminance"]["srocc_per_scene"]["value"] > 0.9  # they like it bright
    assert rows["candela"]["srocc_per_scene"]["low"] <= rows["candela"]["srocc_per_scene"]["high"]
    assert said.json["ratings"].startswith("choices") and said.json["choices"] == 6 * 3 * SCENES
    assert 0.5 < said.json["split_half_ceiling"] < 1  # three versions a scene: ranks of halves are coarse


def test_evaluate_takes_ratings_from_a_table(versions: Path, tmp_path: Path, candela: Candela) -> None:
    """Two scenes: no interval can be told, and none is."""
    with (tmp_path / "versions.csv").open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("scene", "condition", "file", "reference", "master", "jod"))
        for k in range(2):
            at = versions / f"s{k}"
            rows.writerows(
                (f"s{k}", n, at / f"{n}.exr", at / "sdr.png", at / "plain.exr", q) for n, q in QUALITY.items()
            )
    said = candela("--json", "evaluate", tmp_path)
    assert said.code == 0, said.err
    rows = {row["scorer"]: row for row in said.json["scorers"]}
    assert rows["candela"]["srocc"]["low"] is None and rows["candela"]["choices_predicted"] is None
    assert "PU-PSNR to the master" in rows and said.json["ratings"] == "jod of the table"
    text = candela("evaluate", tmp_path).out
    assert "0.9033" in text and "only where the ratings are the same" in text


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("scene,condition\ns,a\n", "lacks the column file"),
        ("scene,condition,file\n", "holds no version"),
        ("scene,condition,file\ns,a,x.exr\ns,a,y.exr\n", "was given before"),
        ("scene,condition,file,jod\ns,a,x.exr,high\n", "jod is 'high'"),
        ("scene,condition,file\ns,,x.exr\n", "lacks its scene, condition or file"),
        ("scene,condition,file\ns,a,x.exr\ns,b,y.exr\n", "holds no ratings"),
    ],
)
def test_tables_that_are_none(table: str, words: str, tmp_path: Path, candela: Candela) -> None:
    (tmp_path / "versions.csv").write_text(table)
    said = candela("evaluate", tmp_path)
    assert said.code == 2 and words in said.err


def test_a_sidecar_that_knows_no_house_model_is_told() -> None:
    """It leaves out the field that it does not know, and scores by the stock model."""
    from candela_engines.errors import InfrastructureError
    from candela_engines.scorer.verdict import MEANING
    from candela_server.proto.candela.v1 import scores_pb2 as pb
    from candela_server.rpc.convert.judging import judge_result, to_judge_request

    side = service.SaidSide("--colour")
    request = service.ScoreRequest(Path("a"), side, None, side, model=Path("h.npz"))
    assert Path(to_judge_request(request, {}).house_model) == Path("h.npz").absolute()
    with pytest.raises(InfrastructureError, match="without the house model"):
        judge_result(pb.ScoreResult(meaning=MEANING), request)
