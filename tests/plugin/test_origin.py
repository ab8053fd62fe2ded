"""Where the light came from is said: of a payload that was distilled there was no master."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.native.payloads import shot
from tests.ofx_host.build import Built
from tests.ofx_host.driver import FAILED, OK, PROFILES, Host
from tests.plugin.clips import RECONSTRUCT, clip, made, pixels, write
from tests.plugin.test_scope import SIZE, held, light, scope

from candela_engines.itm.carriers.sidecar import wrapped
from candela_engines.itm.payload import encode
from candela_engines.itm.reel import encode_reel
from candela_server.service.results import DISTILLED

HELD = pixels(np.float32)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_effect_says_what_the_file_carries(built: Built, tmp_path: Path, profile: str) -> None:
    fitted = made("default", 0)
    with Host(built, profile) as host:
        one = clip(host, built.bundle, tmp_path, fitted)
        effect = one.plugin.create(SIZE, like=HELD)
        effect.set("file", one.path)
        said = effect.value("information")
        assert "fitted to an HDR master" in said
        assert f"{fitted.fidelity.pu_psnr:.2f} dB" in said
        assert DISTILLED not in said
        effect.set("file", write(tmp_path, replace(fitted, provenance="distilled"), "other.candela"))
        assert DISTILLED in effect.value("information")
        assert "fitted" not in effect.value("information")
        effect.set("file", tmp_path / "nowhere.png")
        assert "nowhere.png" in effect.value("information")
        effect.set("file", "")
        assert effect.value("information") == "no file is named"
        effect.set("pipelineFile", one.path)
        assert "fitted" in effect.value("information")


def test_a_clip_says_how_many_of_its_shots_have_no_master(built: Built, plain: Host, tmp_path: Path) -> None:
    shots = [shot(1, 0, 5), replace(shot(2, 6, 9), provenance="fitted"), shot(3, 10, 11)]
    (tmp_path / "clip.mov").write_bytes(b"a movie")
    (tmp_path / "clip.mov.candela").write_bytes(wrapped(encode_reel([encode(s) for s in shots])))
    effect = plain.load(built.bundle)[RECONSTRUCT].create(SIZE, frames=(1001, 1012), like=HELD)
    effect.set("file", tmp_path / "clip.mov", time=1001)
    said = effect.value("information")
    assert "3 shots, frames 0 to 11" in said
    assert f"in 2 of the shots {DISTILLED}" in said


def test_a_picture_does_not_depend_on_what_is_said(built: Built, plain: Host, tmp_path: Path) -> None:
    effect = clip(plain, built.bundle, tmp_path, made("default", 0)).effect(HELD)
    before = effect.render().pixels
    effect.set("strength", 1)  # the text is written now
    assert effect.value("information")
    np.testing.assert_array_equal(effect.render().pixels, before)


def test_the_scope_writes_that_there_was_no_master(built: Built, plain: Host, tmp_path: Path) -> None:
    source = held(light())
    fitted = write(tmp_path, made("default", 0), "fitted.candela")
    distilled = write(tmp_path, replace(made("default", 0), provenance="distilled"), "distilled.candela")
    effect = scope(plain, built.bundle, source, view="Picture", reasons=1, payloadFile=fitted)
    np.testing.assert_array_equal(effect.render().pixels, source)
    effect.set("payloadFile", distilled)
    found = effect.render().pixels
    written = np.any(found[..., :3] != source[..., :3], axis=-1)
    assert written[SIZE[1] // 2 :].any()
    assert not written[: SIZE[1] // 2].any()
    tiles = [(0, 0, 100, 100), (100, 0, 320, 100), (0, 100, 320, 240)]
    np.testing.assert_array_equal(effect.render(windows=tiles, threads=2).joined(SIZE), found)
    effect.set("payloadFile", "")
    effect.set("pipelinePayloadFile", distilled)
    np.testing.assert_array_equal(effect.render().pixels, found)
    effect.set("reasons", 0)
    assert effect.render().one.identity == "Source"
    effect.set("reasons", 1)
    effect.set("payloadFile", tmp_path / "nowhere.candela")
    assert effect.render().one.status == FAILED
    assert "nowhere.candela" in plain.take_messages()[-1]["text"]
    effect.set("payloadFile", fitted)
    assert effect.render().one.status == OK
