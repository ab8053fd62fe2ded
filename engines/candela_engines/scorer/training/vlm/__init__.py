"""Qwen2.5-VL as a policy of preference: three-step unfreezing, then the two-step curriculum.

The extra `vlm` (torch, transformers). The method is `scorer.alignment`, the same that teaches the compact
policy; here are the model's parts, its inputs and masks, the two loops and the command:

    torchrun --nproc-per-node 4 -m candela_engines.scorer.training.vlm sft EXAMPLES OUT --model PATH
    torchrun --nproc-per-node 4 -m candela_engines.scorer.training.vlm align EXAMPLES OUT2 --model OUT

docs/preference.md has the memory it takes. Nothing here has been run on the 7-billion-parameter weights:
tests run the very classes at a tiny random size.
"""
