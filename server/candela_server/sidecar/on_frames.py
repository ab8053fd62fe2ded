"""Frames in memory: fit, render and measure without a file. The engines are those that files go through."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from candela_engines.colour.convert import from_nits_rec2020, to_nits_rec2020
from candela_engines.colour.names import NAMED, parse_colour
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError, PictureMismatchError
from candela_engines.itm.decode import Decoded, decode_payload
from candela_engines.itm.default_model import DefaultModel
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.fitted import Effort, Fitted
from candela_engines.media import state_label
from candela_engines.media.hashing import hash_samples
from candela_server.jobs.errors import FrameMemoryError
from candela_server.service.pictures import MAX_NITS, nonfinite_text
from candela_server.service.rendering import renders_here, strips_of
from candela_server.service.results import Progress

__all__ = [
    "Frame",
    "Kept",
    "Samples",
    "Written",
    "checked",
    "fit_frames",
    "frame_encoding",
    "light_of",
    "render_frame",
    "signal_of",
    "store",
]

Samples = npt.NDArray[np.generic]
F32 = npt.NDArray[np.float32]
_STRIP_PIXELS = 1 << 19
_WORDS = {"linear": "linear-rec2020", "pq": "rec2100-pq", "hlg": "rec2100-hlg"}


@dataclass(frozen=True, eq=False)
class Frame:
    """samples: (H, W, 3) integers of `bits` bits, or floats over full scale, in `state`."""

    samples: Samples
    bits: int
    state: ColourState

    @property
    def signal_bits(self) -> int:
        """Bits as hashes and payloads count them: 32 for floats."""
        return 32 if self.samples.dtype.kind == "f" else self.bits


@dataclass(frozen=True)
class Written:
    """What rendering left: whether the picture is not the payload's, and samples that the encoding
    clipped."""

    forced: bool
    clipped: int


class Kept:
    """Payloads decoded of late, so that a frame after frame of one picture or shot does not wait for it."""

    def __init__(self, most: int = 16) -> None:
        self._most = most
        self._held: dict[bytes, Decoded] = {}

    def decode(self, payload: bytes) -> Decoded:
        """As `decode_payload`."""
        found = self._held.get(payload) or decode_payload(payload)
        self._held.pop(payload, None)
        self._held[payload] = found
        while len(self._held) > self._most:
            self._held.pop(next(iter(self._held)), None)
        return found


def checked(frame: Frame, name: str) -> Frame:
    """`frame` with codes that its bits can hold. Where they could not, it is a copy: what was checked and
    lies in a client's memory may be another thing a moment later. Raises FrameMemoryError."""
    samples = frame.samples
    if samples.dtype.kind == "f" or samples.dtype.itemsize * 8 == frame.bits:
        return frame
    samples = samples.copy()
    top = int(samples.max())
    if top >= 1 << frame.bits:
        raise FrameMemoryError(
            f"the {name} has a code of {top}, and {frame.bits} bits end at {(1 << frame.bits) - 1}"
        )
    return replace(frame, samples=samples)


def light_of(frame: Frame) -> F32:
    """Nits (H, W, 3), linear BT.2020, 0..10000, of a master in memory. InputError for one that is no HDR
    picture, or holds NaN or infinity."""
    if not frame.state.is_hdr and frame.state.transfer != "linear":
        raise InputError(f"the master is {state_label(frame.state)}, which is no HDR picture; say what it is")
    values = frame.samples.astype(np.float32)
    if frame.samples.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise InputError(f"the master: {nonfinite_text(values)}; repair it before embedding")
    else:
        values /= np.float32((1 << frame.bits) - 1)
    rows = max(1, _STRIP_PIXELS // values.shape[1])
    for top in range(0, len(values), rows):
        nits = to_nits_rec2020(values[top : top + rows], frame.state, bits=frame.bits)
        values[top : top + rows] = np.clip(nits, 0, MAX_NITS)
    return values


def fit_frames(
    sdr: Frame, hdr: Frame, *, budget: int, effort: Effort, seconds: float | None, target_psnr: float | None,
    seed: int, model: str, progress: Progress,
) -> tuple[Fitted, bytes, float]:  # fmt: skip
    """The payload of a pair in memory, its picture's hash, and the seconds that it took."""
    if sdr.state.is_hdr:
        raise InputError(f"the SDR frame is {state_label(sdr.state)}, which is no SDR picture")
    codes = checked(replace(sdr, samples=sdr.samples.copy()), "SDR frame")
    digest = hash_samples(codes.samples, codes.signal_bits)[:16]  # type: ignore[arg-type]
    nits = light_of(checked(hdr, "master"))
    began = time.monotonic()
    fitted = fit_pair(
        codes.samples, codes.state, nits, bits=codes.signal_bits, hdr_state=hdr.state, picture_hash=digest,
        budget=budget, effort=effort, seconds=seconds, target_psnr=target_psnr, seed=seed, progress=progress,
        model=model,
    )  # fmt: skip
    return fitted, digest, time.monotonic() - began


def render_frame(
    decoded: Decoded, sdr: Frame, out: Samples, out_bits: int, encoding: ColourState, *, force: bool,
    progress: Progress,
) -> Written:  # fmt: skip
    """The HDR of a frame into `out`, (H, W, 3) of any sample type, in `encoding`.

    Raises PictureMismatchError unless it is the payload's picture; with `force` its size is enough.
    """
    payload = decoded.payload
    progress("read", 0.0)
    sdr = checked(sdr, "frame")
    height, width = sdr.samples.shape[:2]
    if (width, height) != (payload.width, payload.height) or out.shape != sdr.samples.shape:
        raise PictureMismatchError(
            f"the payload is for {payload.width}x{payload.height}, the frame is {width}x{height} and "
            "the room for "
            f"its HDR {out.shape[1]}x{out.shape[0]}"
        )
    digest = hash_samples(sdr.samples, sdr.signal_bits)[: len(payload.picture_hash)]  # type: ignore[arg-type]
    same = digest == payload.picture_hash and sdr.signal_bits == payload.bits
    if not same and not force:
        raise PictureMismatchError(
            "the frame's samples are not those that the payload was made for; force renders it all the "
            "same, with no "
            "promise of fidelity"
        )
    model = decoded.model
    native = isinstance(model, DefaultModel) and renders_here()
    frame = model.frame(payload.sdr, height, width) if native and isinstance(model, DefaultModel) else None
    if frame is not None and encoding == NAMED["linear-rec2020"] and out.dtype.kind == "f":
        around = frame.surroundings(sdr.samples, sdr.bits)
        rows = max(1, _STRIP_PIXELS // width)
        for top in range(0, height, rows):
            below = min(top + rows, height)
            frame.render(sdr.samples, sdr.bits, around, out[top:below], region=(0, top, width, below))
            progress("render", below / height)
        return Written(not same, 0)
    clipped = 0
    for top, nits in strips_of(decoded, signal_of(sdr)):
        clipped += store(out[top : top + len(nits)], nits, encoding, out_bits)
        progress("render", (top + len(nits)) / height)
    return Written(not same, clipped)


def frame_encoding(name: str | None, *, floats: bool) -> ColourState:
    """What to write into memory as: None is linear light for floats, PQ for integers."""
    if name is None:
        return NAMED["linear-rec2020" if floats else "rec2100-pq"]
    state = parse_colour(_WORDS.get(name.lower(), name))
    if state.transfer == "linear" and not floats:
        raise InputError("linear light needs floats; integers take pq, hlg or another encoding")
    return state


def signal_of(frame: Frame) -> F32:
    """(H, W, 3) float32 of its own: codes over full scale, or floats as they are."""
    if frame.samples.dtype.kind == "f":
        return frame.samples.astype(np.float32)
    floats: F32 = np.divide(frame.samples, np.float32((1 << frame.bits) - 1), dtype=np.float32)
    return floats


def store(out: Samples, nits: npt.NDArray[np.floating], encoding: ColourState, bits: int) -> int:
    """Nits (h, W, 3) of linear BT.2020 into `out` in its encoding; how many samples were clipped."""
    linear = encoding == NAMED["linear-rec2020"]
    values = nits if linear else from_nits_rec2020(nits, encoding)
    if out.dtype.kind == "f":
        out[...] = values
        return 0
    full = (1 << bits) - 1
    out[...] = np.rint(np.clip(values, 0, 1) * full)
    return int(np.count_nonzero(values > 1) + np.count_nonzero(values < 0))
