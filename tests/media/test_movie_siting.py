"""Where chroma lies: what encoders were told is read back from their parameter sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from candela_engines.media.movie import open_movie

from .movies import HDR10, X265, encode

PLACES = [(0.0, 0.5), (0.5, 0.5), (0.0, 0.0), (0.5, 0.0), (0.0, 1.0), (0.5, 1.0)]


@pytest.mark.parametrize("location", range(6))
@pytest.mark.parametrize("file", ["a.mp4", "a.h265"])
def test_hevc(location: int, file: str, tmp_path: Path) -> None:
    options = {"x265-params": f"{X265}:chromaloc={location}:bframes=0"}
    container = "hevc" if file.endswith("h265") else None
    encode(
        tmp_path / file, "libx265", "yuv420p10le", count=2, options=options, tags=HDR10, container=container
    )
    with open_movie(tmp_path / file) as movie:
        assert movie._opened.model.siting == PLACES[location]
        assert any("chroma samples lie" in note for note in movie.info.notes) == (location > 0)


@pytest.mark.parametrize("location", range(6))
@pytest.mark.parametrize("file", ["a.mkv", "a.h264", "a.ts"])
def test_h264(location: int, file: str, tmp_path: Path) -> None:
    encode(tmp_path / file, count=30, options={"x264-params": f"chromaloc={location}"})
    with open_movie(tmp_path / file) as movie:
        assert movie._opened.model.siting == PLACES[location]


def test_samples_of_422_lie_on_pixels(tmp_path: Path) -> None:
    encode(tmp_path / "a.mov", "prores_ks", "yuv422p10le", count=1)
    with open_movie(tmp_path / "a.mov") as movie:
        assert movie._opened.model.siting == (0.0, 0.0)
