"""The canonical form of the picture hash, computed here a second time by other means."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest

from candela_engines.errors import MediaError
from candela_engines.media.hashing import hash_samples


def by_hand(rows: list[list[tuple[float, ...]]], bits: int, kind: int, sample: str) -> bytes:
    text = b"CNDLPIC1" + bytes([bits, kind])
    text += struct.pack("<I", len(rows)) + struct.pack("<I", len(rows[0]))
    for row in rows:
        for pixel in row:
            for value in pixel:
                text += struct.pack("<" + sample, value)
    return hashlib.sha256(text).digest()


def test_golden_values() -> None:
    # Fixed once; another value means that payloads in the field no longer match their pictures.
    codes = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert hash_samples(codes, 8).hex() == GOLDEN_8
    assert hash_samples(codes.astype(np.uint16) * np.uint16(5000), 16).hex() == GOLDEN_16
    assert hash_samples((codes / np.float32(7)).astype(np.float32), 32).hex() == GOLDEN_FLOAT


# printf '434e444c50494331 08 00 02000000 02000000 000102…0b' | xxd -r -p | sha256sum
GOLDEN_8 = "5ecdd80bbd38704a7ac9043edc50d4fe83415cf93e837f2ce9a2605048878466"
GOLDEN_16 = "77c6d35cc40cee36d8a8a71f18f392c29f7da1bcf5d8aa1efde019a360a982f6"
GOLDEN_FLOAT = "4fb90101f7b34d5ff9a7fe4045318ddc5d03060c75538aaaa4ed00420101dadd"


@pytest.mark.parametrize(("bits", "dtype", "sample"), [(8, "u1", "B"), (10, "u2", "H"), (16, "u2", "H")])
def test_integers_agree_with_struct(bits: int, dtype: str, sample: str) -> None:
    codes = np.random.default_rng(bits).integers(0, 1 << bits, (3, 5, 3)).astype(dtype)
    rows = [[tuple(int(v) for v in pixel) for pixel in row] for row in codes]
    assert hash_samples(codes, bits) == by_hand(rows, bits, 0, sample)


def test_half_is_widened_exactly() -> None:
    half = np.array([[[0.1, -2.5, np.inf], [65504, 6e-8, np.nan]]], dtype=np.float16)
    assert hash_samples(half, 16) == hash_samples(half.astype(np.float32), 32)
    rows = [[tuple(float(v) for v in pixel) for pixel in row] for row in half]
    assert hash_samples(half, 16) == by_hand(rows, 32, 1, "f")


def test_memory_layout_does_not_matter() -> None:
    wide = np.random.default_rng(1).integers(0, 65536, (4, 6, 4), dtype=np.uint16)
    view = wide[:, :, :3]
    assert not view.flags.c_contiguous
    assert hash_samples(view, 16) == hash_samples(view.copy(), 16)
    swapped = view.astype(">u2")
    assert hash_samples(swapped, 16) == hash_samples(view, 16)


def test_strips_give_what_one_piece_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.random.default_rng(2).integers(0, 256, (37, 11, 3), dtype=np.uint8)
    whole = hash_samples(codes, 8)
    monkeypatch.setattr("candela_engines.media.hashing._STRIP_BYTES", 300)
    assert hash_samples(codes, 8) == whole


def test_every_part_counts() -> None:
    codes = np.zeros((2, 3, 3), dtype=np.uint16)
    one_off = codes.copy()
    one_off[1, 2, 2] = 1
    hashes = {
        hash_samples(codes, 16),
        hash_samples(codes, 10),
        hash_samples(one_off, 16),
        hash_samples(codes.reshape(3, 2, 3), 16),
        hash_samples(codes.astype(np.float32), 32),
    }
    assert len(hashes) == 5


def test_refuses_what_has_no_canonical_form() -> None:
    with pytest.raises(MediaError, match="shape"):
        hash_samples(np.zeros((2, 2, 4), dtype=np.uint8), 8)
    with pytest.raises(MediaError, match="int32"):
        hash_samples(np.zeros((2, 2, 3), dtype=np.int32), 16)  # type: ignore[arg-type]
