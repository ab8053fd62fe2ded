"""The panel's player, offscreen, by real events: views, wipe, scopes, playing, what cannot be shown."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from candela_bridge.panel.widgets.panel import Panel
from candela_bridge.shot import Shot

from .conftest import environment
from .panel_windows import GREEN, RED, Qt, QtCore, click, key, mouse, pixel, shots, until


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


def test_the_next_frames_come_while_somebody_looks(panel: Panel) -> None:
    """So that playing begins at once; a view that is dear is not made ahead."""
    panel.show_shots(shots("kept", frames=24))
    canvas, looks = panel.player.canvas, panel.viewing.looks
    until(lambda: canvas.main is not None and not canvas.loading)
    look = panel.viewing.look("hdr")
    until(lambda: len(looks.frames(look)) > 8)
    assert set(looks.frames(look)) == set(range(13))
    assert set(panel.player.ruler.loaded()) == set(range(13))
    asked = panel.bridge.counts["look"]
    panel.act("view_faults")
    until(lambda: canvas.main is not None and not canvas.loading)
    QtCore.QThread.msleep(300)
    until(lambda: not panel.viewing._ready.isActive())
    assert panel.bridge.counts["look"] <= asked + 2  # the frame, once more with its scopes at most
    assert set(looks.frames(panel.viewing.look("faults"))) == {0}
    looks.forget()
    assert not looks.frames(look)


def test_pictures_that_go_are_not_counted_as_there() -> None:
    from candela_bridge.panel.looks import Looks
    from candela_bridge.panel.pictures import Found, Look, Picture

    looks = Looks(None, lambda news: None, lambda key: None, most_bytes=3000)  # type: ignore[arg-type]
    small, large = (Look("{}", "picture", width) for width in (480, 960))
    picture = Picture(1, 1, bytes(1000), (), (1, 1), 0, 9, 24.0, ())

    def came(look: Look, first: int, last: int) -> None:
        looks._calls[1] = ((look, first, last, 1, False), None, 0.0)  # type: ignore[assignment]
        looks._take(1, Found(dict.fromkeys(range(first, last + 1), picture), None, 0))

    came(small, 0, 1)
    came(large, 1, 1)
    assert set(looks.frames(small)) == set(looks.frames(large)) == {0, 1}
    came(large, 2, 3)  # the oldest two give way
    assert set(looks.frames(small)) == {1, 2, 3}
    came(large, 4, 5)
    assert set(looks.frames(small)) == {3, 4, 5}
