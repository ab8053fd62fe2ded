"""Qwen2.5-VL's classes, tiny: parts, masks, log-probabilities, rewards, and both loops."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("PIL")

from candela_engines.errors import InputError  # noqa: E402
from candela_engines.scorer.alignment import (  # noqa: E402
    PUBLISHED,
    Curriculum,
    Phase,
    Unfreezing,
    clipped_surrogate,
    estimated_kl,
)
from candela_engines.scorer.training.vlm import aligned  # noqa: E402
from candela_engines.scorer.training.vlm.aligned import Drawn, How, align, draw, objective  # noqa: E402
from candela_engines.scorer.training.vlm.inputs import (  # noqa: E402
    IGNORED,
    Example,
    asked,
    log_probs,
    read_examples,
    taught,
)
from candela_engines.scorer.training.vlm.parts import PARTS, part_of, parts, set_free  # noqa: E402
from candela_engines.scorer.training.vlm.supervised import supervise  # noqa: E402

from . import tiny_vlm as tiny  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # of transformers' own


@pytest.fixture(scope="module")
def processor():
    return tiny.tiny_processor()


@pytest.fixture
def model(processor):
    return tiny.tiny_model(processor)


def _examples(labels=(9.0, 5.0, 1.0, -3.0), source="s") -> list[Example]:
    reference = (tiny.picture(99),)
    return [
        # Descriptors of several lengths, so that questions have to be padded.
        Example(
            source,
            (tiny.picture(i),),
            reference,
            {"pair.tone.stops": 0.1 * i} if i % 2 else {},
            label,
            "As it is." if i % 2 else "Bright.",
        )
        for i, label in enumerate(labels)
    ]


def _state(model) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def _moved(before, model) -> set[str]:
    return {part_of(n) for n, p in model.named_parameters() if not torch.equal(before[n], p.detach())}


def test_every_parameter_is_of_one_part(model):
    found = parts(model)
    assert sum(len(of) for of in found.values()) == len(list(model.named_parameters()))
    assert {n for n, _ in found["projector"]} == {n for n, _ in model.named_parameters() if ".merger." in n}
    assert all("visual" not in n for n, _ in found["language"])
    assert any("lm_head" in n for n, _ in found["language"])
    assert part_of("module.model.visual.merger.mlp.0.weight") == "projector"
    with pytest.raises(ValueError, match="is needed"):
        parts(torch.nn.Linear(2, 2))


def test_only_the_answer_and_its_end_are_taught(processor):
    examples = _examples()
    batch = taught(processor, examples)
    tokenizer = processor.tokenizer
    for row, example in zip(range(len(examples)), examples, strict=True):
        counted = batch["labels"][row] != IGNORED
        assert tokenizer.decode(batch["input_ids"][row][counted]) == example.told + tokenizer.eos_token
        assert (batch["attention_mask"][row][counted] == 1).all()
    # Shorter rows are padded, and padding is not taught though it is a word.
    assert (batch["attention_mask"] == 0).any()


def test_three_steps_move_what_they_should_and_nothing_else(processor, model):
    examples = _examples()
    before = _state(model)
    seen = []

    def after(update, loss):
        nonlocal before
        seen.append(_moved(before, model))
        before = _state(model)

    losses = supervise(
        model, processor, examples, Unfreezing((2, 1, 2), PARTS), rate=1e-3, batch=2, after=after
    )
    one, two, three = {"encoder"}, {"encoder", "projector"}, set(PARTS)
    assert seen == [one, one, two, three, three]
    assert np.isfinite(losses).all()
    with pytest.raises(ValueError, match="parts of this model"):
        supervise(model, processor, examples, Unfreezing((1, 1, 1)))


def test_supervision_learns(processor, model):
    example = _examples((7.0,))
    plan = Unfreezing((0, 0, 12), PARTS)
    losses = supervise(model, processor, example, plan, rate=1e-2, batch=1)
    assert losses[-1] < 0.8 * losses[0]


def test_log_probabilities_do_not_depend_on_the_rows_beside(processor, model):
    model.eval()
    examples = _examples()[:2]
    together = asked(processor, examples)
    assert (together["attention_mask"][:, 0] == 0).any()  # padded on the left
    assert (together["attention_mask"][:, -1] == 1).all()
    with torch.no_grad():
        both = log_probs(model, together, 5)
        for row, example in enumerate(examples):
            alone = log_probs(model, asked(processor, [example]), 5)
            assert torch.allclose(both[row], alone[0], atol=1e-4)


def test_drawn_answers_carry_their_own_pictures_and_masks(processor, model):
    examples = _examples()[:2]
    torch.manual_seed(1)
    drawn = draw(model, processor, examples, How(samples=3, words=6, temperature=1.0))
    assert drawn.mask.shape == (
        6,
        drawn.inputs["input_ids"].shape[1] - asked(processor, examples)["input_ids"].shape[1],
    )
    assert drawn.scores.shape == (2, 3)
    assert np.isnan(drawn.scores).all()  # a random model says nothing of the form
    words = drawn.mask.shape[1]
    model.eval()
    with torch.no_grad():
        found = log_probs(model, drawn.inputs, words)
        # The fifth row is the second version's second answer: alone, with its own pictures, it is as likely.
        only = asked(processor, examples[1:])
        said = drawn.inputs["input_ids"][4, -words:]
        row = only | {
            "input_ids": torch.cat([only["input_ids"], said[None]], 1),
            "attention_mask": torch.cat([only["attention_mask"], drawn.mask[4:5].long()], 1),
        }
        if "mm_token_type_ids" in row:
            row["mm_token_type_ids"] = torch.cat([only["mm_token_type_ids"], torch.zeros_like(said)[None]], 1)
        alone = log_probs(model, row, words)
    assert torch.allclose(found[4][drawn.mask[4]], alone[0][drawn.mask[4]], atol=1e-4)


def test_words_after_the_end_do_not_count(processor, model, monkeypatch):
    end, letter = processor.tokenizer.eos_token_id, processor.tokenizer.convert_tokens_to_ids("a")
    pad = processor.tokenizer.pad_token_id
    examples = _examples()[:1]

    def made(**inputs):
        tail = torch.tensor([[letter, end, pad, pad], [letter, letter, letter, letter]])
        return torch.cat([inputs["input_ids"].repeat(2, 1), tail], 1)

    monkeypatch.setattr(model, "generate", made)
    drawn = draw(model, processor, examples, How(samples=2, words=4))
    assert drawn.mask.tolist() == [[True, True, False, False], [True, True, True, True]]
    assert drawn.texts == ["a", "aaaa"]


def test_the_objective_is_the_librarys():
    random = np.random.default_rng(2)
    now, before, reference = random.normal(-1, 0.4, (3, 2, 5))
    pull, mask = np.array([1.5, -0.7]), np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)
    gain, _ = clipped_surrogate(now, before, np.repeat(pull[:, None], 5, 1), clip=0.2)
    each = gain - 0.3 * estimated_kl(now, reference)
    wanted = np.mean([each[i][mask[i]].mean() for i in range(2)])
    tensors = [torch.tensor(x) for x in (now, before, reference, pull)]
    found = objective(*tensors, torch.tensor(mask), clip=0.2, beta=0.3)
    assert float(found) == pytest.approx(wanted)


def _crafted(processor, examples, texts) -> Drawn:
    """Answers as if drawn: K of each version, real words with their end."""
    tokenizer = processor.tokenizer
    questions = asked(processor, examples)
    samples = len(texts) // len(examples)
    words = tokenizer(
        [t + tokenizer.eos_token for t in texts], return_tensors="pt", padding=True, padding_side="right"
    )
    mask = words["attention_mask"].bool()
    repeated = {
        k: questions[k].repeat_interleave(samples, 0)
        for k in questions
        if k in ("input_ids", "attention_mask", "mm_token_type_ids")
    }
    inputs = {
        "input_ids": torch.cat([repeated["input_ids"], words["input_ids"]], 1),
        "attention_mask": torch.cat([repeated["attention_mask"], mask.long()], 1),
    }
    if "mm_token_type_ids" in repeated:
        inputs["mm_token_type_ids"] = torch.cat(
            [repeated["mm_token_type_ids"], torch.zeros_like(words["input_ids"])], 1
        )
    inputs |= aligned._pictures(questions, len(examples), samples)
    found = [aligned.parse(t) for t in texts]
    return Drawn(
        inputs, mask, texts, np.array([np.nan if s is None else s for s in found]).reshape(-1, samples)
    )


def test_the_curriculum_makes_right_answers_likelier_and_nonsense_less(processor, model, monkeypatch):
    examples = _examples((9.0, 8.5, -3.0, -4.0))
    right = {9.0: "9.00", 8.5: "8.50", -3.0: "-3.00", -4.0: "-4.00"}
    wrong = {9.0: "-5.00", 8.5: "-5.00", -3.0: "9.00", -4.0: "9.00"}
    form = "<think>x</think><answer>{}</answer>"

    def said(model, processor, part, how):
        texts = [
            t
            for e in part
            for t in (form.format(right[e.label]), form.format(wrong[e.label]), "no idea at all")
        ]
        return _crafted(processor, part, texts)

    monkeypatch.setattr(aligned, "draw", said)
    reference = tiny.tiny_model(processor)
    list(set_free(model, PARTS))

    def likelihood():
        model.eval()
        with torch.no_grad():
            drawn = said(model, processor, examples, None)
            each = (log_probs(model, drawn.inputs, drawn.mask.shape[1]) * drawn.mask).sum(1).reshape(-1, 3)
        model.train()
        return each.mean(0)

    before = likelihood()
    plan = Curriculum((Phase("step1", 2), Phase("step2", 3)))
    how = How(samples=3, rate=3e-3, temperature=1.0, versions=2)
    notes = align(model, reference, processor, examples, plan, PUBLISHED, how)
    change = likelihood() - before
    assert change[0] > change[1] > change[2] - 5
    assert change[0] - change[1] > 0.1
    assert len(notes) == 5
    assert notes[0]["of form"] == pytest.approx(2 / 3)
    # Step 1: both halves right 1 + ½ + ½ for form, wrong −1 + ½, nonsense −1.
    assert notes[0]["reward"] == pytest.approx((2.0 - 0.5 - 1.0) / 3)
    assert all(
        torch.equal(a, b)
        for a, b in zip(_state(reference).values(), _state(tiny.tiny_model(processor)).values(), strict=True)
    )


def test_the_whole_loop_runs_on_what_the_model_says(processor, model):
    examples = _examples((9.0, 8.0, 1.0, 0.0))
    notes = align(
        model, tiny.tiny_model(processor), processor, examples, Curriculum.two_steps(1, 1), PUBLISHED,
        How(samples=2, words=4, versions=4),
    )  # fmt: skip
    assert [n["of form"] for n in notes] == [0.0, 0.0]
    assert [n["silent"] for n in notes] == [1.0, 1.0]  # all nonsense alike: nothing to learn from


def test_examples_of_a_file(tmp_path):
    tiny.picture(0).save(tmp_path / "a.png")
    row = {"source": "s", "grade": ["a.png"], "reference": ["a.png"], "descriptors": {"x": 1}, "label": 3}
    good, path = json.dumps(row), tmp_path / "examples.jsonl"
    path.write_text(good)
    assert read_examples(path)[0].label == 3
    for line, what in (
        ("{", "line 2: JSONDecodeError"),
        (json.dumps(row | {"label": float("nan")}), "line 2: a finite label"),
        (json.dumps(row | {"grade": []}), "line 2: a finite label"),
        (json.dumps(row | {"grade": ["b.png"]}), "line 2: b.png is not there"),
        (json.dumps({k: v for k, v in row.items() if k != "source"}), "line 2: KeyError"),
        ("[]", "line 2: TypeError"),
    ):
        path.write_text(good + "\n" + line)
        with pytest.raises(InputError, match=what):
            read_examples(path)
    path.write_text("")
    with pytest.raises(InputError, match="no examples"):
        read_examples(path)
