"""The plugin with AddressSanitizer and UndefinedBehaviorSanitizer in it: the broadest of the tests.

The host is the ordinary one. With `CANDELA_OFX_CHECK=address,undefined` host and native library are built
with them, too, and everything is run; `thread` and `valgrind` do the same (tests/ofx_host/README.md).
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from tests.ofx_host.build import PLUGIN, Built, sanitized_plugin
from tests.ofx_host.driver import PROFILES, Host, HostEnded
from tests.plugin import test_files, test_life, test_reconstruct, test_scope
from tests.plugin.clips import clip, made, pixels, write

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("CANDELA_OFX_CHECK")), reason="all tests run with a check"
)


@pytest.fixture(scope="module")
def sanitized() -> Built:
    if not (PLUGIN / "CMakeLists.txt").exists():
        pytest.skip(f"{PLUGIN} is not here")
    return sanitized_plugin(PLUGIN)


def test_the_plugins_own_tests(sanitized: Built, tmp_path: Path) -> None:
    """QC results: what is read, what is refused, bytes changed at random. What is to happen once, once."""
    payload = write(tmp_path, made("default", 0))
    for command in (
        ["qc_test"],
        ["active_picture_test"],
        ["store_test", payload],
        ["fuzz_qc", "--runs", "4000"],
    ):
        program = sanitized.own_test(str(command[0]))
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_sanitizer_is_at_work(sanitized: Built, tmp_path: Path) -> None:
    """An image whose rows say more than they have: a plugin that reads it must be caught."""
    with pytest.raises(HostEnded, match="AddressSanitizer"), Host(sanitized, "plain-1.5") as host:
        effect = clip(host, sanitized.bundle, tmp_path, made("default", 0)).effect(pixels(np.float32))
        host.command("forbid", id=effect.id)
        effect.render()


@pytest.mark.parametrize("profile", PROFILES)
def test_life_under_sanitizers(sanitized: Built, profile: str) -> None:
    test_life.test_described_and_unloaded_again_and_again(sanitized, profile, True)
    test_life.test_every_value_of_every_parameter_is_taken(sanitized, profile)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint16, np.uint8])
@pytest.mark.parametrize("channels", [3, 4])
def test_pixels_under_sanitizers(sanitized: Built, tmp_path: Path, dtype: type, channels: int) -> None:
    with Host(sanitized, "plain-1.5") as host:
        test_reconstruct.test_no_byte_beside_an_image_is_touched(sanitized, host, tmp_path, dtype, channels)


def test_tiles_threads_and_instances_under_sanitizers(sanitized: Built, tmp_path: Path) -> None:
    for whole in (False, True):
        with Host(sanitized, "plain-1.5") as host:
            test_reconstruct.test_windows_and_layouts_change_no_bit(
                sanitized, host, tmp_path, "default", 1, whole
            )
    with Host(sanitized, "plain-1.5") as host:
        test_reconstruct.test_instances_and_threads_at_once(sanitized, host, tmp_path)


def test_files_under_sanitizers(sanitized: Built, tmp_path: Path) -> None:
    for check in (
        test_files.test_files_that_are_not_sound,
        test_files.test_payloads_that_say_wrong_things_under_a_right_sum,
        test_files.test_frames_of_a_shot_and_of_a_reel,
    ):
        with Host(sanitized, "plain-1.5") as host:
            check(sanitized, host, tmp_path)


def test_scope_under_sanitizers(sanitized: Built, tmp_path: Path) -> None:
    with Host(sanitized, "plain-1.5") as host:
        test_scope.test_a_qc_result_is_drawn_where_it_says(sanitized, host, tmp_path)
    test_scope.test_every_host(sanitized, tmp_path, "natron")
