"""What stands for a frame before it is decoded: digests of the bytes that its picture comes out of.

Of a frame with a file of its own, SHA-256 of the file. Of a movie's, SHA-256 over the packets from the key
frame that decoding starts from to the next one, and its place among them; a frame that is shown before its
key frame leans on the packets before as well. Decoder settings (`extradata`) count. A stream without time
stamps has one digest for all of it, and the frame's number.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

from candela_engines.errors import MediaError
from candela_engines.media.clip import DIGEST_BYTES, ClipInfo
from candela_engines.media.movie_file import open_movie_file
from candela_engines.media.movie_index import packets
from candela_engines.media.source import open_source

__all__ = ["file_key", "movie_keys"]

_CHUNK = 1 << 20


def file_key(path: Path) -> bytes:
    """16 bytes of a frame that has a file of its own; of one that cannot be read, of its name."""
    digest = hashlib.sha256()
    try:
        with open_source(path) as stream:
            while part := stream.read(_CHUNK):
                digest.update(part)
    except MediaError:
        return hashlib.sha256(b"unreadable " + str(path).encode()).digest()[:DIGEST_BYTES]
    return digest.digest()[:DIGEST_BYTES]


def movie_keys(info: ClipInfo, told: Callable[[int, int], None] = lambda done, total: None) -> list[bytes]:
    """16 bytes for every frame of a movie that there is, in order; those that a truncated one lost have none.

    told: called with bytes read and bytes in all. Raises MediaError for what cannot be opened.
    """
    path = info.files[0]
    size = max(path.stat().st_size, 1)
    file = open_movie_file(path, threads=1)
    groups: list[list[int]] = []  # time stamps of the shown packets of every group
    digests: list[hashlib._Hash] = []
    timed = file.has_stamps
    read = 0
    try:
        extra = bytes(file.stream.codec_context.extradata or b"")
        for packet in packets(file):
            if not packet.size:
                continue
            if packet.pts is None:
                timed = False
            if packet.is_keyframe or not groups:
                groups.append([])
                digests.append(hashlib.sha256(b"CNDLGRP1" + extra))
            digests[-1].update(struct.pack("<I", packet.size))
            digests[-1].update(packet)
            if not packet.is_discard and packet.pts is not None:
                groups[-1].append(packet.pts)
            read += packet.size
            told(read, size)
    except MediaError:
        pass  # what lies beyond has no key, and is not measured by one
    finally:
        file.close()
    last = info.last if info.cut_after is None else info.cut_after
    count = last - info.first + 1
    if not timed or sum(len(group) for group in groups) < count:
        whole = file_key(path)
        return [_joined(whole, b"", n) for n in range(count)]
    placed: list[tuple[int, bytes]] = []
    before = b""
    for group, digest in zip(groups, digests, strict=True):
        here = digest.digest()
        first = group[0] if group else 0
        for place, time in enumerate(sorted(group)):
            placed.append((time, _joined(here, before if time < first else b"", place)))
        before = here
    placed.sort(key=lambda one: one[0])
    # Frames before the first that the decoder gives (an open group cut off) have no number.
    return [key for _, key in placed[-count:]] if len(placed) > count else [key for _, key in placed]


def _joined(group: bytes, before: bytes, place: int) -> bytes:
    return hashlib.sha256(group + before + struct.pack("<Q", place)).digest()[:DIGEST_BYTES]
