"""candela study: the files, the page in a real browser, and what is refused."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import opentimelineio
import pytest

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.media import write_sdr_png
from candela_engines.scorer.eye.choices import CATCH, choices_in, read_choices
from candela_server.reports.study_page import COLUMNS
from candela_server.service.study_pictures import plainly_worse

from ..reports.browser import Browser
from .conftest import Candela
from .dataset import choose, make_dataset, write_choices
from .test_score import sdr, texture


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("versions"), 2)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = Browser()
    yield found
    found.close()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as text:
        return list(csv.DictReader(text))


def test_the_files_of_a_study(versions: Path, tmp_path: Path, candela: Candela) -> None:
    said = candela("--json", "study", versions, "-o", tmp_path, "--raters", 4, "--catches", 1, "--width", 256)
    assert said.code == 0, said.err
    assert said.json["pairs"] == 6 and said.json["trials_each"] == 7 and "balanced" in said.json["design"]
    trials = rows(tmp_path / "trials.csv")
    assert len(trials) == 4 * 7 and sum(t["catch"] == "1" for t in trials) == 4
    often = Counter(frozenset((t["scene"], t["first"], t["second"])) for t in trials if t["catch"] == "0")
    assert set(often.values()) == {4}
    firsts = Counter(t["first"] for t in trials if t["catch"] == "0")
    assert set(firsts.values()) == {8}
    again = candela(
        "--json", "study", versions, "-o", tmp_path / "b", "--raters", 4, "--catches", 1, "--width", 256
    )
    assert again.json["study"] == said.json["study"]
    assert {v["condition"] for v in rows(tmp_path / "versions.csv")} == {"plain", "bright", "clipped"}


def test_colours_that_were_said_are_in_the_table(versions: Path, tmp_path: Path, candela: Candela) -> None:
    """So that calibrate and evaluate read the pictures of a study as the study did."""
    said = ("--colour", "rec2100-pq")
    assert candela("study", versions, "-o", tmp_path, "--raters", 2, "--host", *said).code == 0
    assert {v["colour"] for v in rows(tmp_path / "versions.csv")} == {"rec2100-pq"}


def test_earlier_choices_choose_what_comes_next(versions: Path, tmp_path: Path, candela: Candela) -> None:
    earlier = write_choices(tmp_path / "c.csv", [c for c in choose(raters=8) if c.scene in ("s0", "s1")])
    said = candela(
        "--json", "study", versions, "-o", tmp_path / "s", "--choices", earlier, "--width", 256, "--pairs", 2
    )
    assert said.code == 0, said.err
    assert said.json["design"] == "expected information gain" and said.json["pairs"] == 4


def test_choosing_in_a_browser(versions: Path, tmp_path: Path, candela: Candela, browser: Browser) -> None:
    assert candela("study", versions, "-o", tmp_path, "--raters", 2, "--catches", 1, "--width", 256).code == 0
    page = tmp_path / "study.html"
    browser.open(page)
    assert "These pictures are SDR" in browser.run("document.body.innerText")
    key(browser, "Enter")
    assert browser.run("document.getElementById('wrong').textContent") == "Say who you are."
    browser.click("#name")
    browser.type('Anna, "A"')
    browser.click("#begin")
    assert browser.run("document.getElementById('intro').hidden") is True
    # Nobody is told which version it is.
    shown = browser.run("document.getElementById('show').innerText")
    assert not any(name in shown for name in ("plain", "bright", "clipped", "catch"))
    browser.until(
        "document.getElementById('one').complete && document.getElementById('one').naturalWidth > 0"
    )
    assert visible(browser) == ["one"]
    key(browser, "1")
    assert "Look at both first" in browser.run("document.getElementById('told').textContent")
    trials = [t for t in rows(tmp_path / "trials.csv") if t["rater"] == "1"]
    wanted = []
    for number, trial in enumerate(trials):
        key(browser, " ")
        assert visible(browser) == ["two"]
        key(browser, "f")
        assert visible(browser) == ["one"]
        second = number % 3 == 0
        key(browser, "ArrowRight" if second else "1")
        wanted.append(trial["second"] if second else trial["first"])
        if number == 2:  # taken back, and made once more
            key(browser, "u")
            key(browser, " ")
            key(browser, "1")
        if number == 4:  # closed, and gone on with
            browser.open(page)
            browser.click("#name")
            browser.type('Anna, "A"')
            browser.click("#begin")
            assert browser.run("document.getElementById('count').textContent") == f"6 of {len(trials)}"
    assert browser.run("document.getElementById('end').hidden") is False
    text = browser.run("candelaCsv()")
    found = choices_in(text, "page")
    assert [c.winner for c in found] == wanted and all(c.observer == 'Anna, "A"' for c in found)
    assert tuple(next(csv.reader([text.splitlines()[0]]))) == COLUMNS
    assert [c.left == "A" for c in found] == [c.a == t["first"] for c, t in zip(found, trials, strict=True)]
    assert sum(c.is_catch for c in found) == 1
    assert all(Path(c.file_a).exists() for c in found if c.a != CATCH)
    browser.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.click("#save")
    browser.until("true")
    saved = until_there(tmp_path, "choices-*-01.csv")
    assert len(read_choices(saved)) == len(trials)
    assert not browser.told("Log.entryAdded", "Runtime.exceptionThrown")
    asked = [e["request"]["url"] for e in browser.told("Network.requestWillBeSent")]
    assert all(url.startswith(("file:", "data:", "blob:", "about:")) for url in asked)


def test_a_number_that_somebody_has_is_not_taken(
    versions: Path, tmp_path: Path, candela: Candela, browser: Browser
) -> None:
    assert candela("study", versions, "-o", tmp_path, "--raters", 2, "--host", "--seed", 5).code == 0
    page = tmp_path / "study.html"
    browser.open(page)
    assert "on the reference display" in browser.run("document.body.innerText")
    browser.click("#name")
    browser.type("Anna")
    key(browser, "Enter")
    assert browser.run("document.getElementById('which').textContent") == "001 first"
    key(browser, " ")
    key(browser, "2")
    assert browser.run("document.getElementById('which').textContent") == "002 first"
    browser.open(page)
    browser.click("#name")
    browser.type("Bert")
    key(browser, "Enter")
    assert "was begun by Anna" in browser.run("document.getElementById('wrong').textContent")


def test_a_host_plays_what_the_page_votes_on(versions: Path, tmp_path: Path, candela: Candela) -> None:
    said = candela("study", versions, "-o", tmp_path, "--raters", 2, "--host")
    assert said.code == 0, said.err
    trials = [t for t in rows(tmp_path / "trials.csv") if t["rater"] == "2"]
    timeline = opentimelineio.adapters.read_from_file(str(tmp_path / "rater-02.otio"))
    clips = list(timeline.find_clips())
    assert [c.name for c in clips[:3]] == ["001 first", "001 second", "002 first"] and len(clips) == 2 * len(
        trials
    )
    for clip, file in zip(
        clips, [f for t in trials for f in (t["first_file"], t["second_file"])], strict=True
    ):
        assert clip.media_reference.target_url == Path(file).as_uri() and clip.duration().to_seconds() == 6
    page = json.loads((tmp_path / "study.html").read_text().split("id=study>")[1].split("</script>")[0])
    assert page["host"] is True and page["pictures"] == {}


def test_what_is_no_study(versions: Path, tmp_path: Path, candela: Candela) -> None:
    (tmp_path / "one" / "s").mkdir(parents=True)
    (tmp_path / "one" / "s" / "a.exr").write_bytes(b"")
    (tmp_path / "file").write_text("x")
    for arguments, words in (
        ((versions, "-o", tmp_path / "x", "--pairs", "1"), "3 versions need 2 pairs"),
        ((versions, "-o", tmp_path / "x", "--raters", "0"), "1 to 200"),
        ((versions, "-o", tmp_path / "x", "--width", "9"), "256 to 3840"),
        ((versions, "-o", tmp_path / "file"), "is a file"),
        ((tmp_path / "one", "-o", tmp_path / "x"), "one version"),
        ((tmp_path / "none", "-o", tmp_path / "x"), "neither a folder"),
    ):
        said = candela("study", *arguments)
        assert said.code == 2 and words in said.err, (words, said.err)
    assert not (tmp_path / "x").exists()


def test_codes_of_another_curve_are_no_study(tmp_path: Path, candela: Candela) -> None:
    """PQ under a tag of SDR: raters would see it flat, and calibrate refuse it."""
    nits = np.minimum(texture(), 900).astype(np.float32)
    place = tmp_path / "versions" / "s0"
    place.mkdir(parents=True)
    sdr(place / "sdr.png", nits)
    for name, light in (("plain", nits), ("bright", nits * 1.6)):
        codes = np.rint(pq.inverse_eotf(light) * 65535).astype(np.uint16)
        write_sdr_png(place / f"{name}.png", codes, state=NAMED["rec709"])
    said = candela("study", tmp_path / "versions", "-o", tmp_path / "a", "--width", 256)
    assert said.code == 2, said.out
    assert all(part in said.err for part in ("bright.png", "no HDR grade", "--colour"))
    assert not (tmp_path / "a").exists()
    told = candela(
        "study", tmp_path / "versions", "-o", tmp_path / "b", "--width", 256, "--colour", "rec2100-pq"
    )
    assert told.code == 0, told.err


def test_the_sdr_reference_may_be_a_version(versions: Path, tmp_path: Path, candela: Candela) -> None:
    with (tmp_path / "versions.csv").open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(("scene", "condition", "file", "reference"))
        at = versions / "s0"
        table.writerows(
            ("s0", n, at / f, at / "sdr.png") for n, f in (("a", "plain.exr"), ("sdr", "sdr.png"))
        )
    said = candela("study", tmp_path, "-o", tmp_path / "s", "--width", 256, "--colour", "linear-rec2020")
    assert said.code == 0, said.err
    colours = {v["condition"]: v["colour"] for v in rows(tmp_path / "s" / "versions.csv")}
    assert colours == {"a": "linear-rec2020", "sdr": ""}


def test_a_catch_is_plainly_worse() -> None:
    ramp = np.tile(np.linspace(0, 255, 640).astype(np.uint8)[None, :, None], (360, 1, 3))
    worse = plainly_worse(ramp)
    assert worse.shape == ramp.shape and len(np.unique(worse[..., 0])) <= 6 and worse.min() > 50


def key(browser: Browser, name: str) -> None:
    text = {"Enter": "\r"}.get(name, name if len(name) == 1 else "")
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key=name, text=text if kind == "keyDown" else "")


def visible(browser: Browser) -> list[str]:
    return browser.run(
        "[...document.querySelectorAll('#stage img')]"
        ".filter(i => getComputedStyle(i).visibility === 'visible').map(i => i.id)"
    )


def until_there(folder: Path, pattern: str) -> Path:
    import time

    end = time.monotonic() + 20
    while not (found := [p for p in folder.glob(pattern) if p.stat().st_size]):
        assert time.monotonic() < end, "nothing was saved"
        time.sleep(0.05)
    return found[0]
