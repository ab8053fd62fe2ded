// Affine maps of a tile's variables: where the multiply-adds of a frame are done.
#pragma once

#include "parts.hpp"

namespace candela {
namespace {

// Outputs that are summed side by side at most: as many as the registers hold, each for three vectors of pixels.
template <class V>
inline constexpr int widest_block = V::lanes == 8 ? 4 : 8;

// J outputs over the tile: sums stay in registers while the variables stream by, each variable loaded once for all J.
// map: a row of coefficients for every variable, `stride` apart. in, out: arrays of the tile side by side.
template <class V, int J, bool relu>
void affine(const float* map, int stride, const float* biases, const float* in, int count, float* out) {
    // Few outputs take more pixels at a time: a sum waits four cycles for its last term.
    constexpr int C = V::lanes == 8 ? (J == 1 ? 6 : J == 2 ? 4 : 3) : (J == 1 ? 8 : J <= 3 ? 6 : 3);
    static_assert(tile_size % (C * V::lanes) == 0);
    for (int p = 0; p < tile_size; p += C * V::lanes) {
        V sums[J][C];
        for (int j = 0; j < J; ++j) {
            for (int c = 0; c < C; ++c) sums[j][c] = V::all(biases[j]);
        }
        for (int k = 0; k < count; ++k) {
            V x[C];
            for (int c = 0; c < C; ++c) x[c] = V::load(in + static_cast<std::size_t>(k) * tile_size + p + c * V::lanes);
            for (int j = 0; j < J; ++j) {
                const V w = V::all(map[static_cast<std::size_t>(k) * stride + j]);
                for (int c = 0; c < C; ++c) sums[j][c] = V::multiply_add(w, x[c], sums[j][c]);
            }
        }
        for (int j = 0; j < J; ++j) {
            for (int c = 0; c < C; ++c) {
                (relu ? V::positive(sums[j][c]) : sums[j][c]).store(out + j * tile_size + p + c * V::lanes);
            }
        }
    }
}

}  // namespace
}  // namespace candela
