"""How many chunks a part of an OpenEXR file has, which its header does not always say.

Source: OpenEXR File Layout, "Offset Tables" and "Components Three"; the lines of a chunk by compression
are those of OpenEXR 3.4.
"""

from __future__ import annotations

from candela_engines.errors import CarrierError
from candela_engines.itm.carriers._source import Source

TILED, DEEP, MULTI_PART = 0x200, 0x800, 0x1000
# Scan lines in a chunk, by compression: none, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB,
# HTJ2K256, HTJ2K32.
_LINES = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256, 256, 32)


def chunk_count(source: Source, needed: dict[bytes, bytes], version: int) -> int:
    """Entries of one part's table. Multi-part and deep files state it, in others it follows."""
    stated = int.from_bytes(needed.get(b"chunkCount", b""), "little", signed=True)
    if version & (MULTI_PART | DEEP) and stated > 0:
        return stated
    window = needed.get(b"dataWindow")
    compression = needed.get(b"compression", b"\xff")[0]
    if window is None:
        raise CarrierError(f"{source.path}: an EXR header without a dataWindow")
    left, top, right, bottom = (
        int.from_bytes(window[at : at + 4], "little", signed=True) for at in range(0, 16, 4)
    )
    width, height = right - left + 1, bottom - top + 1
    if width < 1 or height < 1:
        raise CarrierError(f"{source.path}: an EXR dataWindow of {width} x {height} pixels")
    if b"tiles" in needed and version & (TILED | MULTI_PART | DEEP):
        return _tile_count(source, needed[b"tiles"], width, height)
    if compression < len(_LINES):
        return -(-height // _LINES[compression])
    raise CarrierError(f'{source.path}: EXR compression {compression} is not known; use carrier="sidecar"')


def _tile_count(source: Source, description: bytes, width: int, height: int) -> int:
    across, down = (int.from_bytes(description[at : at + 4], "little") for at in (0, 4))
    mode, round_up = description[8] & 15, description[8] >> 4
    if not across or not down or mode > 2 or round_up > 1:
        raise CarrierError(
            f"{source.path}: an EXR tile description of {across} x {down}, mode {description[8]}"
        )

    def tiles(length: int, tile: int, level: int) -> int:
        scaled = max(1, (length + ((1 << level) - 1 if round_up else 0)) >> level)
        return -(-scaled // tile)

    def levels(length: int) -> int:
        return (length - 1).bit_length() + 1 if round_up else length.bit_length()

    if mode == 0:
        return tiles(width, across, 0) * tiles(height, down, 0)
    if mode == 1:
        every = range(levels(max(width, height)))
        return sum(tiles(width, across, level) * tiles(height, down, level) for level in every)
    return sum(tiles(width, across, level) for level in range(levels(width))) * sum(
        tiles(height, down, level) for level in range(levels(height))
    )
