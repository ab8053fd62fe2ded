// The loops of `RowKernels`, written so that compilers make vectors of them. Included by one source per instruction set.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "rows.hpp"
#include "rows_samples.hpp"

namespace candela::plugin {
namespace {

inline constexpr std::size_t together = 256;  // numbers of a buffer

// A curve at numbers that are not below zero. What the curve's rows do not serve goes to the function itself.
#if defined(CANDELA_ROWS_OF_VECTORS)

// By the engine's vectors: `count` is a multiple of their lanes, x and y are aligned; they may be one.
inline constexpr std::size_t lanes = Vector::lanes;

inline void curve_at(const Curve& curve, const float* x, float* y, std::size_t count) {
    Pixels::piecewise(curve, x, y, static_cast<int>(count), [&](int at) {
        const Vector v = Vector::load(x + at), lowest = Vector::all(curve.lowest());
        const Vector inside = Vector::select(Vector::less(v, Vector::all(curve.beyond())), Vector::max(v, lowest), lowest);
        alignas(64) float in[lanes];
        v.store(in);
        Vector::select(Vector::less(Vector::all(0), v), Pixels::piecewise(curve, inside), Vector::all(curve.at_zero())).store(y + at);
        for (std::size_t i = 0; i < lanes; ++i) {
            if (in[i] == 0 || (in[i] >= curve.lowest() && in[i] < curve.beyond())) continue;
            y[at + static_cast<int>(i)] = in[i] != in[i] ? in[i] : static_cast<float>(curve.exact(in[i]));
        }
    });
}

#else

inline constexpr std::size_t lanes = 1;

// No more than `most` numbers.
inline constexpr std::size_t most = 3 * together;

inline void curve_at(const Curve& curve, const float* given, float* y, std::size_t count) {
    float x[most];
    std::memcpy(x, given, count * sizeof(float));
    const int shift = curve.shift(), first = curve.first();
    const std::int32_t low_mask = (1 << shift) - 1;
    const float lowest = curve.lowest(), beyond = curve.beyond(), middle = curve.middle(), at_zero = curve.at_zero();
    const float* terms = curve.term(0);
    int odd = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const bool served = x[i] >= lowest && x[i] < beyond;
        const float v = served ? x[i] : lowest;
        const std::int32_t bits = std::bit_cast<std::int32_t>(v);
        const std::int32_t row = (bits >> shift) - first;
        const float t = std::bit_cast<float>((bits & low_mask) | 0x3f800000) - middle;
        float sum = terms[7 * Curve::rows + row];
        for (int k = 6; k >= 0; --k) sum = sum * t + terms[k * Curve::rows + row];
        y[i] = x[i] == 0 ? at_zero : sum;
        odd |= !served & (x[i] != 0);
    }
    for (std::size_t i = 0; odd && i < count; ++i) {
        if (x[i] == 0 || (x[i] >= lowest && x[i] < beyond)) continue;
        y[i] = x[i] != x[i] ? x[i] : static_cast<float>(curve.exact(x[i]));
    }
}

#endif

void curve_row(const Curve& curve, Below below, const float* x, float* y, std::size_t n) {
    constexpr std::size_t step = together;
    const bool mirrored = below == Below::mirrored;
    alignas(64) float size[step], out[step];
    for (std::size_t start = 0; start < n; start += step) {
        const std::size_t count = n - start < step ? n - start : step, whole = (count + lanes - 1) / lanes * lanes;
        const float* in = x + start;
        for (std::size_t i = 0; i < count; ++i) size[i] = in[i] < 0 ? (mirrored ? -in[i] : 0.0f) : in[i];
        for (std::size_t i = count; i < whole; ++i) size[i] = 0;
        curve_at(curve, size, out, whole);
        if (mirrored) {
            for (std::size_t i = 0; i < count; ++i) out[i] = in[i] < 0 ? -out[i] : out[i];
        }
        std::memcpy(y + start, out, count * sizeof(float));
    }
}

void matrix_row(const float* m, float* r, float* g, float* b, std::size_t n) {
    const float a[9] = {m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8]};
    for (std::size_t i = 0; i < n; ++i) {
        const float x = r[i], y = g[i], z = b[i];
        r[i] = a[0] * x + a[1] * y + a[2] * z;
        g[i] = a[3] * x + a[4] * y + a[5] * z;
        b[i] = a[6] * x + a[7] * y + a[8] * z;
    }
}

void scale_row(float by, float* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) x[i] *= by;
}

void blend_row(const float* from, float share, float* toward, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) toward[i] = from[i] + share * (toward[i] - from[i]);
}

float largest_of_rows(const float* r, const float* g, const float* b, std::size_t n) {
    float most[16] = {};
    std::size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        for (std::size_t k = 0; k < 16; ++k) {
            float m = r[i + k] > most[k] ? r[i + k] : most[k];
            m = g[i + k] > m ? g[i + k] : m;
            most[k] = b[i + k] > m ? b[i + k] : m;
        }
    }
    float out = 0;
    for (; i < n; ++i) {
        out = r[i] > out ? r[i] : out;
        out = g[i] > out ? g[i] : out;
        out = b[i] > out ? b[i] : out;
    }
    for (const float m : most) out = m > out ? m : out;
    return out;
}

// f(first, count) of parts that fit buffers.
template <class F>
void by_parts(std::size_t n, F f) {
    for (std::size_t at = 0; at < n; at += together) f(at, n - at < together ? n - at : together);
}

inline std::size_t whole_vectors(std::size_t count) { return (count + lanes - 1) / lanes * lanes; }

// A curve at the first `count` numbers of a buffer, in place.
inline void curve_in(const Curve& curve, float* x, std::size_t count) {
    const std::size_t whole = whole_vectors(count);
    for (std::size_t i = count; i < whole; ++i) x[i] = 0;
    curve_at(curve, x, x, whole);
}

void curve_over_row(const Curve& curve, float knee, float slope, float offset, float* all, std::size_t n) {
    by_parts(n, [=, &curve](std::size_t at, std::size_t count) {
        alignas(64) float y[together];
        float* x = all + at;
        for (std::size_t i = 0; i < count; ++i) y[i] = x[i] < 0 ? 0.0f : x[i];
        curve_in(curve, y, count);
        for (std::size_t i = 0; i < count; ++i) x[i] = x[i] <= knee ? slope * x[i] + offset : y[i];
    });
}

void nits_of_codes_row(const Curve& high, const Curve& low, float* all, std::size_t n) {
    by_parts(n, [=, &high, &low](std::size_t at, std::size_t count) {
        alignas(64) float over[together], under[together];
        float* x = all + at;
        const float from = high.lowest();
        int dark = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const bool is = x[i] < from;
            dark |= is & (x[i] > 7.3e-7f);  // codes up to that of black have no light at all
            over[i] = is ? 0.0f : x[i];
        }
        curve_in(high, over, count);
        if (dark) {
            for (std::size_t i = 0; i < count; ++i) under[i] = (x[i] < from) & (x[i] > 7.3e-7f) ? x[i] : 0.0f;
            curve_in(low, under, count);
            for (std::size_t i = 0; i < count; ++i) over[i] = x[i] < from ? under[i] : over[i];
        }
        std::memcpy(x, over, count * sizeof(float));
    });
}

inline float hlg_luminance(float r, float g, float b) { return std::fabs(0.2627f * r + 0.6780f * g + 0.0593f * b); }

// HLG's codes of twelve times the scene's light, in place. Below 1, where most of a picture lies, they are roots; a lane is
// one or the other whatever its neighbours are, so that tiles change no bit.
inline void hlg_codes(const Curve& code, float* x, std::size_t count) {
#if defined(CANDELA_ROWS_OF_VECTORS)
    const Vector one = Vector::all(1), half = Vector::all(0.5f);
    const auto dark = [&](std::size_t at) { return !Vector::any(Vector::less(one, Vector::load(x + at))); };
    alignas(64) float y[3 * together];
    for (std::size_t at = 0; at < count;) {
        if (dark(at)) {
            (root(Vector::load(x + at)) * half).store(x + at);
            at += lanes;
            continue;
        }
        const std::size_t first = at;
        while (at < count && !dark(at)) at += lanes;
        curve_at(code, x + first, y, at - first);
        for (std::size_t i = first; i < at; i += lanes) {
            const Vector v = Vector::load(x + i);
            Vector::select(Vector::less(one, v), Vector::load(y + (i - first)), root(v) * half).store(x + i);
        }
    }
#else
    curve_at(code, x, x, count);
#endif
}

void hlg_of_nits_row(const Curve& luminance, const Curve& code, float peak, float* r, float* g, float* b, std::size_t n) {
    by_parts(n, [=, &luminance, &code](std::size_t at, std::size_t count) {
        alignas(64) float factor[together], y[3 * together];
        const std::size_t whole = whole_vectors(count);
        const float over = 1 / peak, twelfths = 12 / peak;
        float* all[] = {r + at, g + at, b + at};
        for (std::size_t i = 0; i < count; ++i) factor[i] = hlg_luminance(all[0][i] * over, all[1][i] * over, all[2][i] * over);
        curve_in(luminance, factor, count);
        for (int c = 0; c < 3; ++c) {
            const float* x = all[c];
            float* size = y + c * whole;
            for (std::size_t i = 0; i < count; ++i) size[i] = std::fabs(x[i] * twelfths * factor[i]);
            for (std::size_t i = count; i < whole; ++i) size[i] = 0;
        }
        hlg_codes(code, y, 3 * whole);
        for (int c = 0; c < 3; ++c) {
            float* x = all[c];
            const float* v = y + c * whole;
            for (std::size_t i = 0; i < count; ++i) x[i] = std::copysign(v[i], x[i]);
        }
    });
}

void nits_of_hlg_row(const Curve& luminance, const Curve& inverse, float peak, float* r, float* g, float* b, std::size_t n) {
    by_parts(n, [=, &luminance, &inverse](std::size_t at, std::size_t count) {
        alignas(64) float factor[together], y[together];
        for (float* all : {r, g, b}) {
            float* x = all + at;
            for (std::size_t i = 0; i < count; ++i) {
                const float size = std::fabs(x[i]);
                y[i] = size < 0.5f ? 0.5f : size;
            }
            curve_in(inverse, y, count);
            for (std::size_t i = 0; i < count; ++i) {
                const float size = std::fabs(x[i]), e = size <= 0.5f ? size * size / 3 : y[i];
                x[i] = x[i] < 0 ? -e : e;
            }
        }
        for (std::size_t i = 0; i < count; ++i) factor[i] = hlg_luminance(r[at + i], g[at + i], b[at + i]);
        curve_in(luminance, factor, count);
        for (float* all : {r, g, b}) {
            for (std::size_t i = 0; i < count; ++i) all[at + i] *= factor[i] * peak;
        }
    });
}

void largest_of_each_row(const float* r, const float* g, const float* b, float* largest, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        const float two = r[i] < g[i] ? g[i] : r[i];
        largest[i] = two < b[i] ? b[i] : two;
    }
}

void bend_row(float floor, float span, float knee, float top, float* code, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        const float over = ((code[i] - floor) / span - knee) / (1 - knee), low = over < 0 ? 0.0f : over, t = low > 1 ? 1.0f : low;
        const float t2 = t * t, t3 = t2 * t;
        code[i] = ((2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * top) * span + floor;
    }
}

void gain_row(const float* largest, float least, float* light_to_gain, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) light_to_gain[i] = largest[i] >= least ? light_to_gain[i] / largest[i] : 1.0f;
}

void times_row(const float* factor, float* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) x[i] *= factor[i];
}

constexpr RowKernels kernels_named(const char* name) {
    return {name,           curve_row,         matrix_row,      scale_row,       load_rows,           store_rows, store_rows_with_alpha,
            blend_row,      largest_of_rows,   curve_over_row,  nits_of_codes_row, hlg_of_nits_row,   nits_of_hlg_row,
            largest_of_each_row, bend_row,     gain_row,        times_row};
}

}  // namespace
}  // namespace candela::plugin
