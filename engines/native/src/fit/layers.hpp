// Layers forward and backward on a chunk of samples, over a vector type `V`. Included by one source for each
// instruction set.
//
// Every unit is a row of numbers, one for each sample: no unit is padded, whatever the layers' sizes.
#pragma once

#include <algorithm>

#include "kernel.hpp"

namespace candela {
namespace {

inline constexpr int row = unit_stride;

// `J` units at `to`, C vectors of samples: sums of `count` rows of `in` by weights, `across` apart from unit to unit and
// `along` apart from row to row. finish(sum, j, p) gives what is stored.
template <class V, int J, int C, class Finish>
inline void unit_block(const float* weights, std::size_t across, std::size_t along, int count, const float* in,
                       float* to, int p, Finish finish) {
    V sum[J][C];
    for (int j = 0; j < J; ++j) {
        for (int c = 0; c < C; ++c) sum[j][c] = V::all(0.0f);
    }
    for (int k = 0; k < count; ++k) {
        V x[C];
        for (int c = 0; c < C; ++c) x[c] = V::load(in + k * row + p + c * V::lanes);
        for (int j = 0; j < J; ++j) {
            const V w = V::all(weights[j * across + k * along]);
            for (int c = 0; c < C; ++c) sum[j][c] = V::multiply_add(w, x[c], sum[j][c]);
        }
    }
    for (int j = 0; j < J; ++j) {
        for (int c = 0; c < C; ++c) {
            const int at = p + c * V::lanes;
            finish(sum[j][c], j, at).store(to + j * row + at);
        }
    }
}

template <class V, int J, int C, class Finish>
inline void units_of(const float* weights, std::size_t across, std::size_t along, int count, const float* in, float* to,
                     int samples, Finish finish) {
    int p = 0;
    for (; p + C * V::lanes <= samples; p += C * V::lanes) {
        unit_block<V, J, C>(weights, across, along, count, in, to, p, finish);
    }
    for (; p < samples; p += V::lanes) unit_block<V, J, 1>(weights, across, along, count, in, to, p, finish);
}

// All `units`, J at a time; what is left by one block of its size.
template <class V, int J, int C, class Finish>
void all_units(const float* weights, std::size_t across, std::size_t along, int units, int count, const float* in,
               float* to, int samples, Finish finish) {
    int j = 0;
    const auto from = [&](int first) {
        return [=](V sum, int unit, int p) { return finish(sum, first + unit, p); };
    };
    for (; j + J <= units; j += J) {
        units_of<V, J, C>(weights + j * across, across, along, count, in, to + j * row, samples, from(j));
    }
    const float* w = weights + j * across;
    if (units - j == 3) units_of<V, 3, C>(w, across, along, count, in, to + j * row, samples, from(j));
    if (units - j == 2) units_of<V, 2, C>(w, across, along, count, in, to + j * row, samples, from(j));
    if (units - j == 1) units_of<V, 1, C>(w, across, along, count, in, to + j * row, samples, from(j));
}

// Gradients of A x B weights: products of A rows of activations and B rows of errors, summed over the samples.
template <class V, int A, int B>
inline void weight_block(const float* in, const float* error, int samples, float* gradient, int ld) {
    constexpr int groups = (A * B + V::lanes - 1) / V::lanes;
    V sum[groups * V::lanes];
    for (auto& s : sum) s = V::all(0.0f);
    for (int p = 0; p < samples; p += V::lanes) {
        V d[B];
        for (int b = 0; b < B; ++b) d[b] = V::load(error + b * row + p);
        for (int a = 0; a < A; ++a) {
            const V x = V::load(in + a * row + p);
            for (int b = 0; b < B; ++b) sum[a * B + b] = V::multiply_add(x, d[b], sum[a * B + b]);
        }
    }
    alignas(64) float out[groups * V::lanes];
    for (int g = 0; g < groups; ++g) V::sums(sum + g * V::lanes).store(out + g * V::lanes);
    for (int a = 0; a < A; ++a) {
        for (int b = 0; b < B; ++b) gradient[a * ld + b] = out[a * B + b];
    }
}

template <class V, int A, int B>
inline void weight_rows(const float* in, int inputs, const float* error, int samples, float* gradient, int ld) {
    int k = 0;
    for (; k + A <= inputs; k += A) weight_block<V, A, B>(in + k * row, error, samples, gradient + k * ld, ld);
    const float* x = in + k * row;
    if (inputs - k == 3) weight_block<V, 3, B>(x, error, samples, gradient + k * ld, ld);
    if (inputs - k == 2) weight_block<V, 2, B>(x, error, samples, gradient + k * ld, ld);
    if (inputs - k == 1) weight_block<V, 1, B>(x, error, samples, gradient + k * ld, ld);
}

template <class V, int A, int B>
void weight_gradients(const float* in, int inputs, const float* error, int outputs, int samples, float* gradient,
                      int ld) {
    static_assert(A == 4 && B <= 4);
    int j = 0;
    const auto left = [&] { return outputs - j; };
    const float* e = error;
    for (; left() >= B && left() != 3; j += B, e += B * row) {
        weight_rows<V, A, B>(in, inputs, e, samples, gradient + j, ld);
    }
    if (left() == 3) weight_rows<V, A, 3>(in, inputs, e, samples, gradient + j, ld);
    if (left() == 2) weight_rows<V, A, 2>(in, inputs, e, samples, gradient + j, ld);
    if (left() == 1) weight_rows<V, A, 1>(in, inputs, e, samples, gradient + j, ld);
}

// Sums of rows over the samples, four rows at a time.
template <class V>
void bias_gradients(const float* error, int outputs, int samples, float* gradient) {
    for (int j = 0; j < outputs; j += 4) {
        const int count = std::min(4, outputs - j);
        V sum[4] = {V::all(0.0f), V::all(0.0f), V::all(0.0f), V::all(0.0f)};
        const float* e = error + j * row;
        for (int p = 0; p < samples; p += V::lanes) {
            for (int i = 0; i < 4; ++i) sum[i] = sum[i] + V::load(e + std::min(i, count - 1) * row + p);
        }
        for (int i = 0; i < count; ++i) gradient[j + i] = sum[i].sum();
    }
}

// Rows of a caller's array (count x width) to units; samples up to `room` are zeros.
template <class V>
void to_units(const float* from, int width, int count, int room, float* to) {
    int p = 0;
    // Four samples of four units at a time. A row of fewer reads into the next ones, of which the last has none.
    const int spare = width < 4 ? (4 - width + width - 1) / width : 0;
    for (; p + 4 + spare <= count; p += 4) {
        const float* rows = from + static_cast<std::size_t>(p) * width;
        if (width < 4) {
            alignas(64) float columns[16];
            V::transpose4(rows, width, columns, 4);
            for (int k = 0; k < width; ++k) std::copy_n(columns + 4 * k, 4, to + k * row + p);
            continue;
        }
        for (int k = 0; k < width; k += 4) {
            const int first = k + 4 <= width ? k : width - 4;
            V::transpose4(rows + first, width, to + first * row + p, row);
        }
    }
    for (; p < room; ++p) {
        for (int k = 0; k < width; ++k) to[k * row + p] = p < count ? from[static_cast<std::size_t>(p) * width + k] : 0;
    }
}

// Activations of all layers into `units`, one after the other, the input first. Returns where the output is.
template <class V, int J, int C>
float* forward(const NetworkShape& shape, const float* parameters, int samples, float* units) {
    for (int l = 0; l < shape.depth(); ++l) {
        const auto& layer = shape.layers[l];
        float* to = units + static_cast<std::size_t>(layer.inputs) * row;
        const float* bias = parameters + layer.biases;
        const auto run = [&](auto finish) {
            all_units<V, J, C>(parameters + layer.weights, 1, layer.ld, layer.outputs, layer.inputs, units, to, samples,
                               finish);
        };
        if (l + 1 < shape.depth()) {
            run([=](V sum, int j, int) { return V::positive(sum + V::all(bias[j])); });
        } else {
            run([=](V sum, int j, int) { return sum + V::all(bias[j]); });
        }
        units = to;
    }
    return units;
}

inline int whole(int count, int lanes) { return (count + lanes - 1) / lanes * lanes; }

template <class V, int J, int C, int B>
void chunk_gradients(const NetworkShape& shape, const float* parameters, const Chunk& chunk, float* scratch,
                     float* gradients) {
    const int samples = whole(chunk.count, V::lanes), outputs = shape.outputs();
    float* units = scratch;
    float* error = units + shape.units * row;  // of the layer's output
    float* before = error + static_cast<std::size_t>(shape.widest) * row;
    float* target = before;
    float* weight = before + static_cast<std::size_t>(outputs) * row;
    to_units<V>(chunk.features, shape.inputs(), chunk.count, samples, units);
    to_units<V>(chunk.target, outputs, chunk.count, samples, target);
    to_units<V>(chunk.weight, outputs, chunk.count, samples, weight);
    const float* out = forward<V, J, C>(shape, parameters, samples, units);
    for (int j = 0; j < outputs; ++j) {
        for (int p = 0; p < samples; p += V::lanes) {
            const int at = j * row + p;
            const V w = V::load(weight + at);
            ((V::load(out + at) - V::load(target + at)) * (w * w) * V::all(chunk.scale)).store(error + at);
        }
    }
    for (int l = shape.depth() - 1; l >= 0; --l) {
        const auto& layer = shape.layers[l];
        const float* in = out - static_cast<std::size_t>(layer.inputs) * row;
        weight_gradients<V, 4, B>(in, layer.inputs, error, layer.outputs, samples, gradients + layer.weights, layer.ld);
        bias_gradients<V>(error, layer.outputs, samples, gradients + layer.biases);
        if (l) {
            all_units<V, J, C>(parameters + layer.weights, layer.ld, 1, layer.inputs, layer.outputs, error, before,
                               samples, [=](V sum, int j, int p) {
                                   const V zero = V::all(0.0f);
                                   return V::select(V::less(zero, V::load(in + j * row + p)), sum, zero);
                               });
            float* swap = error;
            error = before;
            before = swap;
        }
        out = in;
    }
}

template <class V, int J, int C>
void chunk_errors(const NetworkShape& shape, const float* parameters, const Chunk& chunk, float* scratch, float* out) {
    const int samples = whole(chunk.count, V::lanes), outputs = shape.outputs();
    to_units<V>(chunk.features, shape.inputs(), chunk.count, samples, scratch);
    const float* y = forward<V, J, C>(shape, parameters, samples, scratch);
    for (int p = 0; p < chunk.count; ++p) {
        for (int j = 0; j < outputs; ++j) {
            const int at = p * outputs + j;
            out[at] = y[j * row + p];
            if (chunk.target) out[at] = (out[at] - chunk.target[at]) * chunk.weight[at];
        }
    }
}

}  // namespace
}  // namespace candela
