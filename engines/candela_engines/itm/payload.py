"""The payload: what travels inside the SDR file. Numbers only, bounded, checked before use.

Layout: the four bytes "CNDL", a CBOR map (RFC 8949) with the integer keys below, and the CRC-32 (as in
ISO 3309 and PNG) of all before it, big-endian. docs/payload.md is the specification.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import Any

import cbor2

from candela_engines.colour.names import NAMED, name_of
from candela_engines.colour.state import ColourState
from candela_engines.errors import CandelaError, PayloadError
from candela_engines.itm.cbor import read_map
from candela_engines.itm.payload_fields import (
    CHECK_BYTES,
    MAX_FRAMES,
    Key,
    flicker_in,
    integer_in,
    integers,
    shot_in,
    worst_in,
)
from candela_engines.itm.reading import AS_TAGGED, Reading

__all__ = [
    "CHECK_BYTES",
    "MAGIC",
    "MAX_FRAMES",
    "MAX_PAYLOAD",
    "VERSION",
    "Fidelity",
    "Payload",
    "decode",
    "encode",
]

MAGIC = b"CNDL"
VERSION = 1
VERSION_WITH_READING = 2
MAX_PAYLOAD = 256 * 1024
MAX_SIDE = 1 << 17
HASH_BYTES = 16

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
    reading: of a movie's codes, where somebody said another one than its tags. A payload with one is of
    version 2, so that no reader passes it over.
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
    place: int | None = None
    checks: bytes = b""
    clipped: tuple[int, int] | None = None
    worst: tuple[int, float] | None = None
    flicker: tuple[float, float] | None = None
    reading: Reading = AS_TAGGED

    @property
    def version(self) -> int:
        """Of the format: the oldest that has all that this payload says."""
        return VERSION if self.reading == AS_TAGGED else VERSION_WITH_READING

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
        Key.VERSION: payload.version,
        Key.MODEL: _MODELS.index(payload.model),
        Key.SIZE: [payload.width, payload.height],
        Key.HASH: payload.picture_hash[:HASH_BYTES],
        Key.SDR: _state_out(payload.sdr),
        Key.HDR: _state_out(payload.hdr),
        Key.FIDELITY: [
            _fixed(f.pu_psnr),
            _fixed(f.delta_e_mean),
            _fixed(f.delta_e_p99),
            _fixed(f.worst_pu_psnr),
            f.worst_left,
            f.worst_top,
        ],
        Key.BITS: payload.bits,
        Key.NUMBERS: list(payload.numbers),
        Key.BLOBS: list(payload.blobs),
    }
    if payload.provenance != "fitted":
        body[Key.PROVENANCE] = _PROVENANCES.index(payload.provenance)
    if payload.frames is not None:
        body[Key.FRAMES] = list(payload.frames)
    if payload.place is not None:
        body[Key.PLACE] = payload.place
    if payload.checks:
        body[Key.CHECKS] = payload.checks
    if payload.clipped is not None:
        body[Key.CLIPPED] = list(payload.clipped)
    if payload.worst is not None:
        body[Key.WORST] = [payload.worst[0], _fixed(payload.worst[1])]
    if payload.flicker is not None:
        body[Key.FLICKER] = [_fixed(value) for value in payload.flicker]
    if payload.reading != AS_TAGGED:
        body[Key.READING] = payload.reading.to_list()
    data = MAGIC + cbor2.dumps(body, canonical=True)
    data += zlib.crc32(data).to_bytes(4, "big")
    if len(data) > MAX_PAYLOAD:
        raise PayloadError(
            f"a payload of {len(data)} bytes is above the limit of {MAX_PAYLOAD}; lower --bytes"
        )
    return data


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
    version = integer_in(body, Key.VERSION, "version", 0, 1 << 31)
    if version not in (VERSION, VERSION_WITH_READING):
        newest = VERSION_WITH_READING
        raise PayloadError(f"payload version {version} is newer than {newest}; update Candela to read it")
    if (version == VERSION_WITH_READING) is not (Key.READING in body):
        raise PayloadError(f"the payload is of version {version}, and its reading is not as that has it")
    width, height = integers(body.get(Key.SIZE), "picture size", count=2, low=1, high=MAX_SIDE)
    digest = body.get(Key.HASH)
    if not isinstance(digest, bytes) or len(digest) != HASH_BYTES:
        raise PayloadError(f"the payload's picture hash is not {HASH_BYTES} bytes")
    blobs = body.get(Key.BLOBS)
    if not isinstance(blobs, list) or len(blobs) > 8 or not all(isinstance(b, bytes) for b in blobs):
        raise PayloadError("the payload's coded streams are not a short list of bytes")
    f = integers(body.get(Key.FIDELITY), "fidelity", count=6, high=MAX_SIDE)
    measured = [math.inf if v == 0xFFFF else v / 100 for v in f[:4]]
    frames, place, checks = shot_in(body)
    clipped = body.get(Key.CLIPPED)
    if clipped is not None:
        clipped = integers(clipped, "clipped light", count=2, high=4096)
    return Payload(
        model=_MODELS[integer_in(body, Key.MODEL, "model", 0, len(_MODELS) - 1)],
        width=width,
        height=height,
        bits=integer_in(body, Key.BITS, "bit depth", 1, 32),
        picture_hash=digest,
        sdr=_state_in(body.get(Key.SDR), "SDR"),
        hdr=_state_in(body.get(Key.HDR), "HDR"),
        fidelity=Fidelity(measured[0], measured[1], measured[2], measured[3], f[4], f[5]),
        numbers=tuple(integers(body.get(Key.NUMBERS), "list of numbers", low=0, high=1 << 20)),
        blobs=tuple(blobs),
        provenance=_PROVENANCES[integer_in(body, Key.PROVENANCE, "provenance", 0, 1, 0)],
        frames=frames,
        place=place,
        checks=checks,
        clipped=None if clipped is None else (clipped[0], clipped[1]),
        worst=worst_in(body, frames),
        flicker=flicker_in(body, frames),
        reading=Reading.of_list(body[Key.READING]) if Key.READING in body else AS_TAGGED,
    )
