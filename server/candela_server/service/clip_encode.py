"""The encode stage: light of a frame to the samples of its file, measured as it is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour.bt2390 import eetf_max_rgb
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.colour.state import Primaries
from candela_server.service.alpha import divide, is_opaque, multiply
from candela_server.service.clip_levels import levels_of_halves, levels_of_pq
from candela_server.service.clip_render import Rendered
from candela_server.service.clip_target import ClipTarget
from candela_server.service.levels import F32, measure_levels

__all__ = ["LightPath", "roll_off_by"]

_STRIP_PIXELS = 1 << 18


def roll_off_by(nits: F32, source: float, peak: float, primaries: Primaries) -> None:
    """Bring light to `peak` nits in place, by one curve for a whole clip (BT.2390 EETF on max R, G, B).

    source: the light that the curve begins from, nits; what is above it is held there. nits: (H, W, 3)
    float32, linear BT.2020. primaries: of the R, G and B that count, those of the encoding.
    """
    there, back = rgb_to_rgb("bt2020", primaries), rgb_to_rgb(primaries, "bt2020")
    rows = max(1, _STRIP_PIXELS // nits.shape[1])
    for top in range(0, nits.shape[0], rows):
        strip = nits[top : top + rows]
        light = apply_matrix(strip, there)
        strip[...] = apply_matrix(eetf_max_rgb(light, source_peak=source, target_peak=peak), back)


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
