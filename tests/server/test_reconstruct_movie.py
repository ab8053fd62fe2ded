"""reconstruct of movies, and to movies: tags, light, sound, timecode, as read back by PyAV."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.itm.carriers import embed_payload, find_payload, sidecar_path
from candela_engines.media import read_still
from candela_engines.media.open_clip import open_clip

from .conftest import Candela
from .shot_clips import light_at, write_movie

pytestmark = pytest.mark.usefixtures("short_schedules")

SHOTS = ((0, 4), (5, 11))
COUNT = 14  # frames 12 and 13 belong to no shot


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("movie")
    return write_movie(folder / "shot.mov", SHOTS, COUNT, audio=True, timecode="01:00:00:00")


@pytest.fixture
def movie(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(kept, tmp_path / "shot.mov"))


def light_of(path: Path) -> tuple[int, int]:
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        for side in frame.side_data:
            if side.type.name == "CONTENT_LIGHT_LEVEL":
                cll, fall = np.frombuffer(bytes(side), "<u4")[:2]
                return int(cll), int(fall)
    raise AssertionError("no content light")


@pytest.mark.parametrize(
    ("name", "more", "codec", "transfer"),
    [
        ("o.mov", (), "prores", 16),
        ("o.mp4", (), "hevc", 16),
        ("o.mp4", ("--encoding", "hlg"), "hevc", 18),
        ("o.mkv", ("--codec", "av1", "--quality", "90"), "av1", 16),
        ("o.mov", ("--codec", "hevc", "--encoding", "rec2100-pq@4000"), "hevc", 16),
    ],
)
def test_tags_light_sound_and_time(
    candela: Candela, movie: Path, tmp_path: Path, name: str, more: tuple[str, ...], codec: str, transfer: int
) -> None:
    out = tmp_path / "out" / name
    out.parent.mkdir()
    said = candela("reconstruct", movie, "-o", out, "--frames", "2-9", "--json", *more)
    assert said.code == 0, said.out
    assert [p.name for p in out.parent.iterdir()] == [name]
    document = said.json
    assert document["frames"] == 8 and document["audio"] and document["timecode"] == "01:00:00:02"
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert context.codec.canonical_name == codec
        tags = context.color_primaries, context.color_trc, context.colorspace, context.color_range
        assert tags == (9, transfer, 9, 1)
        assert stream.average_rate == Fraction(24)
        assert sum(1 for _ in container.decode(stream)) == 8
        assert len(container.streams.audio) == 1
        both = {k.lower(): v for k, v in {**container.metadata, **stream.metadata}.items()}
        assert both["timecode"] == "01:00:00:02"
    cll, fall = light_of(out)
    assert cll == pytest.approx(document["max_cll_nits"], abs=0.51)
    assert fall == pytest.approx(document["max_fall_nits"], abs=0.51)
    with av.open(str(out)) as container:
        packets = [bytes(p) for p in container.demux(audio=0) if p.size]
    with av.open(str(movie)) as container:
        theirs = [bytes(p) for p in container.demux(audio=0) if p.size]
    assert packets and all(packet in theirs for packet in packets)
    assert abs(len(packets) - 8 / 24 * 48000 / 1024) <= 2
    if codec != "av1":
        with open_clip(str(out)) as clip:
            assert clip.info.state is not None and clip.info.state.transfer == (
                "hlg" if transfer == 18 else "pq"
            )
            for frame in clip.frames():
                wanted = from_nits_rec2020(light_at(frame.number + 2), clip.info.state)
                assert np.abs(frame.codes - wanted).mean() < 0.01


def test_frames_of_a_movie_to_files_as_a_still_would(candela: Candela, movie: Path, tmp_path: Path) -> None:
    said = candela(
        "reconstruct", movie, "-o", tmp_path / "f.####.exr", "--frames", "3-6", "--start", "1001", "--json"
    )
    assert said.code == 0, said.out
    assert sorted(p.name for p in tmp_path.glob("f.*")) == [f"f.{n}.exr" for n in range(1001, 1005)]
    with open_clip(str(tmp_path / "f.####.exr")) as clip:
        assert clip.info.timecode == "01:00:00:03" and clip.info.rate == 24
    for number in range(3, 7):
        nits = read_still(tmp_path / f"f.{number + 998}.exr").pixels
        assert np.median(np.abs(nits / light_at(number) - 1)) < 0.05


def test_frames_that_no_shot_covers(candela: Candela, movie: Path, tmp_path: Path) -> None:
    said = candela("reconstruct", movie, "-o", tmp_path / "o.mov")
    assert said.code == 2 and "frames 12 to 13 belong to no shot" in said.err
    assert not (tmp_path / "o.mov").exists()
    said = candela("reconstruct", movie, "-o", tmp_path / "o.mov", "--missing", "sdr", "--json")
    assert said.code == 0 and said.json["sdr_frames"] == 2 and said.json["frames"] == COUNT


def test_a_reel_beside_the_movie(candela: Candela, movie: Path, tmp_path: Path) -> None:
    """The sidecar file of a movie whose own payload another program has dropped."""
    found = find_payload(movie)
    assert found is not None
    plain = tmp_path / "plain.mov"
    assert candela("strip", movie, "-o", plain).code == 0
    said = candela("reconstruct", plain, "-o", tmp_path / "o.####.exr", "--frames", "0-1")
    assert said.code == 2 and "carries no HDR" in said.err
    shutil.copy(movie, tmp_path / "again.mov")
    embed_payload(plain, plain, found.payload, carrier="sidecar")
    assert sidecar_path(plain).is_file()
    assert candela("reconstruct", plain, "-o", tmp_path / "o.####.exr", "--frames", "0-1").code == 0


def test_another_movie_under_the_same_payload(candela: Candela, movie: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mov"
    payload = find_payload(movie)
    assert payload is not None
    with av.open(str(other), "w") as out:
        stream = out.add_stream("libx264rgb", rate=24, options={"qp": "20"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "rgb24"
        for number in range(COUNT):
            grey = np.full((64, 96, 3), 9 * number, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        out.mux(stream.encode(None))
    embed_payload(other, other, payload.payload)
    said = candela("reconstruct", other, "-o", tmp_path / "o.####.exr", "--frames", "1-3")
    assert said.code == 2 and "other.mov, frame 1" in said.err and "--force" in said.err
    said = candela(
        "reconstruct", other, "-o", tmp_path / "o.####.exr", "--frames", "1-3", "--force", "--json"
    )
    assert said.code == 0 and said.json["forced_frames"] == 3


def test_a_movie_that_ends_early(candela: Candela, movie: Path, tmp_path: Path) -> None:
    """Frames before the end are written; the error names the file."""
    data = movie.read_bytes()
    short = tmp_path / "short.mov"
    short.write_bytes(data[: len(data) // 2])
    said = candela("reconstruct", short, "-o", tmp_path / "o.####.exr")
    assert said.code == 2 and "short.mov" in said.err


def test_a_view_of_a_movie(candela: Candela, movie: Path, tmp_path: Path) -> None:
    said = candela(
        "reconstruct", movie, "-o", tmp_path / "v.mp4", "--frames", "0-3", "--view", "confidence", "--json"
    )
    assert said.code == 0, said.out
    assert said.json["view"] == "confidence" and said.json["max_cll_nits"] is None
    assert not [note for note in said.json["notes"] if "mastering" in note]
    with pytest.raises(AssertionError, match="no content light"):
        light_of(tmp_path / "v.mp4")


def test_light_that_a_movie_cannot_hold_is_counted(candela: Candela, movie: Path, tmp_path: Path) -> None:
    """As for files of the same encoding and depth, with the frames that it is in."""
    hlg = ("--encoding", "rec2100-hlg@400", "--frames", "2-7")
    files = candela("reconstruct", movie, "-o", tmp_path / "o.####.dpx", *hlg, "--json").json
    said = candela("reconstruct", movie, "-o", tmp_path / "o.mp4", "--quality", 100, *hlg, "--json")
    assert said.code == 0, said.out
    told = said.json
    assert files["clipped_high_samples"] > 100
    for key in ("clipped_high_samples", "worst_clipped_frame_samples"):
        assert told[key] == pytest.approx(files[key], rel=0.01)
    for key in ("clipped_frames", "first_clipped_frame", "worst_clipped_frame", "max_cll_nits"):
        assert told[key] == files[key]
    assert told["first_clipped_frame"] == 2 and told["clipped_frames"] == 6
    assert any("light above 400 nit was clipped; --peak 400" in note for note in told["notes"])
    with open_clip(str(tmp_path / "o.mp4")) as clip:
        assert max(float(frame.codes.max()) for frame in clip.frames()) < 1.03
    text = candela("reconstruct", movie, "-o", tmp_path / "p.mp4", *hlg).out
    assert "are above what rec2100-hlg@400 holds" in text and "in 6 frames, the first is 2, most in" in text
    rolled = candela("reconstruct", movie, "-o", tmp_path / "p.mp4", *hlg, "--peak", 400, "--json").json
    assert rolled["clipped_frames"] == 0 and rolled["worst_clipped_frame"] is None
