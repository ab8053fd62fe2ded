"""The page in a real browser: what is clicked works, nothing is fetched, nothing from outside runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.reports import results
from tests.reports.browser import Browser

from candela_engines.qc.findings import Severity
from candela_engines.qc.result import Histogram
from candela_server.reports.page import html_page

ROWS = "[...document.querySelectorAll('.findings tbody tr')]"
SHOWN = f"{ROWS}.filter(r => r.offsetParent !== null).map(r => r.querySelector('code').textContent)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    held = Browser()
    yield held
    held.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "qc.html"
    path.write_text(html_page(results.result(results.clip()), lambda clip, shot: results.picture()), "utf-8")
    return path


@pytest.fixture
def page(browser: Browser, report: Path) -> Browser:
    browser.events.clear()
    browser.open(report)
    return browser


def quiet(browser: Browser) -> None:
    """No error, no warning, and no request but the page itself and what is written in it."""
    assert browser.told("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded") == []
    asked = [event["request"]["url"] for event in browser.told("Network.requestWillBeSent")]
    assert [url for url in asked if not url.startswith("data:")] == asked[:1] and asked[0].startswith("file:")


def test_it_shows_the_findings_gravest_first(page: Browser) -> None:
    assert page.run(SHOWN) == [
        "light.max_cll", "levels.black", "gamut.outside_p3", "metadata.max_fall", "picture.banding"
    ]  # fmt: skip
    assert page.run("document.querySelector('.verdict').innerText").split() == [
        "Failed", "1", "Blocker", "1", "Issue", "2", "FYI", "1", "waived"
    ]  # fmt: skip
    assert page.run("[...document.images].every(i => i.complete && i.naturalWidth > 100)")
    assert page.run("document.images.length") == 12
    quiet(page)


def test_filters_by_click_and_word(page: Browser) -> None:
    page.click("[data-show=fyi]")
    assert page.run(SHOWN) == ["light.max_cll", "levels.black", "picture.banding"]
    page.click("[data-show=waived]")
    assert page.run(SHOWN) == ["light.max_cll", "levels.black"]
    assert page.run("document.querySelector('#shown').textContent") == "2 of 5 shown"
    page.click("#search")
    page.type("BLACK")
    assert page.run(SHOWN) == ["levels.black"]
    page.type("?!")
    assert page.run(SHOWN) == [] and page.run("document.querySelector('#nothing').offsetParent !== null")
    quiet(page)


def test_sorts_by_click(page: Browser) -> None:
    page.click("th.measured button")
    assert page.run(SHOWN)[:2] == ["light.max_cll", "picture.banding"]
    assert page.run(SHOWN)[-1] == "metadata.max_fall"  # no number: last
    page.click("th.measured button")
    assert page.run(SHOWN) == [
        "levels.black", "gamut.outside_p3", "picture.banding", "light.max_cll", "metadata.max_fall"
    ]  # fmt: skip
    assert page.run("document.querySelector('th.measured').getAttribute('aria-sort')") == "ascending"
    page.click("th.place button")
    assert page.run(SHOWN)[:3] == ["metadata.max_fall", "light.max_cll", "picture.banding"]
    assert page.run("document.querySelector('th.measured').getAttribute('aria-sort')") == "none"
    quiet(page)


def test_a_link_shows_what_the_filter_hides(page: Browser) -> None:
    page.click("[data-show=blocker]")
    assert "light.max_cll" not in page.run(SHOWN)
    page.click("article.shot.blocker .found a")
    page.until(f"{SHOWN}.includes('light.max_cll')")
    assert page.run("document.querySelector('tr:target code').textContent") == "light.max_cll"
    page.click("label.only")
    cards = "[...document.querySelectorAll('article.shot')].map(a => a.offsetParent !== null)"
    assert page.run(cards) == [True, True, False]
    quiet(page)


def test_the_trend_reads_under_the_pointer(page: Browser) -> None:
    page.run("document.querySelector('.plots').scrollIntoView({block: 'center'})")
    rectangle = "(({x, y, width}) => [x, y, width])(document.querySelector('.plots').getBoundingClientRect())"
    box = page.run(rectangle)
    page.move(box[0] + box[2] * 100.5 / 144, box[1] + 50)
    reading = page.run("document.querySelector('.reading').textContent")
    value = results.clip().shots[2].trend.columns["max_nits"][100 - 96]
    assert page.run("document.querySelectorAll('.trend path.n6').length") == 1  # the score of the second shot
    assert reading.startswith(f"frame 100: max {float(f'{value:.5g}'):g} nit, ")


@pytest.mark.parametrize("dark", [True, False])
def test_dark_and_light_have_contrast(page: Browser, dark: bool) -> None:
    page.theme(dark=dark)
    ground = brightness(page, "getComputedStyle(document.body).backgroundColor")
    text = brightness(page, "getComputedStyle(document.body).color")
    assert (ground < text) is dark and contrast(ground, text) > 7
    for kind in ("blocker", "issue", "fyi"):
        chip = brightness(page, f"getComputedStyle(document.querySelector('.chip.{kind}')).color")
        assert contrast(ground, chip) > 4.5, kind
    page.click("#theme")
    assert (brightness(page, "getComputedStyle(document.body).backgroundColor") > 0.5) is dark


@pytest.mark.parametrize("dark", [True, False])
def test_paper_is_white_and_has_no_controls(page: Browser, dark: bool) -> None:
    page.theme(dark=dark, media="print")
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for gone in (".controls", "#theme", ".reading"):
        assert page.run(f"getComputedStyle(document.querySelector('{gone}')).display") == "none", gone
    assert page.pdf().startswith(b"%PDF-")
    quiet(page)


def test_hostile_names_stay_text(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "qc.html"
    bad = results.hostile()
    path.write_text(html_page(bad, lambda clip, shot: b"no pictures"), "utf-8")
    browser.events.clear()
    browser.open(path)
    assert browser.run("document.images.length") == 0
    assert browser.run("document.scripts.length") == 2  # the trend's numbers, and ours
    assert browser.run("document.querySelector('[onerror]')") is None
    shown = browser.run("document.querySelector('article h4').textContent")
    assert shown == results.HOSTILE.replace("\x07", "\ufffd").replace("\u202e", "\ufffd")
    assert browser.run("document.body.innerText.includes('no such codec')")
    browser.click("th.finding button")
    quiet(browser)


def test_the_page_forbids_all_else(report: Path) -> None:
    text = report.read_text("utf-8")
    policy = re.search(r'Content-Security-Policy content="([^"]+)"', text)
    assert policy is not None and policy[1].startswith("default-src 'none'; img-src data:;")
    assert "unsafe-eval" not in policy[1] and "'unsafe-inline'; script-src 'sha256-" in policy[1]
    assert not re.search(r"(?:src|href)=['\"]?(?:https?:)?//", text)


def test_nothing_found_and_no_pictures() -> None:
    clean = results.clip(findings=(), shots=(results.shot("1", 0, 47),))
    text = html_page(results.result(clean), lambda clip, shot: None)
    assert "Nothing was found." in text and ">Passed<" in text and "no pictures are kept" in text
    assert "class='line n6'" not in text  # no shot of these has a score
    assert ">Failed<" in html_page(results.result(results.clip(), fail_on=Severity.ISSUE), lambda c, s: None)


def brightness(page: Browser, expression: str) -> float:
    """Relative luminance (WCAG 2) of a colour that the browser computed."""
    red, green, blue = (float(v) / 255 for v in re.findall(r"[\d.]+", page.run(expression))[:3])
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: Any, b: Any) -> float:
    return float((max(a, b) + 0.05) / (min(a, b) + 0.05))


def test_a_shot_has_its_histogram(browser: Browser, tmp_path: Path) -> None:
    steps = tuple(100 * 2.0**-n if n < 100 else 0.0 for n in range(1, 129))
    one = results.shot("1", 0, 47, histogram=Histogram(steps, ()))
    two = results.shot("2", 48, 95, histogram=Histogram(steps, steps[::-1]))
    made = results.result(results.clip(shots=(one, two), findings=()))
    path = tmp_path / "qc.html"
    path.write_text(html_page(made, lambda clip, shot: None), "utf-8")
    browser.events.clear()
    browser.open(path)
    tall = "[...document.querySelectorAll('.histogram svg')].map(s => s.getBoundingClientRect().height)"
    assert all(height > 50 for height in browser.run(tall))
    assert browser.run("document.querySelectorAll('.histogram .largest').length") == 2
    assert browser.run("document.querySelectorAll('.histogram .luminance').length") == 1
    drawn = browser.run("document.querySelector('.histogram .largest').getBBox().height")
    assert drawn == pytest.approx(40, abs=0.5)
    quiet(browser)


def test_numbers_on_the_page_have_digits_that_count(browser: Browser, tmp_path: Path) -> None:
    told = results.finding("gamut.p3", Severity.ISSUE, measured=8.54991, limit=0.1, unit="percent")
    path = tmp_path / "qc.html"
    made = results.result(results.clip(findings=(told,)))
    path.write_text(html_page(made, lambda clip, shot: None), "utf-8")
    browser.open(path)
    assert browser.run("document.querySelector('td.measured').innerText") == "8.55\u00a0%"
    assert browser.run("document.querySelector('td.measured').title") == "8.54991"
