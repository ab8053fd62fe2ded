"""Coding of quantised wavelet bands: a quadtree of zero blocks with mixed contexts, cost by content.

A band is covered by squares of 32; a flag says whether a square holds anything but zeros, and if so its
four quarters follow, down to the coefficient (the idea of embedded zero-block coding: Hsiang and Woods
2000, here without bit planes). A flag is predicted from its neighbours, from the same place one level
coarser, from its quarter's siblings and, in the second and third channel, from the first. Empty regions
cost next to nothing, in bytes and in time, so the work is proportional to what is coded.

`code_planes` is written once against `BinaryCoder`: it encodes the bands given, or fills empty ones.
"""

from __future__ import annotations

from candela_engines.errors import PayloadError
from candela_engines.itm.coding.binary import BinaryCoder
from candela_engines.itm.coding.wavelet import band_shapes

__all__ = ["CONTEXTS", "INPUTS", "MAX_MAGNITUDE", "MIXERS", "ROOT", "Grid", "code_planes"]

ROOT = 5  # squares of 1 << 5
MAX_MAGNITUDE = (1 << 20) - 1

# Context numbers are laid out in blocks; each block is one input's own table.
_FLAG_A, _FLAG_B, _FLAG_C, _FLAG_D = 0, 1024, 3072, 5120
_MAG_A, _MAG_B, _MAG_C, _MAG_D = 7168, 7680, 8192, 8704
_SIGN_A, _SIGN_B, _SIGN_C, _SIGN_D = 9216, 9280, 9344, 9408
_LOW_A, _LOW_B, _LOW_C, _LOW_D = 9472, 9600, 9728, 9856
CONTEXTS = 9984
MIXERS = 64
INPUTS = 4

_QUANT = [0, 1, 2, 3, 3, 4, 4, 5, 5, 5] + [6] * 7 + [7] * 500


class Grid:
    """A band as nested zero flags: `value[y][x]` signed, `flag[k][y][x]` for squares of 1 << k.

    Rows and columns are padded by one at the end (index -1 reaches the pad as well), so that neighbours
    outside the band read as zero.
    """

    __slots__ = ("flag", "height", "value", "width")

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width
        self.value = [[0] * (width + 1) for _ in range(height + 1)]
        self.flag = [self.value] + [
            [[0] * (((width - 1) >> k) + 2) for _ in range(((height - 1) >> k) + 2)]
            for k in range(1, ROOT + 1)
        ]


class _BandCoder:
    """Codes one band of one channel."""

    def __init__(
        self,
        coder: BinaryCoder,
        grid: Grid,
        source: Grid | None,
        parent: Grid | None,
        first: Grid | None,
        level: int,
        orient: int,
        channel: int,
    ) -> None:
        self.bit, self.raw = coder.bit, coder.raw
        self.grid, self.source, self.parent, self.first = grid, source, parent, first
        self.level, self.orient, self.channel = min(level, 6), orient, min(channel, 2)

    def run(self) -> None:
        g = self.grid
        if g.height == 0 or g.width == 0:
            return
        for by in range(((g.height - 1) >> ROOT) + 1):
            for bx in range(((g.width - 1) >> ROOT) + 1):
                self._square(ROOT, by, bx, 0, False)

    def _square(self, k: int, by: int, bx: int, siblings: int, implied: bool) -> int:
        g = self.grid
        rows = g.flag[k]
        row = rows[by]
        if k:
            up = rows[by - 1]
            near = (row[bx - 1] << 1) + (up[bx] << 1) + up[bx - 1] + up[bx + 1]
            pattern = (row[bx - 1] << 3) | (up[bx] << 2) | (up[bx - 1] << 1) | up[bx + 1]
        else:
            up = rows[by - 1]
            near = (abs(row[bx - 1]) << 1) + (abs(up[bx]) << 1) + abs(up[bx - 1]) + abs(up[bx + 1])
            near = _QUANT[near if near < 500 else 500]
            pattern = near
        mother, around = 2, 0
        p = self.parent
        if p is not None:
            if k:
                f = p.flag[k - 1]
                mother = 1 if by < len(f) and bx < len(f[0]) and f[by][bx] else 0
                f = p.flag[k]
                y, x = by >> 1, bx >> 1
                around = f[y][x] if k <= ROOT and y < len(f) and x < len(f[0]) else 0
                around = 1 if around else 0
            else:
                y, x = by >> 1, bx >> 1
                v = p.value
                if y < p.height and x < p.width:
                    m = abs(v[y][x])
                    mother = 3 + (m if m < 3 else 3)
                    n = abs(v[y][x - 1]) + abs(v[y][x + 1]) + abs(v[y - 1][x]) + abs(v[y + 1][x])
                    around = n if n < 3 else 3
        twin = 0
        if self.first is not None:
            t = self.first.flag[k][by][bx]
            t = abs(t)
            twin = 1 + (t if t < 2 else 2)
        if implied:
            flag = 1
        else:
            source = self.source
            flag = self.bit(
                (
                    _FLAG_A + ((k * 16 + pattern) * 4 + self.orient),
                    _FLAG_B + ((((k * 7 + mother) * 4 + around) * 10) + siblings),
                    _FLAG_C + ((k * 7 + self.level) * 8 + (near if near < 7 else 7)) * 4 + (mother & 3),
                    _FLAG_D
                    + (((k * 3 + self.channel) * 4 + twin) * 8 + (near if near < 7 else 7)) * 3
                    + (around if around < 2 else 2),
                ),
                k * 4 + (near if near < 3 else 3),
                0 if source is None else (1 if source.flag[k][by][bx] else 0),
            )
        if not flag:
            return 0
        if k == 0:
            row[bx] = self._value(by, bx, near, mother, twin)
            return 1
        row[bx] = 1
        k -= 1
        y0, x0 = by << 1, bx << 1
        y1 = y0 + 1 <= (g.height - 1) >> k
        x1 = x0 + 1 <= (g.width - 1) >> k
        found = self._square(k, y0, x0, 0, not (x1 or y1))
        if x1:
            found += self._square(k, y0, x0 + 1, 1 + found, not y1 and not found)
        if y1:
            found += self._square(k, y0 + 1, x0, 3 + found, not x1 and not found)
            if x1:
                found += self._square(k, y0 + 1, x0 + 1, 6 + found, not found)
        return 1

    def _value(self, y: int, x: int, near: int, mother: int, twin: int) -> int:
        g = self.grid
        value = 0 if self.source is None else self.source.value[y][x]
        magnitude = abs(value)
        row, up = g.value[y], g.value[y - 1]
        beside = abs(row[x - 1]) + abs(up[x])
        beside = _QUANT[beside if beside < 500 else 500]
        bit = self.bit
        m = 1
        while m < 18:
            i = m - 1 if m < 8 else 7
            if not bit(
                (
                    _MAG_A + i * 8 + beside,
                    _MAG_B + (i * 7 + mother) * 8 + near,
                    _MAG_C + (i * 7 + self.level) * 4 + self.orient,
                    _MAG_D + (i * 3 + self.channel) * 4 + twin,
                ),
                32 + i,
                1 if magnitude > m else 0,
            ):
                break
            m += 1
        else:
            m = 18 + self._golomb(magnitude - 18)
        sign = self.bit(
            (
                _SIGN_A + (_sign(row[x - 1]) * 3 + _sign(up[x])) * 4 + self.orient,
                _SIGN_B + self.orient * 3 + _sign(up[x - 1]),
                _SIGN_C + (0 if self.first is None else 1 + _sign(self.first.value[y][x])),
                _SIGN_D + (0 if self.parent is None else self._parent_sign(y, x)),
            ),
            40,
            1 if value < 0 else 0,
        )
        return -m if sign else m

    def _parent_sign(self, y: int, x: int) -> int:
        p = self.parent
        assert p is not None
        y, x = y >> 1, x >> 1
        return 1 + self.orient * 3 + _sign(p.value[y][x]) if y < p.height and x < p.width else 0

    def _golomb(self, value: int) -> int:
        """Exponential Golomb at even odds, for the rare large magnitude."""
        bits = (value + 1).bit_length() - 1 if value >= 0 else 0
        n = 0
        while self.raw(1, 1 if n < bits else 0):
            n += 1
            if n > 20:
                raise PayloadError("a coefficient of a coded plane is beyond any picture: it is damaged")
        return (1 << n) - 1 + self.raw(n, (value + 1) - (1 << bits) if value >= 0 else 0)

    def run_low(self) -> None:
        """The approximation: small, dense, predicted from the left and from above."""
        g, bit = self.grid, self.bit
        last = 0
        for y in range(g.height):
            for x in range(g.width):
                guess = (
                    (g.value[y][x - 1] + g.value[y - 1][x]) >> 1
                    if x and y
                    else g.value[y][x - 1]
                    if x
                    else g.value[y - 1][x]
                    if y
                    else 0
                )
                value = 0 if self.source is None else self.source.value[y][x] - guess
                target = abs(value).bit_length()
                n = 0
                while n < 20 and bit(
                    (
                        _LOW_A + self.channel * 24 + n,
                        _LOW_B + 72 + min(last, 9) * 0 + n,
                        _LOW_C + min(last, 5) * 20 + n,
                        _LOW_D + (1 if y else 0) * 48 + (1 if x else 0) * 24 + n,
                    ),
                    41,
                    1 if n < target else 0,
                ):
                    n += 1
                last = n
                m = 0
                if n:
                    m = (1 << (n - 1)) + self.raw(n - 1, abs(value) - (1 << (n - 1)) if target else 0)
                    if self.raw(1, 1 if value < 0 else 0):
                        m = -m
                g.value[y][x] = max(-MAX_MAGNITUDE, min(MAX_MAGNITUDE, guess + m))


def _sign(v: int) -> int:
    return 1 if v > 0 else 2 if v < 0 else 0


def code_planes(
    coder: BinaryCoder, height: int, width: int, channels: int, source: list[list[Grid]] | None
) -> list[list[Grid]]:
    """Code the bands of `channels` planes of one size, or decode them when `source` is None.

    A channel's bands: the approximation, then three details a level from the coarsest. Channels are
    interleaved by band, so that the second and third are predicted from the first.
    """
    low, details = band_shapes(height, width)
    out: list[list[Grid]] = [[] for _ in range(channels)]
    bands = [(low, 3, len(details))] + [
        (shape, orient, len(details) - i)
        for i, shapes in enumerate(details)
        for orient, shape in enumerate(shapes)
    ]
    for b, (shape, orient, level) in enumerate(bands):
        for c in range(channels):
            grid = Grid(*shape)
            out[c].append(grid)
            band = _BandCoder(
                coder,
                grid,
                None if source is None else source[c][b],
                out[c][b - 3] if b > 3 else None,
                out[0][b] if c else None,
                level,
                orient,
                c,
            )
            if b == 0:
                band.run_low()
            else:
                band.run()
    return out
