"""What a reconstruction of a clip is to do, once everything was checked, and how a frame goes through it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from candela_engines import __version__
from candela_engines.media.exr_frames import CONFIDENCE
from candela_server.service.clip_encode import LightPath
from candela_server.service.clip_frames import BoundFrame
from candela_server.service.clip_render import Form, Rendered, form_of, placed_sdr
from candela_server.service.clip_target import ClipTarget
from candela_server.service.clips import Side
from candela_server.service.confidence_view import confidence_of, view_light
from candela_server.service.levels import F32, Levels
from candela_server.service.shot_carried import Carried
from candela_server.service.shots_embed_facts import clip_facts
from candela_server.service.upconversion import Upconversion

if TYPE_CHECKING:
    from candela_server.service.reconstruct_clip import ReconstructClipRequest

__all__ = ["ClipPlan"]


@dataclass
class ClipPlan:
    """side: the clip, open. carried: the shots of frames first..last. source: nits that a roll-off begins at.

    kept: what a run that ends early says that it leaves, empty where that is nothing. upconversion: of frames
    that no shot covers; None places them with their white on 203 nit.
    """

    request: ReconstructClipRequest
    side: Side
    carried: Carried
    first: int
    last: int
    target: ClipTarget
    source: float | None
    notes: tuple[str, ...]
    kept: str = ""
    upconversion: Upconversion | None = None

    @property
    def count(self) -> int:
        """Frames to write."""
        return self.last - self.first + 1 - len(self.missing)

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers that have no file, and get none."""
        return tuple(n for n in self.side.info.missing if self.first <= n <= self.last)

    @property
    def view(self) -> bool:
        """Whether a picture of the confidence is written, whose light says nothing about a display."""
        return self.request.view == "confidence"

    @property
    def form(self) -> Form:
        """What the network writes."""
        light = self.request.confidence or self.view or self.alpha
        return form_of(self.target, rolls_off=self.source is not None, keeps_light=light)

    @property
    def alpha(self) -> bool:
        """Whether the clip has alpha that the output can hold."""
        if self.target.kind == "movie" or self.target.suffix == ".dpx":
            return False
        return self.side.clip.frame(self.first).alpha is not None

    @property
    def planes(self) -> tuple[str, ...]:
        """Channels of .exr beside R, G and B."""
        confidence = (CONFIDENCE,) if self.request.confidence else ()
        return (("A",) if self.alpha else ()) + confidence

    def place(self, bound: BoundFrame) -> F32:
        """Light of a frame that no network serves: nits (H, W, 3), linear BT.2020."""
        frame = bound.frame
        if self.upconversion is not None:
            return self.upconversion.light(frame.codes, frame.bits, frame.number)
        return placed_sdr(frame.codes, frame.bits, self.side.state)

    @property
    def bare_text(self) -> dict[str, str]:
        """What files say of frames that no network served."""
        if self.upconversion is not None:
            return self.upconversion.text()
        return {"candela_model": "none: SDR with its white on 203 nit"}

    def path(self) -> LightPath:
        """What happens to light on its way out."""
        return LightPath(self.target, self.source, associated=self.side.info.format.startswith("exr"))

    def measured(self, rendered: Rendered, path: LightPath) -> tuple[F32 | None, F32 | None]:
        """Light as it will be written, in place and measured; alpha and confidence, where they are wanted."""
        confidence = None
        if self.request.confidence or self.view:
            confidence = self._confidence(rendered)
        alpha = path.finish(rendered)
        if self.view:
            rendered.levels = Levels(0, 0)
        return alpha, confidence

    def facts(self) -> dict[str, Any]:
        """Everything that the written frames depend on, by names that a user knows."""
        r = self.request
        return {
            "clip": clip_facts(self.side),
            "payload": [hashlib.sha256(shot.data).hexdigest()[:32] for shot in self.carried.shots],
            "frames out of place": [[one.number, one.belongs] for one in self.carried.misplaced],
            "--encoding": str(self.target.encoding.to_dict()),
            "--peak": [self.target.target.peak, self.source],
            "--bit-depth": self.target.bits,
            "--codec": self.target.codec,
            "--quality": self.target.quality,
            "--compression": self.target.compression,
            "--start": self.target.start,
            "--missing": r.missing,
            "--force": r.force,
            "--sdr-range": r.range,
            "--sdr-matrix": r.matrix,
            "--confidence": r.confidence,
            "--view": r.view,
            "OUT": str(self.target.out.absolute()),
            "version of Candela": __version__,
        } | ({} if self.upconversion is None else self.upconversion.facts())

    def cancelled_text(self) -> str:
        """What to say after an interrupt."""
        return f"cancelled; {self.kept or 'nothing was written'}"

    def _confidence(self, rendered: Rendered) -> F32:
        """(H, W) in 0..1; where the view is wanted the light becomes its false colours."""
        frame, nits = rendered.source.frame, np.asarray(rendered.slot.samples, np.float32)
        if self.upconversion is not None and rendered.payload is None:
            plane = self.upconversion.confidence(frame.codes, frame.bits, nits, frame.number)
        else:
            plane = confidence_of(frame.codes, frame.bits, nits, rendered.payload)
        if self.view:
            rendered.slot.samples[...] = view_light(plane, frame.codes, frame.bits, self.target.encoding)
        return plane
