"""The split is fixed, keeps siblings together, and does not care how a source is written."""

from __future__ import annotations

import pytest

from candela_engines.itm.split import is_training_source, source_group


@pytest.mark.parametrize(
    ("name", "training"),
    [
        ("brown_photostudio_01.hdr", True),
        ("studio_small_05.hdr", True),
        ("Ultra_HDR_Samples_Originals_01.jpg", True),
        ("forest.hdr", True),
        ("desert_palms.jpg", False),
        ("night_highrise.jpg", False),
        ("phalzer_forest_01.hdr", False),
        ("CandleGlass.exr", False),
    ],
)
def test_sides_never_change(name: str, training: bool) -> None:
    # Weights are trained on one side: a source that changes sides makes every figure worthless.
    assert is_training_source(name) is training


@pytest.mark.parametrize(
    "siblings",
    [
        ("brown_photostudio_01.hdr", "brown_photostudio_02.hdr", "brown_photostudio_07_4k.exr"),
        ("studio_small_05.hdr", "studio_small_09.exr", "studio.hdr"),
        ("christmas_photo_studio_01.exr", "christmas_photo_studio_07.hdr"),
        ("Ultra_HDR_Samples_Originals_01.jpg", "Ultra_HDR_Samples_Originals_05.jpg"),
    ],
)
def test_siblings_stay_together(siblings: tuple[str, ...]) -> None:
    assert len({source_group(name) for name in siblings}) == 1
    assert len({is_training_source(name) for name in siblings}) == 1


@pytest.mark.parametrize(
    "spelt", ["forest", "forest.hdr", "FOREST.HDR", "some/folder/forest.exr", "a\\b\\forest.hdr"]
)
def test_folder_suffix_and_case_do_not_matter(spelt: str) -> None:
    assert source_group(spelt) == "forest"


def test_names_that_are_numbers_keep_them() -> None:
    assert source_group("Rec709.exr") == "rec"
    assert source_group("0042.exr") == "0042"


def test_about_seven_in_ten_are_for_training() -> None:
    share = sum(is_training_source(f"scene {chr(97 + i % 26)}{i}x") for i in range(2000)) / 2000
    assert 0.66 < share < 0.74
