"""Wrong tags are suspected, right ones are not."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour.convert import from_nits_rec2020, place_sdr_at_reference_white
from candela_engines.colour.names import NAMED
from candela_engines.errors import CandelaError
from candela_engines.media import read_still
from candela_engines.samples import sample_paths
from candela_engines.scorer.misread import suspect, suspect_reference, thinned


def pictures(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Light of the grade, and codes of its SDR, thinned."""
    pair = sample_paths()[name]
    return read_still(pair.hdr).pixels[::3, ::3], read_still(pair.sdr).pixels[::3, ::3]


@pytest.mark.parametrize("name", ["interior", "night_street", "low_sun"])
@pytest.mark.parametrize("state", ["rec2100-pq", "rec2100-hlg"])
def test_a_right_tag_is_not_suspected(name: str, state: str) -> None:
    light, sdr = pictures(name)
    assert suspect(from_nits_rec2020(light, NAMED[state]), NAMED[state], sdr) == []
    assert suspect(sdr, NAMED["rec709"]) == []


@pytest.mark.parametrize("state", ["rec2100-pq", "rec2100-hlg"])
@pytest.mark.parametrize("name", ["interior", "low_sun"])
def test_sdr_tagged_as_hdr_is_recognised_beside_its_reference(name: str, state: str) -> None:
    _, sdr = pictures(name)
    found = suspect(sdr, NAMED[state], sdr)
    assert "same-codes-as-sdr" in [one.kind for one in found]
    assert all(one.evidence and one.text for one in found)


def test_sdr_read_as_pq_alone() -> None:
    _, sdr = pictures("low_sun")
    found = suspect(sdr, NAMED["rec2100-pq"])
    assert [one.kind for one in found] == ["sdr-read-as-pq"]
    assert found[0].evidence["fall_nits"] > 400


def test_sdr_placed_in_an_hdr_signal() -> None:
    _, sdr = pictures("low_sun")
    sdr = np.clip(sdr * 1.2, 0, 1)
    light = place_sdr_at_reference_white(sdr, NAMED["rec709"])
    found = suspect(from_nits_rec2020(light, NAMED["rec2100-pq"]), NAMED["rec2100-pq"])
    assert [one.kind for one in found] == ["sdr-in-hdr"] and "203 nit" in found[0].text


def test_pq_read_as_sdr() -> None:
    light, _ = pictures("low_sun")
    grey = np.repeat(light.mean(axis=-1, keepdims=True), 3, axis=-1) * 0.8 + light * 0.2
    codes = from_nits_rec2020(grey, NAMED["rec2100-pq"])
    assert [one.kind for one in suspect(codes, NAMED["rec709"])] == ["pq-read-as-sdr"]


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_nothing_is_said_of_nothing(level: float) -> None:
    even = np.full((100, 100, 3), level, np.float32)
    for state in NAMED.values():
        assert suspect(even, state) == []
    assert suspect(np.random.default_rng(0).random((3, 3, 3)), NAMED["rec2100-pq"]) == []
    broken = np.full((50, 50, 3), np.nan)
    assert suspect(broken, NAMED["rec2100-pq"]) == []


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(CandelaError, match="float codes"):
        suspect(np.zeros((4, 4, 3), np.uint8), NAMED["rec709"])
    with pytest.raises(CandelaError, match="one size"):
        suspect(np.zeros((4, 4, 3)), NAMED["rec2100-pq"], np.zeros((4, 5, 3)))


@pytest.mark.parametrize("size", [(40, 50), (363, 362), (700, 1300), (1080, 1920)])
def test_what_was_thinned_is_not_thinned_again(size: tuple[int, int]) -> None:
    picture = np.arange(3 * size[0] * size[1], dtype=np.float32).reshape(*size, 3)
    some = thinned(picture)
    np.testing.assert_array_equal(thinned(some), some)
    assert some.shape[0] * some.shape[1] <= 5 << 17


@pytest.mark.parametrize("name", ["interior", "night_street", "low_sun"])
def test_hdr_read_as_sdr_is_recognised_beside_a_grade_of_light(name: str) -> None:
    light, sdr = pictures(name)
    assert suspect_reference(light, np.asarray(sdr, np.float32)) == []
    found = suspect_reference(light, from_nits_rec2020(light, NAMED["rec2100-pq"]))
    bright = found[0].evidence["code_bright"] if found else 0.0
    # In the dark both codes are close to one another, so that nothing is said there.
    assert [one.kind for one in found] == (["pq-read-as-sdr"] if name != "night_street" or bright else [])


def test_hdr_read_as_sdr_needs_one_size() -> None:
    with pytest.raises(CandelaError, match="one size is needed"):
        suspect_reference(np.zeros((8, 8, 3), np.float32), np.zeros((8, 9, 3), np.float32))
