"""Where a payload lives inside each file format.

    embed_payload("shot.png", "shot.png", payload)
    read_payload("shot.png")
    strip_payload("shot.png", "original.png")

Media bytes stay as they are, every other reader opens the file as before, and `strip_payload` gives back
the original byte for byte. Pictures carry a payload; movies carry a reel, the payloads of all their shots
(`itm/reel.py`), wherever this package says payload. Each format is one module with a descriptor; `CARRIERS`
lists them:

| carrier | formats | bytes on top of the payload |
|---|---|---|
| png | PNG, APNG | 12 |
| jpeg | JPEG, Ultra HDR, MPO | 14, and 10 for every further 64 KB |
| tiff | TIFF, BigTIFF, DNG | 31 + 12 n for n entries in the first IFD (BigTIFF 53 + 20 n) |
| exr | OpenEXR, all kinds | 33 |
| dpx | DPX | 12 to 15, + 32 without user data; 0 in all over filler before the image |
| isobmff | AVIF, HEIF, HEIC, JP2 | 28 |
| jxl | JPEG XL | 12; bare codestream 52 |
| mp4 | MP4, MOV, M4V, 3GP | 28 |
| matroska | Matroska | about 220, and what is attached already once more |
| sidecar | anything else | 12, in a file `NAME.candela` beside it |
"""

from candela_engines.itm.carriers._api import (
    EmbedReport,
    Found,
    StripReport,
    embed_payload,
    find_payload,
    plan_payload,
    read_payload,
    strip_payload,
)
from candela_engines.itm.carriers._base import HEAD_BYTES, MAX_PAYLOAD, MAX_REEL, Carrier
from candela_engines.itm.carriers._growth import payload_growth
from candela_engines.itm.carriers._registry import CARRIERS, carrier_for
from candela_engines.itm.carriers._source import Copy
from candela_engines.itm.carriers.sidecar import sidecar_path

__all__ = [
    "CARRIERS",
    "HEAD_BYTES",
    "MAX_PAYLOAD",
    "MAX_REEL",
    "Carrier",
    "Copy",
    "EmbedReport",
    "Found",
    "StripReport",
    "carrier_for",
    "embed_payload",
    "find_payload",
    "payload_growth",
    "plan_payload",
    "read_payload",
    "sidecar_path",
    "strip_payload",
]
