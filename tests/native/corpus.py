"""Sound files and payloads for the fuzz target to spoil: one of every format, and every kind of network."""

from __future__ import annotations

from pathlib import Path

from tests.corrupt.carriers.conftest import chunk, dpx, exr, heif, jpeg, jxl, mkv, movie, mpf, png, tiff
from tests.native.payloads import KINDS_OF_PAYLOAD, shot

from candela_engines.itm.carriers import embed_payload
from candela_engines.itm.payload import encode
from candela_engines.itm.reel import encode_reel

PICTURES = {
    "png": png(chunk(b"IDAT", b"data")),
    "jpeg": jpeg(),
    "jpeg_mpf": jpeg(mpf(60)),
    "tiff": tiff(),
    "exr": exr(),
    "dpx": dpx(),
    "heif": heif(),
    "jxl": jxl(),
    "unknown": b"no format that is known",
}
MOVIES = {"mp4": movie(), "mkv": mkv()}


def write_corpus(folder: Path) -> list[Path]:
    """The files, in a folder that is there."""
    payload, reel = encode(shot(1)), encode_reel([encode(shot(1, 0, 5)), encode(shot(2, 6, 9))])
    for content, kinds in ((payload, PICTURES), (reel, MOVIES)):
        for name, data in kinds.items():
            (folder / name).write_bytes(data)
            embed_payload(folder / name, folder / name, content)
    for kind, make in KINDS_OF_PAYLOAD.items():
        for seed in range(6):
            (folder / f"{kind}{seed}").write_bytes(encode(make(seed)))
    (folder / "reel").write_bytes(reel)
    return sorted(folder.iterdir())
