"""Teach Qwen2.5-VL preference on labelled pictures.

    torchrun --nproc-per-node 4 -m candela_engines.scorer.training.vlm sft EXAMPLES OUT --model PATH
    torchrun --nproc-per-node 4 -m candela_engines.scorer.training.vlm align EXAMPLES OUT2 --model OUT

EXAMPLES: a file of lines of JSON (`inputs.read_examples`). PATH: a folder with Qwen2.5-VL's weights and
processor; nothing is downloaded. With several processes weights, gradients and moments are sharded over them
(FSDP2); `align` then wants the same number of versions of every source. --every N keeps OUT/step-N as well;
--begin N goes on from there (give it as --model; the optimiser's moments start anew).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from candela_engines.errors import InputError
from candela_engines.scorer.alignment import MENDED, PUBLISHED, Curriculum, Unfreezing
from candela_engines.scorer.training.vlm.aligned import How, align
from candela_engines.scorer.training.vlm.inputs import read_examples
from candela_engines.scorer.training.vlm.parts import PARTS, set_free
from candela_engines.scorer.training.vlm.sharded import place, shard
from candela_engines.scorer.training.vlm.supervised import supervise

__all__ = ["main"]


def _loaded(path: Path, device: torch.device, *, frozen: bool) -> Any:
    from transformers import Qwen2_5_VLForConditionalGeneration

    # Weights that learn are kept in float32: steps of 1e-5 vanish in bfloat16.
    kind = torch.bfloat16 if frozen else torch.float32
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(path, dtype=kind, local_files_only=True)
    if torch.distributed.is_initialized():
        shard(model)
    model.to(device)
    if not frozen:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    return model.requires_grad_(not frozen)


def _keep(model: Any, processor: Any, out: Path) -> None:
    if torch.distributed.is_initialized():
        from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

        whole = StateDictOptions(full_state_dict=True, cpu_offload=True)
        state = get_model_state_dict(model, options=whole)
        if torch.distributed.get_rank() != 0:
            return
        model.save_pretrained(out, state_dict=state)
    else:
        model.save_pretrained(out)
    processor.save_pretrained(out)


def main(arguments: Sequence[str] | None = None) -> None:
    """One of the two stages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("stage", choices=["sft", "align"])
    parser.add_argument("examples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--updates", type=int, nargs="+", help="sft: of the three steps; align: of the two")
    parser.add_argument("--rate", type=float, default=1e-5)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--words", type=int, default=800)
    parser.add_argument("--batch", type=int, default=4, help="examples a process, in sft")
    parser.add_argument("--rewards", choices=["published", "mended"], default="published")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--begin", type=int, default=0)
    parser.add_argument("--every", type=int, default=0)
    asked = parser.parse_args(arguments)
    wanted = 3 if asked.stage == "sft" else 2
    updates = asked.updates or ([200, 200, 600] if wanted == 3 else [1500, 500])
    if len(updates) != wanted:
        raise InputError(f"--updates {updates}: {asked.stage} has {wanted} steps")
    try:
        from transformers import AutoProcessor
    except ImportError as error:
        raise ImportError("transformers is not there: pip install 'candela-hdr[vlm]'") from error
    examples = read_examples(asked.examples)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    if several:
        torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        if device.type == "cuda":
            device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
            torch.cuda.set_device(device)
        counts = {sum(e.source == s for e in examples) for s in {e.source for e in examples}}
        if asked.stage == "align" and len(counts) > 1:
            raise InputError(
                f"sources of {sorted(counts)} versions: several processes want one number of them"
            )
    torch.manual_seed(asked.seed + place()[0])
    processor = AutoProcessor.from_pretrained(asked.model, local_files_only=True)
    model = _loaded(asked.model, device, frozen=False)

    def after(update: int, said: Any) -> None:
        print(f"{asked.stage} {update}, process {place()[0]}: {said}", flush=True)
        if asked.every and (update + 1) % asked.every == 0:
            _keep(model, processor, asked.out / f"step-{update + 1}")

    if asked.stage == "sft":
        plan = Unfreezing(tuple(updates), PARTS)
        supervise(
            model, processor, examples, plan, rate=asked.rate, batch=asked.batch, seed=asked.seed,
            begin=asked.begin, after=after,
        )  # fmt: skip
    else:
        reference = _loaded(asked.model, device, frozen=True)
        list(set_free(model, PARTS))
        rewards = {"published": PUBLISHED, "mended": MENDED}[asked.rewards]
        how = How(samples=asked.samples, words=asked.words, rate=asked.rate)
        plan2 = Curriculum.two_steps(*updates)
        align(
            model, reference, processor, examples, plan2, rewards, how, seed=asked.seed, begin=asked.begin,
            after=after,
        )  # fmt: skip
    _keep(model, processor, asked.out)
    if several:
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
