"""The native library finds in every file what Python finds, and refuses what Python refuses."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from candela_engines.errors import CandelaError, CarrierError, MediaError, PayloadError
from candela_engines.itm.carriers import carrier_for, embed_payload, find_payload, sidecar_path
from candela_engines.native import native

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")

KINDS: list[tuple[str, type[CandelaError]]] = [
    ("carrier", CarrierError),
    ("payload", PayloadError),
    ("media", MediaError),
]


def alike(path: Path) -> str:
    """How both readings of a file end, which has to be in the same way."""
    try:
        found = find_payload(path)
    except CandelaError as error:
        with pytest.raises(library.Trouble) as caught:
            library.find_payload(str(path))
        kind, message = caught.value.args
        assert isinstance(error, dict(KINDS)[kind]), (kind, message, error)
        assert message.split(": ")[0] == str(error).split(": ")[0], "not the same file is named"
        return kind
    ours = library.find_payload(str(path))
    if found is None:
        assert ours is None
        return "none"
    assert ours == (found.carrier, str(found.path), found.payload, found.copies)
    return "found"


def embedded(path: Path, size: int = 700) -> bytes:
    """A file with a payload, or a reel in a movie."""
    magic = b"CNDR" if carrier_for(path).holds == "reel" else b"CNDL"
    payload = magic + random.Random(size).randbytes(size)
    embed_payload(path, path, payload)
    return payload


def test_what_is_embedded_is_found(sample: Path) -> None:
    assert alike(sample) == "none"
    payload = embedded(sample)
    assert alike(sample) == "found"
    assert library.find_payload(str(sample))[2] == payload


@pytest.mark.parametrize(
    "name", ["jpeg", "tiff_big", "exr_parts_tiled", "dpx_no_slack", "avif", "png", "jxl_bare"]
)
def test_large_payloads_are_found(make: Callable[[str], Path], name: str) -> None:
    path = make(name)
    embedded(path, 262_000)
    assert alike(path) == "found"


def test_damage_ends_alike(sample: Path) -> None:
    embedded(sample, 60)
    carrying = sample if carrier_for(sample).name != "sidecar" else sidecar_path(sample)
    sound = carrying.read_bytes()
    chance = random.Random(sample.name + str(len(sound)))
    ends = set()
    places = [*range(min(len(sound), 400)), *range(max(0, len(sound) - 300), len(sound))]
    for _ in range(60):
        spoiled = bytearray(sound)
        for _ in range(chance.choice((1, 1, 2, 5))):
            at = chance.choice(places) if chance.random() < 0.8 else chance.randrange(len(sound))
            spoiled[at] = chance.choice((0, 0xFF, spoiled[at] ^ 1 << chance.randrange(8)))
        if chance.random() < 0.2:
            del spoiled[chance.randrange(len(sound)) :]
        carrying.write_bytes(spoiled)
        ends.add(alike(sample))
    assert ends & {"carrier", "payload", "none"}


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert alike(tmp_path / "nothing.png") == "media"
    assert alike(tmp_path) == "media"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert alike(tmp_path / "pipe") == "media"
    (tmp_path / "empty.png").write_bytes(b"")
    assert alike(tmp_path / "empty.png") == "none"
    with pytest.raises(library.Trouble, match="a NUL in it is not a file name"):
        library.find_payload(f"{tmp_path}/empty.png\0")


def test_a_link_has_the_sidecar_of_its_file(tmp_path: Path, make: Callable[[str], Path]) -> None:
    file = make("bmp")
    embedded(file)
    link = tmp_path / "elsewhere.bmp"
    link.symlink_to(file)
    assert alike(link) == "found"
    sidecar_path(file).write_bytes(b"no sidecar")
    assert alike(link) == "carrier"


def test_copies_that_differ_are_refused(make: Callable[[str], Path]) -> None:
    png, heif = make("png"), make("heif_open_end")
    for path in (png, heif):
        sound = path.read_bytes()
        embedded(path)
        one = path.read_bytes()
        path.write_bytes(sound)
        embedded(path, 701)
        other = path.read_bytes()
        end = len(sound) - 12 if path is png else len(sound)
        twice, differing = one[:-12] + one[end:] if path is png else one + one[end:], one + other[end:]
        if path is png:
            differing = one[:-12] + other[end:]
        path.write_bytes(twice)
        assert alike(path) == "found" and library.find_payload(str(path))[3] == 2
        path.write_bytes(differing)
        assert alike(path) == "carrier"
