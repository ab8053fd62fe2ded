"""Movies with a reel: every stream as before, every position valid, other programs find the attachment."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from candela_engines.errors import CarrierError, PayloadError
from candela_engines.itm.carriers import (
    CARRIERS,
    MAX_REEL,
    carrier_for,
    embed_payload,
    find_payload,
    plan_payload,
    read_payload,
    sidecar_path,
    strip_payload,
)
from candela_engines.itm.carriers._source import Source, open_source
from candela_engines.itm.carriers.sidecar import MAGIC

Make = Callable[[str], Path]
REEL = b"CNDR" + bytes(range(256)) * 1200  # larger than a payload may be
MP4 = ["mp4", "mp4_fragments", "mp4_index", "mp4_fast_start", "mov", "mov_sound", "3gp"]
MKV = ["mkv", "mkv_sound", "mkv_fonts", "mkv_cues_first", "mkv_live"]
BESIDE = ["webm", "mxf", "y4m"]


def _packets(path: Path) -> list[tuple[Any, ...]]:
    with av.open(str(path)) as movie:
        return [
            (p.stream.index, p.pts, p.dts, p.duration, p.is_keyframe, bytes(p), _side(p))
            for p in movie.demux()
            if p.stream.type in ("video", "audio")
        ]


def _side(packet: Any) -> list[tuple[str, bytes]]:
    return [(str(data.data_type), bytes(data)) for data in packet.iter_sidedata()]


def _decoded(path: Path) -> list[bytes]:
    with av.open(str(path)) as movie:
        streams = [stream for stream in movie.streams if stream.type in ("video", "audio")]
        return [frame.to_ndarray().tobytes() for frame in movie.decode(streams)]


def _sought(path: Path) -> list[list[tuple[int | None, bytes]]]:
    """What comes after going to several times: through stss and stco, sidx, tfra, Cues."""
    found = []
    with av.open(str(path)) as movie:
        video = movie.streams.video[0]
        for time in (0.4, 0.2, 0.0, 0.45):
            movie.seek(int(time / video.time_base), stream=video)
            packet = next(movie.demux(video))
            found.append([(packet.pts, bytes(packet))])
    return found


def _attachments(path: Path) -> list[tuple[str, str, bytes]]:
    with av.open(str(path)) as movie:
        return [
            (stream.metadata["filename"], stream.metadata["mimetype"], bytes(stream.data))
            for stream in movie.streams
            if stream.type == "attachment"
        ]


@pytest.mark.parametrize("name", MP4 + MKV + BESIDE)
def test_streams_are_what_they_were(name: str, make: Make) -> None:
    path = make(name)
    out = path.with_name("out" + path.suffix)
    original = path.read_bytes()
    report = embed_payload(path, out, REEL)
    assert report.carrier == ("mp4" if name in MP4 else "matroska" if name in MKV else "sidecar")
    assert read_payload(out) == REEL
    assert len(_packets(path)) > 10
    assert _packets(out) == _packets(path)
    assert _decoded(out) == _decoded(path)
    if name not in BESIDE:
        assert _sought(out) == _sought(path)
    report = strip_payload(out, out)
    assert report.exact and report.as_embedded
    assert out.read_bytes() == original


@pytest.mark.parametrize("name", MP4)
def test_nothing_in_an_mp4_moves_but_its_closing_index(name: str, make: Make) -> None:
    path = make(name)
    before = path.read_bytes()
    embed_payload(path, path, REEL)
    after = path.read_bytes()
    closing = before[-16:-8] == b"\0\0\0\x10mfro"
    assert closing == (name in ("mp4_fragments", "mp4_index"))
    if closing:
        length = struct.unpack(">I", before[-4:])[0]
        assert before[-length + 4 : -length + 8] == b"mfra"
        assert after[-length:] == before[-length:]
        before, after = before[:-length], after[:-length]
    assert after.startswith(before)
    assert after[len(before) + 4 : len(before) + 8] == b"uuid"
    assert len(after) - len(before) == len(REEL) + 28


@pytest.mark.parametrize("name", MKV)
def test_other_programs_see_the_attachment(name: str, make: Make) -> None:
    path = make(name)
    fonts = _attachments(path)
    assert len(fonts) == (2 if name == "mkv_fonts" else 0)
    embed_payload(path, path, REEL)
    *others, (file, kind, data) = _attachments(path)
    assert others == fonts
    assert (file, kind) == ("candela.reel", "application/x-candela")
    assert data.startswith(MAGIC)
    extracted = path.with_name("other.mxf")
    extracted.write_bytes(b"a movie of a format without a carrier")
    sidecar_path(extracted).write_bytes(data)
    assert read_payload(extracted) == REEL


@pytest.mark.parametrize("name", MKV)
def test_a_small_change_leaves_clusters_where_they_were(name: str, make: Make) -> None:
    path = make(name)
    before = path.read_bytes()
    fonts = [data for _, _, data in _attachments(path)]
    embed_payload(path, path, REEL)
    after = path.read_bytes()
    first = before.index(b"\x1f\x43\xb6\x75")
    assert after[first : len(before)] == before[first:]
    assert 100 <= len(after) - len(before) - len(REEL) - sum(map(len, fonts)) <= 400
    changed = [at for at in range(first) if before[at] != after[at]]
    assert 0 < len(changed) < 100


def _remuxed(path: Path, out: Path) -> None:
    """As `ffmpeg -c copy` with all streams."""
    with av.open(str(path)) as movie, av.open(str(out), "w") as copy:
        streams = {stream.index: copy.add_stream_from_template(stream) for stream in movie.streams}
        for packet in movie.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                copy.mux(packet)


def test_a_remux_drops_the_box_of_an_mp4(make: Make) -> None:
    for name in ("mp4", "mov_sound", "mp4_fragments"):
        path = make(name)
        embed_payload(path, path, REEL)
        out = path.with_name("remuxed" + path.suffix)
        _remuxed(path, out)
        assert find_payload(out) is None


def test_a_remux_keeps_the_attachment_of_a_matroska_file(make: Make) -> None:
    for name in ("mkv", "mkv_fonts"):
        path = make(name)
        embed_payload(path, path, REEL)
        out = path.with_name("remuxed.mkv")
        _remuxed(path, out)
        assert read_payload(out) == REEL
        packets = _packets(out)
        report = strip_payload(out, out)
        assert not report.exact and "another program wrote the file" in report.note
        assert find_payload(out) is None
        assert _packets(out) == packets
        assert [file for file, *_ in _attachments(out)] == (
            ["font 0.ttf", "font 1.ttf"] if name == "mkv_fonts" else []
        )
        assert embed_payload(out, out, REEL).note == ""
        assert read_payload(out) == REEL and _packets(out) == packets


def test_a_payload_alone_is_for_pictures_and_a_reel_for_movies(make: Make) -> None:
    for name in ("png", "exr", "avif", "heif_open_end", "jp2", "jxl"):
        path = make(name)
        for carrier in (None, "sidecar"):
            with pytest.raises(PayloadError, match="is a picture, and carries the payload of one picture"):
                embed_payload(path, path, b"CNDR reel", carrier=carrier)
    for name in ("mp4", "mkv"):
        path = make(name)
        for carrier in (None, "sidecar"):
            with pytest.raises(PayloadError, match="is a movie, and carries a reel of shots"):
                embed_payload(path, path, b"CNDL payload", carrier=carrier)
        assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "name", ["png", "exr", "dpx_no_slack", "mp4", "mov_sound", "mkv", "mkv_fonts", "y4m"]
)
def test_what_embedding_would_do_is_known_before(name: str, make: Make) -> None:
    path = make(name)
    before = path.read_bytes()
    carrier, overhead = plan_payload(path, 5000)
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]
    magic = b"CNDL" if CARRIERS[carrier].holds == "payload" else b"CNDR"
    report = embed_payload(path, path, magic + bytes(4996))
    assert (report.carrier, report.bytes_added) == (carrier, 5000 + overhead)
    assert overhead >= CARRIERS[carrier].least_overhead
    assert plan_payload(path, 5000) == (carrier, overhead)


def test_a_plan_fails_as_embedding_would(make: Make) -> None:
    path = make("mkv")
    with pytest.raises(PayloadError, match="a reel has 1 to"):
        plan_payload(path, MAX_REEL + 1)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CarrierError, match="truncated or damaged"):
        plan_payload(path, 5000)
    assert plan_payload(path, 5000, carrier="sidecar") == ("sidecar", 12)


def test_sizes(make: Make) -> None:
    path = make("mkv")
    with pytest.raises(PayloadError, match=f"a reel has 1 to {MAX_REEL} bytes; this one has {MAX_REEL + 1}"):
        embed_payload(path, path, b"CNDR" + bytes(MAX_REEL - 3))
    bmp = make("bmp")
    sidecar_path(bmp).write_bytes(MAGIC + b"CNDQ" + bytes(MAX_REEL))  # a size for reels only
    with pytest.raises(PayloadError, match="claims to carry a payload of 67108864 bytes; 1 to 262144"):
        find_payload(bmp)


def test_which_files_of_boxes_are_pictures() -> None:
    pictures = [b"avif", b"heic", b"mif1", b"msf1"]
    movies = [b"isom", b"qt  ", b"mp42", b"M4V ", b"3gp5", b"crx "]
    for brand in pictures + movies:
        head = struct.pack(">I4s4sI4s", 20, b"ftyp", brand, 0, brand)
        assert carrier_for(head).name == ("isobmff" if brand in pictures else "mp4")
    assert carrier_for(struct.pack(">I4s4sI4s", 20, b"ftyp", b"MA1A", 0, b"avif")).name == "isobmff"
    for kind in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
        assert carrier_for(b"\0\0\0\x10" + kind + bytes(8)).name == "mp4"
    assert carrier_for(b"are free of everything").name == "sidecar"


def _whole(source: Source, name: str) -> None:
    """Put in, found and taken out again, as a list of pieces."""
    carrier = CARRIERS[name]
    view = source.edited(carrier.insert(source, REEL))
    assert [held.payload for held in carrier.find(view)] == [REEL]
    undo = carrier.remove(view)
    assert undo is not None and undo.exact
    assert view.edited(undo.edits).same_as(source)


def test_large_files_take_no_memory(make: Make) -> None:
    path = make("mp4").with_name("large.mp4")
    size = 40 << 30
    with path.open("wb") as file:  # sparse
        file.write(struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + struct.pack(">I4sQ", 1, b"mdat", size))
        file.seek(16 + size)
        file.write(struct.pack(">I4sQ", 16, b"moov", 0))
    mkv = make("mkv").with_name("large.mkv")
    tracks = b"\x16\x54\xae\x6b\x80"
    with mkv.open("wb") as file:
        file.write(b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska")
        file.write(b"\x18\x53\x80\x67" + struct.pack(">Q", 1 << 56 | size) + tracks)
        file.write(b"\x1f\x43\xb6\x75" + struct.pack(">Q", 1 << 56 | (size - 5 - 12)))
        file.truncate(16 + 12 + size)
    tracemalloc.start()
    for file, name in ((path, "mp4"), (mkv, "matroska")):
        with open_source(file) as source:
            assert carrier_for(file).name == name
            _whole(source, name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * len(REEL)


def test_an_open_end_that_would_move_samples_is_refused(make: Make) -> None:
    path = make("mov").with_name("open.mov")
    with path.open("wb") as file:
        file.write(struct.pack(">I4sQ", 16, b"moov", 0) + struct.pack(">I4s", 0, b"mdat"))
        file.truncate(5 << 30)
    with open_source(path) as source, pytest.raises(CarrierError, match='use carrier="sidecar"'):
        CARRIERS["mp4"].insert(source, REEL)
    with path.open("r+b") as file:
        file.truncate(3 << 30)
    with open_source(path) as source:
        _whole(source, "mp4")
