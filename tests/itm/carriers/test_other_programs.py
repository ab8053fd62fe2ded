"""What becomes of a payload when other programs write the file."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import imagecodecs
import pytest
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from candela_engines.errors import CarrierError, NoPayloadError, PayloadError
from candela_engines.itm.carriers import embed_payload, find_payload, read_payload, strip_payload

Make = Callable[[str], Path]
PAYLOAD = bytes(range(256)) * 300  # two JPEG segments
MOVED = {"tiff", "tiff_pages", "tiff_ifd_last", "tiff_motorola", "mp4", "avif", "heif_open_end"}


def _title(path: Path) -> None:
    call = ["exiftool", "-q", "-m", "-overwrite_original", "-XMP-dc:Title=a title", path.name]
    subprocess.run(call, cwd=path.parent, check=True, capture_output=True)


def _pixels(path: Path) -> list[bytes]:
    if path.suffix == ".mp4":
        with av.open(str(path)) as movie:
            return [frame.to_ndarray().tobytes() for frame in movie.decode(video=0)]
    if path.suffix == ".jxl":
        return [imagecodecs.jpegxl_decode(path.read_bytes()).tobytes()]
    with Image.open(path) as image:
        return [image.tobytes()]


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
@pytest.mark.parametrize(
    "name",
    ["png", "png_animated", "jpeg", "jpeg_mpo", "jpeg_ultra_hdr", "jp2", "jxl", *sorted(MOVED)],
)
def test_exiftool_adds_a_title(name: str, make: Make) -> None:
    path = make(name)
    plain = path.with_name("plain" + path.suffix)
    shutil.copy(path, plain)
    embed_payload(path, path, PAYLOAD)
    _title(path)
    _title(plain)
    assert read_payload(path) == PAYLOAD
    replaced = path.with_name("replaced" + path.suffix)
    assert embed_payload(path, replaced, b"another").replaced
    assert read_payload(replaced) == b"another"

    report = strip_payload(path, path)
    assert find_payload(path) is None
    assert report.exact == (name not in MOVED)
    if report.exact:
        assert path.read_bytes() == plain.read_bytes()
    else:
        assert "cannot be restored" in report.note
        stripped = path.read_bytes()
        strip_payload(replaced, replaced)
        assert replaced.read_bytes() == stripped
    assert _pixels(path) == _pixels(plain)


def test_png_editors_may_copy_and_move_the_chunk(make: Make) -> None:
    path = make("png")
    original = path.read_bytes()
    embed_payload(path, path, b"one")
    one = path.read_bytes()
    embed_payload(path, path, b"two")
    two = path.read_bytes()
    chunk_one, chunk_two = one[-12 - 15 : -12], two[-12 - 15 : -12]
    assert chunk_one[4:11] == b"cdLaone"

    path.write_bytes(original[:33] + chunk_one + original[33:])
    assert read_payload(path) == b"one"
    path.write_bytes(original[:33] + chunk_one + original[33:-12] + chunk_one + original[-12:])
    found = find_payload(path)
    assert found is not None and (found.payload, found.copies) == (b"one", 2)

    both = original[:33] + chunk_one + original[33:-12] + chunk_two + original[-12:]
    path.write_bytes(both)
    with pytest.raises(CarrierError, match="2 payloads that differ; embed anew, or strip them all"):
        read_payload(path)
    assert strip_payload(path, path).exact
    assert path.read_bytes() == original
    path.write_bytes(both)
    assert embed_payload(path, path, b"two").replaced
    assert path.read_bytes() == two


def _segments(data: bytes) -> list[bytes]:
    at, found = data.index(b"\xff\xebCNDL"[:2]), []
    while data[at : at + 2] == b"\xff\xeb":
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        found.append(data[at:end])
        at = end
    return found


def test_jpeg_programs_may_reorder_copy_and_drop_segments(make: Make) -> None:
    path = make("jpeg_progressive")
    original = path.read_bytes()
    embed_payload(path, path, PAYLOAD)
    whole = path.read_bytes()
    first, second = _segments(whole)
    at = whole.index(first)

    def arranged(*segments: bytes) -> None:
        path.write_bytes(whole[:at] + b"".join(segments) + whole[at + len(first) + len(second) :])

    for segments in ((second, first), (first, second, first), (second, second, first)):
        arranged(*segments)
        assert read_payload(path) == PAYLOAD
        assert strip_payload(path, path).exact
        assert path.read_bytes() == original
    for segments in ((first,), (second,)):
        arranged(*segments)
        with pytest.raises(PayloadError, match="of which JPEG segments are missing"):
            read_payload(path)
        report = strip_payload(path, path)
        assert not report.exact and "damaged" in report.note
        assert path.read_bytes() == original
    arranged(first, second[:-1] + b"!")
    with pytest.raises(PayloadError, match="CRC differs"):
        read_payload(path)
    arranged(first, second, second[:-1] + b"!")
    with pytest.raises(CarrierError, match="carries different payloads"):
        read_payload(path)
    assert embed_payload(path, path, b"new").replaced
    strip_payload(path, path)
    assert path.read_bytes() == original


def test_a_page_added_to_a_tiff(make: Make) -> None:
    """A program that appends a page goes to the last IFD, which may be ours, and writes behind it."""
    path = make("tiff")
    embed_payload(path, path, b"payload")
    with Image.open(path) as image:
        before = image.tobytes()
        page = image.rotate(180)
    with path.open("r+b") as file, AppendingTiffWriter(file) as writer:
        page.save(writer, "TIFF")
        writer.newFrame()
    assert read_payload(path) == b"payload"
    report = strip_payload(path, path)
    assert not report.exact
    assert find_payload(path) is None
    with Image.open(path) as image:
        assert (image.n_frames, image.tobytes()) == (2, before)


def test_saving_the_pixels_anew_loses_the_payload(make: Make) -> None:
    path = make("png")
    embed_payload(path, path, b"payload")
    with Image.open(path) as image:
        image.save(path)
    with pytest.raises(NoPayloadError):
        read_payload(path)


def test_bytes_appended_behind_everything(make: Make) -> None:
    """Trailing bytes that came later are kept, and hinder nothing but an exact undo of a TIFF."""
    for name in ("png", "jpeg", "avif", "exr", "dpx_no_slack", "jxl", "tiff"):
        path = make(name)
        original = path.read_bytes()
        embed_payload(path, path, b"payload")
        with path.open("ab") as file:
            file.write(b"\x00trailing")
        assert read_payload(path) == b"payload", name
        report = strip_payload(path, path)
        assert find_payload(path) is None, name
        if name == "tiff":
            assert not report.exact
            continue
        assert report.exact, name
        assert path.read_bytes() == original + b"\x00trailing", name


mkvtoolnix = pytest.mark.skipif(shutil.which("mkvmerge") is None, reason="MKVToolNix is not installed")


def _call(*words: object) -> str:
    return subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True).stdout


@mkvtoolnix
@pytest.mark.parametrize("name", ["mkv_sound", "mkv_fonts", "mkv_live"])
def test_mkvtoolnix_finds_extracts_and_keeps_the_attachment(name: str, make: Make) -> None:
    path = make(name)
    merged = path.with_name("merged.mkv")
    _call("mkvmerge", "-o", merged, path)
    for movie in (path, merged):
        before = movie.read_bytes()
        embed_payload(movie, movie, PAYLOAD)
        assert "file name 'candela.reel'" in _call("mkvmerge", "-i", movie)
        number = 3 if name == "mkv_fonts" else 1
        extracted = movie.with_name("extracted")
        _call("mkvextract", movie, "attachments", f"{number}:{extracted}")
        assert read_payload(extracted) == PAYLOAD  # it is a sidecar file
        again = movie.with_name("again.mkv")
        assert "Warning" not in _call("mkvmerge", "-o", again, movie)
        assert read_payload(again) == PAYLOAD
        assert strip_payload(movie, movie).exact and movie.read_bytes() == before
        assert not strip_payload(again, again).exact
        assert _call("mkvmerge", "-i", again).count("Attachment") == number - 1


@mkvtoolnix
def test_mkvpropedit_may_change_what_it_likes(make: Make) -> None:
    for name in ("mkv_sound", "mkv_fonts"):
        path = make(name)
        embed_payload(path, path, PAYLOAD)
        embedded = path.read_bytes()
        for words in (
            ("--set", "title=" + "a long title " * 30),
            ("--edit", "track:1", "--set", "language=ger"),
            ("--add-attachment", path.with_name("notes.txt")),
        ):
            path.with_name("notes.txt").write_text("notes")
            path.write_bytes(embedded)
            _call("mkvpropedit", path, *words)
            assert read_payload(path) == PAYLOAD
            report = strip_payload(path, path)
            assert not report.exact and "another program wrote the file" in report.note
            assert find_payload(path) is None
            _call("mkvmerge", "-o", path.with_name("merged.mkv"), path)
        path.write_bytes(embedded)
        _call("mkvpropedit", path, "--delete-attachment", "name:candela.reel")
        assert find_payload(path) is None
