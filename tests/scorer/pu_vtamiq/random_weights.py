"""Weights of PU-VTAMIQ-S at random: by the shapes of its layers, with numpy alone."""

from __future__ import annotations

import numpy as np

from candela_engines.scorer.pu_vtamiq.shape import BLOCKS, CELLS, COMMON, GROUPS, STEM, UNITS, WIDTH

Weights = dict[str, np.ndarray]


def random_weights(seed: int = 0) -> Weights:
    """Every layer by its name in training."""
    random = np.random.default_rng(seed)
    made: Weights = {}

    def normal(*shape: int, of: float) -> np.ndarray:
        return random.normal(0, of, shape).astype(np.float32)

    def linear(name: str, inputs: int, outputs: int) -> None:
        made[f"{name}.weight"] = normal(outputs, inputs, of=inputs**-0.5)
        made[f"{name}.bias"] = normal(outputs, of=0.2)

    def norm(name: str) -> None:
        made[f"{name}.weight"] = 1 + normal(WIDTH, of=0.1)
        made[f"{name}.bias"] = normal(WIDTH, of=0.1)

    for at, (inputs, outputs) in enumerate(zip((4, *STEM[:-1]), STEM, strict=True)):
        made[f"stem.{at}.weight"] = normal(outputs, inputs, 3, 3, of=(9 * inputs) ** -0.5)
        made[f"stem.{at}.bias"] = normal(outputs, of=0.1)
    made |= {
        "cells": normal(CELLS * CELLS, WIDTH, of=0.3),
        "sizes": normal(3, WIDTH, of=0.3),
        "common": normal(COMMON, WIDTH, of=0.3),
        "scale": 1 + normal(WIDTH, of=0.1),
        "carries": normal(WIDTH, 1, of=0.1),
        "bend.weight": np.array([0.25], np.float32),
    }
    for at in range(BLOCKS):
        name = f"blocks.{at}"
        for part in ("before", "after"):
            norm(f"{name}.{part}")
        for part in ("query", "key", "value", "out"):
            linear(f"{name}.{part}", WIDTH, WIDTH)
        linear(f"{name}.wide", WIDTH, 4 * WIDTH)
        linear(f"{name}.narrow", 4 * WIDTH, WIDTH)
        for part in ("first_scale", "second_scale"):
            made[f"{name}.{part}"] = 0.3 + normal(WIDTH, of=0.1)
    norm("norm")
    for group in range(GROUPS):
        for unit in range(UNITS):
            name = f"groups.{group}.{unit}"
            made[f"{name}.bend.weight"] = np.array([0.25], np.float32)
            linear(f"{name}.mix", WIDTH, WIDTH)
            linear(f"{name}.narrow", WIDTH, WIDTH // 16)
            linear(f"{name}.wide", WIDTH // 16, WIDTH)
        linear(f"groups.{group}.last", WIDTH, WIDTH)
    linear("mix", WIDTH, WIDTH)
    linear("hidden", WIDTH, WIDTH // 4)
    linear("score", WIDTH // 4, 1)
    return made
