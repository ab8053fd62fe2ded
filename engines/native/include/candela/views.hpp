// Means of light over blocks and windows, as the scorer looks at pictures. Twin of scorer/windows.py, which says what is
// computed; both give the same bits, for any number of threads.
#pragma once

#include <cstddef>

namespace candela {

// Light, R, G and B of each pixel side by side; `row` numbers from one row to the next.
struct LightView {
    const float* data;
    std::ptrdiff_t row;
    int width, height;
};

// Means over k x k pixels of how far colours lie outside a gamut: −min(R, G, B) / max(R, G, B) of its components where the
// luminance is above `dark`. matrix: to the gamut, row by row; luma: weights of the luminance.
struct GamutView {
    float matrix[9], luma[3], dark;
};
void block_excess(const LightView& light, int k, const GamutView& gamut, float* out, int threads);

// Means over (2·radius + 1)² numbers of a plane, those at the edge repeated.
void window_means(const float* plane, int width, int height, int radius, float* out, int threads);

}  // namespace candela
