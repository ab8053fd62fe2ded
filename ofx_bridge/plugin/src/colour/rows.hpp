// Loops over rows of floats, built for several instruction sets: curves as polynomials, matrices, samples of hosts.
#pragma once

#include <cstddef>
#include <memory>

#include "candela/colour.hpp"
#include "candela/picture.hpp"

namespace candela::plugin {

// What a curve does with numbers below zero: mirrors itself, or has the value of 0 for all of them.
enum class Below { mirrored, zero };

struct RowKernels {
    const char* name;
    // y = curve(x), n of them; x and y may be one. What the curve's rows do not serve goes to the function itself.
    void (*curve)(const Curve& curve, Below below, const float* x, float* y, std::size_t n);
    // rgb = m * rgb; m by rows.
    void (*matrix)(const float* m, float* r, float* g, float* b, std::size_t n);
    void (*scale)(float by, float* x, std::size_t n);
    // Samples of hosts (4 or 3 to a pixel) to rows and back, over full scale; integers are rounded and held to their range.
    void (*load)(const std::byte* from, Sample sample, int channels, float* r, float* g, float* b, std::size_t n);
    void (*store)(const float* r, const float* g, const float* b, std::byte* to, Sample sample, int channels, std::size_t n);
    // The same into pixels of 4 samples, whose alpha is that of other such pixels, bit by bit.
    void (*store_with_alpha)(const float* r, const float* g, const float* b, const std::byte* alpha, std::byte* to, Sample sample,
                             std::size_t n);
    // toward = from + share * (toward - from).
    void (*blend)(const float* from, float share, float* toward, std::size_t n);
    float (*largest)(const float* r, const float* g, const float* b, std::size_t n);  // NaN counts for nothing
    // In place: slope * x + offset up to the knee, above it the curve.
    void (*curve_over)(const Curve& curve, float knee, float slope, float offset, float* x, std::size_t n);
    // PQ codes to nits, in place: the curve of codes, and the one for those below its rows.
    void (*nits_of_codes)(const Curve& high, const Curve& low, float* x, std::size_t n);
    // BT.2100 HLG in place, nits to codes and back: `luminance` gives the factor of a pixel's light over `peak`, `code` that of
    // twelve times the scene's light, `inverse` what lies above the square root on the way back.
    void (*hlg_of_nits)(const Curve& luminance, const Curve& code, float peak, float* r, float* g, float* b, std::size_t n);
    void (*nits_of_hlg)(const Curve& luminance, const Curve& inverse, float peak, float* r, float* g, float* b, std::size_t n);
    // Of roll-off: the largest component; its code bent; what light is multiplied by, 1 below `least`.
    void (*largest_of_each)(const float* r, const float* g, const float* b, float* largest, std::size_t n);
    void (*bend)(float floor, float span, float knee, float top, float* code, std::size_t n);
    void (*gain)(const float* largest, float least, float* light_to_gain, std::size_t n);
    void (*times)(const float* factor, float* x, std::size_t n);
};

// The best set that the processor and CANDELA_ISA allow.
const RowKernels& row_kernels();

const RowKernels* portable_rows();
const RowKernels* avx2_rows();
const RowKernels* avx512_rows();

}  // namespace candela::plugin
