"""The native library (engines/native); `candela_engines.runtime.native` says whether it is there."""

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]

ABI: int

class Damaged(ValueError):
    """A stream that cannot be true."""

def decode_layers(data: bytes, sizes: list[int], bits: int) -> list[tuple[Int32, Int32, Int32]]:
    """Weights (inputs, outputs), biases and scale codes (outputs) of each layer."""

def encode_layers(layers: list[tuple[Int32, Int32, Int32]]) -> bytes:
    """The stream that `decode_layers` reads."""

def decode_bands(data: bytes, height: int, width: int, channels: int) -> list[list[Int32]]:
    """Quantised bands of each channel."""

def encode_bands(bands: list[list[Int32]], height: int, width: int) -> bytes:
    """The stream that `decode_bands` reads."""

def evaluate(
    features: npt.NDArray[np.float32],
    weights: list[npt.NDArray[np.float32]],
    biases: list[npt.NDArray[np.float32]],
    threads: int = 0,
    isa: str = "",
) -> npt.NDArray[np.float32]:
    """Outputs (n, outputs) of ReLU layers for features (n, inputs). isa: of `instruction_sets`."""

def instruction_sets() -> list[str]:
    """What the kernel can use here, the one in use first: avx512, avx2, neon, portable."""

def join_bands(bands: list[list[Int32]], height: int, width: int, step: int) -> npt.NDArray[np.int64]:
    """Planes (height, width, channels) over 65536."""

class PlaneCoder:
    """Codes a plane (h, w, C) with its weight (h, w, C) to any size; ValueError where they are not finite."""

    def __init__(
        self, plane: npt.NDArray[np.float32], weight: npt.NDArray[np.float32], isa: str = ""
    ) -> None: ...
    def code(
        self, budget: int, draft: bool = False, threads: int = 0
    ) -> tuple[npt.NDArray[np.float32], int, bytes] | None:
        """Samples (h, w, C), step and bytes; None where nothing fits."""
