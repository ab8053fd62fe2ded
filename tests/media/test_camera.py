"""What cameras write of their curve: names that are log, prose that is none, and XML beside a movie."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest

from candela_engines.media.camera import camera_curve, log_curve, log_word, xml_entries
from candela_engines.media.open_clip import open_clip

_XML = b"""<?xml version="1.0"?><NonRealTimeMeta><AcquisitionRecord><Group name="CameraUnitMetadataSet">
<Item name="CaptureGammaEquation" value="%s"/><Item name="CaptureColorPrimaries" value="s-gamut3-cine"/>
</Group></AcquisitionRecord></NonRealTimeMeta>"""


@pytest.mark.parametrize(
    "text",
    ["LOG-C", "LogC4", "ARRI LogC3", "S-Log3", "s-log3-cine", "S-Log3/S-Gamut3.Cine", "V-Log", "V-Log L",
     "C-Log3", "Canon Log 2", "Log3G10", "N-Log", "F-Log2", "D-Log M", "BMDFilm", "ACEScct"],
)  # fmt: skip
def test_log_curves(text: str) -> None:
    assert log_curve(text)


@pytest.mark.parametrize(
    "text",
    ["rec709", "Catalogue", "logo", "Log off", "log", "SLogan", "technolog", "S-Cinetone", "dialog", "",
     "vlogger", "S-Log3ish"],
)  # fmt: skip
def test_other_values(text: str) -> None:
    assert not log_curve(text)


def test_words_of_file_names() -> None:
    assert log_word("A001_C003_SLOG3_1001") == "slog3" and log_word("shot_LogC4.0001") == "logc4"
    assert log_word("A001_S_Log3") == "s-log3"
    assert log_word("cut DaVinci_Intermediate") == "davinci-intermediate"
    assert log_word("plate.log.v2") == "log" and log_word("beach-V-Log") == "v-log"
    for name in ("catalog_12", "logo_v3", "vlogger", "dialogue", "blog2", "prolog", "analog"):
        assert log_word(name) is None, name


def test_entries_that_people_write_do_not_count() -> None:
    assert camera_curve({"com.arri.camera.ColorGammaSxS": "LOG-C"}) == "com.arri.camera.ColorGammaSxS LOG-C"
    for key in (
        "title",
        "comment",
        "com.apple.quicktime.description",
        "reel_name",
        "com.arri.camera.LookName",
    ):
        assert camera_curve({key: "S-Log3"}) is None
    assert camera_curve({"gamma": "Rec.709", "number": 3}) is None


def movie(path: Path, **entries: str) -> Path:
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        out.metadata.update(entries)
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 120, np.uint8), format="rgb24")
        for packet in (*stream.encode(frame), *stream.encode()):
            out.mux(packet)
    return path


def test_of_movies(tmp_path: Path) -> None:
    entries = {"com.arri.camera.ColorGammaSxS": "LOG-C", "comment": "S-Log3"}
    for name, given, said in (
        ("a.mov", entries, "com.arri.camera.ColorGammaSxS LOG-C"), ("b.mov", {"comment": "S-Log3"}, ""),
    ):  # fmt: skip
        with open_clip(str(movie(tmp_path / name, **given))) as clip:
            assert clip.info.camera == said


@pytest.mark.parametrize("long", [False, True])
def test_the_xml_of_xavc(tmp_path: Path, long: bool) -> None:
    body = b"\0\0\0\0" + _XML % b"s-log3-cine"
    head = (
        struct.pack(">I4sQ", 1, b"meta", 16 + len(body))
        if long
        else struct.pack(">I4s", 8 + len(body), b"meta")
    )
    path = movie(tmp_path / "c.mp4")
    path.write_bytes(path.read_bytes() + head + body)
    assert xml_entries(path) == {"CaptureGammaEquation": "s-log3-cine"}
    with open_clip(str(path)) as clip:
        assert clip.info.camera == "CaptureGammaEquation s-log3-cine"
    path.write_bytes(path.read_bytes()[: -len(body)])
    assert xml_entries(path) == {}


@pytest.mark.parametrize("size", [(1 << 63) - 1, (1 << 64) - 1, 1 << 40])
def test_a_box_that_claims_more_than_the_file_has_ends_the_search(tmp_path: Path, size: int) -> None:
    path = movie(tmp_path / "c.mp4")
    path.write_bytes(path.read_bytes() + struct.pack(">I4sQ", 1, b"junk", size))
    assert xml_entries(path) == {}
    with open_clip(str(path)) as clip:
        assert clip.info.camera == ""


def test_files_that_are_none(tmp_path: Path) -> None:
    for number, data in enumerate((b"", b"short", b"\0" * 64, b"\xff" * 64)):
        path = tmp_path / str(number)
        path.write_bytes(data)
        assert xml_entries(path) == {}
    assert xml_entries(tmp_path / "nowhere") == {}
