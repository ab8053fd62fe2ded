// Planes of decoded video to small pictures for a screen, in one pass. Twin of candela_engines/media/display_planes.py,
// which says what is computed: the codes of a block are the same, and a colour is within two of 255 codes of it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "candela/video.hpp"

namespace candela {

// Places a side of the cube. Colours of a place lie in one number, 16 bits apart: R in the lowest, then G, B.
inline constexpr int shown_side = 65;
inline constexpr std::size_t shown_places = std::size_t{shown_side} * shown_side * shown_side;

// Along one axis, for each block the two samples between which its chroma lies, and how many quarters of the way.
struct ShownBetween {
    const std::int32_t *low, *high;
    int quarters;
};

// width, height: of the picture, whose pixels are blocks of step x step samples of the first plane (of R, G and B: of
// each). bits: of a sample, 8 to 16. rows, columns: of chroma; not looked at where the planes are R, G, B. cube: the first
// plane slowest. rgb: packed, 8 bits. Everything that is named has to be inside the planes.
struct ShownAsk {
    VideoPlane planes[3];
    Sample sample;
    bool ycc;
    int bits, step, width, height;
    ShownBetween rows, columns;
    const std::uint64_t* cube;
    std::uint8_t* rgb;
};
void show_planes(const ShownAsk& ask, int threads);

}  // namespace candela
