"""The compact policy: its distribution, its slopes, learning, going on after a cut, files that are none."""

from __future__ import annotations

import json

import numpy as np
import pytest

from candela_engines.errors import InputError
from candela_engines.scorer.alignment import MENDED, PUBLISHED, RIVAL, Curriculum, Phase, Unfreezing, spearman
from candela_engines.scorer.preference.learn import Aligning, Group, Learner, soft_labels
from candela_engines.scorer.preference.policy import BINS, PARTS, Policy, fresh_policy
from candela_engines.scorer.preference.recipes import RECIPES, Budget, supervised, train

SOURCES, VERSIONS, WIDTH = 8, 7, 6


def _study(seed: int = 0, noise: float = 0.0):
    """Labels that two of six descriptors tell, one of them bent."""
    random = np.random.default_rng(seed)
    features = random.normal(0, 1, (SOURCES, VERSIONS, WIDTH)) * [1, 10, 0.1, 1, 1, 1] + [0, 5, 0, 0, 0, 100]
    truth = np.clip(2 + 3 * features[..., 0] - 1.5 * np.abs((features[..., 1] - 5) / 10), -6, 10)
    return features, truth, truth + random.normal(0, noise, truth.shape)


def _groups(policy: Policy, features, labels) -> list[Group]:
    random = np.random.default_rng(9)
    wins = [np.triu(random.integers(0, 3, (VERSIONS, VERSIONS)), 1).astype(float) for _ in features]
    return [Group(policy.standardised(f), t, w) for f, t, w in zip(features, labels, wins, strict=True)]


def _policy(features) -> Policy:
    return fresh_policy(features.reshape(-1, WIDTH), hidden=8, width=6)


def test_a_distribution_over_the_bins_of_the_scale():
    features, _, _ = _study()
    policy = _policy(features)
    found = policy.distribution(features[0])
    assert BINS[0] == -6 and BINS[-1] == 10 and len(BINS) == 65
    assert found.shape == (VERSIONS, 65)
    assert found.sum(1) == pytest.approx(1)
    assert policy.score(features[0]) == pytest.approx(found @ BINS)
    # One constant descriptor and one absurd one: still a score on the scale.
    wild = features[0] * 1e12
    assert ((policy.score(wild) >= -6) & (policy.score(wild) <= 10)).all()
    level = fresh_policy(np.ones((5, WIDTH)))
    assert np.isfinite(level.score(np.full((2, WIDTH), 7.0))).all()


@pytest.mark.parametrize("bad", [np.zeros(WIDTH), np.zeros((2, WIDTH + 1)), np.full((1, WIDTH), np.nan)])
def test_descriptors_that_are_none_are_refused(bad):
    with pytest.raises(InputError, match="descriptors"):
        _policy(_study()[0]).score(bad)


def test_slopes_are_differences():
    features, _, _ = _study()
    policy = _policy(features)
    x = policy.standardised(features[0])
    random = np.random.default_rng(1)
    by_logits, by_mean = random.normal(0, 1, (VERSIONS, 65)), random.normal(0, 1, VERSIONS)

    def value(weights) -> float:
        tape = policy.with_weights(weights).forward(x)
        logits = -0.5 * ((BINS - tape.mean[:, None]) / tape.spread[:, None]) ** 2
        return float((by_logits * logits).sum() + by_mean @ tape.mean)

    slopes = policy.backward(policy.forward(x), by_logits, by_mean)
    assert set(slopes) == set(policy.weights)
    for name, slope in slopes.items():
        for place in [(0,) * slope.ndim, tuple(n - 1 for n in slope.shape)]:
            step = np.zeros_like(slope)
            step[place] = 1e-6
            up = value({**policy.weights, name: policy.weights[name] + step})
            down = value({**policy.weights, name: policy.weights[name] - step})
            assert slope[place] == pytest.approx((up - down) / 2e-6, rel=1e-4, abs=1e-4)


def test_a_label_is_shared_between_the_bins_beside_it():
    found = soft_labels([2.0, 2.1, -9.0, 10.0])
    assert found.sum(1) == pytest.approx(1)
    assert found @ BINS == pytest.approx([2.0, 2.1, -6.0, 10.0])
    assert (found > 0).sum(1).tolist() == [1, 2, 1, 1]


@pytest.mark.parametrize("loss", ["nll", "mse", "huber"])
def test_labels_are_learnt(loss):
    features, truth, _ = _study()
    policy = _policy(features)
    learner = Learner(policy, decay=0.0)
    learner.supervise(
        policy.standardised(features.reshape(-1, WIDTH)), truth.ravel(), 150, loss=loss, rate=1e-2
    )
    said = learner.policy.score(features.reshape(-1, WIDTH))
    assert np.corrcoef(said, truth.ravel())[0, 1] > 0.9


def test_only_the_parts_that_are_free_move():
    features, truth, _ = _study()
    policy = _policy(features)
    x = policy.standardised(features.reshape(-1, WIDTH))
    for free in (1, 2, 3):
        learner = Learner(policy)
        updates = tuple(4 if i < free else 0 for i in range(3))
        learner.supervise(x, truth.ravel(), sum(updates), unfreezing=Unfreezing(updates))
        moved = {
            n.split(".")[0]
            for n, w in learner.policy.weights.items()
            if not np.array_equal(w, policy.weights[n])
        }
        assert moved == set(PARTS[:free])


@pytest.mark.parametrize("rewards", [PUBLISHED, MENDED, RIVAL])
def test_rewards_improve_the_order_of_a_policy_that_knows_a_little(rewards):
    features, truth, _ = _study()
    policy = _policy(features)
    groups = _groups(policy, features, truth)
    learner = Learner(policy, decay=0.0)
    learner.supervise(np.concatenate([g.x for g in groups]), truth.ravel(), 15, rate=5e-3)
    before = np.mean([spearman(learner.policy.score(f), t) for f, t in zip(features, truth, strict=True)])
    learner.align(groups, Curriculum((Phase("step1", 60),)), rewards, Aligning(rate=5e-3, kl=(0, 0, 0)))
    after = np.mean([spearman(learner.policy.score(f), t) for f, t in zip(features, truth, strict=True)])
    assert after > before + 0.02


def test_the_kl_holds_the_policy_where_it_was():
    features, truth, _ = _study()
    policy = _policy(features)
    groups = _groups(policy, features, truth)
    moved = {}
    for beta in (0.0, 50.0):
        learner = Learner(policy, decay=0.0)
        learner.align(
            groups, Curriculum((Phase("step2", 30),)), PUBLISHED, Aligning(rate=5e-3, kl=(beta,) * 3)
        )
        moved[beta] = np.abs(learner.policy.score(features[0]) - policy.score(features[0])).mean()
    assert moved[50.0] < 0.5 * moved[0.0]


def test_a_run_that_was_cut_ends_in_the_very_same_weights(tmp_path):
    features, truth, _ = _study()
    policy = _policy(features)
    groups = _groups(policy, features, truth)
    plan = Curriculum.two_steps(8, 6)
    whole = Learner(policy, seed=4)
    whole.align(groups, plan, PUBLISHED, Aligning())
    for cut in (5, 8, 11):
        first = Learner(policy, seed=4)
        first.align(groups, plan, PUBLISHED, Aligning(), until=cut)
        first.save(tmp_path / "state.npz")
        second = Learner.load(tmp_path / "state.npz")
        second.align(groups, plan, PUBLISHED, Aligning())
        for name, weights in whole.policy.weights.items():
            assert np.array_equal(second.policy.weights[name], weights), (cut, name)
    other = Learner(policy, seed=5)
    other.align(groups, plan, PUBLISHED, Aligning())
    assert not np.array_equal(other.policy.weights["head.w"], whole.policy.weights["head.w"])


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_every_recipe_runs_and_is_the_same_twice(recipe):
    features, _, labels = _study(noise=0.5)
    policy = _policy(features)
    groups = _groups(policy, features, labels)
    budget = Budget(6, 3, 3)
    begun = supervised(policy, groups, seed=1, budget=budget)
    first = train(recipe, policy, groups, seed=1, budget=budget)
    again = train(recipe, policy, groups, seed=1, budget=budget, begun=begun)
    assert np.array_equal(first.score(features[0]), again.score(features[0]))
    assert not np.array_equal(first.score(features[0]), policy.score(features[0]))


def test_an_unknown_recipe_is_refused():
    policy = _policy(_study()[0])
    with pytest.raises(ValueError, match="recipe 'magic'"):
        train("magic", policy, [])


def test_a_policy_is_kept_and_read_again(tmp_path):
    features, _, _ = _study()
    policy = _policy(features)
    policy.save(tmp_path / "policy.npz")
    found = Policy.load(tmp_path / "policy.npz")
    assert found.score(features[0]) == pytest.approx(policy.score(features[0]), abs=1e-4)


def test_files_that_are_no_policy_are_refused(tmp_path):
    path = tmp_path / "policy.npz"
    _policy(_study()[0]).save(path)
    with np.load(path) as kept:
        good = {key: kept[key] for key in kept.files}
    cases = [
        b"",
        b"not a zip",
        path.read_bytes()[:200],
    ]
    for number, data in enumerate(cases):
        broken = tmp_path / f"{number}.npz"
        broken.write_bytes(data)
        with pytest.raises(InputError, match="no policy"):
            Policy.load(broken)
        with pytest.raises(InputError, match="no state"):
            Learner.load(broken)
    changes = [
        {"centre": np.full(WIDTH, np.nan)},
        {"scale": np.zeros(WIDTH)},
        {"head.w": np.zeros((6, 3))},
        {"encoder.w": np.zeros((WIDTH + 1, 8))},
        {"more": np.zeros(1)},
        {"head.b": np.array([object()], dtype=object)},
    ]
    for change in changes:
        np.savez(path, **{**good, **change})
        with pytest.raises(InputError, match="no policy"):
            Policy.load(path)
    with pytest.raises(InputError, match="no policy"):
        Policy.load(tmp_path / "missing.npz")


def _of_the_table(count: int = 4):
    from candela_engines.scorer.descriptors import names

    features = np.random.default_rng(3).normal(0, 1, (count, len(names()))).astype(np.float32)
    return features, fresh_policy(features, hidden=8, width=6, seed=2)


def test_as_a_grade_model_it_says_the_same(tmp_path):
    from candela_engines.metrics import Rectangle
    from candela_engines.scorer.descriptors import Description
    from candela_engines.scorer.engine import load_engine
    from candela_engines.scorer.preference.onnx_policy import write_onnx

    features, policy = _of_the_table()
    write_onnx(policy, tmp_path / "policy.onnx", name="p", version="1", interval=[[0, 10], [-1, 8], [3, 10]])
    engine = load_engine(tmp_path / "policy.onnx")
    for row, wanted in zip(features, policy.score(features), strict=True):
        said = engine.grade(
            Description(row, np.ones(len(row), bool), Rectangle(0, 0, 64, 64)), with_reference=True
        )
        assert said is not None and said.score == pytest.approx(wanted, abs=1e-3)
        assert said.low is not None and said.low < said.score < said.high
    shares = engine.session.run(["distribution"], {"descriptors": features})[0]
    assert shares == pytest.approx(policy.distribution(features), abs=1e-5)
    with pytest.raises(InputError, match="this version has"):
        write_onnx(_policy(_study()[0]), tmp_path / "other.onnx", name="p", version="1")


def test_the_command_goes_on_and_ends_in_the_same(tmp_path, monkeypatch, capsys):
    from candela_engines.scorer.training import policy as command
    from candela_engines.scorer.training.versions import Study

    features, _ = _of_the_table(9 * 5)
    truth = np.clip(2 + 3 * features[:, 0], -6, 10).reshape(9, 5).astype(np.float64)
    study = Study(
        features.reshape(9, 5, -1), truth, np.full((9, 5), "x"), np.array([f"s{i}" for i in range(9)]),
        np.array([f"g{i // 2}" for i in range(9)]),
    )  # fmt: skip
    monkeypatch.setattr(command, "load_study", lambda path: study)
    monkeypatch.setattr(command, "Budget", lambda: Budget(5, 60, 5))
    command.main([str(tmp_path), str(tmp_path / "whole"), "--recipe", "both"])
    assert "sources held out of 9" in capsys.readouterr().out
    test = command.held_out(study.group, 0)
    assert not {*study.group[test]} & {*study.group[~test]}
    state = tmp_path / "cut" / "both.state.npz"
    state.parent.mkdir()
    # The last that was kept of 65 updates is the fiftieth: what a cut in the sixtieth leaves.
    whole = Learner.load(tmp_path / "whole" / "both.state.npz")
    assert whole.update == 50
    whole.save(state)
    command.main([str(tmp_path), str(tmp_path / "cut"), "--recipe", "both"])
    first, second = (Policy.load(tmp_path / d / "policy.npz") for d in ("whole", "cut"))
    assert np.array_equal(first.score(features), second.score(features))
    labels = tmp_path / "labels.json"
    for text in ("{", "{}", '{"s0": [1]}', json.dumps({f"s{i}": [99] * 5 for i in range(9)})):
        labels.write_text(text)
        with pytest.raises(InputError, match="labels"):
            command.main([str(tmp_path), str(tmp_path / "x"), "--labels", str(labels)])
