"""What a reconstruction of a clip is to do, once everything was checked, and how a frame goes through it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from candela_engines import __version__
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.itm.domain import REFERENCE_WHITE
from candela_engines.media.exr_frames import CONFIDENCE
from candela_server.service.clip_encode import LightPath
from candela_server.service.clip_render import Form, Rendered, form_of, placed_sdr
from candela_server.service.clip_target import ClipTarget
from candela_server.service.clips import Side
from candela_server.service.levels import F32
from candela_server.service.shot_binding import Carried
from candela_server.service.shots_embed_facts import clip_facts

if TYPE_CHECKING:
    from candela_server.service.reconstruct_clip import ReconstructClipRequest

__all__ = ["ClipPlan"]


@dataclass
class ClipPlan:
    """side: the clip, open. carried: the shots of frames first..last. source: nits that a roll-off begins from.

    kept: what a cancelled run says that it leaves.
    """

    request: ReconstructClipRequest
    side: Side
    carried: Carried
    first: int
    last: int
    target: ClipTarget
    source: float | None
    notes: tuple[str, ...]
    kept: str = field(default="nothing was written")

    @property
    def count(self) -> int:
        """Frames to write."""
        gone = sum(1 for n in self.side.info.missing if self.first <= n <= self.last)
        return self.last - self.first + 1 - gone

    @property
    def form(self) -> Form:
        """What the network writes."""
        light = self.request.confidence or self.request.view == "confidence" or self.alpha
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

    def path(self) -> LightPath:
        """What happens to light on its way out."""
        return LightPath(self.target, self.source, associated=self.side.info.format.startswith("exr"))

    def measured(self, rendered: Rendered, path: LightPath) -> tuple[F32 | None, F32 | None]:
        """Light as it will be written, in place and measured; alpha and confidence, where they are wanted."""
        confidence = None
        if self.request.confidence or self.request.view == "confidence":
            confidence = self._confidence(rendered)
        alpha = path.finish(rendered)
        return alpha, confidence

    def facts(self) -> dict[str, Any]:
        """Everything that the written frames depend on, by names that a user knows."""
        r = self.request
        return {
            "clip": clip_facts(self.side),
            "payload": [hashlib.sha256(shot.data).hexdigest()[:32] for shot in self.carried.shots],
            "--encoding": str(self.target.encoding.to_dict()),
            "--peak": [self.target.target.peak, self.source],
            "--bit-depth": self.target.bits,
            "--codec": self.target.codec,
            "--quality": self.target.quality,
            "--compression": self.target.compression,
            "--start": self.target.start,
            "--missing": r.missing,
            "--force": r.force,
            "--confidence": r.confidence,
            "--view": r.view,
            "OUT": str(self.target.out.absolute()),
            "version of Candela": __version__,
        }

    def cancelled_text(self) -> str:
        """What to say after an interrupt."""
        return f"cancelled; {self.kept}"

    def _confidence(self, rendered: Rendered) -> F32:
        """(H, W) in 0..1; where the view is wanted the light becomes its false colours."""
        from candela_engines.itm.confidence import confidence, false_colour

        frame, nits = rendered.source.frame, np.asarray(rendered.slot.samples, np.float32)
        if rendered.payload is None:
            plane = np.ones(nits.shape[:2], np.float32)
        else:
            plane = confidence(frame.codes, frame.bits, nits, rendered.payload)
        if self.request.view == "confidence":
            picture = false_colour(plane, nits)
            rendered.slot.samples[...] = _light_of(picture, self.target.encoding)
        return plane


def _light_of(picture: np.ndarray[Any, Any], encoding: ColourState) -> F32:
    """An sRGB picture, (H, W, 3) uint8, as light: its white is that of an SDR encoding, or 203 nit in HDR."""
    light = placed_sdr(picture, 8, NAMED["srgb"])
    if encoding.is_hdr:
        return light
    return np.asarray(light * np.float32(encoding.peak_nits / REFERENCE_WHITE), np.float32)
