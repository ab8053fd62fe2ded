"""Colour management of API 1.5: used where the host has it, by hand elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.ofx_host.build import Built
from tests.ofx_host.driver import DEFAULT, FAILED, OK, Host
from tests.plugin.clips import RECONSTRUCT, SIZE, Clip, clip, made, pixels

HELD = pixels(np.float32)
STYLES = ("Basic", "Core", "Full", "OCIO")


def style(name: str) -> str:
    return f"OfxImageEffectColourManagement{name}"


@pytest.fixture
def one(built: Built, plain: Host, tmp_path: Path) -> Clip:
    return clip(plain, built.bundle, tmp_path, made("default", 0))


@pytest.mark.parametrize("wanted", STYLES)
def test_every_style_is_answered_in_its_own_names(one: Clip, wanted: str) -> None:
    """What the host is told of preferences and output is what the style knows: the host looks."""
    for encoding in range(7):
        effect = one.plugin.create(
            SIZE, like=HELD, values={"file": one.path, "outputEncoding": encoding}, style=style(wanted)
        )
        effect.frame(HELD, colourspace="ofx_display_sdr")
        effect.ask("preferences")
        told = effect.ask("colourspace", preferred="ofx_display_hdr,ofx_scene_linear")
        assert told["status"] in (OK, DEFAULT)
        effect.destroy()


def test_the_output_is_never_taken_for_the_source(one: Clip) -> None:
    """Without an answer the host takes the output for what the source is: it must be told."""
    for encoding in range(7):
        effect = one.plugin.create(SIZE, like=HELD, values={"file": one.path, "outputEncoding": encoding})
        effect.frame(HELD, colourspace="srgb_display")
        told = effect.ask("colourspace", preferred="rec2100_pq_display")
        assert told["status"] == OK
        assert told["colourspace"] not in ("", "srgb_display", "OfxColourspace_Source")
        effect.destroy()


def test_the_source_is_brought_back_from_what_the_host_made_of_it(one: Clip) -> None:
    effect = one.plugin.create(SIZE, like=HELD, values={"file": one.path})
    by_hand = {"srgb_display": "sRGB", "rec1886_rec709_display": "BT.1886", "ACEScg": "ACEScg"}
    for space, label in by_hand.items():
        effect.frame(HELD, colourspace=space, tell=True)
        automatic = effect.render().pixels
        manual = one.effect(HELD, inputEncoding=label).render().pixels
        np.testing.assert_array_equal(automatic, manual)
    stored = one.effect(HELD, inputEncoding="As stored in the file").render().pixels
    effect.frame(HELD, colourspace="Raw", tell=True)
    np.testing.assert_array_equal(effect.render().pixels, stored)


def test_a_source_that_no_file_has_is_refused(one: Clip, plain: Host) -> None:
    effect = one.plugin.create(SIZE, like=HELD, values={"file": one.path})
    effect.frame(HELD, colourspace="lin_arri_wide_gamut_4")
    assert effect.render().one.status == FAILED
    assert "lin_arri_wide_gamut_4" in plain.take_messages()[0]["text"]
    effect.set("inputEncoding", "As stored in the file")
    assert effect.render().one.status == OK


@pytest.mark.parametrize("profile", ["resolve", "nuke", "natron"])
def test_hosts_without_it_are_asked_for_nothing(built: Built, tmp_path: Path, profile: str) -> None:
    with Host(built, profile) as host:
        plugin = host.load(built.bundle)[RECONSTRUCT]
        properties = plugin.describe()["effect"]["properties"]
        assert not any("Colour" in name for name in properties)
