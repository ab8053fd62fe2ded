"""The encode stage: light of a frame to the samples of its file, measured as it is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_server.service.alpha import divide, is_opaque, multiply
from candela_server.service.clip_levels import levels_of_halves, levels_of_pq
from candela_server.service.clip_render import Rendered
from candela_server.service.clip_target import ClipTarget
from candela_server.service.levels import F32, measure_levels, roll_off_by

__all__ = ["LightPath"]


@dataclass(frozen=True)
class LightPath:
    """What happens to light on its way out, the same for every frame.

    source: the nits that a roll-off begins from, None where nothing is rolled off. associated: whether the
    clip's own colours are multiplied by its alpha, as those of OpenEXR are.
    """

    target: ClipTarget
    source: float | None
    associated: bool

    def finish(self, rendered: Rendered) -> npt.NDArray[np.float32] | None:
        """Roll light off, bring it to alpha's meaning in the file, and measure it; alpha (H, W) or None.

        Only nits are changed, in place; samples that the network has written as they are are measured.
        """
        alpha = rendered.source.frame.alpha
        if rendered.form == "nits":
            nits = np.asarray(rendered.slot.samples, np.float32)
            self._roll(nits, alpha)
            codes = self.target.target.codes
            rendered.levels = measure_levels(nits, self.target.encoding, codes=codes)
        elif rendered.form == "halves":
            rendered.levels = levels_of_halves(np.asarray(rendered.slot.samples, np.float16))
        else:
            rendered.levels = levels_of_pq(np.asarray(rendered.slot.samples, np.uint16), self.target.pq_bits)
        return alpha

    def _roll(self, nits: F32, alpha: F32 | None) -> None:
        covering = alpha is not None and not is_opaque(alpha)
        if alpha is not None and covering and self.associated and self.target.suffix != ".exr":
            divide(nits, alpha)
        if self.source is not None and self.target.target.peak is not None:
            roll_off_by(nits, self.source, self.target.target.peak, self.target.target.primaries)
        if alpha is not None and covering and self.target.suffix == ".exr" and not self.associated:
            multiply(nits, alpha)
