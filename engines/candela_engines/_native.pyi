"""The native library (engines/native); `candela_engines.runtime.native` says whether it is there."""

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]

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

def join_bands(bands: list[list[Int32]], height: int, width: int, step: int) -> npt.NDArray[np.int64]:
    """Planes (height, width, channels) over 65536."""
