// The loops of `RowKernels`, written so that compilers make vectors of them. Included by one source per instruction set.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "rows.hpp"

namespace candela::plugin {
namespace {

void curve_row(const Curve& curve, Below below, const float* x, float* y, std::size_t n) {
    constexpr std::size_t step = 256;
    const int shift = curve.shift(), first = curve.first();
    const std::int32_t low_mask = (1 << shift) - 1;
    const float lowest = curve.lowest(), beyond = curve.beyond(), middle = curve.middle(), at_zero = curve.at_zero();
    const float mirror = below == Below::mirrored ? 1.0f : 0.0f;
    const float* terms = curve.term(0);
    for (std::size_t start = 0; start < n; start += step) {
        const std::size_t count = n - start < step ? n - start : step;
        float in[step], out[step];
        std::memcpy(in, x + start, count * sizeof(float));
        int odd = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const float size = in[i] < 0 ? mirror * -in[i] : in[i];
            const bool served = size >= lowest && size < beyond;
            const float v = served ? size : lowest;
            const std::int32_t bits = std::bit_cast<std::int32_t>(v);
            const std::int32_t row = (bits >> shift) - first;
            const float t = std::bit_cast<float>((bits & low_mask) | 0x3f800000) - middle;
            float sum = terms[7 * Curve::rows + row];
            for (int k = 6; k >= 0; --k) sum = sum * t + terms[k * Curve::rows + row];
            sum = size == 0 ? at_zero : sum;
            odd |= !served & (size != 0);
            out[i] = in[i] < 0 && mirror > 0 ? -sum : sum;
        }
        if (odd) {
            for (std::size_t i = 0; i < count; ++i) {
                const float size = in[i] < 0 ? mirror * -in[i] : in[i];
                if (size == 0 || (size >= lowest && size < beyond)) continue;
                const float exact = size != size ? size : static_cast<float>(curve.exact(size));
                out[i] = in[i] < 0 && mirror > 0 ? -exact : exact;
            }
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

struct Half {
    std::uint16_t bits;
};
inline float to_float(std::uint8_t v) { return static_cast<float>(v) / 255.0f; }
inline float to_float(std::uint16_t v) { return static_cast<float>(v) / 65535.0f; }
inline float to_float(float v) { return v; }
inline float to_float(Half v) {
    const std::uint32_t body = v.bits & 0x7fffu, sign = (v.bits & 0x8000u) << 16;
    const std::uint32_t normal = (body << 13) + (body >= 0x7c00u ? 0x70000000u : 0x38000000u);
    const std::uint32_t small = std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<int>(body)) * 0x1p-24f);
    return std::bit_cast<float>(sign | (body < 0x400u ? small : normal));
}
// No number is 0 in integers, which have no other way to say it.
inline float held(float v, float full) {
    const float low = v > 0 ? v : 0.0f;
    return (low < 1 ? low : 1.0f) * full + 0.5f;
}
inline void from_float(float v, std::uint8_t& out) { out = static_cast<std::uint8_t>(static_cast<int>(held(v, 255))); }
inline void from_float(float v, std::uint16_t& out) { out = static_cast<std::uint16_t>(static_cast<int>(held(v, 65535))); }
inline void from_float(float v, float& out) { out = v; }
inline void from_float(float v, Half& out) {
    const auto bits = std::bit_cast<std::uint32_t>(v);
    const std::uint32_t body = bits & 0x7fffffffu;
    const std::uint32_t normal = (body - 0x38000000u + 0xfffu + (body >> 13 & 1)) >> 13;
    const std::uint32_t small = std::bit_cast<std::uint32_t>(std::bit_cast<float>(body) + 0.5f) - 0x3f000000u;
    std::uint32_t half = body < 0x38800000u ? small : normal;
    half = body >= 0x47800000u ? 0x7c00u : half;
    half = body > 0x7f800000u ? 0x7e00u : half;
    out.bits = static_cast<std::uint16_t>((bits >> 16 & 0x8000u) | half);
}

template <class T, int channels>
void load_as(const std::byte* from, float* r, float* g, float* b, std::size_t n) {
    const T* p = reinterpret_cast<const T*>(from);
    for (std::size_t i = 0; i < n; ++i) {
        r[i] = to_float(p[channels * i]);
        g[i] = to_float(p[channels * i + 1]);
        b[i] = to_float(p[channels * i + 2]);
    }
}

template <class T, int channels>
void store_as(const float* r, const float* g, const float* b, std::byte* to, std::size_t n) {
    T* p = reinterpret_cast<T*>(to);
    for (std::size_t i = 0; i < n; ++i) {
        from_float(r[i], p[channels * i]);
        from_float(g[i], p[channels * i + 1]);
        from_float(b[i], p[channels * i + 2]);
    }
}

template <class F>
void with_type(Sample sample, F f) {
    switch (sample) {
        case Sample::u8: return f.template operator()<std::uint8_t>();
        case Sample::u16: return f.template operator()<std::uint16_t>();
        case Sample::f16: return f.template operator()<Half>();
        case Sample::f32: return f.template operator()<float>();
    }
}

void load_rows(const std::byte* from, Sample sample, int channels, float* r, float* g, float* b, std::size_t n) {
    with_type(sample, [=]<class T>() {
        if (channels == 4) load_as<T, 4>(from, r, g, b, n);
        else load_as<T, 3>(from, r, g, b, n);
    });
}

void store_rows(const float* r, const float* g, const float* b, std::byte* to, Sample sample, int channels, std::size_t n) {
    with_type(sample, [=]<class T>() {
        if (channels == 4) store_as<T, 4>(r, g, b, to, n);
        else store_as<T, 3>(r, g, b, to, n);
    });
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

void hlg_luminance_row(const float* r, const float* g, const float* b, float* y, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] = std::fabs(0.2627f * r[i] + 0.6780f * g[i] + 0.0593f * b[i]);
}

void times_row(const float* factor, float* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) x[i] *= factor[i];
}

void hlg_select_row(const float* scene, const float* logs, float* code, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        const float e = scene[i], size = std::fabs(e), root = std::sqrt(3 * size);
        const float v = size <= 1.0f / 12 ? root : logs[i];
        code[i] = e < 0 ? -v : v;
    }
}

void hlg_unselect_row(const float* code, const float* exps, float* scene, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        const float v = code[i], size = std::fabs(v);
        const float e = size <= 0.5f ? size * size / 3 : exps[i];
        scene[i] = v < 0 ? -e : e;
    }
}

void straight_row(const float* x, float knee, float slope, float offset, float* y, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] = x[i] <= knee ? slope * x[i] + offset : y[i];
}

constexpr RowKernels kernels_named(const char* name) {
    return {name,      curve_row,         matrix_row, scale_row,      load_rows,        store_rows,  blend_row,
            largest_of_rows, hlg_luminance_row, times_row,  hlg_select_row, hlg_unselect_row, straight_row};
}

}  // namespace
}  // namespace candela::plugin
