"""A binary arithmetic coder with mixed adaptive predictions, in integers only.

Every decision is predicted by a few adaptive probabilities, one a context; their logits are mixed with
learned weights (logistic mixing: Mahoney, "Adaptive weighing of context models for lossless data
compression", 2005) and the bit is coded by a carry-less range coder of 32 bits. All state is integer and
all shifts are arithmetic, so an encoder and a decoder in different languages stay in step bit for bit.

`Encoder` and `Decoder` have one verb, `bit(contexts, mixer, value)`: the encoder codes `value` and
returns it, the decoder ignores it and returns what was coded. A model written once against that verb is
its own inverse.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from candela_engines.errors import PayloadError

__all__ = ["BinaryCoder", "Decoder", "Encoder"]

# Adaptation: 1/(n + 1.8) while a context is young, then 1/160: fast to learn, slow to forget.
_RATE = [int(65536 / (n + 1.8)) for n in range(159)]
_RATE_LAST = len(_RATE) - 1


def _squash_table() -> list[int]:
    # 4096/(1+exp(-x/256)) for x in -2047..2047, built from 33 integer knots so that no libm is involved.
    knots = (
        1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1101, 1546, 2047,
        2549, 2994, 3348, 3607, 3785, 3901, 3975, 4022, 4050, 4068, 4079, 4085, 4089, 4092, 4093, 4094,
    )  # fmt: skip
    table = []
    for x in range(-2047, 2048):
        w = x & 127
        i = (x >> 7) + 16
        high = knots[i + 1] if i + 1 < len(knots) else knots[i]
        table.append((knots[i] * (128 - w) + high * w + 64) >> 7)
    return table


SQUASH = _squash_table()


def _stretch_table() -> list[int]:
    # The inverse of SQUASH: for every 12-bit probability the smallest logit that reaches it.
    table = [2047] * 4096
    p = 0
    for x in range(-2047, 2048):
        v = SQUASH[x + 2047]
        for i in range(p, min(v + 1, 4096)):
            table[i] = x
        p = max(p, v + 1)
    return table


STRETCH = _stretch_table()


class BinaryCoder(Protocol):
    """One verb for both directions."""

    def bit(self, contexts: Sequence[int], mixer: int, value: int) -> int:
        """Code (or decode) one decision; returns it."""
        ...

    def raw(self, count: int, value: int) -> int:
        """Code (or decode) `count` bits without a model."""
        ...


class _Model:
    """Adaptive probabilities by context number and mixing weights by mixer number."""

    def __init__(self, contexts: int, mixers: int, inputs: int) -> None:
        self.p = [32768] * contexts
        self.n = [0] * contexts
        self.weights = [[(1 << 16) // inputs] * inputs for _ in range(mixers)]


class Encoder:
    """Writes decisions to bytes."""

    def __init__(self, *, contexts: int, mixers: int, inputs: int) -> None:
        self._m = _Model(contexts, mixers, inputs)
        self._low = 0
        self._high = 0xFFFFFFFF
        self._out = bytearray()

    def bit(self, contexts: Sequence[int], mixer: int, value: int) -> int:
        """Code `value` (0 or 1) under the contexts and the mixer given; returns it."""
        p, n = self._m.p, self._m.n
        w = self._m.weights[mixer]
        stretched = [STRETCH[p[c] >> 4] for c in contexts]
        dot = 0
        for s, k in zip(stretched, w, strict=True):
            dot += s * k
        dot >>= 16
        q = SQUASH[(2047 if dot > 2047 else -2047 if dot < -2047 else dot) + 2047]
        low, high = self._low, self._high
        span = high - low
        mid = low + (span >> 12) * q + (((span & 0xFFF) * q) >> 12)
        if value:
            high = mid
            error = (4096 - q) * 6
            for c in contexts:
                k = n[c]
                p[c] += ((65535 - p[c]) * _RATE[k]) >> 16
                if k < _RATE_LAST:
                    n[c] = k + 1
        else:
            low = mid + 1
            error = -q * 6
            for c in contexts:
                k = n[c]
                p[c] -= (p[c] * _RATE[k]) >> 16
                if k < _RATE_LAST:
                    n[c] = k + 1
        for i, s in enumerate(stretched):
            w[i] += (s * error + 4096) >> 13
        while (low ^ high) >> 24 == 0:
            self._out.append(high >> 24)
            low = (low << 8) & 0xFFFFFFFF
            high = ((high << 8) & 0xFFFFFFFF) | 0xFF
        self._low, self._high = low, high
        return value

    def raw(self, count: int, value: int) -> int:
        """Code the lowest `count` bits of `value`, most significant first, each at even odds."""
        for i in range(count - 1, -1, -1):
            mid = self._low + ((self._high - self._low) >> 1)
            if (value >> i) & 1:
                self._high = mid
            else:
                self._low = mid + 1
            while (self._low ^ self._high) >> 24 == 0:
                self._out.append(self._high >> 24)
                self._low = (self._low << 8) & 0xFFFFFFFF
                self._high = ((self._high << 8) & 0xFFFFFFFF) | 0xFF
        return value

    def size(self) -> int:
        """Bytes written so far, without the tail."""
        return len(self._out)

    def finish(self) -> bytes:
        """The coded bytes. Trailing bytes that a decoder reads as zero are left out."""
        # Any value in [low, high] closes the stream: take the one with the fewest bytes that are not zero.
        for bits in (24, 16, 8, 0):
            value = ((self._low + (1 << bits) - 1) >> bits) << bits
            if value <= self._high:
                break
        tail = value.to_bytes(4, "big")
        return bytes(self._out + tail).rstrip(b"\0")


class Decoder:
    """Reads decisions from bytes; missing bytes read as zero, so it never runs past the end.

    A decoder of damaged bytes returns decisions without meaning but never fails; the callers bound how
    many they take. `limit` bounds them once more: PayloadError after that many decisions.
    """

    def __init__(self, data: bytes, *, contexts: int, mixers: int, inputs: int, limit: int = 1 << 26) -> None:
        self._m = _Model(contexts, mixers, inputs)
        self._low = 0
        self._high = 0xFFFFFFFF
        self._data = data
        self._at = 4
        self._x = int.from_bytes(data[:4].ljust(4, b"\0"), "big")
        self._left = limit

    def _shift(self) -> None:
        while (self._low ^ self._high) >> 24 == 0:
            self._low = (self._low << 8) & 0xFFFFFFFF
            self._high = ((self._high << 8) & 0xFFFFFFFF) | 0xFF
            byte = self._data[self._at] if self._at < len(self._data) else 0
            self._at += 1
            self._x = ((self._x << 8) & 0xFFFFFFFF) | byte

    def bit(self, contexts: Sequence[int], mixer: int, value: int = 0) -> int:
        """Decode one decision under the contexts and the mixer given; `value` is ignored."""
        self._left -= 1
        if self._left < 0:
            raise PayloadError("coded data asks for more decisions than its picture can have: it is damaged")
        p, n = self._m.p, self._m.n
        w = self._m.weights[mixer]
        stretched = [STRETCH[p[c] >> 4] for c in contexts]
        dot = 0
        for s, k in zip(stretched, w, strict=True):
            dot += s * k
        dot >>= 16
        q = SQUASH[(2047 if dot > 2047 else -2047 if dot < -2047 else dot) + 2047]
        low, high = self._low, self._high
        span = high - low
        mid = low + (span >> 12) * q + (((span & 0xFFF) * q) >> 12)
        if self._x <= mid:
            self._high = mid
            bit = 1
            error = (4096 - q) * 6
            for c in contexts:
                k = n[c]
                p[c] += ((65535 - p[c]) * _RATE[k]) >> 16
                if k < _RATE_LAST:
                    n[c] = k + 1
        else:
            self._low = mid + 1
            bit = 0
            error = -q * 6
            for c in contexts:
                k = n[c]
                p[c] -= (p[c] * _RATE[k]) >> 16
                if k < _RATE_LAST:
                    n[c] = k + 1
        for i, s in enumerate(stretched):
            w[i] += (s * error + 4096) >> 13
        self._shift()
        return bit

    def raw(self, count: int, value: int = 0) -> int:
        """Decode `count` bits coded at even odds."""
        out = 0
        for _ in range(count):
            mid = self._low + ((self._high - self._low) >> 1)
            if self._x <= mid:
                self._high = mid
                out = out << 1 | 1
            else:
                self._low = mid + 1
                out <<= 1
            self._shift()
        return out
