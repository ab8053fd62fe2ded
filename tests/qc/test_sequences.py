"""Frames of light: OpenEXR in nits, with NaN, a missing number and letterbox; stills; timelines."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.media.exr_frames import ExrFrames
from candela_engines.media.open_clip import open_clip
from candela_engines.qc.measuring import measured_clip
from candela_server.service.qc import qc
from candela_server.service.qc_request import QcRequest, QcSaid

SIZE = (192, 108)


def light(number: int) -> np.ndarray:
    """Nits of linear BT.2020."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    grain = np.random.default_rng(number).normal(0, 0.6, (SIZE[1], SIZE[0]))
    grey = 60 + 40 * np.sin(x / 19 + number / 3) * np.cos(y / 11) + grain
    return np.stack([grey, grey * 0.98, grey * 1.02], axis=-1).astype(np.float32)


def write(folder: Path, numbers: list[int], change: dict[int, np.ndarray] | None = None) -> Path:
    frames = ExrFrames(SIZE[1], SIZE[0], NAMED["linear-rec2020"], bits=32)
    folder.mkdir(exist_ok=True)
    for number in numbers:
        buffer = frames.buffer()
        buffer.rgb[:] = (change or {}).get(number, light(number))
        frames.write(folder / f"plate.{number:04d}.exr", buffer, max_cll=0.0, max_fall=0.0)
    return folder / "plate.####.exr"


def request(*inputs: Path, work: Path, profile: str = "archive") -> QcRequest:
    return QcRequest(inputs, profile, QcSaid("linear-rec2020"), work=work, rate=Fraction(24))


def test_light_of_floats_is_as_stored(tmp_path: Path) -> None:
    bright = light(1003)
    bright[20, 30] = (3456.7, 12.0, 12.0)
    pattern = write(tmp_path / "s", list(range(1001, 1009)), {1003: bright})
    clip = qc(request(pattern, work=tmp_path / "w")).result.clips[0]
    assert clip.measure("max_cll_nits") == pytest.approx(3456.7, rel=1e-5)
    falls = [
        float(np.maximum(light(n) if n != 1003 else bright, 0).max(axis=2).mean()) for n in range(1001, 1009)
    ]
    assert clip.shots[0].trend.columns["fall_nits"] == pytest.approx(falls, rel=5e-4)


def test_nan_and_missing_numbers_are_findings(tmp_path: Path) -> None:
    broken = light(1005)
    broken[4, 5:9, 1] = np.nan
    numbers = [n for n in range(1001, 1013) if n not in (1007, 1008)]
    pattern = write(tmp_path / "s", numbers, {1005: broken})
    found = {f.code: f for f in qc(request(pattern, work=tmp_path / "w")).result.findings}
    assert set(found) == {"levels.nonfinite", "file.missing"}
    assert (found["levels.nonfinite"].first, found["levels.nonfinite"].measured) == (1005, 4)
    assert (found["file.missing"].first, found["file.missing"].last) == (1007, 1008)


def test_only_what_changed_is_measured_again(tmp_path: Path) -> None:
    pattern = write(tmp_path / "s", list(range(1001, 1017)))
    first = qc(request(pattern, work=tmp_path / "w"))
    write(tmp_path / "s", [1006], {1006: light(7)})
    with open_clip(str(pattern), colour=NAMED["linear-rec2020"]) as clip:
        # The frame, and the one behind it, which is compared with it.
        assert measured_clip(clip, tmp_path / "w").lacking(1001, 1016) == [1006, 1007]
    second = qc(request(pattern, work=tmp_path / "w"))
    before, after = (o.result.clips[0].shots[0] for o in (first, second))
    assert before.content != after.content
    write(tmp_path / "s", [1006])
    third = qc(request(pattern, work=tmp_path / "w")).result.clips[0].shots[0]
    assert third == before


def test_a_still_and_a_folder_of_clips(tmp_path: Path) -> None:
    write(tmp_path / "a", [1])
    still = tmp_path / "a" / "plate.0001.exr"
    one = qc(request(still, work=tmp_path / "w")).result.clips[0]
    assert (one.kind, one.first, one.last) == ("still", 0, 0)
    both = tmp_path / "both"
    both.mkdir()
    for name in ("x", "y"):
        write(tmp_path / name, [1, 2, 3])
        for file in (tmp_path / name).iterdir():
            file.rename(both / file.name.replace("plate", name))
    clips = qc(request(both, work=tmp_path / "w")).result.clips
    assert [clip.name for clip in clips] == ["x.####.exr", "y.####.exr"]


def test_shots_of_a_timeline_have_its_names_and_places(tmp_path: Path) -> None:
    pattern = write(tmp_path / "plates", list(range(1001, 1025)))
    rate = 24
    timeline = otio.schema.Timeline("cut", global_start_time=otio.opentime.RationalTime(86400, rate))
    track = otio.schema.Track(kind="Video")
    timeline.tracks.append(track)
    for name, first, count in (("sh010", 1003, 8), ("sh020", 1015, 6)):
        reference = otio.schema.ImageSequenceReference(
            target_url_base=str(pattern.parent),
            name_prefix="plate.",
            name_suffix=".exr",
            start_frame=1001,
            frame_zero_padding=4,
            rate=rate,
            available_range=otio.opentime.TimeRange(
                otio.opentime.RationalTime(1001, rate), otio.opentime.RationalTime(24, rate)
            ),
        )
        span = otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, rate), otio.opentime.RationalTime(count, rate)
        )
        track.append(otio.schema.Clip(name, reference, span))
    path = tmp_path / "cut.otio"
    otio.adapters.write_to_file(timeline, str(path))
    clip = qc(request(path, work=tmp_path / "w")).result.clips[0]
    assert [(s.name, s.first, s.last) for s in clip.shots] == [("sh010", 1003, 1010), ("sh020", 1015, 1020)]
    second = clip.shots[1].record
    assert second is not None and (second.first, second.last) == (8, 13)
    assert second.timecode_in == "01:00:00:08"
