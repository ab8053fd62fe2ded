// Loops over rows of samples. One source (loops.hpp), built for each instruction set by the compiler's own vectoriser.
#pragma once

#include <cstdint>
#include <string_view>

#include "../video/rows.hpp"
#include "candela/qc.hpp"

namespace candela {

// How signals become codes: held within 0..ceiling, as round(signal * steps). Signals under `below` or over `above` are counted.
struct SignalScale {
    float ceiling, steps, below, above;
};

// Codes of a row. most: of the largest of R', G', B'; off: 1 where one is under `below` or over `above`.
struct CodeRow {
    std::uint16_t *most, *r, *g, *b, *off;
};

// Chroma that lies on every other pixel: four taps for those between, on the sample before the pixel and on.
struct PairChroma {
    const float *second, *third;
    float between[4];
};

// Two lines of which the higher is under no point of a convex curve over 14-bit codes. Of four times a code they are four times
// the curve: (code * low_slope >> 16) + lift, and (code * high_slope >> 16) - drop, or 0.
struct EdgeLines {
    std::uint16_t low_slope, lift, high_slope, drop;
};

struct QcLoops {
    std::string_view name;  // empty where the compiler does not target the set

    // Codes of a row of signals. The result counts pixels that are off.
    int (*signals)(const VideoLines& lines, const VideoModel& model, int n, const SignalScale& scale, const CodeRow& out);

    // The same of 2 n pixels of a row of 16-bit luma with chroma on the even ones.
    int (*pairs)(const std::uint16_t* luma, const PairChroma& chroma, const VideoModel& model, int n, const SignalScale& scale,
                 const CodeRow& out);

    // The largest R', G' or B' of those pixels, and of a row of signals.
    float (*pairs_most)(const std::uint16_t* luma, const PairChroma& chroma, const VideoModel& model, int n, float* spare);
    float (*signals_most)(const VideoLines& lines, const VideoModel& model, int n, float* spare);

    // Adds to counts[0..3]: under low, over high, outside least..most, reserved.
    void (*levels)(const void* samples, Sample sample, std::ptrdiff_t step, int n, const LevelLimits& limits,
                   std::int64_t* counts);

    // Sum of absolute differences; adds to `changed` how many there are.
    std::int64_t (*difference)(const std::uint16_t* a, const std::uint16_t* b, int n, std::int64_t* changed);

    // The largest of three, pixel by pixel; the largest of all.
    int (*largest)(const std::uint16_t* r, const std::uint16_t* g, const std::uint16_t* b, int n, std::uint16_t* most);

    // Whether any pixel's R, G or B is under the lines at its `most`, which are those of R, of G and of B.
    bool (*near_edge)(const std::uint16_t* most, const std::uint16_t* r, const std::uint16_t* g, const std::uint16_t* b, int n,
                      const EdgeLines (&lines)[3]);

    // The largest of all, and their sum, which fits.
    int (*top)(const std::uint16_t* codes, int n);
    int (*sum)(const std::uint16_t* codes, int n);

    // Largest and smallest of the eight neighbours of pixels 1 .. n - 2 of the middle one of three rows; whether any of
    // them stands out by `by`.
    bool (*stands_out)(const std::uint16_t* above, const std::uint16_t* row, const std::uint16_t* below, int n, int by,
                       std::uint16_t* high, std::uint16_t* low);
};

const QcLoops& qc_loops(std::string_view isa);

QcLoops avx512_qc_loops();
QcLoops avx2_qc_loops();
QcLoops portable_qc_loops();

}  // namespace candela
