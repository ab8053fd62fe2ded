// Loops over a row of video. One source (loops.hpp), built for each instruction set by the compiler's own vectoriser.
// No loop multiplies and adds in one rounding, so that every set gives the same bits.
#pragma once

#include <cstddef>
#include <string_view>

#include "candela/video.hpp"

namespace candela {

// Samples repeated on either side of a row of chroma, so that four taps find them.
inline constexpr int chroma_margin = 2;

// Four taps and the first sample they fall on, against the sample that belongs to a pair of pixels.
struct Taps {
    float weight[4];
    int first;
};

struct VideoLoops {
    std::string_view name;  // avx512, avx2 or portable; empty where the compiler does not target the set

    // out[i] = code[i] - minus
    void (*widen)(const void* codes, Sample sample, std::ptrdiff_t step, int n, float minus, float* out);

    // out[i] = ((w[0] * a[i] + w[1] * b[i]) + w[2] * c[i]) + w[3] * d[i]
    void (*mix)(const float* const (&rows)[4], const float (&w)[4], int n, float* out);

    // Pixels 2k and 2k + 1 from samples k + first ... of a row with margins, by the taps of either; n pixels.
    void (*spread)(const float* row, const Taps& even, const Taps& odd, int n, float* out);

    // Interleaved R'G'B' of a row.
    void (*ycc)(const float* y, const float* cb, const float* cr, const VideoModel& model, int n, float* rgb);
    void (*rgb)(const float* r, const float* g, const float* b, const VideoModel& model, int n, float* rgb);
};

const VideoLoops& video_loops(std::string_view isa);

VideoLoops avx512_video_loops();
VideoLoops avx2_video_loops();
VideoLoops portable_video_loops();

}  // namespace candela
