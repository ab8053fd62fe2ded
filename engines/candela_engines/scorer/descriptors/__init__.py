"""What is measured of a grade, and of a grade against its SDR reference.

`DESCRIPTORS` is the ordered table: the order of `vector` and of every model that was trained on it. A name
tells what it is of:

grade.*   the grade itself, by one of light, limits, colour, texture, banding, skin
sdr.*     the SDR reference by the same words, its white placed at 203 nit
diff.*    the grade's value less the reference's
pair.*    both, pixel on pixel: tone, colour, detail
"""

from candela_engines.scorer.descriptors.table import DESCRIPTORS, Descriptor
from candela_engines.scorer.descriptors.vector import Description, describe, describe_frames, names, vector

__all__ = ["DESCRIPTORS", "Description", "Descriptor", "describe", "describe_frames", "names", "vector"]
