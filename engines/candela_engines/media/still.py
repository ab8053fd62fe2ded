"""A still picture as decoded: codes, alpha, colour state and what there is to know about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError, InputError, MediaError
from candela_engines.media.codecs_reader import read_with_codecs
from candela_engines.media.decoded import Decoded, MetadataValue, Samples
from candela_engines.media.hashing import hash_samples
from candela_engines.media.jpeg_reader import read_jpeg
from candela_engines.media.kinds import HEAD_BYTES, not_a_picture
from candela_engines.media.oiio_reader import read_with_oiio
from candela_engines.media.source import open_source, sniff
from candela_engines.media.state_text import state_label

__all__ = ["Still", "check_narrow", "picture_hash", "read_decoded", "read_still", "require_state", "still_of"]

_STRIP_VALUES = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """One decoded picture.

    pixels: (H, W, 3) float32, codes as stored: integers divided by 2**bits - 1, floats as they are,
    negatives, values above 1 and NaN kept; narrow-range codes are not expanded.
    alpha: (H, W) float32 or None, scaled alike. associated: whether pixels are multiplied by it (stored so).
    codes: (H, W, 3) the samples themselves, uint8, uint16, float16 or float32, for hashing; may share
    memory with `pixels` and may be read-only.
    bits: significant bits of a code; 16 or 32 for floats.
    state: the colour state by argument or by tags, else None.
    tagged: whether the file's own tags settle a state. found: what those tags say, in words.
    channels: the names in the file. nonfinite: how many samples are NaN or infinite.
    """

    path: Path
    format: str
    pixels: NDArray[np.float32]
    alpha: NDArray[np.float32] | None
    codes: Samples
    bits: int
    state: ColourState | None
    tagged: bool
    found: str
    channels: tuple[str, ...]
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    nonfinite: int = 0
    associated: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return int(self.pixels.shape[1]), int(self.pixels.shape[0])


def read_still(path: Path | str, *, colour: ColourState | None = None) -> Still:
    """Decode a still: PNG, JPEG (its SDR base), TIFF, OpenEXR, DPX, Radiance HDR, AVIF, HEIF, JPEG XL.

    colour: the state to read it as; it wins over the tags, and a contradiction is written in `notes`.
    The format is told by content, not by name. Raises MediaError for what is no readable picture of these,
    InfrastructureError for a missing permission, package or memory.
    """
    path = Path(path)
    return still_of(read_decoded(path), path, colour=colour)


def read_decoded(path: Path) -> Decoded:
    """The samples of a still as they are stored, brought to nothing. Raises as `read_still`."""
    with open_source(path) as stream:
        head = stream.read(HEAD_BYTES)
    format_ = sniff(head[:64])
    if format_ is None:
        raise MediaError(f"{path}: {not_a_picture(head)}")
    return _decode(path, format_)


def _decode(path: Path, format_: str) -> Decoded:
    if format_ == "jpeg":
        return read_jpeg(path)
    if format_ in ("avif", "heif", "jxl"):
        return read_with_codecs(path, format_)
    return read_with_oiio(path, format_)


def _unit_floats(samples: NDArray[Any], bits: int) -> NDArray[np.float32]:
    """Samples as float32: integers over 2**bits - 1, correctly rounded; float32 without a copy."""
    if samples.dtype.kind == "u":
        floats: NDArray[np.float32] = np.divide(samples, np.float32((1 << bits) - 1), dtype=np.float32)
        return floats
    return samples.astype(np.float32, copy=False)


def _count_nonfinite(values: NDArray[Any]) -> int:
    rows = max(1, _STRIP_VALUES // max(1, values[0].size))
    strips = (values[top : top + rows] for top in range(0, values.shape[0], rows))
    return sum(int(strip.size - np.count_nonzero(np.isfinite(strip))) for strip in strips)


def still_of(decoded: Decoded, path: Path, *, colour: ColourState | None = None) -> Still:
    """The `Still` of what a reader handed over."""
    notes = list(decoded.notes)
    samples = decoded.samples
    if len(decoded.colour_channels) == 1:
        notes.append("grey, read as R = G = B")
        plane = samples[:, :, decoded.colour_channels[0], np.newaxis]
        codes: Samples = np.broadcast_to(plane, (*plane.shape[:2], 3))  # type: ignore[assignment]
    elif decoded.colour_channels == (0, 1, 2):
        codes = samples[:, :, :3]
    else:
        codes = samples[:, :, list(decoded.colour_channels)]
    alpha = None
    if decoded.alpha_channel is not None:
        alpha = _unit_floats(np.ascontiguousarray(samples[:, :, decoded.alpha_channel]), decoded.bits)
    pixels = _unit_floats(codes, decoded.bits)
    nonfinite = _count_nonfinite(pixels) if codes.dtype.kind == "f" else 0
    if nonfinite:
        notes.append(f"{nonfinite} samples are NaN or infinite; they are kept")
    tagged = decoded.tags.state
    if colour is not None and tagged is not None and _meaning(colour) != _meaning(tagged):
        notes.append(
            f"the file says {decoded.tags.found}, which is {state_label(tagged)}; "
            f"read as {state_label(colour)} as asked"
        )
    return Still(
        path=path,
        format=decoded.format,
        pixels=pixels,
        alpha=alpha,
        codes=codes,
        bits=decoded.bits,
        state=colour if colour is not None else tagged,
        tagged=tagged is not None,
        found=decoded.tags.found,
        channels=decoded.original_channels or decoded.channels,
        notes=tuple(notes),
        metadata=dict(decoded.metadata),
        nonfinite=nonfinite,
        associated=decoded.associated and alpha is not None,
    )


def _meaning(state: ColourState) -> tuple[str, ...]:
    words = (state.primaries, state.transfer, state.range, state.ocio_space or "")
    return (*words, f"{state.unit_nits:g}") if state.transfer == "linear" else words


def require_state(still: Still, flag: str) -> ColourState:
    """The state of `still`. Raises ColourStateError naming `flag`, as --sdr-colour, where there is none."""
    if still.state is not None:
        return still.state
    raise ColourStateError(
        f"{still.path}: its colour state is not known (found: {still.found}); say it with {flag} NAME, "
        f"where NAME is {', '.join(NAMED)} or a colour space of the OCIO config"
    )


def check_narrow(still: Still, state: ColourState) -> None:
    """Raise InputError where `still` is to be read as `state` with a narrow range that it cannot have."""
    if state.range != "narrow":
        return
    if state.ocio_space is not None:
        raise InputError(
            f"{still.path}: {state.ocio_space!r} is a space of an OCIO config, which has no narrow range; "
            "name one of Candela's own colours, for example rec709, or convert the picture to full range"
        )
    if still.codes.dtype.kind == "f":
        raise InputError(
            f"{still.path}: holds floats, and narrow range is a matter of integer codes; read it as full"
        )


def picture_hash(still: Still) -> bytes:
    """SHA-256 of the picture's codes, 32 bytes, in the canonical form of `media.hashing`."""
    return hash_samples(still.codes, still.bits)
