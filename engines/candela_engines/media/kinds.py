"""What a file is that is no picture of ours, in words: so that an error tells more than that it is not."""

from __future__ import annotations

from candela_engines.media.source import STILL_FORMATS

__all__ = ["HEAD_BYTES", "kind_of", "not_a_picture"]

HEAD_BYTES = 512
"""How much of a file's beginning says what it is."""

_BEGINNINGS = (
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document"),
    (b"GIF8", "a GIF"),
    (b"\x80\x2a\x5f\xd7", "a Cineon file"),
    (b"\xd7\x5f\x2a\x80", "a Cineon file"),
    (b"\x06\x0e\x2b\x34", "an MXF file"),
    (b"\x1a\x45\xdf\xa3", "a Matroska or WebM movie"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89CNDL", "a .candela file, which is a payload without its picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 file"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 file"),
)
_TEXT_CONTROLS = b"\t\n\r\f\x1b"


def kind_of(head: bytes) -> str:
    """The kind of a file by its first `HEAD_BYTES`, as the end of a sentence."""
    if not head:
        return "empty"
    for beginning, words in _BEGINNINGS:
        if head.startswith(beginning):
            return words
    if head[:4] == b"RIFF":
        return {b"WEBP": "a WebP", b"AVI ": "an AVI movie"}.get(head[8:12], "a RIFF file")
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return "a movie (MP4 or QuickTime)"
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return "a BMP"
    return "text" if _is_text(head) else "of a kind that Candela does not know"


def not_a_picture(head: bytes) -> str:
    """`is text, not a picture of a format that is read: png, …`."""
    return f"is {kind_of(head)}, not a picture of a format that is read: {', '.join(STILL_FORMATS)}"


def _is_text(head: bytes) -> bool:
    if any(byte < 32 and byte not in _TEXT_CONTROLS for byte in head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character of several bytes may be cut at the end of what was read.
        return len(head) == HEAD_BYTES and error.start > HEAD_BYTES - 4
    return True
