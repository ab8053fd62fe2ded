"""Whether a file is a movie, by its first bytes and never by its name; pictures are told apart."""

from __future__ import annotations

from pathlib import Path

from candela_engines.media.source import open_source, sniff

__all__ = ["HEAD_BYTES", "is_movie", "movie_kind"]

HEAD_BYTES = 4096
_MXF_PARTITION = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"
#: Brands of ISO-BMFF files that are no movies: raw photographs and JPEG 2000.
_STILL_BRANDS = (b"crx ", b"jp2 ", b"jpx ", b"jpm ", b"jxl ")


def movie_kind(head: bytes) -> str | None:
    """`mov`, `matroska`, `mxf`, `y4m`, `ivf`, `avi`, `ts`, `ps`, `hevc`, `h264`, `mpeg2` or `obu`; else None.

    head: the first bytes of the file, up to 4096.
    """
    if sniff(head[:64]) is not None:
        return None
    for beginning, kind in ((b"\x1a\x45\xdf\xa3", "matroska"), (b"YUV4MPEG2", "y4m"), (b"DKIF", "ivf")):
        if head.startswith(beginning):
            return kind
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
        return None if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS else "mov"
    if _MXF_PARTITION in head:
        return "mxf"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    # Packets of 188 bytes, or of 192 with a time code before each.
    for first, step in ((0, 188), (4, 192)):
        if len(head) > first + 4 * step and all(head[first + i * step] == 0x47 for i in range(5)):
            return "ts"
    return _elementary(head)


def _elementary(head: bytes) -> str | None:
    """A bare stream: MPEG start codes, or the open bitstream units of AV1."""
    if head.startswith(b"\x12\0\x0a") or head[2:4] == b"\x01\x10":
        return "obu"
    start = head.find(b"\0\0\x01", 0, 64)
    if start < 0 or head[:start].strip(b"\0") or len(head) < start + 5:
        return None
    code, after = head[start + 3], head[start + 4]
    if code in (0xB3, 0xBA):
        return "mpeg2" if code == 0xB3 else "ps"
    # Rec. H.265, 7.3.1.2: parameter sets, access unit delimiter, SEI; all of layer 0 and sub-layer 0.
    if code & 0x81 == 0 and (code >> 1) in (32, 33, 34, 35, 39) and after == 1:
        return "hevc"
    # Rec. H.264, 7.3.1: SEI, sequence parameter set, access unit delimiter.
    return "h264" if code & 0x9F in (6, 7, 9) else None


def is_movie(path: Path | str) -> bool:
    """Whether the file holds a movie of a kind that is read. Errors as `open_source`."""
    with open_source(Path(path)) as stream:
        return movie_kind(stream.read(HEAD_BYTES)) is not None
