"""An instance of an effect in the host's process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from tests.ofx_host.pictures import Fence, Renders, Window, format_of

if TYPE_CHECKING:
    from tests.ofx_host.driver import Host


@dataclass
class Effect:
    host: Host
    id: str

    def set(self, name: str, value: object, **how: object) -> int:
        """A parameter as users set it; a choice by its option's name. Returns InstanceChanged's status."""
        return int(self.host.command("set", id=self.id, name=name, value=value, **how)["status"])

    def press(self, name: str) -> int:
        return int(self.host.command("press", id=self.id, name=name)["status"])

    def state(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.host.command("parameters", id=self.id)["effect"]
        return answer

    def value(self, name: str) -> str:
        return str(next(p["value"] for p in self.state()["parameters"] if p["name"] == name))

    def frame(
        self,
        pixels: np.ndarray,
        *,
        time: float | None = None,
        clip: str = "Source",
        origin: tuple[int, int] = (0, 0),
        padding: int = 0,
        downwards: bool = False,
        fence: Fence = "none",
        scale: float = 1,
        **more: object,
    ) -> None:
        """Gives a clip its picture, `(H, W, C)`, lower left pixel at `origin`, at a time.

        padding: bytes after each row. downwards: the highest row first in memory. fence: where memory ends
        beside the pixels, so that who steps over it ends the process.
        """
        components, depth = format_of(pixels)
        path = Path(self.host.folder.name) / "source.raw"
        np.ascontiguousarray(pixels).tofile(path)
        self.host.command(
            "frame",
            id=self.id,
            clip=clip,
            file=path,
            time=time,
            width=pixels.shape[1],
            height=pixels.shape[0],
            x=origin[0],
            y=origin[1],
            padding=padding,
            downwards=downwards,
            fence=fence,
            scale=scale,
            components=components,
            depth=depth,
            **more,
        )

    def disconnect(self, clip: str = "Source") -> None:
        self.host.command("disconnect", id=self.id, clip=clip)

    def render(
        self,
        *,
        times: Iterable[float] = (),
        windows: Iterable[Window] = (),
        beside: Iterable[Effect] = (),
        threads: int = 1,
        repeat: int = 1,
        scale: float = 1,
        tight: bool = False,
        padding: int = 0,
        downwards: bool = False,
        fence: Fence = "none",
        abort: int | None = None,
        identity: bool = True,
        check: bool = True,
    ) -> Renders:
        """Renders of this instance and those `beside` it, all times and windows, by so many threads.

        tight: outputs as big as their window. abort: the host asks to stop after so many polls. check:
        whether outputs are filled before and looked at after; without it only the plugin is at work. Of
        `repeat` renders the last is returned.
        """
        out = Path(self.host.folder.name) / "out.raw"
        answer = self.host.command(
            "render",
            ids=[self.id, *(one.id for one in beside)],
            times=list(times),
            windows=";".join(",".join(map(str, w)) for w in windows),
            threads=threads,
            repeat=repeat,
            scale=scale,
            tight=tight,
            padding=padding,
            downwards=downwards,
            fence=fence,
            abort=abort,
            identity=identity,
            check=check,
            out=out,
        )
        return Renders.read(answer, out)

    def ask(
        self,
        what: Literal["region", "interest", "frames", "domain", "identity", "preferences", "colourspace"],
        **about: object,
    ) -> dict[str, Any]:
        return self.host.command("ask", id=self.id, what=what, **about)

    def action(self, name: str) -> int:
        return int(self.host.command("action", id=self.id, name=name)["status"])

    def destroy(self) -> int:
        return int(self.host.command("destroy", id=self.id)["status"])
