"""The plugin's copy of the false-colour table, as C++:

python -m candela_engines.colour.false_colour_header > ofx_bridge/plugin/src/render/false_colour.hpp
"""

from __future__ import annotations

import sys

from candela_engines.colour.false_colour import BANDS

__all__ = ["header"]

_HEAD = """\
// Made by `python -m candela_engines.colour.false_colour_header`; colour/false_colour.py tells what they are.
#pragma once

#include "draw/overlay.hpp"

namespace candela::plugin {

struct Band {
    float from;  // nits of max(R, G, B), which MaxCLL is of too
    const char* label;
    Colour colour;
};

inline constexpr Band all_bands[] = {
"""


def header() -> str:
    """The text of the C++ header."""
    lines = []
    for place, band in enumerate(BANDS):
        last = place + 1 == len(BANDS)
        label = f"over {band.nits:g}" if last else f"{band.nits:g} - {BANDS[place + 1].nits:g}"
        red, green, blue = band.colour
        lines.append(f'    {{{band.nits!r}f, "{label}", {{{red}, {green}, {blue}}}}},  // {band.meaning}')
    return _HEAD + "\n".join(lines) + "\n};\n\n}  // namespace candela::plugin\n"


if __name__ == "__main__":
    sys.stdout.write(header())
