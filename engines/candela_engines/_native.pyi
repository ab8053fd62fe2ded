"""The native library (engines/native); `candela_engines.runtime.native` says whether it is there."""

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]

ABI: int

class Damaged(ValueError):
    """A stream that cannot be true."""

class Siren:
    """The `paper` network; with a size, for pictures of it."""

    def __init__(self, numbers: npt.NDArray[np.float32], height: int = ..., width: int = ...) -> None:
        """Numbers (8963) as the payload stores them. ValueError for other counts or sizes."""

    @property
    def nodes(self) -> int:
        """Nodes of the place branch in 96 columns; 0: it is evaluated at every pixel."""

    def points(
        self,
        colour: npt.NDArray[np.float32],
        place: npt.NDArray[np.float32],
        threads: int = 0,
        isa: str = "",
    ) -> npt.NDArray[np.float32]:
        """PQ codes (n, 3), unclipped, of colours (n, 3) at places (n, 2)."""

    def render(
        self,
        picture: npt.NDArray[np.generic],
        bits: int,
        out: npt.NDArray[np.generic],
        out_bits: int,
        region: tuple[int, int, int, int],
        encoding: str,
        threads: int = 0,
        isa: str = "",
    ) -> None:
        """Renders a region (left, top, right, bottom) of the whole picture into `out`, which is the region's.

        picture: (height, width, 3 or more) uint8, uint16 (both of `bits`), float16 or float32 over full
        scale, any strides; out: likewise. encoding: `pq` or `nits` (floats alone). ValueError for what does
        not fit.
        """

class GammaMlp:
    """The `gamma` network; with a size and colours, for pictures of them."""

    def __init__(
        self,
        numbers: npt.NDArray[np.float32],
        norms: list[float],
        height: int = ...,
        width: int = ...,
        transfer: str = ...,
        exponent: float = ...,
        scale: float = ...,
        offset: float = ...,
        matrix: list[float] = ...,
    ) -> None:
        """Numbers (2224) as the payload stores them; means and ranges of S and γ.

        transfer: `power` or `srgb`, of code · scale + offset; matrix: the picture's linear RGB to BT.2020.
        """

    def points(
        self, inputs: npt.NDArray[np.float64], threads: int = 0, isa: str = ""
    ) -> npt.NDArray[np.float64]:
        """γ (n, 3) of inputs (n, 5)."""

    def render(
        self,
        picture: npt.NDArray[np.generic],
        bits: int,
        out: npt.NDArray[np.generic],
        out_bits: int,
        region: tuple[int, int, int, int],
        encoding: str,
        threads: int = 0,
        isa: str = "",
    ) -> None:
        """As `Siren.render`."""

    def render_codes(
        self,
        s: npt.NDArray[np.float64],
        out: npt.NDArray[np.generic],
        out_bits: int,
        region: tuple[int, int, int, int],
        encoding: str,
        threads: int = 0,
        isa: str = "",
    ) -> None:
        """As `render`, from S (PQ codes of the SDR's light) of the region."""

class GammaSamples:
    """Samples that a gamma network is fitted to: inputs (n, 5), normalised γ (n, 3)."""

    def __init__(
        self,
        inputs: npt.NDArray[np.float64],
        targets: npt.NDArray[np.float32],
        threads: int = 0,
        isa: str = "",
    ) -> None:
        """Encodes the inputs."""

    def __len__(self) -> int:
        """n."""

    def gradient(
        self, numbers: npt.NDArray[np.float32], first: int, count: int, threads: int = 0, isa: str = ""
    ) -> tuple[float, npt.NDArray[np.float32]]:
        """Mean squared error over samples first..first + count and over channels, and its gradient."""

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

def sines(x: npt.NDArray[np.float32], isa: str = "") -> npt.NDArray[np.float32]:
    """sin(π·x), flat, as the networks compute it."""

def siren_gradient(
    numbers: npt.NDArray[np.float32],
    colour: npt.NDArray[np.float32],
    place: npt.NDArray[np.float32],
    target: npt.NDArray[np.float32],
    threads: int = 0,
    isa: str = "",
) -> tuple[float, npt.NDArray[np.float32]]:
    """Mean squared error of a SIREN over samples (n, 3), (n, 2), (n, 3) and channels, and its gradient."""
