"""Two processes share Qwen2.5-VL's weights: they answer, they agree, and they learn what one would."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("PIL")
if not torch.distributed.is_available():
    pytest.skip("torch without torch.distributed", allow_module_level=True)

from candela_engines.scorer.alignment import MENDED, Curriculum, Unfreezing  # noqa: E402
from candela_engines.scorer.training.vlm import aligned  # noqa: E402
from candela_engines.scorer.training.vlm.__main__ import main  # noqa: E402
from candela_engines.scorer.training.vlm.aligned import How, align  # noqa: E402
from candela_engines.scorer.training.vlm.inputs import Example  # noqa: E402
from candela_engines.scorer.training.vlm.parts import PARTS, part_of, set_free  # noqa: E402
from candela_engines.scorer.training.vlm.sharded import gathered, shard  # noqa: E402
from candela_engines.scorer.training.vlm.supervised import supervise  # noqa: E402

from . import tiny_vlm as tiny  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # of transformers' own


def _examples() -> list[Example]:
    reference = (tiny.picture(99),)
    return [
        Example(source, (tiny.picture(10 * place + i),), reference, {"pair.tone.stops": 0.1 * i}, label, "Ok")
        for place, source in enumerate("ab")
        for i, label in enumerate((9.0, 5.0, 1.0))
    ]


def _file_of(folder: Path) -> Path:
    rows = []
    for number, e in enumerate(_examples()):
        e.grade[0].save(folder / f"g{number}.png")
        e.reference[0].save(folder / "r.png")
        rows.append(
            {"source": e.source, "grade": [f"g{number}.png"], "reference": ["r.png"]}
            | {"descriptors": dict(e.descriptors), "label": e.label}
        )
    (folder / "examples.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder / "examples.jsonl"


def _score(text: str) -> float:
    """A score of any text, since a random model says nothing of the form and would earn nothing."""
    return sum(text.encode()) % 13 - 4.0


def _whole(model: Any) -> dict[str, Any]:
    return {
        n: getattr(p, "full_tensor", lambda p=p: p)().detach().clone() for n, p in model.named_parameters()
    }


def _taught(sources: int, sharded: bool) -> dict[str, Any]:
    """Two updates of the curriculum, then the three steps of supervision; what was said, weights and parts.

    Plain descent: AdamW's first step is as long for a slope of 1e-9, which is rounding, as for any other.
    """
    processor, texts, moved = tiny.tiny_processor(), [], []
    torch.optim.AdamW = lambda parameters, lr: torch.optim.SGD(list(parameters), lr)
    aligned.parse = _score
    begun = aligned.draw

    def noted(*inputs: Any) -> Any:
        drawn = begun(*inputs)
        texts.append(drawn.texts)
        return drawn

    aligned.draw = noted
    model, reference = tiny.tiny_model(processor), tiny.tiny_model(processor).requires_grad_(False)
    if sharded:
        shard(model, precision=torch.float32)
        shard(reference, precision=torch.float32)
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    list(set_free(model, PARTS))
    how = How(samples=3, words=6, temperature=1.0, rate=0.3, versions=2, sources=sources)
    first = _whole(model)
    notes = align(model, reference, processor, _examples(), Curriculum.two_steps(1, 1), MENDED, how)
    second = before = _whole(model)

    def after(update: int, loss: float) -> None:
        nonlocal before
        now = _whole(model)
        moved.append(sorted({part_of(n) for n in now if not torch.equal(now[n], before[n])}))
        before = now

    plan = Unfreezing((1, 1, 1), PARTS)
    supervise(model, processor, _examples(), plan, rate=0.3, batch=sources, after=after)
    if sharded:
        # Processes that draw answers of other lengths must not wait for one another.
        list(set_free(model, PARTS))
        rank = torch.distributed.get_rank()
        with gathered(model):
            for words in ((3, 9), (7, 2))[rank]:
                begun(model, processor, _examples()[:2], How(samples=2, words=words))
    return {
        "texts": texts, "first": first, "aligned": second, "supervised": before, "moved": moved,
        "notes": notes, "last": _whole(model),
    }  # fmt: skip


def _process(rank: int, folder: str, ports: tuple[int, int]) -> None:
    torch.set_num_threads(1)
    place = Path(folder)
    for port, stage, out, rest in (
        (ports[0], "sft", "one", ["--updates", "1", "1", "1", "--batch", "1"]),
        (ports[1], "align", "two", ["--updates", "1", "1", "--samples", "2", "--words", "4"]),
    ):
        os.environ |= {
            "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(port),
        }  # fmt: skip
        model = place / ("model" if stage == "sft" else "one")
        main([stage, str(place / "examples.jsonl"), str(place / out), "--model", str(model), *rest])
    torch.distributed.init_process_group("gloo", f"file://{folder}/store", rank=rank, world_size=2)
    torch.save(_taught(1, sharded=True), place / f"{rank}.pt")
    torch.distributed.destroy_process_group()


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """What both processes came to, and the folder in which the commands wrote."""
    folder = tmp_path_factory.mktemp("two")
    _file_of(folder)
    processor = tiny.tiny_processor()
    tiny.tiny_model(processor).save_pretrained(folder / "model")
    processor.save_pretrained(folder / "model")
    context = torch.multiprocessing.spawn(
        _process, (str(folder), (_free_port(), _free_port())), nprocs=2, join=False
    )
    # False while they go on; an error of one ends both and is raised here.
    done = [context.join(timeout=120) for _ in range(2)]
    for process in context.processes:
        process.kill()
    assert any(done), "two processes hang"
    return [torch.load(folder / f"{rank}.pt") for rank in (0, 1)], folder


@pytest.fixture(scope="module")
def alone():
    kept = torch.optim.AdamW, aligned.parse, aligned.draw
    try:
        return _taught(2, sharded=False)
    finally:
        torch.optim.AdamW, aligned.parse, aligned.draw = kept


def test_processes_answer_as_one_would_and_agree(two, alone):
    (one, other), _ = two
    # Two sources an update, each in two parts: one process' answers are those of both, in turn.
    assert len(alone["texts"]) == 8
    assert [*one["texts"][:2], *other["texts"][:2]] == alone["texts"][:4]
    assert [*one["texts"][2:], *other["texts"][2:]] == alone["texts"][4:]
    for stage in ("aligned", "supervised", "last"):
        assert all(torch.equal(one[stage][n], other[stage][n]) for n in one[stage])
    for key in ("reward", "silent"):
        each = [[n[key] for n in said["notes"]] for said in (one, other)]
        assert [sum(pair) / 2 for pair in zip(*each, strict=True)] == pytest.approx(
            [n[key] for n in alone["notes"]]
        )


@pytest.mark.parametrize("stage", ["aligned", "supervised"])
def test_processes_learn_what_one_would(two, alone, stage):
    (one, _), _ = two
    for name, begun in alone["first"].items():
        wanted = alone[stage][name] - begun
        assert torch.allclose(one[stage][name] - begun, wanted, atol=2e-5 * float(wanted.abs().max()) + 1e-6)
    assert max(float((alone[stage][n] - alone["first"][n]).abs().max()) for n in alone["first"]) > 1e-2


def test_three_steps_move_what_they_should_when_sharded(two, alone):
    (one, _), _ = two
    assert one["moved"] == alone["moved"] == [["encoder"], ["encoder", "projector"], sorted(PARTS)]


def test_both_commands_run_through_and_keep_whole_weights(two):
    from transformers import Qwen2_5_VLForConditionalGeneration

    _, folder = two
    begun = tiny.tiny_model(tiny.tiny_processor()).state_dict()
    for out in ("one", "two"):
        kept = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder / out, dtype=torch.float32)
        state = kept.state_dict()
        assert {n: p.shape for n, p in state.items()} == {n: p.shape for n, p in begun.items()}
        assert any(not torch.equal(state[n], begun[n]) for n in state)
        assert (folder / out / "tokenizer.json").is_file()
