"""Pictures as OpenFX hosts know them, and what came of rendering them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np

Window = tuple[int, int, int, int]
Fence = Literal["none", "before", "after"]
DEPTHS = {"Float": np.float32, "Half": np.float16, "Short": np.uint16, "Byte": np.uint8}
COMPONENTS = {"RGBA": 4, "RGB": 3, "Alpha": 1}


def format_of(pixels: np.ndarray) -> tuple[str, str]:
    """Components and depth of an array `(H, W, C)` by OpenFX's names."""
    components = {v: k for k, v in COMPONENTS.items()}[pixels.shape[2]]
    depth = {np.dtype(v): k for k, v in DEPTHS.items()}[pixels.dtype]
    return f"OfxImageComponent{components}", f"OfxBitDepth{depth}"


def dtype_of(depth: str) -> np.dtype[Any]:
    return np.dtype(DEPTHS[depth.removeprefix("OfxBitDepth")])


@dataclass
class Rendered:
    """One call of Render, or the source that stands for it."""

    window: Window
    time: float
    status: int
    milliseconds: float
    processor: float  # milliseconds of all threads of the process together, other renders' among them
    polls: int
    identity: str
    unwritten: int
    pixels: np.ndarray
    instance: int


@dataclass
class Renders:
    all: list[Rendered]
    milliseconds: float

    @classmethod
    def read(cls, answer: dict[str, Any], file: Path) -> Self:
        """The host's answer with the pixels that it wrote."""
        data, at, done = np.fromfile(file, np.uint8), 0, []
        for one in answer["renders"]:
            x1, y1, x2, y2 = one["window"]
            count = COMPONENTS[one["components"].removeprefix("OfxImageComponent")]
            part, at = data[at : at + one["bytes"]], at + one["bytes"]
            pixels = part.view(dtype_of(one["depth"])).reshape(y2 - y1 if len(part) else 0, -1, count)
            kept = {key: one[key] for key in ("time", "status", "milliseconds", "processor")}
            more = {key: one[key] for key in ("polls", "identity", "unwritten", "instance")}
            done.append(Rendered(window=(x1, y1, x2, y2), pixels=pixels, **kept, **more))
        return cls(done, answer["milliseconds"])

    @property
    def one(self) -> Rendered:
        (single,) = self.all
        return single

    @property
    def pixels(self) -> np.ndarray:
        return self.one.pixels

    def joined(self, size: tuple[int, int], origin: tuple[int, int] = (0, 0)) -> np.ndarray:
        """Tiles put together: `(H, W, C)` of a picture of this size. What no tile covers stays 0."""
        first = self.all[0].pixels
        whole = np.zeros((size[1], size[0], first.shape[2]), first.dtype)
        for part in self.all:
            x1, y1, x2, y2 = part.window
            x1, x2, y1, y2 = x1 - origin[0], x2 - origin[0], y1 - origin[1], y2 - origin[1]
            whole[size[1] - y2 : size[1] - y1, x1:x2] = part.pixels
        return whole
