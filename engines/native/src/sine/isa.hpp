// What networks of sines are made of, for each instruction set. All work on tiles: rows of tile_pixels numbers, aligned
// to 64 bytes.
#pragma once

#include "candela/dense.hpp"
#include "fine_curve.hpp"

namespace candela {

inline constexpr int octaves = 12;  // of an encoded number

enum class After { nothing, sine, sine_of_any };  // a layer; the angles are in half turns

// Rows of the first of some tiles, and how far the next tile's lie from them.
struct TiledRows {
    const float* at;
    int rows;
    std::size_t stride;
};

struct SineKernel {
    // Outputs (outputs x tile_pixels) of inputs (inputs x tile_pixels). start: what they begin with beside the biases
    // (outputs x tile_pixels), or null.
    void (*layer)(const Layers::Layer& layer, const float* start, const float* in, float* out, After after);
    // Sine and cosine of 2^octave half turns of x, octave by octave: (2 x octaves, tile_pixels).
    void (*encode)(const double* x, float* features);
    // base^power for bases of 2^-126 and more.
    void (*power)(const float* base, const float* power, float* out);
    // Sines of half turns in their own place, and `factor` times the cosines.
    void (*sines_and_slopes)(float* x, float* slopes, float factor, std::size_t n);
    // a times b, in a's place.
    void (*multiply)(float* a, const float* b, std::size_t n);
    // Adds to out (rows of a x rows of b) the sums over the pixels of `tiles` tiles of a row of a times a row of b.
    void (*products)(const TiledRows& a, const TiledRows& b, int tiles, double* out);
    // The curve's values in place of its arguments, any count.
    void (*curve)(const FineCurve& curve, double* x, std::size_t n);
    // Half turns to sines, any count.
    void (*sines)(const float* x, std::size_t n, float* out);
};

// Null where the compiler does not target the instruction set.
const SineKernel* avx512_sines();
const SineKernel* avx2_sines();
const SineKernel* neon_sines();
const SineKernel* portable_sines();

// That of the instruction set of a dense kernel.
const SineKernel& sine_kernel(const DenseKernel& kernel);

}  // namespace candela
