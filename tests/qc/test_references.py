"""SDR references of a pass: a score with its bounds for every shot, and never beside another clip's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from tests.media.movies import encode

from candela_engines.errors import CandelaError, InputError
from candela_engines.qc.result import ShotScore
from candela_engines.scorer.engine import installed_engine
from candela_server.cli.run import run
from candela_server.service import qc_score
from candela_server.service.qc import find_shots, measure_shots, qc
from candela_server.service.qc_pairing import References, pair
from candela_server.service.qc_parts import measure_parts
from candela_server.service.qc_request import QcOutcome, QcRequest, QcSaid
from candela_server.service.score_sides import Frame

from .golden import HEIGHT, WIDTH, luma, nits_of

with_model = pytest.mark.skipif(installed_engine() is None, reason="no grade model is installed")


def write_sdr(path: Path, numbers: range = range(72), *, gain: float = 0.8, height: int = HEIGHT) -> Path:
    """The reel in BT.709, grey: 100 nit and more are white."""
    frames = []
    for number in numbers:
        light = np.clip(nits_of(luma(number)) * gain / 100, 0, 1) ** (1 / 2.4)
        codes = np.round(16 + 219 * light).astype(np.uint8)[:height]
        frame = av.VideoFrame(WIDTH, height, "yuv420p")
        for plane, values in zip(frame.planes, (codes, None, None), strict=True):
            rows = np.full((plane.height, plane.line_size), 128, np.uint8)
            if values is not None:
                rows[:, :WIDTH] = values
            plane.update(rows.tobytes())
        frames.append(frame)
    encode(path, "libx264", "yuv420p", size=(WIDTH, height), frames=frames, options={"qp": "0"})
    return path


@pytest.fixture(scope="module")
def sdr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sdr(tmp_path_factory.mktemp("sdr") / "reel_sdr.mp4")


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


def scores(outcome: QcOutcome, clip: int = 0) -> list[ShotScore]:
    return [shot.score for shot in outcome.result.clips[clip].shots if shot.score is not None]


def why(outcome: QcOutcome, clip: int = 0) -> set[str]:
    return {a.why for score in scores(outcome, clip) for a in score.abstentions if a.about == "score"}


@with_model
class TestScores:
    def test_every_shot_has_one_with_its_bounds(self, reel: Path, sdr: Path, work: Path) -> None:
        outcome = qc(QcRequest((reel,), work=work, references=(sdr,)))
        told = scores(outcome)
        assert len(told) == 3
        for score in told:
            assert score.score is not None and score.low is not None and score.high is not None
            assert -6 <= score.low <= score.score <= score.high <= 10
        used = outcome.result.clips[0].reference
        assert used is not None and used.path == str(sdr) and used.offset_frames == 0
        assert used.colour is not None and len(used.identity or "") == 64
        assert (used.colour.primaries, used.colour.transfer) == ("bt709", "bt1886")
        assert (used.colour.stored_range, used.colour.sources["transfer"]) == ("narrow", "stream")
        assert all(s.score is None for s in scores(qc(QcRequest((reel,), work=work))))

    def test_a_limit_fails_with_its_reasons_in_every_report(
        self, reel: Path, sdr: Path, work: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        house = tmp_path / "house.toml"
        house.write_text('title = "House"\ninherits = "hdr10-1000"\n[rules."score.low"]\nleast = 10\n')
        line = ["qc", str(reel), "--profile", str(house), "--work", str(work), "--json"]
        assert run([*line, "--reference", str(sdr), "-o", str(tmp_path / "out")]) == 1
        document = json.loads(capfd.readouterr().out)
        low = [f for f in document["clips"][0]["findings"] if f["code"] == "score.low"]
        shots = {s["name"]: s["score"] for s in document["clips"][0]["shots"]}
        assert [f["shot"] for f in low] == [n for n, s in shots.items() if s["score"] < 10] != []
        for finding in low:
            score = shots[finding["shot"]]
            assert finding["measured"] == pytest.approx(score["score"], abs=1e-4)
            faults = [r for r in score["reasons"] if r["reason_class"] == "violation"]
            assert faults and all(r["sentence"].rstrip(".") in finding["sentence"] for r in faults[:3])
        (scope,) = (tmp_path / "out" / "scope").iterdir()
        drawn = {shot["name"]: shot["score"] for shot in json.loads(scope.read_text())["shots"]}
        assert drawn == {name: score["score"] for name, score in shots.items()}
        assert str(sdr) in (tmp_path / "out" / "qc.html").read_text()
        assert run([*line, "--reference", ""]) == 1  # as a farm says that there is none
        clip = json.loads(capfd.readouterr().out)["clips"][0]
        assert clip["reference"] is None and "score.low" not in {f["code"] for f in clip["findings"]}

    def test_a_changed_reference_is_judged_anew(
        self, reel: Path, sdr: Path, tmp_path: Path, judged: list[int]
    ) -> None:
        mine = Path(shutil.copy(sdr, tmp_path / "mine.mp4"))
        request = QcRequest((reel,), work=tmp_path / "w", references=(mine,))
        first = scores(qc(request))
        assert judged
        judged.clear()
        assert scores(qc(request)) == first and judged == []
        elsewhere = replace(request, references=(sdr,))  # the same, of another name
        assert scores(qc(elsewhere)) == first and judged == []
        write_sdr(mine, gain=0.25)
        second = scores(qc(request))
        assert len({n // 24 for n in judged}) == 3 and [s.score for s in second] != [s.score for s in first]
        judged.clear()
        qc(replace(request, reference_said=QcSaid("srgb")))
        assert judged, "read otherwise, it is another reference"

    def test_chunks_score_beside_it(self, reel: Path, sdr: Path, tmp_path: Path, judged: list[int]) -> None:
        request = QcRequest((reel,), work=tmp_path / "w", references=(sdr,))
        measure_parts(request, frozenset({1}))
        find_shots(request)
        measure_shots(request, frozenset({1, 2, 3}))
        assert len({n // 24 for n in judged}) == 3
        judged.clear()
        assert all(score.score is not None for score in scores(qc(request))) and judged == []

    def test_what_is_no_reference_of_it_gives_no_score(self, reel: Path, work: Path, tmp_path: Path) -> None:
        def told(reference: Path) -> set[str]:
            outcome = qc(QcRequest((reel,), work=work, references=(reference,)))
            assert all(score.score is None for score in scores(outcome))
            assert outcome.result.clips[0].reference is not None and outcome.result.clips[0].failed is None
            return why(outcome)

        (text,) = told(write_sdr(tmp_path / "short.mp4", range(71)))
        assert "has 72 frames (0 to 71)" in text and "71 (0 to 70)" in text
        (text,) = told(write_sdr(tmp_path / "small.mp4", height=128))
        assert "256x144" in text and "256x128" in text
        assert all("no SDR reference" in text for text in told(Path(shutil.copy(reel, tmp_path / "hdr.mp4"))))
        (tmp_path / "bad.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"no movie" * 9)
        assert all("bad.mp4" in text for text in told(tmp_path / "bad.mp4"))

    def test_a_shot_that_looks_otherwise_has_none_and_the_others_have(
        self, reel: Path, work: Path, tmp_path: Path
    ) -> None:
        other = write_sdr(tmp_path / "o.mp4", [*range(24), *range(48, 72), *range(48, 72)])  # type: ignore[arg-type]
        outcome = qc(QcRequest((reel,), work=work, references=(other,)))
        assert [score.score is None for score in scores(outcome)] == [False, True, False]
        (text,) = why(outcome)
        assert "looks like another picture" in text and "--anyway" not in text

    def test_a_folder_by_name(self, reel: Path, sdr: Path, work: Path, tmp_path: Path) -> None:
        clips = [Path(shutil.copy(reel, tmp_path / name)) for name in ("a_hdr.mp4", "b.mp4")]
        (tmp_path / "refs").mkdir()
        shutil.copy(sdr, tmp_path / "refs" / "A.sdr.mp4")
        outcome = qc(QcRequest(tuple(clips), work=work, references=(tmp_path / "refs",)))
        first, second = outcome.result.clips
        assert first.reference is not None and first.reference.path.endswith("A.sdr.mp4")
        assert second.reference is None and "none of those given has the name 'b'" in second.notes[-1]
        assert [[s.score is None for s in scores(outcome, n)] for n in (0, 1)] == [[False] * 3, [True] * 3]


class TestPairs:
    """By names alone: whatever a file holds is looked at later."""

    @pytest.fixture
    def made(self, tmp_path: Path) -> Callable[..., list[Path]]:
        def make(*names: str) -> list[Path]:
            for name in names:
                (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / name).write_bytes(b"x")
            return [tmp_path / name for name in names]

        return make

    def test_one_with_one_whatever_it_is_called(self, made: Callable[..., list[Path]]) -> None:
        clip, other = made("grade.exr", "whatever.png")
        assert pair([clip], References((other,))) == {clip: other}
        with pytest.raises(InputError, match="is the clip itself"):
            pair([clip], References((clip,)))

    def test_a_folder_is_matched_by_name_even_with_one(
        self, made: Callable[..., list[Path]], tmp_path: Path
    ) -> None:
        clip, other = made("sh020.exr", "refs/sh010.png")
        assert pair([clip], References((tmp_path / "refs",))) == {clip: None}
        clip, other = made("SH010-HDR.exr", "refs/sh010.png")
        assert pair([clip], References((tmp_path / "refs",))) == {clip: other}

    def test_sequences_and_stills(self, made: Callable[..., list[Path]], tmp_path: Path) -> None:
        made("g/a.1001.exr", "g/a.1002.exr", "refs/a_sdr.0001.png", "refs/a_sdr.0002.png")
        made("k/0001.exr", "k/0002.exr")
        _, still = made("refs/k.png", "refs/b.sdr.0007.png")
        clips = [tmp_path / "g" / "a.####.exr", tmp_path / "k", *made("b.hdr.0007.exr")]
        assert list(pair(clips, References((tmp_path / "refs",))).values()) == [
            tmp_path / "refs" / "a_sdr.####.png", tmp_path / "refs" / "k.png", still
        ]  # fmt: skip

    def test_beside_the_clips_themselves(self, made: Callable[..., list[Path]], tmp_path: Path) -> None:
        clip, other = made("a.exr", "a_sdr.png")
        assert pair([clip], References((tmp_path,))) == {clip: other}

    def test_what_could_be_either_is_refused(self, made: Callable[..., list[Path]], tmp_path: Path) -> None:
        clip, *_ = made("a.exr", "refs/a.png", "refs/a_sdr.png")
        with pytest.raises(InputError, match="2 references have its name"):
            pair([clip], References((tmp_path / "refs",)))
        first, second, _ = made("x/a.exr", "y/a.exr", "one/a.png")
        with pytest.raises(InputError, match="is by its name the reference of"):
            pair([first, second], References((tmp_path / "one",)))
        with pytest.raises(InputError, match="no clip has its name, 'c'"):
            pair([first, *made("b.exr")], References(tuple(made("c_sdr.png"))))

    def test_what_is_not_there(self, made: Callable[..., list[Path]], tmp_path: Path) -> None:
        (clip,) = made("a.exr")
        (tmp_path / "empty").mkdir()
        for name in ("a.png", "a.####.png", "empty", "none.edl"):
            with pytest.raises(CandelaError, match=name.partition(".")[0]):
                pair([clip], References((tmp_path / name,)))

    def test_links_that_lead_out(self, made: Callable[..., list[Path]], tmp_path: Path) -> None:
        clip, outside = made("root/a.exr", "secret.png")
        (tmp_path / "root" / "refs").mkdir()
        (tmp_path / "root" / "refs" / "a.png").symlink_to(outside)
        with pytest.raises(CandelaError, match="nothing may be read"):
            pair([clip], References((tmp_path / "root" / "refs",), within=(tmp_path / "root",)))
