// Loops over rows of numbers: lifting, shrinking, counting, laying a grid over pixels.
//
// One source (loops.hpp), built for each instruction set by the compiler's own vectoriser; the set is chosen at run
// time as for the dense kernel. No loop multiplies and adds in one rounding, so that every set gives the same bits.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace candela {

// The 9/7 lifting on lines and rows of one type. `step` 0..3: alpha, beta, gamma, delta.
template <class T>
struct LiftLoops {
    // x[i] += factor(step) · (a[i] + b[i]). Null for integers, which are only ever joined.
    void (*add)(T* x, const T* a, const T* b, int step, int n);

    // The same taken away.
    void (*take)(T* x, const T* a, const T* b, int step, int n);

    // A line of n becomes its approximation, (n + 1)/2, and its detail, n/2. Null for integers. n is 2 at least.
    void (*split)(const T* line, int n, T* low, T* high);

    // The line again; low and high are left as they are. scratch: n + 1.
    void (*join)(const T* low, const T* high, int n, T* line, T* scratch);
};

// Of integers: |line| up to this comes through the joining of one level without overflow (138 times, at worst).
inline constexpr std::int32_t most_to_join = (1 << 29) / 138;

inline constexpr int rate_bins = 31 << 10;  // of magnitudes above 1: 1024 to a doubling

struct RowLoops {
    std::string_view name;  // avx512, avx2 or portable
    bool usable;            // whether the processor at hand has it

    LiftLoops<float> floats;
    LiftLoops<std::int32_t> integers;

    // out[i] = at[i] + weight[i] · (target[i] − at[i])
    void (*approach)(float* out, const float* at, const float* target, const float* weight, int n);

    // Takes each number towards zero by `by`, and not past it.
    void (*shrink)(float* x, float by, int n);

    // Adds 1 to the bin of each |x| · scale that is above 1.
    void (*count)(const float* x, int n, float scale, std::uint32_t* bins);

    // Writes the places of numbers with |x| > limit to `places` (room for n); returns how many there are.
    int (*beyond)(const float* x, int n, float limit, std::int32_t* places);

    // Weighted sums over the cells of a row of pixels, `cell` pixels each, for `fit_shepard`; a cell is a column of
    // `totals`, (14, pitch): see shepard.cpp. shares: (cell, 4) of this row of a cell; cells: whole ones in the row.
    void (*gather)(const float* values, const float* weight, const float* shares, int cell, int cells, float* totals,
                   int pitch);

    // out[j · cell + p] = a[j]·s[p][0] + b[j]·s[p][1] + c[j]·s[p][2] + d[j]·s[p][3], in this order
    void (*spread)(const float* a, const float* b, const float* c, const float* d, const float* shares, int cell,
                   int cells, float* out);

    // sums[i] += x[i]
    void (*gain)(double* sums, const float* x, int n);

    // The largest of three interleaved channels.
    void (*largest)(const float* rgb, float* out, int n);
};

// All of the build, the best first; the last is portable and always usable.
const std::vector<RowLoops>& all_row_loops();

// Those that go with the dense kernel in use; or those of the instruction set named, std::invalid_argument where the
// machine has none.
const RowLoops& row_loops(std::string_view isa = {});

// Of each source.
RowLoops avx512_row_loops();
RowLoops avx2_row_loops();
RowLoops portable_row_loops();

}  // namespace candela
