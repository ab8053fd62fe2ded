"""The native library (engines/native); `candela_engines.native` says whether it is there."""

from typing import Any

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]
F32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
# Nodes (h, w, C), scale, offset, and the cell of Shepard's lattice or 0 for a bilinear field.
Field = tuple[F32, float, float, int]

ABI: int

class Damaged(ValueError):
    """A stream that cannot be true."""

class Trouble(Exception):
    """What hosts are told: (kind, message), the kind as engines/native/include/candela/trouble.hpp has it."""

class Model:
    """A file's payload or reel, and its networks, as hosts have them."""

    @staticmethod
    def open(path: str) -> Model:
        """Of the payload that a file carries, or that lies beside it. Trouble where there is none."""

    @staticmethod
    def of(data: bytes) -> Model:
        """Of a payload's or reel's bytes."""

    @property
    def shots(self) -> list[dict[str, Any]]:
        """Payloads in order, by the names of their fields; states as maps, fidelity as a tuple."""

    @property
    def carrier(self) -> str:
        """Where the payload was found; empty for bytes."""

    @property
    def path(self) -> str:
        """The file that holds it."""

    def shot_of(self, frame: int) -> int | None:
        """Which shot serves a frame."""

    def render(
        self,
        frame: int,
        picture: npt.NDArray[np.generic],
        bits: int,
        out: npt.NDArray[np.generic],
        out_bits: int,
        region: tuple[int, int, int, int],
        encoding: str,
        threads: int = 0,
        isa: str = "",
    ) -> None:
        """Renders a region of a frame, given whole, of the payload's size or a proxy, as `Siren.render`."""

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

def decode_payload(data: bytes) -> dict[str, Any]:
    """A payload's fields, as `Model.shots` has them. Trouble where Python raises PayloadError."""

def decode_reel(data: bytes) -> list[dict[str, Any]]:
    """The payloads of a reel."""

def find_payload(path: str) -> tuple[str, str, bytes, int] | None:
    """Carrier, path of the file that holds it, payload, copies; as `itm.carriers.find_payload`."""

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
    def means(self) -> list[F32]:
        """Nodes (gh, gw, 1) for cells of 4, 16 and 64 pixels, over full scale."""

class Fidelity:
    """Sums over a picture that comes in strips of rows; they do not depend on the strips nor on `threads`."""

    def __init__(self, width: int, height: int) -> None: ...
    def add(self, top: int, test: F32, reference: F32, threads: int = 0, isa: str = "") -> None:
        """Rows (h, W, 3) of light in nits, and the master's."""

    def add_rendering(
        self,
        frame: Frame,
        picture: npt.NDArray[np.generic],
        bits: int,
        around: Surroundings,
        reference: F32,
        top: int,
        rows: int,
        threads: int = 0,
        isa: str = "",
    ) -> None:
        """Rows as the frame renders them; reference: the whole master (H, W, 3)."""

    def tiles(self) -> npt.NDArray[np.float64]:
        """Sums of squared errors of PU21 by tiles of 64 pixels, (down, across)."""

    @property
    def delta_sum(self) -> float:
        """Of the pixels' ΔE_ITP."""

    @property
    def delta_most(self) -> float:
        """The largest ΔE_ITP."""

    def histogram(self) -> Int64:
        """Pixels by ΔE_ITP in bins 0.001 wide, 1024001 of them."""

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
class PlaneCoder:
    """Codes a plane (h, w, C) with its weight (h, w, C) to any size; ValueError where they are not finite."""

    def __init__(
        self, plane: npt.NDArray[np.float32], weight: npt.NDArray[np.float32], isa: str = ""
    ) -> None: ...
    def code(
        self, budget: int, draft: bool = False, threads: int = 0
    ) -> tuple[npt.NDArray[np.float32], int, bytes] | None:
        """Samples (h, w, C), step and bytes; None where nothing fits."""

def field_rows(field: Field, top: int, bottom: int, width: int, threads: int = 0) -> F32:
    """Values (bottom − top, width, C) of a strip of rows."""

def field_at(field: Field, ys: Int64, xs: Int64, threads: int = 0) -> F32:
    """Values (n, C) at pixels."""

def fit_shepard(values: F32, weight: F32, cell: int, threads: int = 0) -> tuple[F32, F32]:
    """Nodes (gh, gw, C) whose field comes nearest to values (H, W, C), and how much each weighs."""

def cell_means(values: F32, cell: int, threads: int = 0) -> F32:
    """Means over squares centred on every cell-th pixel, edges repeated."""

def cell_means_of_largest(picture: F32, cells: list[int], threads: int = 0) -> list[F32]:
    """`cell_means` (gh, gw, 1) of max(R, G, B) of a picture (H, W, 3), for several cells."""

def square_means(values: F32, cell: int, threads: int = 0) -> F32:
    """Means (ceil(H/cell), ceil(W/cell), C) over squares from the corner on, edges repeated."""

def pixels_at(
    picture: npt.NDArray[np.generic], ys: Int64, xs: Int64, bits: int = 8, threads: int = 0
) -> F32:
    """Pixels (n, 3) of a picture (H, W, 3), integers over full scale."""

def steps_at(
    picture: npt.NDArray[np.generic], code: float, ys: Int64, xs: Int64, bits: int = 8, threads: int = 0
) -> F32:
    """The dequantiser's whole step (n, 3) at pixels of a picture of codes."""

def features_at(
    codes: F32,
    ys: Int64,
    xs: Int64,
    means: list[Field],
    plane: Field | None,
    plane_mean: Field | None,
    spread: float,
    threads: int = 0,
) -> F32:
    """What the network sees of pixels, (n, features)."""

# `power` or `srgb`, exponent, scale and offset of the signal, matrix to BT.2020 by rows.
Colour = tuple[str, float, float, float, list[float]]

def targets_of(
    signal: F32, nits: F32, domain: str, colour: Colour, threads: int = 0, isa: str = ""
) -> tuple[F32, F32]:
    """Outputs (n, 3) that give the light, and what an error of them weighs."""

def plane_of_targets(
    codes: npt.NDArray[np.generic],
    bits: int,
    nits: F32,
    strength: int,
    code: float,
    domain: str,
    colour: Colour,
    cell: int,
    channels: int,
    rows: int = 0,
    threads: int = 0,
    isa: str = "",
) -> tuple[F32, F32]:
    """Plane and weight (h, w, channels) of the targets' means over squares, of the `rows` in their middle."""

def largest_of(numbers: F32, threads: int = 0) -> float:
    """The largest, 0 where none is above it; NaN where one is NaN or infinite."""

def rgb_to_yuv(
    picture: npt.NDArray[np.generic],
    bits: int,
    y: npt.NDArray[np.uint16],
    cb: npt.NDArray[np.uint16],
    cr: npt.NDArray[np.uint16],
    out_bits: int,
    chroma: str,
    red: float,
    blue: float,
    threads: int = 0,
) -> None:
    """Narrow-range planes of R'G'B' (H, W, 3), uint16 of `bits`, float16 or float32.

    chroma: `420`, `422` or `444`. Planes have their samples side by side. ValueError for what does not fit.
    """

def planes_shown(
    planes: list[npt.NDArray[np.generic]],
    out: npt.NDArray[np.uint8],
    ycc: bool,
    bits: int,
    step: int,
    rows: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], int],
    columns: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], int],
    cube: npt.NDArray[np.uint64],
    threads: int = 0,
) -> None:
    """Small sRGB pictures of planes, as media/display_planes.py; older builds of this ABI have none."""

def block_excess(
    light: F32, k: int, matrix: list[float], luma: list[float], dark: float, threads: int = 0
) -> F32:
    """Means over k x k pixels of how far light (H, W, 3) lies outside a gamut, as scorer/windows.py.

    ValueError for other strides.
    """

def window_means(plane: F32, radius: int, threads: int = 0) -> F32:
    """Means over (2·radius + 1)² numbers of a plane, as scorer/windows.py."""

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

def video_to_rgb(
    planes: list[npt.NDArray[np.generic]],
    out: F32,
    ycc: bool,
    offset: float,
    scale: float,
    middle: float,
    matrix: list[float],
    across: int,
    down: int,
    left: float,
    top: float,
    threads: int = 0,
    isa: str = "",
) -> None:
    """Three planes (uint8 or uint16, any strides) to R'G'B' in `out` (H, W, 3), as media/movie_rgb.py."""
