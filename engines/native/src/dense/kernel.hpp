// The dense kernel, written once over a vector type `V`. Included by one source for each instruction set.
//
// Outputs are taken `J` at a time and pixels `C` vectors at a time, so that J x C sums stay in registers while the
// inputs stream by: every load of a weight serves C vectors, every load of a pixel J outputs.
#pragma once

#include "candela/dense.hpp"

namespace candela {
namespace {

// J outputs of all pixels of a tile.
template <class V, int J, int C>
void block(const float* weights, const float* biases, int inputs, const float* in, float* out, bool relu) {
    for (int p = 0; p < tile_pixels; p += C * V::lanes) {
        V sum[J][C];
        for (int j = 0; j < J; ++j) {
            for (int c = 0; c < C; ++c) sum[j][c] = V::all(biases[j]);
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

// A layer: whole blocks of J outputs, then what is left by halves.
template <class V, int J, int C>
void outputs_from(const Layers::Layer& layer, int first, const float* in, float* out, bool relu) {
    for (; first + J <= layer.outputs; first += J) {
        block<V, J, C>(layer.weights + first * layer.inputs, layer.biases + first, layer.inputs, in,
                       out + first * tile_pixels, relu);
    }
    if constexpr (J > 1) {
        if (first < layer.outputs) outputs_from<V, J / 2, C>(layer, first, in, out, relu);
    }
}

template <class V, int J, int C>
void dense_tile(const Layers& layers, const float* in, float* out, float* scratch) {
    static_assert(tile_pixels % (C * V::lanes) == 0);
    const std::size_t half = static_cast<std::size_t>(layers.widest()) * tile_pixels;
    for (int l = 0; l < layers.depth(); ++l) {
        const bool last = l + 1 == layers.depth();
        float* to = last ? out : scratch + (l % 2) * half;
        outputs_from<V, J, C>(layers.layer(l), 0, in, to, !last);
        in = to;
    }
}

}  // namespace
}  // namespace candela
