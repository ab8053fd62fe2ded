"""candela shots: lists of every kind, and a page that needs nothing else."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.media.thumbnails import picture_of_hdr, picture_of_sdr, shrunk
from candela_server.service.shots_page import shots_page
from candela_server.service.shots_result import ShotRow, ShotsResult

from .conftest import Candela
from .shot_clips import MadeShots, codes_at, fitted, write_movie, write_sequence

SHOTS = ((1001, 1003), (1004, 1006))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = MadeShots(SHOTS, tuple(fitted(a, b) for a, b in SHOTS))
    return write_sequence(tmp_path_factory.mktemp("clip"), made, 1001, 1008)


class Page(HTMLParser):
    """What a page consists of."""

    VOID = frozenset({"meta", "link", "img", "br", "hr", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def test_a_list_of_what_is_carried(candela: Candela, clip: Path) -> None:
    said = candela("shots", clip, "--json")
    assert said.code == 0, said.out
    document = said.json
    assert document["source"] == "carried"
    assert [(s["first_frame"], s["last_frame"], s["frames"]) for s in document["shots"]] == [
        (1001, 1003, 3),
        (1004, 1006, 3),
    ]
    assert document["gaps"] == [[1007, 1008]]
    assert all(s["payload_bytes"] > 500 and s["fidelity"]["pu_psnr_db"] > 40 for s in document["shots"])
    assert document["payload_bytes"] == sum(s["payload_bytes"] for s in document["shots"])
    text = candela("shots", clip).out
    assert "1001-1003" in text and "2 shots" in text and "1007 to 1008" in text


def test_a_movie_has_timecode_and_bytes_a_second(candela: Candela, tmp_path: Path) -> None:
    movie = write_movie(tmp_path / "m.mov", ((0, 3), (4, 7)), 8, timecode="10:00:00:00")
    shots = candela("shots", movie, "--json").json["shots"]
    assert [s["timecode_in"] for s in shots] == ["10:00:00:00", "10:00:00:04"]
    assert [s["timecode_out"] for s in shots] == ["10:00:00:03", "10:00:00:07"]
    assert shots[0]["bytes_per_second"] == pytest.approx(shots[0]["payload_bytes"] * 6)


def test_detection(candela: Candela, clip: Path) -> None:
    said = candela("shots", clip, "--detect", "--json")
    assert said.code == 0, said.out
    assert said.json["source"] == "detected" and said.json["payload_bytes"] is None
    assert said.json["shots"][0]["first_frame"] == 1001 and said.json["shots"][-1]["last_frame"] == 1008


def test_a_timeline(candela: Candela, tmp_path: Path) -> None:
    edl = tmp_path / "cut.edl"
    edl.write_text(
        "TITLE: CUT\nFCM: NON-DROP FRAME\n"
        "001  AX  V  C        01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00\n* FROM CLIP NAME: sh010\n"
        "002  AX  V  C        02:00:00:00 02:00:01:12 01:00:02:00 01:00:03:12\n* FROM CLIP NAME: sh020\n"
    )
    said = candela("shots", edl, "--rate", "24", "--json")
    assert said.code == 0, said.out
    shots = said.json["shots"]
    assert [(s["name"], s["first_frame"], s["last_frame"]) for s in shots] == [
        ("sh010", 0, 47),
        ("sh020", 48, 83),
    ]
    assert shots[1]["timecode_in"] == "01:00:02:00"
    assert candela("shots", edl, "--detect").code == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [(("--confidence",), "--html"), (("--detect", "--confidence", "--html", "x.html"), "--confidence")],
)
def test_what_cannot_be(candela: Candela, clip: Path, words: tuple[str, ...], why: str) -> None:
    said = candela("shots", clip, *words)
    assert said.code == 2 and why in said.err


def test_a_clip_without_a_reel_a_still_and_nothing(candela: Candela, clip: Path, tmp_path: Path) -> None:
    made = MadeShots((), ())
    bare = write_sequence(tmp_path / "bare", made, 1, 2)
    said = candela("shots", bare)
    assert said.code == 2 and "--detect" in said.err
    said = candela("shots", clip.with_name("shot.1001.png"))
    assert said.code == 2 and "still" in said.err
    said = candela("shots", tmp_path / "nothing.mov")
    assert said.code == 2 and "nothing.mov" in said.err


def test_the_page_is_whole_and_needs_nothing(candela: Candela, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    said = candela("shots", clip, "--html", out, "--confidence", "--json")
    assert said.code == 0 and said.json["html"] == str(out)
    page = parsed(out)
    images = [value for tag, name, value in page.attributes if (tag, name) == ("img", "src")]
    assert len(images) == 2 * 3 * 3  # shots, frames, kinds
    for source in images:
        head, data = source.split(",", 1)
        assert head == "data:image/jpeg;base64"
        picture = imagecodecs.jpeg8_decode(base64.b64decode(data, validate=True))
        assert picture.shape == (64, 96, 3)
    targets = [v for _, name, v in page.attributes if name in ("src", "href", "action", "data", "srcset")]
    assert all(v.startswith(("data:", "#")) for v in targets)
    assert "script" not in page.tags and "url(" not in out.read_text(encoding="utf-8")
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    ids = {value for _, name, value in page.attributes if name == "id"}
    assert {v[1:] for v in targets if v.startswith("#")} <= ids
    text = "".join(page.text)
    assert "1001 to 1003 (3 frames)" in text and "Confidence of the HDR" in text
    alternatives = [value for tag, name, value in page.attributes if (tag, name) == ("img", "alt")]
    assert len(set(alternatives)) == len(images)


def test_names_cannot_break_the_page(tmp_path: Path) -> None:
    name = "<script src='a'>&\".mov"
    row = ShotRow(0, 4, 5, name=name)
    result = ShotsResult(Path(name), "timeline", name, 0, 0, 0, 4, 5, None, None, (row,), notes=(name,))
    page = Page()
    page.feed(shots_page(result))
    assert "script" not in page.tags
    # The title, the heading, the format, the shot and the note.
    assert "".join(page.text).count(name) == 5


def test_thumbnails_keep_grey_and_white() -> None:
    codes = np.full((40, 60, 3), 255, np.uint8)
    assert np.all(picture_of_sdr(codes, 8, NAMED["rec709"]) == 255)
    assert np.all(picture_of_sdr(codes[:, :, :] * 0, 8, NAMED["rec709"]) == 0)
    grey = picture_of_sdr(np.full((4, 6, 3), 128, np.uint8), 8, NAMED["srgb"])
    assert np.abs(grey.astype(int) - 128).max() <= 1
    hdr = picture_of_hdr(np.full((4, 6, 3), 1000, np.float32))
    assert hdr.min() >= 250
    assert shrunk(codes_at(1), 48).shape == (32, 48, 3)


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def loaded(page: Path, folder: Path) -> tuple[str, list[str], list[str]]:
    """The page in a real browser: its document, what the console says, and what it asks the network for."""
    log = folder / "net.json"
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
            "--disable-background-networking", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    # The browser calls home by itself; what a page asks for names an origin, if only `null`.
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    of_pages = [line for line in lines if '"initiator":"' in line and "not an origin" not in line]
    asked = re.findall(r'"url":"((?:http|ws|ftp)[^"]*)"', "\n".join(of_pages))
    return done.stdout, re.findall(r"CONSOLE.*", done.stderr), asked


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; the page is parsed by the tests above")
def test_a_browser_asks_for_nothing_and_has_no_complaint(
    candela: Candela, clip: Path, tmp_path: Path
) -> None:
    page, other = tmp_path / "page.html", tmp_path / "other.html"
    assert candela("shots", clip, "--html", page, "--confidence").code == 0
    document, console, asked = loaded(page, tmp_path)
    assert document.count("<img") == 18 and not console and not asked
    # The same look at a page that is not like this sees what it should.
    other.write_text("<img src='https://candela.invalid/a.png'><script>console.error('seen')</script>")
    _, console, asked = loaded(other, tmp_path)
    assert "https://candela.invalid/a.png" in asked and any("seen" in line for line in console)
