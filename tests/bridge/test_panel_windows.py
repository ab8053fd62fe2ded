"""The panel's widgets, offscreen, by real events, over a real bridge to a helper that makes things up."""

from __future__ import annotations

import csv
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
try:
    from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, QtWidgets, execute
except (ImportError, RuntimeError) as missing:
    pytest.skip(
        f"no Qt here: {missing} (pip install 'candela-hdr[panel]'; libegl1 libgl1 libxkbcommon0 libdbus-1-3 "
        "libfontconfig1 of the system)",
        allow_module_level=True,
    )

from candela_bridge.client import Bridge, Call, Launch, Timing
from candela_bridge.panel.choices import Choices
from candela_bridge.panel.keys import KEYS
from candela_bridge.panel.rows import Row
from candela_bridge.panel.widgets.actions import actions_of
from candela_bridge.panel.widgets.help_sheet import HelpSheet
from candela_bridge.panel.widgets.panel import Panel
from candela_bridge.place import Place
from candela_bridge.shot import Shot

from .conftest import end_helper, environment

HELPER = Path(__file__).with_name("panel_helper.py")
LONG = 60.0
RED, GREEN, BLUE = (200, 40, 40), (40, 200, 40), (40, 40, 200)


@pytest.fixture(scope="session")
def app() -> Any:
    return QtWidgets.QApplication.instance() or QtWidgets.QApplication(["test"])


class Counted(Bridge):
    """Counts what is called."""

    def call(self, name: str, *given: Any, **more: Any) -> Call:
        self.counts = getattr(self, "counts", {})
        self.counts[name] = self.counts.get(name, 0) + 1
        return super().call(name, *given, **more)


@pytest.fixture
def panel(app: Any, folder: Path) -> Iterator[Panel]:
    launch = Launch((sys.executable, "-S", str(HELPER)), environment())
    bridge = Counted("test", launch=launch, place=Place(folder, True), timing=Timing(pulse=0.5))
    made = Panel(bridge, choices=Choices(folder / "choices.csv", observer="ana"))
    made.resize(1400, 860)
    made.show()
    made.activateWindow()
    until(made.isActiveWindow)  # keys go to the window in front alone
    made.list.view.setFocus()
    yield made
    made.close_bridge()
    made.close()
    end_helper(bridge)
    bridge.close(5)
    made.deleteLater()
    app.processEvents()


def until(true: Callable[[], object], seconds: float = LONG) -> None:
    """Let the window live until something is so."""
    loop = QtCore.QEventLoop()
    clock = QtCore.QElapsedTimer()
    clock.start()
    while not true():
        assert clock.elapsed() < 1000 * seconds, "it never came"
        loop.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 10)
        QtCore.QThread.msleep(1)


def shots(*names: str, frames: int = 24) -> list[Shot]:
    return [
        Shot(
            None, f"{n}:{name}", name, 1, n * frames, (n + 1) * frames - 1, f"/v1/{name}.exr", (0, frames - 1)
        )
        for n, name in enumerate(names)
    ]


def key(widget: Any, code: Any, modifier: Any = None) -> None:
    """A key, pressed and let go, as the window system says it: by way of shortcuts."""
    test = importlib.import_module(f"{QtCore.__name__.rpartition('.')[0]}.QtTest").QTest
    test.keyClick(widget, code, modifier or Qt.KeyboardModifier.NoModifier)


def mouse(widget: Any, kind: str, at: Any, button: Any = None) -> None:
    types = {"press": "MouseButtonPress", "move": "MouseMove", "release": "MouseButtonRelease"}
    button = button or Qt.MouseButton.LeftButton
    local = QtCore.QPointF(at)
    event = QtGui.QMouseEvent(
        getattr(QtCore.QEvent.Type, types[kind]), local, QtCore.QPointF(widget.mapToGlobal(at)), button,
        Qt.MouseButton.NoButton if kind == "release" else button, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QtWidgets.QApplication.sendEvent(widget, event)


def click(widget: Any, at: Any) -> None:
    mouse(widget, "press", at)
    mouse(widget, "release", at)


def click_row(panel: Panel, row: Row) -> None:
    view = panel.list.view
    click(view.viewport(), view.visualRect(panel.list.model.index_of(row)).center())


def pixel(widget: Any, x: float, y: float) -> tuple[int, int, int]:
    of = widget.grab().toImage().pixelColor(int(x), int(y))
    return of.red(), of.green(), of.blue()


def test_many_shots_cost_what_is_on_the_screen(panel: Panel) -> None:
    panel.show_shots(shots(*(f"shot{n:03}" for n in range(500))))
    view = panel.list.view
    until(lambda: not panel.thumbs.looks.busy and len(panel.thumbs.looks._pictures) > 5)
    assert panel.list.model.rowCount() == 500
    seen = view.viewport().height() // 66 + 2
    assert panel.bridge.counts["look"] <= seen + 3
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    last = panel.list.rows[-1]
    until(lambda: panel.thumbs.of(last) is not None)
    assert panel.bridge.counts["look"] <= 2 * seen + 6
    until(lambda: panel.bridge.counts["recall"] == 500)


def test_a_timeline_is_listed_before_its_media_are_found(panel: Panel, folder: Path) -> None:
    panel.open(["/v1/cut.otio"])
    until(lambda: len(panel.list.rows) == 3)
    rows = panel.list.rows
    assert [row.shot.name for row in rows] == ["kept1", "lost", "a3"] and all(row.opening for row in rows)
    panel.grab()
    panel.act("score_all")  # too soon: said of each, and not held against it later
    until(lambda: not panel.scoring.busy)
    click_row(panel, rows[2])
    (folder / "found").touch()
    until(lambda: panel.host.name)
    assert panel.list.rows is rows and panel.list.row is rows[2]
    assert [row.shot.media for row in rows] == [(0, 23), None, (0, 23)] and rows[1].state == "new"
    until(lambda: rows[0].verdict is not None)  # the kept score came by itself
    until(lambda: panel.player.canvas.main is not None)
    assert panel.host.name == "/v1/cut.otio" and "not found" in rows[1].shot.trouble
    assert panel.thumbs.of(rows[1]) is None


def test_what_is_opened_last_is_what_is_listed(panel: Panel, folder: Path) -> None:
    panel.open(["/v1/cut.otio"])
    until(lambda: len(panel.list.rows) == 3)
    panel.open(["/v1/one.exr"])
    until(lambda: [row.shot.name for row in panel.list.rows] == ["one.exr"])
    (folder / "found").touch()
    until(lambda: panel.bridge.counts["recall"] > 0 and not panel.viewing.looks.busy)
    assert [row.shot.name for row in panel.list.rows] == ["one.exr"] and not panel.host.name


def test_a_click_shows_a_score_that_is_kept_while_others_are_made(panel: Panel) -> None:
    panel.show_shots(shots("slow1", "slow2", "slow3", "kept"))
    panel.scoring.score(panel.list.rows[:3])
    until(lambda: panel.list.rows[0].state == "running")
    kept = panel.list.rows[3]
    kept.forget()
    click_row(panel, kept)
    until(lambda: panel.reasons.count() == 2)
    assert kept.verdict is not None
    assert kept.cached
    assert kept.verdict.score == 2.0
    assert [reason.kind for reason in panel.reasons.reasons()] == ["highlights_clipped", "hue"]
    assert panel.list.rows[0].state == "running"
    assert panel.list.model.data(
        panel.list.model.index_of(kept), int(Qt.ItemDataRole.AccessibleTextRole)
    ) == ("kept, score 2.0, 1 faults")


def test_a_reason_leads_to_its_frame_and_place(panel: Panel) -> None:
    panel.show_shots(shots("kept"))
    until(lambda: panel.reasons.count() == 2)
    canvas = panel.player.canvas
    until(lambda: canvas.main is not None and not canvas.loading)
    assert panel.viewing.player.at == 0
    assert not canvas.outlines
    item = panel.reasons.item(0)
    click(panel.reasons.viewport(), panel.reasons.visualItemRect(item).center())
    assert panel.viewing.player.at == 23
    until(lambda: not canvas.loading)
    assert [outline.box for outline in canvas.outlines] == [(32, 18, 16, 9)]
    assert canvas.outlines[0].strong
    place = canvas.picture_rect()
    scale = place.width() / 64
    left, top = place.left() + 32 * scale, place.top() + 18 * scale
    assert pixel(canvas, left, top + 40) != RED  # the outline is drawn where it is
    assert pixel(canvas, left + 20, top + 40) == RED
    assert panel.player.ruler.marks == (23,)
    panel.act("boxes")
    assert not canvas.outlines


def test_a_wipe_is_drawn_with_the_mouse(panel: Panel) -> None:
    panel.show_shots(shots("kept"))
    for code in (Qt.Key.Key_3, Qt.Key.Key_W):
        key(panel.list.view, code)
    panel.viewing.set_before("hdr")
    canvas = panel.player.canvas
    until(lambda: canvas.main is not None and canvas.before is not None and not canvas.loading)
    assert panel.player.wipe.isChecked()
    place = canvas.picture_rect()
    middle, y = int(canvas.wipe_x()), int(place.top() + place.height() * 0.8)
    assert pixel(canvas, middle - 30, y) == RED
    assert pixel(canvas, middle + 30, y) == GREEN
    mouse(canvas, "press", QtCore.QPoint(middle, y))
    mouse(canvas, "move", QtCore.QPoint(int(place.left() + place.width() * 0.25), y))
    mouse(canvas, "release", QtCore.QPoint(int(place.left() + place.width() * 0.25), y))
    assert canvas.wipe == pytest.approx(0.25, abs=0.01)
    assert pixel(canvas, middle - 30, y) == GREEN
    key(panel.list.view, Qt.Key.Key_X)
    until(lambda: not canvas.loading)
    assert pixel(canvas, middle - 30, y) == RED


def test_scopes_are_of_the_frame_that_is_shown(panel: Panel) -> None:
    panel.show_shots(shots("kept"))
    until(lambda: panel.waveform.scopes is not None and panel.cie.scopes is not None)
    assert panel.waveform.scopes.max_nits == 640.0
    assert not panel.waveform.stale
    plot = panel.waveform.plot()
    assert panel.waveform.y_of(10000) == pytest.approx(plot.top())
    assert panel.waveform.y_of(0) == pytest.approx(plot.bottom(), abs=0.01)
    assert max(pixel(panel.waveform, plot.center().x(), plot.center().y())) > 150
    white = panel.cie.point(0.3127, 0.3290)
    assert panel.cie.plot().contains(white)
    key(panel.list.view, Qt.Key.Key_U)
    assert panel.cie.uniform
    white = panel.cie.point(0.3127, 0.3290)
    plot = panel.cie.plot()
    assert (white.x() - plot.left()) / plot.width() == pytest.approx(0.1978 / 0.65, abs=1e-3)
    assert (plot.bottom() - white.y()) / plot.height() == pytest.approx(0.4683 / 0.62, abs=1e-3)
    # The trace is opaque all over the plane of x and y here: it lies where that comes to lie, and only there.
    inside, outside = panel.cie.point(0.4, 0.42), panel.cie.point(0.78, 0.02)
    assert max(pixel(panel.cie, inside.x(), inside.y())) > 150
    assert not plot.contains(outside)
    click(panel.cie, QtCore.QPoint(20, 20))
    assert not panel.cie.uniform
    panel.act("next_frame")
    assert panel.waveform.stale
    until(lambda: not panel.waveform.stale)


def test_keys_do_what_the_sheet_says(panel: Panel) -> None:
    panel.show_shots(shots("kept", "second"))
    until(lambda: panel.player.canvas.main is not None)
    view = panel.list.view
    key(view, Qt.Key.Key_Right)
    assert panel.viewing.player.at == 1
    key(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert panel.viewing.player.at == 13
    key(view, Qt.Key.Key_End)
    assert panel.viewing.player.at == 23
    key(view, Qt.Key.Key_M)
    until(lambda: panel.viewing.player.at == 0)
    key(view, Qt.Key.Key_Down)
    assert panel.list.row is panel.list.rows[1]
    key(view, Qt.Key.Key_6)
    assert panel.viewing.view == "faults"
    key(view, Qt.Key.Key_F1)
    sheet = panel.findChild(HelpSheet)
    assert sheet is not None
    assert sheet.isVisible()
    told = {label.text() for label in sheet.findChildren(QtWidgets.QLabel)}
    assert {one.words for one in KEYS} <= told
    sheet.close()
    actions = {one.action for one in KEYS if not one.action.startswith("view_")}
    assert actions <= set(actions_of(panel))
    panel.list.find.setFocus()
    key(panel.list.find, Qt.Key.Key_S)  # a letter in a field is a letter
    assert panel.list.find.text() == "s"
    assert not panel.scoring.busy


@pytest.mark.parametrize("every", [True, False])
def test_playing(panel: Panel, every: bool) -> None:
    """Every frame where that is wanted; else in time, and what was left out is counted."""
    panel.show_shots(shots("kept", frames=12))
    until(lambda: panel.player.canvas.main is not None)
    player = panel.viewing.player
    seen, tick = [player.at], player.tick

    def seen_tick(now: float, is_there: Callable[[int], bool]) -> bool:
        went = tick(now, is_there)
        if went:
            seen.append(player.at)
        return went

    player.tick = seen_tick
    player.loop = False
    if every:
        key(panel.list.view, Qt.Key.Key_E)
        assert panel.player.every.isChecked()
    key(panel.list.view, Qt.Key.Key_Space)
    assert panel.player.play.isChecked()
    until(lambda: not player.playing)
    assert seen == sorted(seen)
    assert seen[-1] == 11
    assert len(seen) + player.dropped == 12
    assert player.dropped == 0 or not every
    assert not panel.player.play.isChecked()
    assert panel.bridge.counts["look"] < 12 + 6


def test_find_filter_and_order(panel: Panel) -> None:
    panel.show_shots(shots("beach", "kept", "kept_long"))
    until(lambda: sum(row.verdict is not None for row in panel.list.rows) == 2)
    for letter in "BEA":
        key(panel.list.find, getattr(Qt.Key, f"Key_{letter}"))
    until(lambda: [row.shot.name for row in panel.list.model.rows] == ["beach"])
    panel.list.find.clear()
    panel.list.only.setCurrentIndex(panel.list.only.findData("faults"))
    panel.list.order.setCurrentIndex(panel.list.order.findData("highest"))
    until(lambda: [row.shot.name for row in panel.list.model.rows] == ["kept_long", "kept"])
    until(lambda: panel.status.summary.text().startswith("3 shots · 2 judged · 2 with faults"))


def test_scores_have_progress_and_can_be_cancelled(panel: Panel) -> None:
    panel.show_shots(shots("slow1", "slow2", "third", "refuse"))
    rows = panel.list.rows
    button = panel.top.buttons["score_all"]
    click(button, button.rect().center())
    until(lambda: rows[0].state == "running" and rows[0].fraction == 0.25)
    assert panel.status.button.isVisible()
    assert panel.status.text.text().startswith("Scoring 1 of 4")
    assert rows[2].state == "waiting"
    panel.scoring.cancel(rows[:2])
    until(lambda: not panel.scoring.busy)
    assert [row.state for row in rows] == ["new", "new", "done", "failed"]
    assert rows[3].error == "its colour state is not known; say it with Colours…"
    assert not panel.banner.isVisible()
    assert not panel.status.button.isVisible()
    panel.scoring.score(rows[:2])
    until(lambda: rows[0].state == "running")
    click(panel.status.button, panel.status.button.rect().center())
    assert not panel.scoring.busy
    assert rows[0].state == "new"


def test_a_dead_helper_is_said_and_the_next_call_starts_another(panel: Panel) -> None:
    panel.show_shots(shots("dieonce", "fine"))
    first, second = panel.list.rows
    banners = []
    tell = panel.banner.tell
    panel.banner.tell = lambda text: (banners.append(text), tell(text))  # type: ignore[method-assign, func-returns-value]
    panel.scoring.score([first])
    until(lambda: not panel.scoring.busy)
    assert first.state == "done"  # asked for once more, of another helper
    assert any("helper ended" in text for text in banners)
    assert not panel.banner.isVisible()
    second.shot = shots("die")[0]
    panel.scoring.score([second])
    until(lambda: second.state == "failed")
    assert "helper ended" in second.error
    assert panel.banner.isVisible()
    assert panel.banner.label.text().startswith("The Candela helper ended")
    click(panel.banner.button, panel.banner.button.rect().center())
    assert not panel.banner.isVisible()
    panel.scoring.score([first])
    until(lambda: not panel.scoring.busy)
    assert first.state == "done"


def test_a_helper_that_is_not_there_is_said(app: Any, folder: Path) -> None:
    with Bridge("test", launch=Launch(("/no/such/candela",)), place=Place(folder, True)) as bridge:
        panel = Panel(bridge, choices=Choices(folder / "c.csv"))
        panel.show()
        panel.show_shots(shots("kept"))
        until(panel.banner.isVisible)
        assert "/no/such/candela" in panel.banner.label.text()
        until(lambda: "/no/such/candela" in panel.player.canvas.message)
        panel.close()
        panel.deleteLater()


def test_what_cannot_be_read_says_so_in_place_of_the_picture(panel: Panel) -> None:
    panel.show_shots(
        [*shots("broken"), Shot(None, "t", "title", 1, 24, 40, "", None, "it has no file: a title")]
    )
    until(lambda: "cannot be read" in panel.player.canvas.message)
    assert not panel.banner.isVisible()
    panel.list.go(panel.list.rows[1])
    assert panel.player.canvas.message == "it has no file: a title"
    panel.act("score_selected")
    assert panel.list.rows[1].state == "failed"


def test_choices_are_kept(panel: Panel, folder: Path) -> None:
    panel.show_shots(shots("kept1", "kept2", "third"))
    for row in panel.list.rows[:2]:
        row.other = f"/v2/{row.shot.name}_other.exr"
    panel.choosing.row_changed()
    key(panel.list.view, Qt.Key.Key_A)
    assert not (folder / "choices.csv").exists()  # nothing is compared yet
    key(panel.list.view, Qt.Key.Key_C)
    canvas = panel.player.canvas
    until(lambda: canvas.before is not None and canvas.main is not None and not canvas.loading)
    assert (canvas.before_words, canvas.main_words) == ("v1", "v2")
    place = canvas.picture_rect()
    assert pixel(canvas, place.left() + 30, place.center().y() + 40) == RED
    assert pixel(canvas, place.right() - 30, place.center().y() + 40) == (40, 200, 40)
    key(panel.list.view, Qt.Key.Key_D)
    assert panel.list.row is panel.list.rows[1]
    assert panel.choosing.comparing
    panel.player.blind.setChecked(True)
    assert canvas.before_words == "Left"
    assert not panel.player.views["hdr"].isEnabled()
    click(panel.player.left, panel.player.left.rect().center())
    assert not panel.choosing.comparing  # that was the last pair
    with (folder / "choices.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [one["scene"] for one in rows] == ["kept1", "kept2"]
    assert rows[0]["is_A_selected"] == "0"
    assert rows[1]["blind"] == "1"
    assert rows[1]["is_A_selected"] == ("1" if rows[1]["left"] == "A" else "0")
    key(panel.list.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len((folder / "choices.csv").read_text().splitlines()) == 2


def test_the_thread_that_draws_never_waits_for_a_call(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    main, early = threading.get_ident(), []
    for name in ("result", "exception"):
        plain = getattr(Call, name)

        def watched(call: Call, *given: Any, plain: Any = plain) -> Any:
            if threading.get_ident() == main and not call.done():
                early.append(call.name)
            return plain(call, *given)

        monkeypatch.setattr(Call, name, watched)
    reads = []
    opened = open

    def watched_open(file: Any, *given: Any, **more: Any) -> Any:
        if threading.get_ident() == main and str(file).endswith((".rgb", ".json")):
            reads.append(file)
        return opened(file, *given, **more)

    monkeypatch.setattr("builtins.open", watched_open)
    panel.open(["/v1/kept.exr", "/v1/plain.exr"])
    until(lambda: len(panel.list.rows) == 2)
    panel.act("score_all")
    panel.act("view_nits")
    until(lambda: not panel.scoring.busy and not panel.player.canvas.loading)
    panel.act("play")
    until(lambda: panel.viewing.player.at > 3)
    assert early == []
    assert reads == []


def test_no_file_of_the_helpers_is_left(panel: Panel, folder: Path) -> None:
    panel.open(["/v1/kept.exr"])
    until(lambda: panel.player.canvas.main is not None and panel.waveform.scopes is not None)
    until(lambda: not panel.viewing.looks.busy and not panel.thumbs.looks.busy)
    assert list(folder.glob("*.rgb")) == []


def test_sharp_on_a_screen_of_twice_the_pixels(app: Any, folder: Path) -> None:
    script = (
        "from candela_bridge.panel.widgets.qt import QtWidgets\n"
        "from candela_bridge.panel.widgets.panel import Panel\n"
        "app = QtWidgets.QApplication([])\n"
        "panel = Panel(); panel.resize(1000, 700); panel.show(); app.processEvents()\n"
        "image = panel.grab().toImage()\n"
        "print(panel.width(), panel.height(), image.width(), image.height())\n"
        "print(panel.player.canvas.devicePixelRatioF(), panel.viewing.width())\n"
    )
    said = {**environment(), "QT_SCALE_FACTOR": "2", "CANDELA_BRIDGE_DIR": str(folder)}
    extra = [str(Path(QtCore.__file__).parents[1])]
    said["PYTHONPATH"] = os.pathsep.join([said["PYTHONPATH"], *extra])
    done = subprocess.run(
        [sys.executable, "-c", script], env=said, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    wide, high, image_wide, image_high, ratio, width = done.stdout.split()
    assert (int(image_wide), int(image_high), float(ratio)) == (2 * int(wide), 2 * int(high), 2.0)
    assert int(wide) == 1000  # as narrow as a dock may be
    assert int(width) >= 960


def test_dialogs_can_be_opened(panel: Panel) -> None:
    from candela_bridge.panel.rows import Colours
    from candela_bridge.panel.widgets.bars import ColoursDialog

    dialog = ColoursDialog(Colours(grade="rec2100-hlg", sdr_range="narrow"), panel)
    QtCore.QTimer.singleShot(0, dialog.accept)
    assert execute(dialog)
    assert dialog.colours == Colours(grade="rec2100-hlg", sdr_range="narrow")
    panel.show_shots(shots("kept"))
    until(lambda: panel.list.rows[0].verdict is not None)
    panel.set_colours(Colours(grade="rec2100-pq"))
    assert panel.list.rows[0].verdict is None  # it was of other colours
    until(lambda: panel.list.rows[0].verdict is not None)
