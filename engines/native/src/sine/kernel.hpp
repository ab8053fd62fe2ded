// The parts of networks of sines, written once over a vector type `V`. Included by one source for each instruction set.
#pragma once

#include <algorithm>
#include <cmath>

#include "../dense/kernel.hpp"
#include "../simd/sine.hpp"
#include "isa.hpp"

namespace candela {
namespace {

// The sums of a whole layer, then their sines: the sums fill the registers, and the sines' constants want some too. Both
// passes stay in the first-level cache.
template <class V, int J, int C>
void sine_layer(const Layers::Layer& layer, const float* start, const float* in, float* out, After after) {
    outputs_from<V, J, C>(layer, 0, start, in, out, false);
    float* const end = out + layer.outputs * tile_pixels;
    if (after == After::sine) {
        for (float* at = out; at < end; at += V::lanes) sine(V::load(at)).store(at);
    } else if (after == After::sine_of_any) {
        for (float* at = out; at < end; at += V::lanes) sine_of_any(V::load(at)).store(at);
    }
}

// The whole turns of an octave come off exactly, so that what is left has the precision of a float; `rest` is what x has
// beyond a float, without which the last octave would be off by 2^11 half units of the last place.
template <class V>
void encode_tile(const double* x, float* features) {
    alignas(64) float near[tile_pixels], beyond[tile_pixels];
    for (int p = 0; p < tile_pixels; ++p) {
        const double turned = x[p] - 2 * std::nearbyint(x[p] / 2);  // exact
        near[p] = static_cast<float>(turned);
        beyond[p] = static_cast<float>(turned - near[p]);
    }
    for (int p = 0; p < tile_pixels; p += V::lanes) {
        V turned = V::load(near + p), rest = V::load(beyond + p);
        for (int k = 0; k < octaves; ++k) {
            V s, c;
            sine_and_cosine(turned, rest, s, c);
            s.store(features + 2 * k * tile_pixels + p);
            c.store(features + (2 * k + 1) * tile_pixels + p);
            turned = turned + turned;
            rest = rest + rest;
        }
    }
}

template <class V>
void power_tile(const float* base, const float* power, float* out) {
    for (int p = 0; p < tile_pixels; p += V::lanes) {
        exp2(log2(V::load(base + p)) * V::load(power + p)).store(out + p);
    }
}

template <class V>
void slopes_of(float* x, float* slopes, float factor, std::size_t n) {
    for (std::size_t i = 0; i < n; i += V::lanes) {
        V s, c;
        const V angle = V::load(x + i);
        sine_and_cosine(V::multiply_add(V::all(-2.0f), V::round(angle * V::all(0.5f)), angle), V::all(0.0f), s, c);
        s.store(x + i);
        (c * V::all(factor)).store(slopes + i);
    }
}

template <class V>
void multiply_by(float* a, const float* b, std::size_t n) {
    for (std::size_t i = 0; i < n; i += V::lanes) (V::load(a + i) * V::load(b + i)).store(a + i);
}

// A x B of the products, whose sums stay in registers.
template <class V, int A, int B>
void product_block(const TiledRows& a_rows, const TiledRows& b_rows, int i0, int j0, int tiles, double* out) {
    const float *a = a_rows.at + i0 * tile_pixels, *b = b_rows.at + j0 * tile_pixels;
    V sum[A][B];
    for (auto& row : sum) {
        for (auto& each : row) each = V::all(0.0f);
    }
    for (int t = 0; t < tiles; ++t, a += a_rows.stride, b += b_rows.stride) {
        for (int p = 0; p < tile_pixels; p += V::lanes) {
            V y[B];
            for (int j = 0; j < B; ++j) y[j] = V::load(b + j * tile_pixels + p);
            for (int i = 0; i < A; ++i) {
                const V x = V::load(a + i * tile_pixels + p);
                for (int j = 0; j < B; ++j) sum[i][j] = V::multiply_add(x, y[j], sum[i][j]);
            }
        }
    }
    for (int i = 0; i < A; ++i) {
        for (int j = 0; j < B; ++j) out[(i0 + i) * b_rows.rows + j0 + j] += sum[i][j].sum();
    }
}

template <class V, int A, int B>
void products_of(const TiledRows& a, const TiledRows& b, int tiles, double* out) {
    const auto rows = [&](auto count, int i) {
        int j = 0;
        const auto columns = [&](auto width) {
            for (; j + width <= b.rows; j += width) product_block<V, count, width>(a, b, i, j, tiles, out);
        };
        columns(std::integral_constant<int, B>{});
        columns(std::integral_constant<int, 1>{});
    };
    int i = 0;
    for (; i + A <= a.rows; i += A) rows(std::integral_constant<int, A>{}, i);
    for (; i < a.rows; ++i) rows(std::integral_constant<int, 1>{}, i);
}

// Written so that compilers make vectors of it.
inline void curve_of(const FineCurve& curve, double* x, std::size_t n) {
    const double lowest = curve.lowest(), beyond = curve.beyond();
    const double* rows = curve.rows();
    const std::int64_t first = curve.first();
    constexpr std::size_t most = 64;
    double y[most];
    for (std::size_t from = 0; from < n; from += most) {
        const std::size_t count = std::min(most, n - from);
        double* at = x + from;
        int outside = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const bool inside = at[i] >= lowest && at[i] < beyond;
            const auto bits = std::bit_cast<std::uint64_t>(inside ? at[i] : lowest);
            const double* c = rows + (static_cast<std::int64_t>(bits >> FineCurve::shift) - first) * FineCurve::terms;
            const double t = std::bit_cast<double>((bits & FineCurve::mask) | FineCurve::one) - FineCurve::middle;
            double sum = c[FineCurve::terms - 1];
            for (int k = FineCurve::terms - 2; k >= 0; --k) sum = sum * t + c[k];
            y[i] = sum;
            outside += !inside;
        }
        if (outside) {
            for (std::size_t i = 0; i < count; ++i) {
                if (!(at[i] >= lowest && at[i] < beyond)) y[i] = curve.exact(at[i]);
            }
        }
        std::copy_n(y, count, at);
    }
}

template <class V>
void sines_of(const float* x, std::size_t n, float* out) {
    alignas(64) float some[V::lanes] = {};
    for (std::size_t i = 0; i < n; i += V::lanes) {
        const std::size_t count = std::min<std::size_t>(V::lanes, n - i);
        std::copy_n(x + i, count, some);
        sine_of_any(V::load(some)).store(some);
        std::copy_n(some, count, out + i);
    }
}

template <class V, int J, int C>
const SineKernel* sine_kernel_of() {
    constexpr int side = V::lanes < 16 ? 3 : 4;  // as many sums as there are registers for
    static constexpr SineKernel kernel{
        &sine_layer<V, J, C>, &encode_tile<V>,  &power_tile<V>, &slopes_of<V>,
        &multiply_by<V>,      &products_of<V, side, 4>, &curve_of, &sines_of<V>};
    return &kernel;
}

}  // namespace
}  // namespace candela
