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
class Trainer:
    """A fit in progress: ReLU layers to samples of one picture (include/candela/fit.hpp).

    features (n, inputs), target and weight (n, outputs) are borrowed; weights (inputs, outputs) and biases
    (outputs) of each layer are copied. The result does not depend on `threads`. optimiser: soap or adam.
    seconds: from now, by which the schedule, shortened to fit, has run; 0 for no limit.
    """

    def __init__(
        self,
        features: npt.NDArray[np.float32],
        target: npt.NDArray[np.float32],
        weight: npt.NDArray[np.float32],
        weights: list[npt.NDArray[np.float32]],
        biases: list[npt.NDArray[np.float32]],
        *,
        steps: int,
        batch: int = 512,
        rate: float = 1e-2,
        bits: int = 0,
        quantised_from: float = 0.75,
        seconds: float = 0.0,
        optimiser: str = "soap",
        threads: int = 0,
        isa: str = "",
    ) -> None: ...
    def run(self, steps: int) -> bool:
        """At most so many steps more; False when the schedule has ended. Holds no lock of Python's."""

    @property
    def done(self) -> int:
        """Steps."""

    @property
    def fraction(self) -> float:
        """Of the schedule, 0..1."""

    def parameters(self) -> tuple[list[npt.NDArray[np.float32]], list[npt.NDArray[np.float32]]]:
        """Weights and biases as they are now, unrounded."""

    @property
    def rounding(self) -> bool:
        """Whether weights are being rounded."""

    def rounded(self) -> list[tuple[Int32, Int32, Int32]]:
        """Weights, biases and scale codes as they would be stored now; empty without bits."""

def weighted_errors(
    features: npt.NDArray[np.float32],
    weights: list[npt.NDArray[np.float32]],
    biases: list[npt.NDArray[np.float32]],
    target: npt.NDArray[np.float32] | None = None,
    weight: npt.NDArray[np.float32] | None = None,
    threads: int = 0,
    isa: str = "",
) -> npt.NDArray[np.float32]:
    """Outputs (n, outputs) of ReLU layers, or with a target what is left of it times the weight."""

def resample(
    features: npt.NDArray[np.float32],
    target: npt.NDArray[np.float32],
    weight: npt.NDArray[np.float32],
    weights: list[npt.NDArray[np.float32]],
    biases: list[npt.NDArray[np.float32]],
    *,
    count: int,
    seed: int = 0,
    threads: int = 0,
    isa: str = "",
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Features, target and weight of samples drawn anew, a fifth of them by what the layers get wrong."""
