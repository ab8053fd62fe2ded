// Samples of hosts to rows of floats and back. Included by one source per instruction set.
#pragma once

#include <bit>
#include <cstdint>

#include "rows.hpp"

namespace candela::plugin {
namespace {

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

template <class T>
void store_with_alpha_as(const float* r, const float* g, const float* b, const std::byte* alpha, std::byte* to, std::size_t n) {
    const T* a = reinterpret_cast<const T*>(alpha);
    T* p = reinterpret_cast<T*>(to);
    for (std::size_t i = 0; i < n; ++i) {
        from_float(r[i], p[4 * i]);
        from_float(g[i], p[4 * i + 1]);
        from_float(b[i], p[4 * i + 2]);
        p[4 * i + 3] = a[4 * i + 3];
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

void store_rows_with_alpha(const float* r, const float* g, const float* b, const std::byte* alpha, std::byte* to, Sample sample,
                           std::size_t n) {
    with_type(sample, [=]<class T>() { store_with_alpha_as<T>(r, g, b, alpha, to, n); });
}

}  // namespace
}  // namespace candela::plugin
