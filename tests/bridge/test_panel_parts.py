"""The panel without a window: rows, scales, choices, partners, keys."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from candela_bridge.panel import scales
from candela_bridge.panel.choices import COLUMNS, ChoiceError, Choices, condition_names, pair_of
from candela_bridge.panel.keys import KEYS
from candela_bridge.panel.pace import Pace, duration
from candela_bridge.panel.rows import Colours, Row, shown, summary
from candela_bridge.panel.sources import partner, partners
from candela_bridge.panel.verdict import Reason, Verdict, plain, verdict_of
from candela_bridge.panel.views import VIEWS, look_of
from candela_bridge.shot import Shot, ShotError
from candela_engines.colour import pq
from candela_engines.colour.gamuts import GAMUTS
from candela_engines.qc.scopes import CIE_HIGH


def row(name: str, number: int = 0, *, media: tuple[int, int] | None = (0, 9), **more: object) -> Row:
    trouble = "" if media else "its file was not found"
    made = Row(
        Shot(None, name, name, 1, 10 * number, 10 * number + 9, f"/v1/{name}.exr", media, trouble), number
    )
    for key, value in more.items():
        setattr(made, key, value)
    return made


def verdict(score: float | None, *faults: str, width: float = 1.0, severity: float = 0.5) -> Verdict:
    found = tuple(Reason(kind, "violation", severity, 0.9, f"{kind} text", (3,), None) for kind in faults)
    low, high = (None, None) if score is None else (score - width / 2, score + width / 2)
    return Verdict(score, low, high, "" if score is not None else "no model", (), None, (64, 36), found)


ROWS = [
    row("beach", 0, verdict=verdict(4.0, width=3)),
    row("Arch", 1, verdict=verdict(-1.5, "banding", severity=0.9)),
    row("cave", 2),
    row("dusk", 3, verdict=verdict(None, "noise")),
    row("elm", 4, media=None),
    row("fog", 5, state="failed", error="no colour state"),
]


def names(**how: str) -> list[str]:
    return [one.shot.name for one in shown(ROWS, **how)]


def test_rows_are_filtered_and_ordered() -> None:
    assert names() == ["beach", "Arch", "cave", "dusk", "elm", "fog"]
    assert names(only="faults") == ["Arch", "dusk"]
    assert names(only="below") == ["Arch"]
    assert names(only="clean") == ["beach"]
    assert names(only="open") == ["cave", "elm"]
    assert names(only="failed") == ["elm", "fog"]
    assert names(by="lowest") == ["Arch", "beach", "cave", "dusk", "elm", "fog"]
    assert names(by="highest")[:2] == ["beach", "Arch"]
    assert names(by="worst")[:2] == ["Arch", "dusk"]
    assert names(by="unsure")[0] == "beach"
    assert names(by="name")[0] == "Arch"
    assert names(text="BAND") == ["Arch"]
    assert names(text="noise dusk") == ["dusk"]
    assert names(text="noise arch") == []


def test_the_summary_counts_them() -> None:
    found = summary(ROWS)
    assert (found.shots, found.judged, found.faults, found.failed) == (6, 3, 2, 1)
    assert found.mean == pytest.approx(1.25)
    assert found.text == "6 shots · 3 judged · 2 with faults · 1 failed · mean score 1.2"


def test_what_is_asked_of_a_row() -> None:
    one = row("a", sdr="/sdr/a.png", other="/v2/a.exr")
    colours = Colours("rec2100-pq", "rec709", "", "narrow")
    assert one.asked(colours) == {
        "grade": {"path": "/v1/a.exr", "colour": {"name": "rec2100-pq"}},
        "frames": [0, 9],
        "reference": {"path": "/sdr/a.png", "colour": {"name": "rec709"}, "range": "narrow"},
    }
    with pytest.raises(ShotError, match="not found"):
        ROWS[4].asked(colours)


def test_views_name_what_they_need() -> None:
    bare, full = row("a"), row("a", sdr="/sdr/a.png", other="/v2/a.exr")
    assert "SDR…" in str(look_of(bare, "sdr", Colours(), 960))
    assert "B…" in str(look_of(bare, "other_nits", Colours(), 960))
    assert look_of(ROWS[4], "hdr", Colours(), 960) == "its file was not found"
    kinds = {name: look_of(full, name, Colours(), 960) for name in VIEWS}
    assert all(not isinstance(look, str) for look in kinds.values())
    assert '"/sdr/a.png"' in kinds["reconstruction"].side  # type: ignore[union-attr]
    assert '"/v1/a.exr"' in look_of(bare, "reconstruction", Colours(), 960).side  # type: ignore[union-attr]
    assert '"/sdr/a.png"' in kinds["faults"].reference  # type: ignore[union-attr]


def test_a_result_is_read_as_the_command_line_writes_it() -> None:
    reasons = [
        {"kind": "hue", "class": "deviation", "severity": 0.9, "confidence": 0.5, "text": "t",
         "frames": [1, 9], "box_px": None},
        {"kind": "banding", "class": "violation", "severity": 0.1, "confidence": 0.5, "text": "t",
         "frames": [9], "box_px": {"left": 1, "top": 2, "width": 3, "height": 4}},
    ]  # fmt: skip
    inner = {"kind": "banding", "box_px": {"left": 5, "top": 6, "width": 7, "height": 8}}
    shots = [
        {"score": 2.5, "score_interval": {"low": 1.0, "high": 4.0}, "no_score": None, "worst_frame": 9,
         "frames": [{"frame": 1, "score": 3.0}, {"frame": 9, "score": 2.5, "reasons": [inner]}],
         "reasons": reasons},
        {"score": 7.0, "score_interval": [6, 8], "no_score": None, "worst_frame": 20,
         "frames": [{"frame": 20, "score": 7.0}], "reasons": []},
    ]  # fmt: skip
    found = verdict_of({"result": {"shots": shots, "width_px": 64, "height_px": 36, "notes": ["n"]}})
    assert (found.score, found.low, found.high, found.worst, found.faults) == (2.5, 1.0, 4.0, 9, 1)
    assert found.trend == ((1, 3.0), (9, 2.5), (20, 7.0))
    assert [reason.kind for reason in found.reasons] == ["banding", "hue"]
    assert found.box(found.reasons[0], 9) == (5, 6, 7, 8)
    assert found.box(found.reasons[0], 4) == (1, 2, 3, 4)
    assert found.severity == 0.1
    none = {
        "score": None,
        "score_interval": None,
        "no_score": "no score: one level",
        "frames": [],
        "reasons": [],
    }
    empty = verdict_of({"result": {"shots": [none], "width_px": 1, "height_px": 1}})
    assert (empty.score, empty.low, empty.why, empty.severity) == (None, None, "one level", -1.0)


def test_errors_name_the_panels_own_buttons() -> None:
    said = plain(ValueError("say it with --reference-colour NAME, or --colour; --anyway stays"))
    assert said == "say it with Colours…, or Colours…; --anyway stays"


def test_the_scales_are_those_of_the_engines() -> None:
    for nits in (0.0, 0.005, 1.0, 100.0, 203.0, 1000.0, 10000.0):
        assert scales.pq_of(nits) == pytest.approx(float(pq.inverse_eotf(nits)), abs=1e-6)
    assert scales.pq_of(-1) == scales.pq_of(0)
    assert scales.pq_of(1e9) == 1.0
    for name, known in (("709", "bt709"), ("P3", "p3d65"), ("2020", "bt2020")):
        gamut = GAMUTS[known]
        assert scales.GAMUTS[name] == (gamut.red, gamut.green, gamut.blue)
    assert scales.xy_place(*CIE_HIGH) == (1.0, 0.0)
    assert scales.xy_place(0, 0) == (0.0, 1.0)


def test_uniform_chromaticities_are_those_of_the_standard() -> None:
    """White D65 and the corners of BT.709 as they are usually printed, to four places."""
    for xy, uv in (
        ((0.3127, 0.3290), (0.1978, 0.4683)),
        ((0.640, 0.330), (0.4507, 0.5229)),
        ((0.300, 0.600), (0.1250, 0.5625)),
        ((0.150, 0.060), (0.1754, 0.1579)),
    ):
        assert scales.uv_of(*xy) == pytest.approx(uv, abs=6e-5)
    # The primaries of BT.2020 are colours of the spectrum: each lies on the line that is drawn.
    for corner in scales.GAMUTS["2020"]:
        assert min((corner[0] - x) ** 2 + (corner[1] - y) ** 2 for x, y in scales.LOCUS) < 0.03**2


def test_shares_that_are_there_are_not_called_none() -> None:
    assert [scales.share_label(s) for s in (0.0, 1e-6, 0.004, 0.5)] == ["0 %", "< 0.1 %", "0.4 %", "50 %"]
    assert [scales.nit_label(n) for n in (0.1, 203.0, 1000.0, 10000.0)] == ["0.1", "203", "1k", "10k"]


def read(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_choices_are_rows_that_scaling_software_reads(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "choices.csv"
    choices = Choices(file, observer="ana, first", version="1.2")
    pair = pair_of('sc 1 "b"', "/shots/v1/a.exr", "/shots/v2/a.exr")
    choices.choose(pair, left=True, frame=7)
    choices.choose(pair, left=False)
    found = read(file)
    assert tuple(found[0])[:6] == (
        "observer",
        "session",
        "scene",
        "condition_A",
        "condition_B",
        "is_A_selected",
    )
    assert tuple(found[0]) == COLUMNS
    assert [one["is_A_selected"] for one in found] == ["1", "0"]
    assert (found[0]["observer"], found[0]["scene"], found[0]["frame"]) == ("ana, first", 'sc 1 "b"', "7")
    assert (found[0]["condition_A"], found[0]["condition_B"]) == ("v1", "v2")
    assert choices.undo() is not None
    assert len(read(file)) == 1
    Choices(file, observer="ben").choose(pair, left=False)
    assert [one["observer"] for one in read(file)] == ["ana, first", "ben"]


def test_blind_pairs_keep_what_was_meant(tmp_path: Path) -> None:
    choices = Choices(tmp_path / "c.csv", observer="x")
    seen = set()
    for seed in range(20):
        pair = pair_of("s", "/v1/a", "/v2/a", blind=True, dice=random.Random(seed))
        seen.add(pair.swapped)
        assert {pair.label(True), pair.label(False)} == {"Left", "Right"}
        choices.choose(pair, left=not pair.swapped)  # A, on whichever side it is
    assert seen == {True, False}
    found = read(choices.file)
    assert {one["is_A_selected"] for one in found} == {"1"}
    assert {one["left"] for one in found} == {"A", "B"}
    assert {one["blind"] for one in found} == {"1"}


def test_choices_spoil_no_other_file(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    pair = pair_of("s", "/v1/a", "/v2/a")
    with pytest.raises(ChoiceError, match="other columns"):
        Choices(other).choose(pair, left=True)
    assert other.read_text() == "a,b\n1,2\n"
    cut = tmp_path / "cut.csv"
    Choices(cut, observer="x").choose(pair, left=True)
    cut.write_bytes(cut.read_bytes()[:-20])  # a disk was full in the middle of a row
    Choices(cut, observer="y").choose(pair, left=True)
    assert [one["observer"] for one in read(cut)] == ["x", "y"]
    mine = Choices(tmp_path / "undo.csv")
    mine.choose(pair, left=True)
    Choices(mine.file, observer="z").choose(pair, left=True)
    with pytest.raises(ChoiceError, match="changed since"):
        mine.undo()
    with pytest.raises(ChoiceError, match="cannot be written"):
        Choices(tmp_path / "other.csv" / "x.csv").choose(pair, left=True)


def test_conditions_are_called_alike_in_every_scene() -> None:
    assert condition_names("/p/v1/a.exr", "/p/v2/a.exr") == ("v1", "v2")
    assert condition_names("/p/ana/final/a.exr", "/p/ben/final/a.exr") == ("ana", "ben")
    assert condition_names("/p/x.exr", "/p/y.exr") == ("x", "y")
    assert condition_names("/p/x.exr", "/p/x.mov") == ("x.exr", "x.mov")


def test_time_left_follows_the_work() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert pace.left(10) is None
    for step in range(1, 21):
        now[0] = 2.0 * step
        pace.done(step)
    assert pace.left(5) == pytest.approx(10, rel=0.05)
    assert [duration(s) for s in (2, 42, 61, 3700)] == ["5 s", "40 s", "1 min", "1 h 2 min"]


def test_partners_are_found_by_name(tmp_path: Path) -> None:
    files = ["/s/a010_sdr.png", "/s/a020_sdr.png", "/s/b.mov"]
    assert partner("/v1/a010.exr", files) == "/s/a010_sdr.png"
    assert partner("/v1/a010_hdr.exr", files) == "/s/a010_sdr.png"
    assert partner("/v1/b.####.exr", files) == "/s/b.mov"
    assert partner("/v1/c.exr", files) == ""
    assert partner("/v1/a.exr", ["/s/a1.png", "/s/a2.png"]) == ""
    rows = [row("x", 0), row("y", 1)]
    for name in ("x.png", "z.png", "notes.txt"):
        (tmp_path / name).touch()
    assert [(one.shot.name, Path(path).name) for one, path in partners(rows, str(tmp_path))] == [
        ("x", "x.png")
    ]
    (tmp_path / "x.png").rename(tmp_path / "w.png")
    assert [Path(path).name for _, path in partners(rows, str(tmp_path))] == ["w.png", "z.png"]
    assert partners(rows[:1], str(tmp_path)) == [(rows[0], str(tmp_path))]  # numbered frames of the one shot
    assert [path for _, path in partners(rows, "/s/one.mov")] == ["/s/one.mov"] * 2


def test_no_key_means_two_things() -> None:
    spelled = [one for key in KEYS for one in key.keys]
    assert len(spelled) == len(set(spelled))
    assert len({key.action for key in KEYS}) == len(KEYS)
