"""HDR on a node in Resolve, and what a project says of its colours."""

# ruff: noqa: F811 (fixtures of tests/server)

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.host_doubles.resolve_double import (
    MediaPoolItem,
    ResolveDouble,
)
from tests.server.conftest import made  # noqa: F401

from candela_bridge.client import Bridge
from candela_bridge.resolve.colours import output_colour
from candela_bridge.resolve.reconstruction import shot_number
from candela_bridge.resolve.session import ResolveError, Session
from candela_bridge.shot import Shot

from .conftest import LONG
from .resolve_started import cut


class TestReconstruction:
    @pytest.fixture
    def resolve(self, shots: Path, made: Any, tmp_path: Path) -> ResolveDouble:
        """A shot whose still carries its HDR, in a project of DaVinci Intermediate."""
        path = shutil.copy(made[1], shots / "carries.png")
        found, _ = cut(
            ("a", 0, 1, 0, MediaPoolItem(str(path))),
            colorScienceMode="davinciYRGBColorManagedv2",
        )
        project = found.project_
        assert project is not None
        project.luts_ = tmp_path / "LUT"
        project.luts_.mkdir()
        project.settings_.update(
            colorScienceMode="davinciYRGBColorManagedv2", colorSpaceTimeline="DaVinci WG/Intermediate"
        )
        return found

    def asked(self, work: Callable[[Callable[..., None]], object]) -> tuple[Any, Any]:
        found: list[Any] = []
        ended = threading.Event()
        work(lambda *said: (found.append(said), ended.set()))
        assert ended.wait(LONG)
        result, error = found[0]
        return result, error

    @pytest.mark.parametrize("kind", ["dctl", "cube"])
    def test_written_into_the_lut_folder_and_put_on_the_node(
        self, resolve: ResolveDouble, host: Bridge, tmp_path: Path, kind: str
    ) -> None:
        session = Session(resolve, host, tmp_path)
        (shot,) = session.shots()
        name, error = self.asked(
            lambda done: session.reconstruct(shot, done, kind=kind, luts=str(tmp_path / "LUT"))
        )
        assert error is None and name.startswith("Candela/a_") and name.endswith(kind)
        assert shot.item.graph_.GetLUT(1) == name
        text = (tmp_path / "LUT" / name).read_text()
        assert ("transform(" in text) if kind == "dctl" else ("LUT_3D_SIZE" in text)
        _, error = self.asked(
            lambda done: session.reconstruct(shot, done, kind=kind, node=3, luts=str(tmp_path / "LUT"))
        )
        assert "no node 3" in str(error)

    def test_what_the_effect_has_to_be_told(self, resolve: ResolveDouble, host: Bridge, shots: Path) -> None:
        session = Session(resolve, host)
        (shot,) = session.shots()
        lines, error = self.asked(lambda done: session.effect_setup(shot, done))
        assert error is None and lines[0] == f"File: {shots / 'carries.png'}"
        shutil.copy(shots / "sdr.png", shots / "carries.png")
        _, error = self.asked(lambda done: session.effect_setup(shot, done))
        assert "carries no" in str(error)

    def test_what_can_be_told_before_is_raised(
        self, resolve: ResolveDouble, host: Bridge, tmp_path: Path
    ) -> None:
        session = Session(resolve, host, tmp_path)
        (shot,) = session.shots()
        with pytest.raises(ResolveError, match="LUT folder is not there"):
            session.reconstruct(shot, print, luts=str(tmp_path / "nowhere"))
        with pytest.raises(ResolveError, match="neither"):
            session.reconstruct(shot, print, kind="ilut", luts=str(tmp_path / "LUT"))
        project = resolve.project_
        assert project is not None
        project.settings_["colorSpaceTimeline"] = "Blackmagic Film"
        with pytest.raises(ResolveError, match="say pq, hlg"):
            session.reconstruct(shot, print, luts=str(tmp_path / "LUT"))

    def test_the_one_network_that_covers_a_shot(self) -> None:
        shot = Shot(None, "k", "n", 1, 0, 9, "/s/a.mov", (10, 19))
        assert shot_number({"shots": None}, shot) is None
        assert shot_number({"shots": [[0, 9], [10, 40]]}, shot) == 2
        for shots in ([[0, 12], [13, 40]], []):
            with pytest.raises(ResolveError, match="no one network"):
                shot_number({"shots": shots}, shot)


class TestColours:
    @pytest.mark.parametrize(
        ("settings", "name"),
        [
            (
                {"colorScienceMode": "davinciYRGBColorManagedv2", "colorSpaceOutput": "Rec.2100 HLG"},
                "rec2100-hlg",
            ),
            ({"colorScienceMode": "davinciYRGB", "colorSpaceTimeline": "Rec.709 Gamma 2.4"}, "rec709"),
            ({"colorScienceMode": "davinciYRGB", "colorSpaceTimeline": "Rec.709 (Scene)"}, None),
            ({"colorScienceMode": "acescct", "colorSpaceOutput": "Rec.2100 ST2084"}, None),
            ({"colorScienceMode": "davinciYRGBColorManagedv2", "colorSpaceOutput": ""}, None),
        ],
    )
    def test_of_a_project(self, settings: dict[str, str], name: str | None) -> None:
        resolve, _ = cut()
        assert resolve.project_ is not None
        resolve.project_.settings_ = settings
        assert output_colour(resolve.project_) == (None if name is None else {"name": name})
