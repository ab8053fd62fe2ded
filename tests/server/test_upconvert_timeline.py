"""upconvert of a timeline: what it shows of its media and no more, as HDR and distilled."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.media import read_still
from candela_engines.media.open_clip import open_clip
from candela_engines.upconvert.engine import open_engine
from candela_server.service.shot_binding import carried_by

from .conftest import Candela
from .shot_clips import codes_at, write_movie

EDL = """TITLE: cut
FCM: NON-DROP FRAME
001  AX       V     C        00:00:00:01 00:00:00:03 01:00:00:00 01:00:00:02
* FROM CLIP NAME: a.mov
002  AX       V     C        00:00:00:00 00:00:00:02 01:00:00:02 01:00:00:04
* FROM CLIP NAME: b.mov
003  AX       V     C        00:00:00:02 00:00:00:05 01:00:00:04 01:00:00:07
* FROM CLIP NAME: a.mov
"""


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """Of a.mov, frames 1 to 4, part of them twice; of b.mov, frames 0 and 1."""
    plates = tmp_path / "plates"
    plates.mkdir()
    write_movie(tmp_path / "made.mov", ((0, 3),), 8)
    for name in ("a.mov", "b.mov"):
        shutil.copy(tmp_path / "plain-made.mov", plates / name)
    path = tmp_path / "cut.edl"
    path.write_text(EDL)
    return path


LINE = ("--engine", "bt2446c", "--rate", "24")


def test_frames_that_are_shown(candela: Candela, cut: Path, tmp_path: Path) -> None:
    out = tmp_path / "hdr"
    said = candela("upconvert", cut, "-o", out, *LINE, "--bit-depth", 32, "--json")
    assert said.code == 0, said.err
    made = sorted(str(path.relative_to(out)) for path in out.rglob("*.exr"))
    assert [name.partition("/")[0] for name in made] == ["a_1-4"] * 4 + ["b_0-1"] * 2
    document = said.json
    assert [(c["first_frame"], c["last_frame"]) for c in document["clips"]] == [(1, 4), (0, 1)]
    first = read_still(sorted((out / "a_1-4").iterdir())[0]).pixels
    wanted = open_engine("bt2446c").light(codes_at(1), 8, NAMED["rec709"])
    np.testing.assert_allclose(first, wanted, rtol=1e-4, atol=1e-4)
    again = candela("upconvert", cut, "-o", out, *LINE, "--bit-depth", 32)
    assert again.code == 0 and "2 clips" in again.out


def test_movies_and_media_elsewhere(candela: Candela, cut: Path, tmp_path: Path) -> None:
    (tmp_path / "plates").rename(tmp_path / "elsewhere.d")
    (tmp_path / "show").mkdir()
    cut = cut.rename(tmp_path / "show" / "cut.edl")
    missing = candela("upconvert", cut, "-o", tmp_path / "o", *LINE)
    assert missing.code == 2 and "--media" in missing.err
    more = ("--media", tmp_path / "elsewhere.d", "--codec", "hevc")
    said = candela("upconvert", cut, "-o", tmp_path / "o", *LINE, *more)
    assert said.code == 0, said.err
    with open_clip(str(tmp_path / "o" / "b_0-1.mp4")) as clip:
        assert clip.info.last - clip.info.first + 1 == 2


def test_distilled_into_copies_of_the_media(candela: Candela, cut: Path, tmp_path: Path) -> None:
    out = tmp_path / "sdr"
    more = ("--distil", "--effort", "fast", "--bytes", "1400", "--json")
    said = candela("upconvert", cut, "-o", out, *LINE, *more)
    assert said.code == 0, said.err
    assert sorted(path.name for path in out.iterdir()) == ["a.mov", "b.mov"]
    with open_clip(str(out / "a.mov")) as clip:
        carried = carried_by(clip.info)
        assert carried is not None
        assert {shot.payload.provenance for shot in carried.shots} == {"distilled"}
        assert (carried.shots[0].first, carried.shots[-1].last) == (1, 4)


def test_what_a_timeline_leaves_no_room_for(candela: Candela, cut: Path, tmp_path: Path) -> None:
    for out, more, words in (
        (tmp_path / "o.mov", (), "folder"),
        (tmp_path / "o.####.exr", (), "folder"),
        (tmp_path / "o", ("--frames", "1-2"), "leave it out"),
        (tmp_path / "o.cube", (), "LUT"),
    ):
        said = candela("upconvert", cut, "-o", out, *LINE, *more)
        assert said.code == 2 and words in said.err, said.err
