// Loops over rows of samples. One source (loops.hpp), built for each instruction set by the compiler's own vectoriser.
#pragma once

#include <cstdint>
#include <string_view>

#include "../video/rows.hpp"
#include "candela/qc.hpp"

namespace candela {

struct QcLoops {
    std::string_view name;  // empty where the compiler does not target the set

    // Signals of a row of video, held within 0..ceiling, as round(signal * steps); most: the largest of three. The result counts
    // pixels of which one is under `below` or over `above`.
    int (*signals)(const VideoLines& lines, const VideoModel& model, int n, float ceiling, float steps, float below, float above,
                   std::uint16_t* r, std::uint16_t* g, std::uint16_t* b, float* most);

    // Adds to counts[0..3]: under low, over high, outside least..most, reserved.
    void (*levels)(const void* samples, Sample sample, std::ptrdiff_t step, int n, const LevelLimits& limits,
                   std::int64_t* counts);

    // Sum of absolute differences; adds to `changed` how many there are.
    std::int64_t (*difference)(const std::uint16_t* a, const std::uint16_t* b, int n, std::int64_t* changed);

    // The largest and the smallest of three, pixel by pixel; the largest of all.
    int (*largest)(const std::uint16_t* r, const std::uint16_t* g, const std::uint16_t* b, int n, std::uint16_t* most,
                   std::uint16_t* least);

    // Whether any of `least` is under share / 1024 of its `most`.
    bool (*apart)(const std::uint16_t* most, const std::uint16_t* least, int n, int share);

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
