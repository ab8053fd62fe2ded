"""PU-VTAMIQ-S: a small transformer on aligned patches of a picture and its reference, with PU21 codes
going in.

Built from the description of display-adaptive full-reference quality (arXiv 2405.00670) in a size that a
processor carries. What its number means is said in docs/scorer.md: fidelity as ColorVideoVDP sees it.
"""

from candela_engines.scorer.pu_vtamiq.display import Display
from candela_engines.scorer.pu_vtamiq.engine import PuVtamiq, PuVtamiqResult, load_pu_vtamiq
from candela_engines.scorer.pu_vtamiq.patches import Patches, PatchGrid

__all__ = ["Display", "PatchGrid", "Patches", "PuVtamiq", "PuVtamiqResult", "load_pu_vtamiq"]
