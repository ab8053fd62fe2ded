"""Files that are not there, not sound, not the right ones, that change: a message, never a crash."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.native.payloads import HEIGHT, WIDTH, default, shot
from tests.ofx_host.build import Built
from tests.ofx_host.driver import FAILED, OK, PROFILES, Host
from tests.ofx_host.effect import Effect
from tests.plugin.clips import RECONSTRUCT, SIZE, clip, made, pixels, write
from tests.plugin.reference import light

from candela_engines.colour import pq
from candela_engines.colour.state import ColourState
from candela_engines.itm.carriers.sidecar import wrapped
from candela_engines.itm.payload import Payload, encode
from candela_engines.itm.reel import encode_reel
from candela_engines.itm.timed_model import timed_model

HELD = pixels(np.float32)


def shown(host: Host) -> list[str]:
    return [m["text"] for m in host.take_messages() if m["type"] != "cleared"]


def fails(effect: Effect, words: str, **how: object) -> None:
    """Render fails once, and the host shows why."""
    one = effect.render(**how).one  # type: ignore[arg-type]
    assert one.status == FAILED
    (said,) = shown(effect.host)
    assert words in said
    assert said.startswith("Candela: ")


def expected(payload: Payload, frame: int | None = None) -> np.ndarray:
    if frame is None:
        return np.asarray(pq.inverse_eotf(light(payload, HELD)))
    codes = np.ascontiguousarray(HELD[..., :3])
    nits = np.concatenate([n for _, n in timed_model(payload).at(frame).strips(codes, payload.sdr)])
    return np.asarray(pq.inverse_eotf(nits.astype(np.float64)))


def close(found: np.ndarray, wanted: np.ndarray) -> None:
    np.testing.assert_allclose(found[..., :3], wanted, atol=2e-6, rtol=0)


@pytest.mark.parametrize("profile", PROFILES)
def test_no_file_and_a_file_that_is_none(built: Built, tmp_path: Path, profile: str) -> None:
    with Host(built, profile) as host:
        effect = clip(host, built.bundle, tmp_path, made("default", 0)).effect(HELD)
        effect.set("file", "")
        fails(effect, "no file is named")
        effect.set("file", tmp_path / "nowhere.mov")
        fails(effect, "nowhere.mov")
        effect.set("file", tmp_path)
        fails(effect, tmp_path.name)
        effect.set("file", tmp_path / "shot.candela")
        assert effect.render().one.status == OK
        assert shown(host) == []


def test_a_message_that_stays_is_taken_away(built: Built, plain: Host, tmp_path: Path) -> None:
    effect = clip(plain, built.bundle, tmp_path, made("default", 0)).effect(HELD)
    effect.set("file", "")
    effect.render()
    assert [m["persistent"] for m in plain.take_messages()] == [True]
    effect.set("file", tmp_path / "shot.candela")
    effect.render()
    assert [m["type"] for m in plain.take_messages()] == ["cleared"]


def test_files_that_are_not_sound(built: Built, plain: Host, tmp_path: Path) -> None:
    """Bytes of the first 60 changed, the file cut anywhere: a word of it, and the next frame is right."""
    one = clip(plain, built.bundle, tmp_path, made("default", 0))
    effect = one.effect(HELD)
    wanted = effect.render().pixels
    sound = one.path.read_bytes()
    spoilt = [sound[:n] for n in (0, 1, 8, 12, len(sound) // 2, len(sound) - 1)]
    for at in range(0, 60, 3):
        spoilt.append(sound[:at] + bytes([sound[at] ^ 0x55]) + sound[at + 1 :])
    for content in spoilt:
        one.path.write_bytes(content)
        failed = effect.render().one
        assert failed.status == FAILED
        assert len(shown(plain)) == 1
    one.path.write_bytes(sound)
    np.testing.assert_array_equal(effect.render().pixels, wanted)


def test_payloads_that_say_wrong_things_under_a_right_sum(built: Built, plain: Host, tmp_path: Path) -> None:
    """The CRC is right and the content is not: what somebody would write who means harm."""
    sound = made("default", 0)
    one = clip(plain, built.bundle, tmp_path, sound)
    effect = one.effect(HELD)
    content = bytearray(encode(sound))
    rng = np.random.default_rng(7)
    for _ in range(60):
        bad = bytearray(content)
        for at in rng.integers(0, len(bad), 3):
            bad[at] = rng.integers(0, 256)
        one.path.write_bytes(wrapped(bytes(bad)))
        assert effect.render().one.status in (OK, FAILED)
    one.path.write_bytes(wrapped(bytes(content)))
    close(effect.render().pixels, expected(sound))


def test_a_payload_of_another_picture(built: Built, plain: Host, tmp_path: Path) -> None:
    one = clip(plain, built.bundle, tmp_path, made("default", 0))
    other = np.zeros((HEIGHT, WIDTH + 20, 4), np.float32)
    fails(one.effect(other), f"{WIDTH}x{HEIGHT}")


def test_a_file_that_changes_is_read_again(built: Built, plain: Host, tmp_path: Path) -> None:
    """By all instances, in place or renamed over, to another network, to none and back."""
    first, second = made("default", 0), made("default", 1)
    one = clip(plain, built.bundle, tmp_path, first)
    effects = [one.effect(HELD), one.effect(HELD)]
    for payload, rename in ((first, False), (second, True), (first, True), (second, False)):
        if rename:
            write(tmp_path, payload, "new").replace(one.path)
        else:
            write(tmp_path, payload)
        for effect in effects:
            close(effect.render().pixels, expected(payload))
    one.path.unlink()
    fails(effects[0], "shot.candela")
    write(tmp_path, first)
    close(effects[1].render().pixels, expected(first))


def test_what_is_passed_through_is_marked(built: Built, plain: Host, tmp_path: Path) -> None:
    """No file, a file without a payload, a frame outside the shot. What is broken fails all the same."""
    one = clip(plain, built.bundle, tmp_path, made("default", 0))
    effect = one.effect(HELD, withoutPayload="Pass the SDR through, marked")
    write(tmp_path, shot(1, 100, 105), "later.mov.candela")
    for file in ("later.mov", "plain.png"):
        (tmp_path / file).write_bytes(b"\x89PNG\r\n\x1a\n")
    for file in ("", tmp_path / "later.mov"):
        effect.set("file", file)
        passed = effect.render()
        assert passed.one.status == OK
        np.testing.assert_array_equal(passed.pixels[..., 3], HELD[..., 3])
        (edge,) = np.unique(passed.pixels[0, :, :3], axis=0)  # of one colour, and redder than the rest
        assert edge[0] > edge[1]
    assert shown(plain) == []
    one.path.write_bytes(one.path.read_bytes()[:-1])
    effect.set("file", one.path)
    fails(effect, "shot.candela")


def test_frames_of_sequences(built: Built, plain: Host, tmp_path: Path) -> None:
    payloads = {1001: made("default", 0), 1002: made("default", 1), 1003: made("default", 8)}
    for frame, payload in payloads.items():
        write(tmp_path, payload, f"sh010.{frame}.exr.candela")
        (tmp_path / f"sh010.{frame}.exr").write_bytes(b"a picture")
    plugin = plain.load(built.bundle)[RECONSTRUCT]
    for name in (
        "sh010.####.exr",
        "sh010.%04d.exr",
        "sh010.@@@@.exr",
        "sh010.$F4.exr",
        "sh010.1001-1003#.exr",
    ):
        effect = plugin.create(SIZE, frames=(1001, 1004), like=HELD, values={"file": tmp_path / name})
        for time in range(1001, 1005):
            effect.frame(HELD, time=time)
        *there, missing = effect.render(times=[1001, 1002, 1003, 1004], threads=2).all
        for one in there:
            close(one.pixels, expected(payloads[int(one.time)]))
        assert missing.status == FAILED
        assert "sh010.1004.exr" in shown(plain)[0]
        effect.destroy()
    effect = plugin.create(SIZE, frames=(1, 3), like=HELD, values={"file": tmp_path / "sh010.####.exr"})
    effect.set("frameOffset", 1000)
    for time in (1, 2, 3):
        effect.frame(HELD, time=time)
    for one in effect.render(times=[1, 2, 3]).all:
        close(one.pixels, expected(payloads[1000 + int(one.time)]))


def test_frames_of_a_shot_and_of_a_reel(built: Built, plain: Host, tmp_path: Path) -> None:
    shots = [shot(1, 0, 5), shot(2, 6, 9)]
    (tmp_path / "clip.mov").write_bytes(b"a movie")
    (tmp_path / "clip.mov.candela").write_bytes(wrapped(encode_reel([encode(s) for s in shots])))
    plugin = plain.load(built.bundle)[RECONSTRUCT]
    # A movie's frames count from its first, wherever it lies on the time line.
    effect = plugin.create(SIZE, frames=(1001, 1011), like=HELD, values={"file": tmp_path / "clip.mov"})
    for time in range(1001, 1012):
        effect.frame(HELD, time=time)
    *there, beyond = effect.render(times=range(1001, 1012), threads=3).all
    for one in there:
        frame = int(one.time) - 1001
        close(one.pixels, expected(shots[frame > 5], frame))
    assert beyond.status == FAILED
    assert "10" in shown(plain)[0]
    effect.set("frameNumbers", "As the host counts")
    effect.frame(HELD, time=7)
    close(effect.render(times=[7]).pixels, expected(shots[1], 7))


def test_the_pipelines_file_counts_where_none_is_chosen(built: Built, plain: Host, tmp_path: Path) -> None:
    first, second = made("default", 0), made("default", 1)
    one = clip(plain, built.bundle, tmp_path, first)
    other = write(tmp_path, second, "pipeline.candela")
    effect = one.effect(HELD, pipelineFile=other)
    close(effect.render().pixels, expected(first))
    effect.set("file", "")
    close(effect.render().pixels, expected(second))


def test_a_host_without_a_source(built: Built, tmp_path: Path) -> None:
    """Hosts whose clips all read as connected give no image: that is told, too."""
    for profile in ("resolve", "nuke"):
        with Host(built, profile) as host:
            one = clip(host, built.bundle, tmp_path, made("default", 0))
            effect = one.plugin.create(SIZE, like=HELD, values={"file": one.path}, frames=(1, 2))
            effect.frame(HELD, time=1)
            fails(effect, "the source has no picture here", times=[2])


@pytest.mark.skipif(os.geteuid() == 0, reason="everything may be read by root")
def test_a_file_that_may_not_be_read(built: Built, plain: Host, tmp_path: Path) -> None:
    one = clip(plain, built.bundle, tmp_path, made("default", 0))
    one.path.chmod(0)
    fails(one.effect(HELD), "shot.candela")
    one.path.chmod(0o600)


def test_payloads_that_need_ocio_are_refused(built: Built, plain: Host, tmp_path: Path) -> None:
    state = ColourState("ap0", "linear", ocio_space="ACEScg", ocio_config="x")
    one = clip(plain, built.bundle, tmp_path, replace(default(0), sdr=state))
    fails(one.effect(HELD), "OCIO")
