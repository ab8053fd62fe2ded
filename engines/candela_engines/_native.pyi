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

class Surroundings:
    """Means of max(R, G, B) over the cells of a picture."""

    def __init__(self, picture: npt.NDArray[np.generic], bits: int, threads: int = 0) -> None: ...

class Frame:
    """A default network for pictures of one size; candela_engines.runtime.frame says what goes in."""

    def __init__(
        self,
        weights: list[npt.NDArray[np.float32]],
        biases: list[npt.NDArray[np.float32]],
        plane: npt.NDArray[np.float32] | None,
        lattice: str,
        shift: int,
        spread: float,
        domain: str,
        strength: int,
        ceiling: float,
        width: int,
        height: int,
        transfer: str,
        exponent: float,
        scale: float,
        offset: float,
        matrix: list[float],
    ) -> None: ...
    def render(
        self,
        picture: npt.NDArray[np.generic],
        bits: int,
        around: Surroundings,
        out: npt.NDArray[np.generic],
        out_bits: int,
        region: tuple[int, int, int, int],
        encoding: str,
        threads: int = 0,
        fold: bool = True,
        isa: str = "",
    ) -> tuple[int, int, int, int]:
        """Pixels, tiles, tiles with a layer taken as it stands, multiply-adds."""
