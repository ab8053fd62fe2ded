// R'G'B' to the planes that video encoders take: Y'CbCr in narrow range, chroma filtered and sited.
//
// Twin of candela_engines/media/rgb_to_yuv.py, which has the mathematics: the same operations in the same order, in
// single precision, so that both give the same codes. `threads`: 0 for as many as the machine has; their number
// changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "candela/picture.hpp"

namespace candela {

// How many chroma samples there are: one for every pixel (4:4:4), for two side by side (4:2:2), for four (4:2:0).
enum class Chroma { every, half, quarter };

// Y', Cb and Cr, each with its rows `row` bytes apart.
struct YuvPlanes {
    std::uint16_t* data[3] = {};
    std::ptrdiff_t row[3] = {};
    int bits = 10;  // 8..16
    Chroma chroma = Chroma::quarter;
};

// The weights of red and blue in Y': 0.2627 and 0.0593 in BT.2020.
struct LumaWeights {
    double red = 0.2627, blue = 0.0593;
};

// rgb: full-range codes of 16 bits or of `bits` bits, or floats over full scale; what is no number becomes 0, and
// floats are held to -1..2. Codes are held to those that an interface may carry (4..1019 of 10 bits). Chroma lies on
// the left one of two pixels and the upper one of two rows. std::invalid_argument for an odd size that is to be halved.
void rgb_to_yuv(const Source& rgb, const YuvPlanes& out, const LumaWeights& weights, int threads = 0);

}  // namespace candela
