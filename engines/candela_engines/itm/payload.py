"""The payload: what travels inside the SDR file. Numbers only, bounded, checked before use.

Layout: the four bytes "CNDL", a CBOR map (RFC 8949) with the integer keys below, and the CRC-32 (as in
ISO 3309 and PNG) of all before it, big-endian. docs/payload.md is the specification.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field
from typing import Any

import cbor2

from candela_engines.colour.names import NAMED, name_of
from candela_engines.colour.state import ColourState
from candela_engines.errors import CandelaError, PayloadError
from candela_engines.itm.cbor import read_map

__all__ = ["MAGIC", "MAX_PAYLOAD", "VERSION", "Fidelity", "Payload", "decode", "encode"]

MAGIC = b"CNDL"
VERSION = 1
MAX_PAYLOAD = 256 * 1024
MAX_SIDE = 1 << 17
HASH_BYTES = 16
CHECK_BYTES = 2
MAX_FRAMES = 100_000

_VERSION, _MODEL, _SIZE, _HASH, _SDR, _HDR, _FIDELITY, _PROVENANCE, _BITS, _NUMBERS, _BLOBS = range(11)
_FRAMES, _PLACE, _CHECKS, _CLIPPED, _WORST, _FLICKER = range(11, 17)
_MODELS = ("default", "paper", "gamma")
_PROVENANCES = ("fitted", "distilled")


@dataclass(frozen=True)
class Fidelity:
    """What was measured when the payload was made, against the master.

    pu_psnr in dB (peak 256; inf when equal), delta_e_mean and delta_e_p99 in ΔE_ITP, the worst tile's
    PU-PSNR and its left and top pixel.
    """

    pu_psnr: float
    delta_e_mean: float
    delta_e_p99: float
    worst_pu_psnr: float
    worst_left: int
    worst_top: int


@dataclass(frozen=True)
class Payload:
    """Everything that a reader needs, and nothing that it has to run.

    numbers: the model's small integers (architecture sizes, steps); blobs: its coded streams.
    picture_hash: the first 16 bytes of SHA-256 of the decoded SDR samples; of a whole shot, that of its
    frames' hashes (`media.clip.digest_of_digests`).
    frames: first and last frame of a shot, None for a still. place: which of them this copy lies in, where
    every frame is a file; picture_hash is then that frame's. checks: the first two bytes of every frame's
    hash, first to last (zeros where the clip has no such frame), where the shot is one file.
    clipped: of a master where the SDR is clipped, the light that nearly all of it reaches and how far the
    network errs there, both in PQ codes over 4096; None where nothing is clipped or it was not measured.
    worst: of a shot, the frame that comes out worst and its PU-PSNR in dB; None where it is not said.
    flicker: of a shot, how much its error changes from frame to frame, in ΔE_ITP (`metrics.flicker`): the
    median and the 95th percentile; None where it was not measured.
    """

    model: str
    width: int
    height: int
    bits: int
    picture_hash: bytes
    sdr: ColourState
    hdr: ColourState
    fidelity: Fidelity
    numbers: tuple[int, ...]
    blobs: tuple[bytes, ...]
    provenance: str = "fitted"
    frames: tuple[int, int] | None = None
    version: int = field(default=VERSION)
    place: int | None = None
    checks: bytes = b""
    clipped: tuple[int, int] | None = None
    worst: tuple[int, float] | None = None
    flicker: tuple[float, float] | None = None

    @property
    def count(self) -> int:
        """Frames from the first to the last; 1 for a still."""
        return 1 if self.frames is None else self.frames[1] - self.frames[0] + 1


def _state_out(state: ColourState) -> str | dict[str, Any]:
    name = name_of(state)
    return name if NAMED.get(name) == state else dict(state.to_dict())


def _state_in(value: object, what: str) -> ColourState:
    if isinstance(value, str):
        state = NAMED.get(value)
        if state is None:
            raise PayloadError(f"the payload names an unknown {what} colour {value[:40]!r}")
        return state
    if not isinstance(value, dict):
        raise PayloadError(f"the payload's {what} colour is a {type(value).__name__}, not a name or a map")
    try:
        return ColourState.from_dict(value)
    except CandelaError as error:
        raise PayloadError(f"the payload's {what} colour does not hold: {error}") from error


def _fixed(value: float) -> int:
    return 0xFFFF if math.isinf(value) else max(0, min(0xFFFE, round(value * 100)))


def encode(payload: Payload) -> bytes:
    """Payload bytes; PayloadError above 256 KiB."""
    f = payload.fidelity
    body: dict[int, Any] = {
        _VERSION: payload.version,
        _MODEL: _MODELS.index(payload.model),
        _SIZE: [payload.width, payload.height],
        _HASH: payload.picture_hash[:HASH_BYTES],
        _SDR: _state_out(payload.sdr),
        _HDR: _state_out(payload.hdr),
        _FIDELITY: [
            _fixed(f.pu_psnr),
            _fixed(f.delta_e_mean),
            _fixed(f.delta_e_p99),
            _fixed(f.worst_pu_psnr),
            f.worst_left,
            f.worst_top,
        ],
        _BITS: payload.bits,
        _NUMBERS: list(payload.numbers),
        _BLOBS: list(payload.blobs),
    }
    if payload.provenance != "fitted":
        body[_PROVENANCE] = _PROVENANCES.index(payload.provenance)
    if payload.frames is not None:
        body[_FRAMES] = list(payload.frames)
    if payload.place is not None:
        body[_PLACE] = payload.place
    if payload.checks:
        body[_CHECKS] = payload.checks
    if payload.clipped is not None:
        body[_CLIPPED] = list(payload.clipped)
    if payload.worst is not None:
        body[_WORST] = [payload.worst[0], _fixed(payload.worst[1])]
    if payload.flicker is not None:
        body[_FLICKER] = [_fixed(value) for value in payload.flicker]
    data = MAGIC + cbor2.dumps(body, canonical=True)
    data += zlib.crc32(data).to_bytes(4, "big")
    if len(data) > MAX_PAYLOAD:
        raise PayloadError(
            f"a payload of {len(data)} bytes is above the limit of {MAX_PAYLOAD}; lower --bytes"
        )
    return data


def _integers(
    value: object, what: str, *, count: int | None = None, low: int = 0, high: int = 1 << 32
) -> list[int]:
    if (
        not isinstance(value, list)
        or not all(type(v) is int and low <= v <= high for v in value)
        or (count is not None and len(value) != count)
    ):
        raise PayloadError(
            f"the payload's {what} is not a list of {count or 'some'} numbers in {low}..{high}"
        )
    return value


def _integer(
    body: dict[Any, Any], key: int, what: str, low: int, high: int, default: int | None = None
) -> int:
    value = body.get(key, default)
    if type(value) is not int or not low <= value <= high:
        raise PayloadError(f"the payload's {what} is {value!r:.40}, not a number in {low}..{high}")
    return value


def decode(data: bytes) -> Payload:
    """The payload in bytes; PayloadError says what is wrong with them.

    Checked in this order: size, magic, CRC, CBOR form, version, every field. Blobs stay coded: their
    decoders check them when they are used.
    """
    if len(data) > MAX_PAYLOAD:
        raise PayloadError(f"a payload of {len(data)} bytes is above the limit of {MAX_PAYLOAD}")
    if len(data) < 12 or data[:4] != MAGIC:
        raise PayloadError("these bytes are no Candela payload: they do not begin with CNDL")
    if zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "big"):
        raise PayloadError("the payload's CRC does not match: it was damaged or cut after it was written")
    body = read_map(data[4:-4])
    version = _integer(body, _VERSION, "version", 0, 1 << 31)
    if version != VERSION:
        raise PayloadError(f"payload version {version} is newer than {VERSION}; update Candela to read it")
    width, height = _integers(body.get(_SIZE), "picture size", count=2, low=1, high=MAX_SIDE)
    digest = body.get(_HASH)
    if not isinstance(digest, bytes) or len(digest) != HASH_BYTES:
        raise PayloadError(f"the payload's picture hash is not {HASH_BYTES} bytes")
    blobs = body.get(_BLOBS)
    if not isinstance(blobs, list) or len(blobs) > 8 or not all(isinstance(b, bytes) for b in blobs):
        raise PayloadError("the payload's coded streams are not a short list of bytes")
    f = _integers(body.get(_FIDELITY), "fidelity", count=6, high=MAX_SIDE)
    measured = [math.inf if v == 0xFFFF else v / 100 for v in f[:4]]
    frames, place, checks = _shot(body)
    clipped = body.get(_CLIPPED)
    if clipped is not None:
        clipped = _integers(clipped, "clipped light", count=2, high=4096)
    return Payload(
        model=_MODELS[_integer(body, _MODEL, "model", 0, len(_MODELS) - 1)],
        width=width,
        height=height,
        bits=_integer(body, _BITS, "bit depth", 1, 32),
        picture_hash=digest,
        sdr=_state_in(body.get(_SDR), "SDR"),
        hdr=_state_in(body.get(_HDR), "HDR"),
        fidelity=Fidelity(measured[0], measured[1], measured[2], measured[3], f[4], f[5]),
        numbers=tuple(_integers(body.get(_NUMBERS), "list of numbers", low=0, high=1 << 20)),
        blobs=tuple(blobs),
        provenance=_PROVENANCES[_integer(body, _PROVENANCE, "provenance", 0, 1, 0)],
        frames=frames,
        place=place,
        checks=checks,
        clipped=None if clipped is None else (clipped[0], clipped[1]),
        worst=_worst(body, frames),
        flicker=_flicker(body, frames),
    )


def _worst(body: dict[Any, Any], frames: tuple[int, int] | None) -> tuple[int, float] | None:
    """The worst frame, which has to be one of the shot's, and its PU-PSNR."""
    if _WORST not in body:
        return None
    number, level = _integers(body[_WORST], "worst frame", count=2, low=-(1 << 31), high=1 << 31)
    if frames is None or not frames[0] <= number <= frames[1] or not 0 <= level <= 0xFFFF:
        raise PayloadError(f"the payload's worst frame {number} is none of its frames")
    return number, math.inf if level == 0xFFFF else level / 100


def _flicker(body: dict[Any, Any], frames: tuple[int, int] | None) -> tuple[float, float] | None:
    """Median and 95th percentile, of a shot."""
    if _FLICKER not in body:
        return None
    median, p95 = _integers(body[_FLICKER], "flicker", count=2, high=0xFFFE)
    if frames is None or median > p95:
        raise PayloadError(f"the payload's flicker {median}, {p95} is of no shot, or runs backwards")
    return median / 100, p95 / 100


def _shot(body: dict[Any, Any]) -> tuple[tuple[int, int] | None, int | None, bytes]:
    """Frames, place and checks, which have to agree."""
    frames = body.get(_FRAMES)
    if frames is None:
        if _PLACE in body or _CHECKS in body:
            raise PayloadError("the payload speaks of frames and does not say of which")
        return None, None, b""
    first, last = _integers(frames, "frame range", count=2, low=-(1 << 31), high=1 << 31)
    if first > last:
        raise PayloadError(f"the payload's frame range {first}..{last} runs backwards")
    if last - first >= MAX_FRAMES:
        raise PayloadError(f"the payload's frame range {first}..{last} is of more than {MAX_FRAMES} frames")
    place = None if _PLACE not in body else _integer(body, _PLACE, "place", first, last)
    checks = body.get(_CHECKS, b"")
    if not isinstance(checks, bytes) or len(checks) not in (0, CHECK_BYTES * (last - first + 1)):
        raise PayloadError("the payload's checks are not two bytes for every frame")
    return (first, last), place, checks
