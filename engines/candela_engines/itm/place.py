"""Copies of a shot's payload for clips in which every frame is a file of its own.

Every file carries the whole network of its shot, and says which of the shot's frames it is; so any one file
can be reconstructed alone, and a sequence that lost frames or was copied in part still works.
"""

from __future__ import annotations

from dataclasses import replace

from candela_engines.errors import InputError, PayloadError
from candela_engines.itm.payload import HASH_BYTES, Payload, decode, encode

__all__ = ["placed", "shot_of"]


def placed(payload: bytes | Payload, number: int, digest: bytes) -> bytes:
    """The payload of a shot as the file of frame `number` carries it.

    payload: of the shot, or a copy out of another of its frames; decoded once (`payload.decode`) it serves
    all frames. digest: of this frame's samples (`media.clip.ClipFrame.digest`), 16 bytes or more. The checks
    of the other frames are left out. InputError for a number outside the shot or a short digest,
    PayloadError for a payload that is not of a shot.
    """
    shot = decode(payload) if isinstance(payload, bytes) else payload
    if shot.frames is None:
        raise PayloadError("the payload is of one picture, not of a shot: it has no frames to be placed in")
    first, last = shot.frames
    if not first <= number <= last:
        raise InputError(f"frame {number} is not in the shot of the payload, which is {first}..{last}")
    if len(digest) < HASH_BYTES:
        raise InputError(f"the digest of frame {number} has {len(digest)} bytes; {HASH_BYTES} are needed")
    return encode(replace(shot, place=number, picture_hash=digest[:HASH_BYTES], checks=b""))


def shot_of(payload: bytes | Payload) -> Payload:
    """What all frames of a shot have in common: no place, no checks, and a picture hash of zeros.

    Equal for every copy of one shot, and for the payload that they were made from. PayloadError for a payload
    that is not of a shot.
    """
    shot = decode(payload) if isinstance(payload, bytes) else payload
    if shot.frames is None:
        raise PayloadError("the payload is of one picture, not of a shot")
    return replace(shot, place=None, picture_hash=bytes(HASH_BYTES), checks=b"")
