// Planes of decoded video to full-range R'G'B'. Twin of candela_engines/media/movie_rgb.py, which says what is
// computed; both give the same bits, for every instruction set and any number of threads.
#pragma once

#include <cstddef>
#include <string_view>

#include "candela/picture.hpp"

namespace candela {

// Sample (x, y) of a plane lies at data + y * row + x * step, in bytes. Strides may be negative.
struct VideoPlane {
    const void* data = nullptr;
    std::ptrdiff_t row = 0, step = 0;
};

// What the samples mean. ycc: planes are Y', Cb, Cr (else R, G, B, one after the other):
//   y = (Y - offset) / scale, c = C - middle, and R = y + (matrix[0] * cb + matrix[1] * cr), G and B likewise.
// across, down: pixels to a chroma sample, 1 or 2. left, top: where the first chroma sample lies, in pixels from the
// centre of the first: 0 or 0.5, for top also 1.
struct VideoModel {
    bool ycc = true;
    float offset = 0, scale = 255, middle = 128;
    float matrix[6] = {};
    int across = 1, down = 1;
    float left = 0, top = 0;
};

// Chroma samples to so many pixels.
inline int chroma_size(int pixels, int factor) { return (pixels + factor - 1) / factor; }

// rgb: packed (height, width, 3). sample: u8 or u16 in native byte order. Only width x height samples of the first
// plane (of R, G and B: of each) and chroma_size of that of the others are touched. std::invalid_argument for what a
// model cannot be and for an instruction set that the machine has not.
void video_to_rgb(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model,
                  float* rgb, int threads = 0, std::string_view isa = {});

}  // namespace candela
