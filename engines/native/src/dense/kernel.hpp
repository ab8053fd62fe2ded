// The dense kernel, written once over a vector type `V`. Included by one source for each instruction set.
//
// Outputs are taken `J` at a time and pixels `C` vectors at a time, so that J x C sums stay in registers while the
// inputs stream by: every load of a weight serves C vectors, every load of a pixel J outputs.
#pragma once

#include <type_traits>

#include "candela/dense.hpp"

namespace candela {
namespace {

// J outputs of all pixels of a tile. start: what they begin with beside the biases (J x tile_pixels), or null.
template <class V, int J, int C>
void block(const float* weights, const float* biases, const float* start, int inputs, const float* in, float* out,
           bool relu) {
    for (int p = 0; p < tile_pixels; p += C * V::lanes) {
        V sum[J][C];
        for (int j = 0; j < J; ++j) {
            for (int c = 0; c < C; ++c) sum[j][c] = V::all(biases[j]);
        }
        if (start) {
            for (int j = 0; j < J; ++j) {
                const float* from = start + j * tile_pixels + p;
                for (int c = 0; c < C; ++c) sum[j][c] = sum[j][c] + V::load(from + c * V::lanes);
            }
        }
        for (int k = 0; k < inputs; ++k) {
            V x[C];
            for (int c = 0; c < C; ++c) x[c] = V::load(in + k * tile_pixels + p + c * V::lanes);
            for (int j = 0; j < J; ++j) {
                const V w = V::all(weights[j * inputs + k]);
                for (int c = 0; c < C; ++c) sum[j][c] = V::multiply_add(w, x[c], sum[j][c]);
            }
        }
        for (int j = 0; j < J; ++j) {
            for (int c = 0; c < C; ++c) {
                const V y = relu ? V::positive(sum[j][c]) : sum[j][c];
                y.store(out + j * tile_pixels + p + c * V::lanes);
            }
        }
    }
}

// A layer: whole blocks of J outputs, then what is left by halves; three together, as there are of colours.
template <class V, int J, int C>
void outputs_from(const Layers::Layer& layer, int first, const float* start, const float* in, float* out, bool relu) {
    const auto some = [&](auto count) {
        block<V, count, C>(layer.weights + first * layer.inputs, layer.biases + first,
                           start ? start + first * tile_pixels : nullptr, layer.inputs, in, out + first * tile_pixels,
                           relu);
        first += count;
    };
    while (first + J <= layer.outputs) some(std::integral_constant<int, J>{});
    if constexpr (J == 4) {
        if (first + 3 == layer.outputs) some(std::integral_constant<int, 3>{});
    }
    if constexpr (J > 1) {
        if (first < layer.outputs) outputs_from<V, J / 2, C>(layer, first, start, in, out, relu);
    }
}

template <class V, int J, int C>
void dense_tile(const Layers& layers, const float* in, float* out, float* scratch) {
    static_assert(tile_pixels % (C * V::lanes) == 0);
    const std::size_t half = static_cast<std::size_t>(layers.widest()) * tile_pixels;
    for (int l = 0; l < layers.depth(); ++l) {
        const bool last = l + 1 == layers.depth();
        float* to = last ? out : scratch + (l % 2) * half;
        outputs_from<V, J, C>(layers.layer(l), 0, nullptr, in, to, !last);
        in = to;
    }
}

}  // namespace
}  // namespace candela
