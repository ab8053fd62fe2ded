"""Weights of the up-conversion networks at random: by the shapes of their layers, with numpy alone."""

from __future__ import annotations

import numpy as np

Weights = dict[str, np.ndarray]


def random_weights(name: str, seed: int = 0) -> Weights:
    """Every layer by its name in training; of a size that keeps the output within a few units."""
    random = np.random.default_rng(seed)
    made: Weights = {}

    def conv(at: str, inputs: int, outputs: int) -> None:
        weight = random.normal(0, (1 / inputs) ** 0.5, (outputs, inputs, 1, 1))
        made[f"{at}.weight"] = weight.astype(np.float32)
        made[f"{at}.bias"] = random.normal(0, 0.3, outputs).astype(np.float32)

    def norm(at: str, channels: int, *more: int) -> None:
        made[f"{at}.weight"] = random.normal(1, 0.2, (channels, *more)).astype(np.float32)
        made[f"{at}.bias"] = random.normal(0, 0.2, (channels, *more)).astype(np.float32)

    def linear(at: str, outputs: int) -> None:
        made[f"{at}.weight"] = random.normal(0, 0.1, (outputs, 6)).astype(np.float32)
        made[f"{at}.bias"] = random.normal(0, 0.1, outputs).astype(np.float32)

    def filter_(at: str, channels: int) -> None:
        conv(f"{at}.spatial", channels, 9)
        conv(f"{at}.squeeze", channels, int(0.2 * channels))
        conv(f"{at}.spread", int(0.2 * channels), 9 * channels)

    sizes = (3, 16, 32, 64, 128, 128)
    for block in range(5):
        conv(f"condition.blocks.{block}.0", sizes[block], sizes[block + 1])
        if block < 4:
            norm(f"condition.blocks.{block}.3", sizes[block + 1])
    conv("condition.to_vector", 128, 6)
    if name == "agcm":
        for number, (inputs, outputs) in enumerate(((3, 64), (64, 64), (64, 3))):
            conv(f"layers.{number}", inputs, outputs)
            linear(f"modulations.{number}.gain", outputs)
            linear(f"modulations.{number}.offset", outputs)
        return made
    conv("condition.to_map", 128, 6)
    for at, inputs, outputs in (("enter", 3, 64), ("middle", 64, 64), ("leave", 64, 3)):
        conv(at, inputs, outputs)
    for number in range(5):
        filter_(f"filters.{number}", 64)
        conv(f"gates.{number}.narrow", 64, 16)
        filter_(f"gates.{number}.first", 16)
        filter_(f"gates.{number}.second", 16)
        norm(f"gates.{number}.norm", 16, 1, 1)
        conv(f"gates.{number}.widen", 16, 64)
    for number, outputs in enumerate((64, 64, 3)):
        linear(f"modulations.{number}.gain", outputs)
        linear(f"modulations.{number}.offset", outputs)
        if number < 2:
            conv(f"modulations.{number}.local_gain", 6, outputs)
            conv(f"modulations.{number}.local_offset", 6, outputs)
    return made
