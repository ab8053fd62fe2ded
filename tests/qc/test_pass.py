"""The pass: the same numbers in chunks, after an interruption, without the native library; damage is told."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from tests.media.movies import BT709, HDR10, encode

from candela_engines.errors import ColourStateError, InputError, MediaError
from candela_engines.media.open_clip import open_clip
from candela_engines.qc.measuring import measured_clip
from candela_engines.qc.result import QcResult
from candela_server.service.qc import find_shots, measure_shots, qc
from candela_server.service.qc_request import QcOutcome, QcRequest
from candela_server.service.results import Work


def plain(result: QcResult) -> QcResult:
    """Without when it was made."""
    return replace(result, started="", finished="")


def test_chunks_of_shots_give_the_same_result(reel: Path, outcome: QcOutcome, tmp_path: Path) -> None:
    request = QcRequest((reel,), work=tmp_path, threads=1)
    assert [(a, b) for _, _, a, b in find_shots(request)] == [(0, 23), (24, 47), (48, 71)]
    assert measure_shots(request, frozenset({3})).measured == ("shot003",)
    assert measure_shots(request, frozenset({1, 2, 99})).frames == 48
    seen: list[Work] = []
    again = qc(request, seen.append)
    assert plain(again.result) == plain(outcome.result)
    assert [w.done for w in seen if w.stage == "measure"] == [72], "a frame was measured twice"


def test_an_interrupted_pass_goes_on_where_it_was(reel: Path, outcome: QcOutcome, tmp_path: Path) -> None:
    def stop(work: Work) -> None:
        if work.stage == "measure" and work.done >= 20:
            raise KeyboardInterrupt

    request = QcRequest((reel,), work=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        qc(request, stop)
    seen: list[Work] = []
    again = qc(request, seen.append)
    assert next(w.done for w in seen if w.stage == "measure") >= 19
    assert plain(again.result) == plain(outcome.result)


def test_without_the_native_library_the_numbers_are_the_same(
    reel: Path, work: Path, outcome: QcOutcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANDELA_NATIVE", "0")
    with open_clip(str(reel)) as clip:
        slow, fast = measured_clip(clip, tmp_path), measured_clip(clip, work)
        slow.measure(28, 33)
        for (_, mine), (_, theirs) in zip(slow.frames(28, 33), fast.frames(28, 33), strict=True):
            assert np.array_equal(mine.values, theirs.values, equal_nan=True)
            assert np.array_equal(mine.levels, theirs.levels) and mine.mark == theirs.mark


def test_another_profile_measures_nothing(reel: Path, work: Path, outcome: QcOutcome) -> None:
    seen: list[Work] = []
    other = qc(QcRequest((reel,), "archive", work=work), seen.append)
    assert {w.done for w in seen if w.stage == "measure"} == {72}
    assert other.result.clips[0].measures == outcome.result.clips[0].measures
    assert other.result.count(other.result.fail_on) < outcome.result.count(outcome.result.fail_on)


def test_a_damaged_pack_is_measured_anew(reel: Path, outcome: QcOutcome, work: Path, tmp_path: Path) -> None:
    shutil.copytree(work, tmp_path / "work")
    for pack in (tmp_path / "work" / "measures").rglob("*.npz"):
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 0xFF
        pack.write_bytes(data)
    again = qc(QcRequest((reel,), work=tmp_path / "work"))
    assert plain(again.result) == plain(outcome.result)


def test_a_corrupt_frame_is_a_finding_and_the_pass_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "damaged.mkv"
    encode(
        path, "ffv1", "yuv420p10le", size=(256, 144), tags=HDR10, count=24,
        options={"level": "3", "slicecrc": "1", "g": "1"},
    )  # fmt: skip
    with av.open(str(path)) as container:
        packet = [p for p in container.demux(video=0) if p.size][11]
        at, size = packet.pos, packet.size
    data = bytearray(path.read_bytes())
    place = data.index(bytes(packet)[: size // 2], at if at and at > 0 else 0) + size // 2
    data[place : place + 8] = b"\xff\x00" * 4
    path.write_bytes(data)
    result = qc(QcRequest((path,), "archive", work=tmp_path / "work")).result
    clip = result.clips[0]
    (found,) = [f for f in clip.findings if f.code == "file.unreadable"]
    assert (found.first, found.last, found.severity.value) == (11, 11, "blocker")
    assert clip.shots[0].frames_unread == (11,)
    assert clip.shots[0].trend.frames == (*range(11), *range(12, 24))


def test_an_untagged_file_says_which_flag_to_give(tmp_path: Path) -> None:
    path = tmp_path / "untagged.mkv"
    encode(path, "ffv1", "yuv420p10le", count=2, tags=None)
    with pytest.raises(ColourStateError, match="--colour"):
        qc(QcRequest((path,), work=tmp_path / "work"))


def test_of_several_clips_one_that_cannot_be_opened_is_told(reel: Path, work: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    outcome = qc(QcRequest((reel, bad), work=work))
    assert len(outcome.unread) == 1 and "bad.mp4" in outcome.unread[0]
    assert outcome.result.clips[0].failed is None
    with pytest.raises(MediaError):
        qc(QcRequest((bad,), work=work))


def test_a_folder_without_media_and_a_clip_given_twice(reel: Path, work: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no movie"):
        qc(QcRequest((tmp_path,), work=work))
    with pytest.raises(InputError, match="more than once"):
        qc(QcRequest((reel, reel), work=work))


def test_an_sdr_clip_is_not_what_the_profile_expects(tmp_path: Path) -> None:
    path = tmp_path / "sdr.mp4"
    encode(path, "libx264", "yuv420p", count=4, size=(128, 96), tags=BT709)
    result = qc(QcRequest((path,), work=tmp_path / "work")).result
    codes = [f.sentence for f in result.findings if f.code == "metadata.colour"]
    assert any("bt1886" in sentence for sentence in codes) and not result.passed
