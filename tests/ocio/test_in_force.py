"""Which config is in force, and what becomes of configs that are no use."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest

import candela_ocio
from candela_ocio import OcioConfigError, candela_config_path, in_force

STUDIO = "ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"
CG = "ocio://cg-config-v2.2.0_aces-v1.3_ocio-v2.4"


@pytest.fixture(autouse=True)
def no_facility_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCIO", raising=False)


def test_the_order_is_flag_environment_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (in_force().source, in_force().name) == ("candela", "candela-config-v1.0.0_aces-v2.0_ocio-v2.4")
    monkeypatch.setenv("OCIO", CG)
    assert (in_force().source, in_force().path_or_uri) == ("env", CG)
    assert (in_force(STUDIO).source, in_force(STUDIO).path_or_uri) == ("flag", STUDIO)
    assert in_force("").source == "env"
    monkeypatch.setenv("OCIO", "")
    assert in_force().source == "candela"


def test_a_latest_alias_is_resolved() -> None:
    """What `-latest` is depends on the library, so it must never be recorded."""
    resolved = in_force("ocio://studio-config-latest")
    assert "latest" not in resolved.path_or_uri + resolved.name
    assert resolved.path_or_uri.startswith("ocio://studio-config-v")
    assert "default" not in in_force("ocio://default").path_or_uri


@pytest.mark.parametrize("source", ["flag", "env"])
@pytest.mark.parametrize("given", ["/nowhere/show.ocio", "relative-nowhere.ocio", "ocio://no-such-config"])
def test_missing(source: str, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if source == "env":
        monkeypatch.setenv("OCIO", given)
    with pytest.raises(OcioConfigError) as caught:
        in_force(given if source == "flag" else None)
    assert given in str(caught.value)
    assert ("--ocio" if source == "flag" else "$OCIO") in str(caught.value)


def test_folder_garbage_and_later_versions(tmp_path: Path) -> None:
    with pytest.raises(OcioConfigError, match="folder"):
        in_force(str(tmp_path))
    for name, content in {
        "empty.ocio": b"",
        "noise.ocio": os.urandom(400),
        "truncated.ocio": candela_config_path().read_bytes()[:3000],
        "later.ocio": candela_config_path().read_bytes().replace(b"version: 2.4", b"version: 9.9", 1),
        "noise.ocioz": b"PK\x03\x04 not a zip",
    }.items():
        bad = tmp_path / name
        bad.write_bytes(content)
        with pytest.raises(OcioConfigError, match=name):
            in_force(str(bad))


def test_the_raw_fallback_is_refused(tmp_path: Path) -> None:
    raw = tmp_path / "raw.ocio"
    raw.write_text(ocio.Config.CreateRaw().serialize())
    with pytest.raises(OcioConfigError, match="'raw'"):
        in_force(str(raw))


def test_identity_names_no_folder_and_follows_the_content(tmp_path: Path) -> None:
    copy = tmp_path / "deep" / "show.ocio"
    copy.parent.mkdir()
    copy.write_bytes(candela_config_path().read_bytes())
    assert in_force(str(copy)).identity == in_force().identity
    assert str(tmp_path) not in in_force(str(copy)).identity
    changed = copy.read_text().replace("in nits.", "in nit.", 1)
    assert changed != copy.read_text()
    copy.write_text(changed)
    assert in_force(str(copy)).identity != in_force().identity, (
        "an edited config must not come from the cache"
    )


def test_configs_of_older_versions_are_read(tmp_path: Path) -> None:
    """OCIO 1 configs have neither display-referred spaces nor interchange roles."""
    old = tmp_path / "old.ocio"
    old.write_text(
        "ocio_profile_version: 1\nsearch_path: luts\nstrictparsing: true\n"
        "roles:\n  default: lin\n  scene_linear: lin\n"
        "displays:\n  sRGB:\n    - !<View> {name: Film, colorspace: out}\n"
        "colorspaces:\n"
        "  - !<ColorSpace>\n    name: lin\n    bitdepth: 32f\n    isdata: false\n"
        "  - !<ColorSpace>\n    name: out\n    bitdepth: 32f\n    isdata: false\n"
        "    from_reference: !<ExponentTransform> {value: [2.2, 2.2, 2.2, 1], direction: inverse}\n"
    )
    resolved = in_force(str(old))
    space = candela_ocio.find_space(resolved, "lin")
    assert space is not None and space.reference == "scene"
    with pytest.raises(OcioConfigError, match="aces_interchange"):
        candela_ocio.apply(resolved, space, np.ones((1, 3), np.float32), "to_reference")


def test_rendering_through_a_view_is_that_of_ocio_whatever_the_size() -> None:
    resolved = in_force()
    names = {"display": "Rec.1886 Rec.709 - Display", "view": "ACES 2.0 - SDR 100 nits (Rec.709)"}
    scene = np.random.default_rng(1).uniform(0, 5, (600, 700, 3)).astype(np.float32)  # more than one block
    out = candela_ocio.render(resolved, scene, source="ACEScg", **names)
    small = scene[::97, ::89].copy()
    transform = ocio.DisplayViewTransform("ACEScg", names["display"], names["view"])
    processor = resolved.config.getProcessor(transform)
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGB(small)
    np.testing.assert_array_equal(out[::97, ::89], small)
    assert out.shape == scene.shape
    with pytest.raises(OcioConfigError, match="no view 'Film'"):
        candela_ocio.render(resolved, scene, source="ACEScg", display=names["display"], view="Film")
    with pytest.raises(OcioConfigError, match="NoSuchSpace"):
        candela_ocio.render(resolved, scene, source="NoSuchSpace", **names)
