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
    // toward = from + share * (toward - from).
    void (*blend)(const float* from, float share, float* toward, std::size_t n);
    float (*largest)(const float* r, const float* g, const float* b, std::size_t n);  // NaN counts for nothing
    // HLG: light over the peak, with |Y|^power in `factor`; the OETF, whose logarithm is in `logs`; the way back, `exps`.
    void (*hlg_luminance)(const float* r, const float* g, const float* b, float* y, std::size_t n);
    void (*times)(const float* factor, float* x, std::size_t n);
    void (*hlg_select)(const float* scene, const float* logs, float* code, std::size_t n);
    void (*hlg_unselect)(const float* code, const float* exps, float* scene, std::size_t n);
    // Where |x| <= knee: slope * x + offset, else y stays.
    void (*straight)(const float* x, float knee, float slope, float offset, float* y, std::size_t n);
};

// The best set that the processor and CANDELA_ISA allow.
const RowKernels& row_kernels();

const RowKernels* portable_rows();
const RowKernels* avx2_rows();
const RowKernels* avx512_rows();

}  // namespace candela::plugin
