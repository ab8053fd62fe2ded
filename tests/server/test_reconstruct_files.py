"""reconstruct of sequences to numbered files: what is in them, and everything that can be wrong."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.itm.carriers import embed_payload, read_payload
from candela_engines.media import read_still, write_sdr_png

from .conftest import Candela
from .shot_clips import HEIGHT, WIDTH, MadeShots, codes_at, fitted, write_sequence

pytestmark = pytest.mark.usefixtures("short_schedules")

SHOTS = ((1001, 1003), (1004, 1006))


@pytest.fixture(scope="module")
def made() -> MadeShots:
    return MadeShots(SHOTS, tuple(fitted(a, b) for a, b in SHOTS))


@pytest.fixture(scope="module")
def kept(made: MadeShots, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sequence(tmp_path_factory.mktemp("kept"), made, 1001, 1006).parent


@pytest.fixture
def clip(kept: Path, tmp_path: Path) -> Path:
    """The pattern of a sequence that carries its HDR, to do with as one likes."""
    return Path(shutil.copytree(kept, tmp_path / "in")) / "shot.####.png"


def file_of(pattern: Path, number: int) -> Path:
    return pattern.with_name(pattern.name.replace("####", f"{number:04d}"))


def nits_of(path: Path) -> np.ndarray:
    still = read_still(path)
    assert still.state is not None and still.tagged
    return np.asarray(to_nits_rec2020(still.pixels.astype(np.float64), still.state))


def brightest_of(path: Path) -> float:
    """MaxCLL of a file: of its own R, G and B, whatever their primaries (CTA-861.3)."""
    still = read_still(path)
    assert still.state is not None
    own = replace(still.state, primaries="bt2020")  # so that no primaries are brought to others
    return float(np.asarray(to_nits_rec2020(still.pixels.astype(np.float64), own)).max())


@pytest.mark.twice
@pytest.mark.parametrize(
    ("name", "still", "more"),
    [
        ("o.####.exr", "o.exr", ()),
        ("o.####.exr", "o.exr", ("--compression", "zip")),
        ("o.####.exr", "o.exr", ("--bit-depth", "32")),
        ("o.####.exr", "o.exr", ("--encoding", "p3-pq")),
        ("o.####.dpx", "o.dpx", ()),
        ("o.####.png", "o.png", ("--encoding", "hlg")),
        ("o.%04d.tif", "o.tif", ()),
    ],
)
def test_the_files_are_those_of_the_still_path(
    candela: Candela, clip: Path, tmp_path: Path, name: str, still: str, more: tuple[str, ...]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    said = candela("reconstruct", clip, "-o", out / name, "--json", *more)
    assert said.code == 0, said.out
    document = said.json
    assert (document["frames"], document["first_frame"], document["last_frame"]) == (6, 1001, 1006)
    suffix = Path(name).suffix
    assert sorted(p.name for p in out.iterdir()) == [f"o.{n}{suffix}" for n in range(1001, 1007)]
    more = tuple(word for word in more if word not in ("--compression", "zip"))
    for number in (1001, 1005):
        alone = tmp_path / still
        assert candela("reconstruct", file_of(clip, number), "-o", alone, *more).code == 0
        ours, theirs = read_still(out / f"o.{number}{suffix}"), read_still(alone)
        assert ours.state == theirs.state and ours.bits == theirs.bits
        if ours.codes.dtype.kind == "u":
            difference = np.abs(ours.codes.astype(int) - theirs.codes.astype(int))
            assert difference.max() <= 1
        else:
            assert np.allclose(ours.pixels, theirs.pixels, rtol=1.5e-3, atol=1e-4)
    brightest = max(brightest_of(path) for path in out.iterdir())
    assert document["max_cll_nits"] == pytest.approx(brightest, rel=5e-3)


def test_frames_start_and_metadata(candela: Candela, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "new"
    said = candela("reconstruct", clip, "-o", out, "--frames", "1003-1004", "--start", "7", "--json")
    assert said.code == 0, said.out
    assert sorted(p.name for p in out.iterdir()) == ["shot.0007.exr", "shot.0008.exr"]
    for number, name in ((1003, "shot.0007.exr"), (1004, "shot.0008.exr")):
        spec = oiio.ImageInput.open(str(out / name)).spec()
        assert spec["candela_shot"] == ("1001 to 1003" if number == 1003 else "1004 to 1006")
        assert spec["candela_forced"] == "0" and spec["compression"] == "none"
        assert spec["maxCLL"] == pytest.approx(nits_of(out / name).max(), rel=1e-3)
        assert len(spec["candela_picture"]) == 32
    assert said.json["first_file_number"] == 7


@pytest.mark.twice
def test_confidence_is_a_channel(candela: Candela, clip: Path, tmp_path: Path) -> None:
    assert candela("reconstruct", clip, "-o", tmp_path / "c", "--confidence").code == 0
    assert candela("reconstruct", clip, "-o", tmp_path / "d").code == 0
    source = oiio.ImageInput.open(str(tmp_path / "c" / "shot.1002.exr"))
    assert set(source.spec().channelnames) == {"R", "G", "B", "candela.confidence"}
    pixels = source.read_image("float")
    plane = pixels[..., source.spec().channelnames.index("candela.confidence")]
    assert plane.min() >= 0 and plane.max() == 1
    assert np.all(plane[codes_at(1002).max(axis=2) < 250] == 1)
    assert np.allclose(nits_of(tmp_path / "c" / "shot.1002.exr"), nits_of(tmp_path / "d" / "shot.1002.exr"))


def test_the_view_is_an_sdr_picture(candela: Candela, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "v.####.png"
    said = candela("reconstruct", clip, "-o", out, "--view", "confidence", "--json")
    assert said.code == 0, said.out
    assert said.json["encoding"]["name"] == "srgb" and said.json["view"] == "confidence"
    assert said.json["max_cll_nits"] is None and b"cLLI" not in (tmp_path / "v.1001.png").read_bytes()
    still = read_still(tmp_path / "v.1001.png")
    assert still.pixels.max() <= 1 and still.pixels.std() > 0.02


def test_both_for_a_still(candela: Candela, clip: Path, tmp_path: Path) -> None:
    file = file_of(clip, 1002)
    assert candela("reconstruct", file, "-o", tmp_path / "s.exr", "--confidence").code == 0
    names = oiio.ImageInput.open(str(tmp_path / "s.exr")).spec().channelnames
    assert set(names) == {"R", "G", "B", "candela.confidence"}
    assert candela("reconstruct", file, "-o", tmp_path / "p.exr").code == 0
    assert np.allclose(nits_of(tmp_path / "s.exr"), nits_of(tmp_path / "p.exr"))
    said = candela("reconstruct", file, "-o", tmp_path / "s.png", "--view", "confidence", "--json")
    assert said.json["encoding"]["name"] == "srgb" and said.json["max_cll_nits"] is None
    assert b"cLLI" not in (tmp_path / "s.png").read_bytes()


@pytest.mark.twice
def test_the_roll_off_is_one_curve(candela: Candela, clip: Path, tmp_path: Path) -> None:
    """Frames that show the same light get the same, however bright the rest of each frame is."""
    said = candela("reconstruct", clip, "-o", tmp_path / "r.####.exr", "--peak", "300", "--json")
    assert said.code == 0, said.out
    assert said.json["rolled_off_from_nits"] > 800
    assert said.json["max_cll_nits"] <= 300.5
    assert candela("reconstruct", clip, "-o", tmp_path / "n.####.exr").code == 0
    pairs = [
        (
            nits_of(tmp_path / f"n.{n}.exr").max(axis=2).ravel(),
            nits_of(tmp_path / f"r.{n}.exr").max(axis=2).ravel(),
        )
        for n in (1001, 1006)
    ]
    before, after = np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])
    order = np.argsort(before)
    assert np.all(np.diff(after[order]) >= -0.005 * after[order][1:] - 0.01)


def test_frames_without_a_shot(candela: Candela, made: MadeShots, tmp_path: Path) -> None:
    clip = write_sequence(tmp_path / "in", made, 1001, 1008)
    said = candela("reconstruct", clip, "-o", tmp_path / "out")
    assert (
        said.code == 2 and "frames 1007 to 1008 belong to no shot" in said.err and "--missing sdr" in said.err
    )
    assert not (tmp_path / "out").exists()
    said = candela("reconstruct", clip, "-o", tmp_path / "out", "--missing", "sdr", "--json")
    assert said.code == 0 and said.json["sdr_frames"] == 2
    assert any("1007 to 1008" in note and "203" in note for note in said.json["notes"])
    light = nits_of(tmp_path / "out" / "shot.1008.exr")
    signal = codes_at(1008) / 255.0
    # BT.1886 with white on 203 nit; grey keeps its value in any primaries.
    grey = np.argmin(np.ptp(signal, axis=2))
    y, x = divmod(int(grey), WIDTH)
    assert light[y, x].mean() == pytest.approx(203 * (signal[y, x] ** 2.4).mean(), rel=0.05)


def test_a_frame_that_was_altered(candela: Candela, clip: Path, tmp_path: Path) -> None:
    changed = codes_at(1005)
    changed[3, 4, 0] ^= 1
    file = file_of(clip, 1005)
    payload = read_payload(file)
    write_sdr_png(file, changed, state=NAMED["rec709"])
    embed_payload(file, file, payload)
    out = tmp_path / "out"
    said = candela("reconstruct", clip, "-o", out)
    assert said.code == 2 and str(file) in said.err and "1005" in said.err and "--force" in said.err
    # What was finished before it is whole, and stays.
    assert sorted(p.name for p in out.glob("*.exr")) == [f"shot.{n}.exr" for n in range(1001, 1005)]
    said = candela("reconstruct", clip, "-o", out, "--force", "--json")
    assert said.code == 0 and said.json["forced_frames"] == 1 and said.json["frames"] == 6
    assert oiio.ImageInput.open(str(out / "shot.1005.exr")).spec()["candela_forced"] == "1"


def test_a_frame_whose_payload_was_dropped(candela: Candela, clip: Path, tmp_path: Path) -> None:
    write_sdr_png(file_of(clip, 1002), codes_at(1002), state=NAMED["rec709"])
    said = candela("reconstruct", clip, "-o", tmp_path / "out")
    assert said.code == 2 and "shot.1002.png" in said.err


def test_one_frame_of_another_size(candela: Candela, clip: Path, tmp_path: Path) -> None:
    write_sdr_png(file_of(clip, 1003), codes_at(1003, HEIGHT, WIDTH + 2), state=NAMED["rec709"])
    said = candela("reconstruct", clip, "-o", tmp_path / "out")
    assert said.code == 2 and "1003" in said.err and f"{WIDTH + 2}x{HEIGHT}" in said.err
    assert len(list((tmp_path / "out").glob("*.exr"))) == 2


def test_a_file_that_is_missing(candela: Candela, clip: Path, tmp_path: Path) -> None:
    file_of(clip, 1002).unlink()
    said = candela("reconstruct", clip, "-o", tmp_path / "out", "--json")
    assert said.code == 0 and said.json["frames"] == 5
    assert "shot.1002.exr" not in [p.name for p in (tmp_path / "out").iterdir()]
    said = candela("reconstruct", clip, "-o", tmp_path / "m.mov", "--rate", "24")
    assert said.code == 2 and "frame 1002 has no file" in said.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("-o", "x.exr"), "no number in the name"),
        (("-o", "x.####.jpg"), "not written as .jpg"),
        (("-o", "x.####.exr", "--frames", "900-1002"), "has the frames 1001 to 1006"),
        (("-o", "x.####.exr", "--frames", "1004-1002"), "runs backwards"),
        (("-o", "x.####.exr", "--codec", "hevc"), "is for movies"),
        (("-o", "x.####.dpx", "--compression", "zip"), "is for .exr"),
        (("-o", "x.####.exr", "--compression", "lzw"), "are known"),
        (("-o", "x.####.png", "--confidence"), "is a channel of .exr"),
        (("-o", "x.####.exr", "--confidence", "--view", "confidence"), "leave one of them out"),
        (("-o", "x.####.exr", "--quality", "80"), "has none"),
        (("-o", "x.mp4", "--codec", "prores4444"), "hevc or av1"),
        (("-o", "x.mp4", "--encoding", "p3-pq"), "PQ or HLG in BT.2020"),
        (("-o", "x.mp4", "--start", "5"), "is for numbered files"),
        (("-o", "x.mp4"), "says no rate"),
        (("-o", "nowhere/at/all/x.####.exr"), "does not exist"),
    ],
)
def test_what_cannot_be(
    candela: Candela,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = candela("reconstruct", clip, *words)
    assert said.code == 2 and why in said.err, said.err
    assert not list(tmp_path.glob("x*"))


def test_the_input_is_never_the_output(candela: Candela, clip: Path) -> None:
    said = candela("reconstruct", clip, "-o", clip, "--bit-depth", "16")
    assert said.code == 2 and "is an input" in said.err


def test_options_of_shots_for_a_still(candela: Candela, clip: Path, tmp_path: Path) -> None:
    said = candela("reconstruct", file_of(clip, 1001), "-o", tmp_path / "a.exr", "--frames", "1-2")
    assert said.code == 2 and "--frames" in said.err
    said = candela("reconstruct", file_of(clip, 1001), "-o", tmp_path / "a.####.exr")
    assert said.code == 2 and "shot.####.png" in said.err


def test_nothing_carried(candela: Candela, made: MadeShots, tmp_path: Path) -> None:
    clip = write_sequence(tmp_path / "bare", made, 1001, 1002, bare=True)
    said = candela("reconstruct", clip, "-o", tmp_path / "out")
    assert said.code == 2 and "carries no HDR" in said.err
