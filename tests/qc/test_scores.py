"""Scores of shots: judged once, kept, and judged again only where a shot or what judges it has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from candela_engines.scorer.engine import installed_engine
from candela_server.service import qc_score
from candela_server.service.qc import find_shots, measure_shots, qc
from candela_server.service.qc_parts import measure_parts
from candela_server.service.qc_request import QcRequest
from candela_server.service.score_sides import Frame

pytestmark = pytest.mark.skipif(installed_engine() is None, reason="no grade model is installed")


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the frames that are judged from now on."""
    seen: list[int] = []
    real = qc_score.judged

    def counted(frame: Frame, engine: object) -> object:
        seen.append(frame.number)
        return real(frame, engine)  # type: ignore[arg-type]

    monkeypatch.setattr(qc_score, "judged", counted)
    return seen


def test_a_shot_is_judged_once(reel: Path, tmp_path: Path, judged: list[int]) -> None:
    request = QcRequest((reel,), work=tmp_path / "w")
    first = [shot.score for shot in qc(request).result.clips[0].shots]
    assert judged and all(score is not None and score.key_frames for score in first)
    for shot, span in zip(first, ((0, 23), (24, 47), (48, 71)), strict=True):
        assert shot is not None and all(span[0] <= n <= span[1] for n in shot.key_frames)
    judged.clear()
    assert [shot.score for shot in qc(request).result.clips[0].shots] == first
    assert judged == []
    # A damaged one is made anew, the others are not.
    kept = sorted((tmp_path / "w" / "scores").iterdir())
    kept[0].write_bytes(kept[0].read_bytes()[:-5])
    assert [shot.score for shot in qc(request).result.clips[0].shots] == first
    assert 1 <= len(judged) <= 3


def test_chunks_score_their_shots(reel: Path, tmp_path: Path, judged: list[int]) -> None:
    request = QcRequest((reel,), work=tmp_path / "w")
    measure_parts(request, frozenset({1}))
    assert judged == []  # a stretch of frames is no shot
    find_shots(request)
    measure_shots(request, frozenset({2}))
    assert judged and all(24 <= n <= 47 for n in judged)
    measure_shots(request, frozenset({1, 3}))
    judged.clear()
    qc(request)
    assert judged == [], "the last step scored what chunks had scored"


def test_who_asks_for_no_score_waits_for_none(reel: Path, work: Path, judged: list[int]) -> None:
    result = qc(QcRequest((reel,), work=work, score=False)).result
    assert {s.score.abstentions[0].why for s in result.clips[0].shots if s.score} == {"not asked for"}
    assert judged == []
