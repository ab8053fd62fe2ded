"""Bytes have one meaning in every command: those of the payloads, and what files are larger by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from candela_engines.itm.carriers import find_payload, payload_growth

from .conftest import Candela, Pair
from .shots import make_movies, make_sequence

pytestmark = pytest.mark.usefixtures("short_schedules")

FAST = ("--effort", "fast")


def told(candela: Candela, *arguments: object) -> Any:
    said = candela(*arguments, "--json")
    assert said.code == 0, said.out
    return said.json


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
@pytest.mark.parametrize("beside", [(), ("--sidecar",)])
def test_a_movie(candela: Candela, tmp_path: Path, suffix: str, beside: tuple[str, ...]) -> None:
    codec = {} if suffix == ".mkv" else {"codec": "mpeg4", "pixels": "yuv420p"}
    sdr, hdr = make_movies(tmp_path, count=8, suffix=suffix, **codec)
    out = tmp_path / f"out{suffix}"
    # Two frames are left without HDR.
    embed = ("embed", sdr, "--hdr", hdr, "-o", out, "--frames", "0-5", "--cuts", 3, *FAST, *beside)
    embedded = told(candela, *embed)
    inspected, listed = (told(candela, command, out) for command in ("inspect", "shots"))
    payloads = embedded["payload_bytes"]
    assert payloads == sum(s["payload_bytes"] for s in embedded["clips"][0]["shots"])
    assert inspected["payload_bytes"] == listed["payload_bytes"] == payloads
    assert listed["bytes_per_second"] == pytest.approx(payloads * 24 / 6, abs=0.01)
    assert listed["bytes_per_second"] == embedded["bytes_per_second"]
    for one in (inspected, listed):
        for mine, theirs in zip(one["shots"], embedded["clips"][0]["shots"], strict=True):
            for key in ("payload_bytes", "bytes_per_second"):
                assert mine[key] == theirs[key]
    growth = embedded["clips"][0]["growth_bytes"]
    assert growth == inspected["growth_bytes"] == listed["growth_bytes"] > payloads
    assert f"{growth:,} with what carries them" in candela("inspect", out).out
    assert f"{growth:,} with what carries them" in candela("shots", out).out
    assert told(candela, "strip", out, "-o", out)["removed_bytes"] == growth


def test_a_sequence(candela: Candela, tmp_path: Path) -> None:
    """Every file has a copy; the first one's counts, and the files are larger by all of them."""
    shots = make_sequence(tmp_path / "in", count=5)
    out = tmp_path / "out.####.png"
    embedded = told(
        candela, "embed", shots.sdr, "--hdr", shots.hdr, "-o", out, "--cuts", 1003, "--rate", 24, *FAST
    )
    inspected, listed = (told(candela, command, out) for command in ("inspect", "shots"))
    first = [find_payload(tmp_path / f"out.{number}.png") for number in (1001, 1003)]
    assert [s["payload_bytes"] for s in embedded["clips"][0]["shots"]] == [len(f.payload) for f in first if f]
    assert inspected["payload_bytes"] == listed["payload_bytes"] == embedded["payload_bytes"]
    assert inspected["growth_bytes"] is listed["growth_bytes"] is None
    growth = embedded["clips"][0]["growth_bytes"]
    assert growth == sum(payload_growth(path) for path in tmp_path.glob("out.*.png"))
    assert told(candela, "strip", out, "-o", out)["removed_bytes"] == growth


def test_a_sequence_with_its_payloads_beside_it(candela: Candela, tmp_path: Path) -> None:
    shots = make_sequence(tmp_path / "in", count=3)
    out = tmp_path / "out" / "g.####.png"
    embedded = told(
        candela, "embed", shots.sdr, "--hdr", shots.hdr, "-o", out, "--no-cuts", "--sidecar", *FAST
    )
    inspected = told(candela, "inspect", out)
    assert inspected["payload_bytes"] == embedded["payload_bytes"]
    assert inspected["growth_bytes"] == embedded["clips"][0]["growth_bytes"]
    beside = tmp_path / "out" / "g.####.png.candela"
    alone = told(candela, "inspect", beside)
    assert alone["payload_bytes"] == embedded["payload_bytes"]
    assert alone["growth_bytes"] == beside.stat().st_size == inspected["growth_bytes"]


def test_a_still(pair: Pair, made: tuple[Pair, Path]) -> None:
    assert payload_growth(made[1]) == made[1].stat().st_size - pair.sdr.stat().st_size
    assert payload_growth(pair.sdr) == 0
