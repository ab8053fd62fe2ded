"""Temporary files of a killed process go; everything else stays."""

from __future__ import annotations

from pathlib import Path

from candela_server.service.leftovers import remove_leftovers


def test_only_ours(tmp_path: Path) -> None:
    ours = [
        ".x.1001.0123456789ab.part.exr",
        ".movie.0123456789ab.part.mp4",
        ".movie.0123456789ab.part.template.mp4",
    ]
    others = [
        "x.1001.exr",
        ".x.1002.0123456789ab.part.exr",
        ".x.1001.part.exr",
        ".x.1001.0123456789zz.part.exr",
        ".hidden",
    ]
    for name in ours + others:
        (tmp_path / name).write_bytes(b"")
    assert remove_leftovers(tmp_path, {"x.1001", "movie"}) == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(others)
    assert remove_leftovers(tmp_path / "nowhere", {"x"}) == 0
