// Codes of a picture into separate rows of floats; outside the picture its edge repeats.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "candela/picture.hpp"

namespace candela {
namespace {

// Sample `c` of a pixel as it stands: a code, or a float.
template <class T>
float sample_at(const std::byte* pixel, std::ptrdiff_t offset) {
    T value;
    std::memcpy(&value, pixel + offset, sizeof value);
    return static_cast<float>(value);
}

struct HalfSample {
    std::uint16_t bits;
    // `half_to_float` without a branch: compilers make vectors of it.
    explicit operator float() const {
        const std::uint32_t body = bits & 0x7fffu, sign = (bits & 0x8000u) << 16;
        const std::uint32_t normal = (body << 13) + (body >= 0x7c00u ? 0x70000000u : 0x38000000u);
        const std::uint32_t small = std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<int>(body)) * 0x1p-24f);
        return std::bit_cast<float>(sign | (body < 0x400u ? small : normal));
    }
};

inline const std::byte* row_of(const Source& picture, int y) {
    y = std::clamp(y, 0, picture.height - 1);
    return static_cast<const std::byte*>(picture.data) + y * picture.layout.row;
}

template <class T>
void load_scattered(const Source& picture, int y, int x, int count, float* r, float* g, float* b) {
    const std::byte* row = row_of(picture, y);
    const Layout& at = picture.layout;
    for (int i = 0; i < count; ++i) {
        const std::byte* pixel = row + std::clamp(x + i, 0, picture.width - 1) * at.pixel;
        r[i] = sample_at<T>(pixel, 0);
        g[i] = sample_at<T>(pixel, at.channel);
        b[i] = sample_at<T>(pixel, 2 * at.channel);
    }
}

// The same of pixels inside the picture, whose `step` samples lie side by side.
template <class T, int step>
void load_inside(const std::byte* from, int count, float* r, float* g, float* b) {
    const T* row = reinterpret_cast<const T*>(from);
    for (int i = 0; i < count; ++i) {
        r[i] = static_cast<float>(row[step * i]);
        g[i] = static_cast<float>(row[step * i + 1]);
        b[i] = static_cast<float>(row[step * i + 2]);
    }
}

// Samples of `count` pixels from (x, y) on, as they stand.
template <class P, class T>
void load_row(const Source& picture, int y, int x, int count, float* r, float* g, float* b) {
    int done = 0;
    if constexpr (std::is_integral_v<T>) {
        const Layout& at = picture.layout;
        if (at.channel == sizeof(T) && at.pixel == 3 * sizeof(T) && x >= 0) {
            const T* row = reinterpret_cast<const T*>(row_of(picture, y)) + 3 * static_cast<std::ptrdiff_t>(x);
            constexpr int n = P::split_pixels;
            for (; done + n <= count && x + done + n <= picture.width; done += n) {
                P::split(row + 3 * done, r + done, g + done, b + done);
            }
        }
    }
    const Layout& at = picture.layout;
    const bool inside = x + done >= 0 && x + count <= picture.width && at.channel == sizeof(T) &&
                        reinterpret_cast<std::uintptr_t>(picture.data) % alignof(T) == 0 && at.row % alignof(T) == 0;
    if (inside && at.pixel == 4 * sizeof(T)) {
        return load_inside<T, 4>(row_of(picture, y) + (x + done) * at.pixel, count - done, r + done, g + done, b + done);
    }
    if (inside && at.pixel == 3 * sizeof(T)) {
        return load_inside<T, 3>(row_of(picture, y) + (x + done) * at.pixel, count - done, r + done, g + done, b + done);
    }
    if (done < count) load_scattered<T>(picture, y, x + done, count - done, r + done, g + done, b + done);
}

// Calls f.template operator()<T>() with the type of the picture's samples.
template <class F>
void with_samples(const Source& picture, F f) {
    switch (picture.sample) {
        case Sample::u8: return f.template operator()<std::uint8_t>();
        case Sample::u16: return f.template operator()<std::uint16_t>();
        case Sample::f16: return f.template operator()<HalfSample>();
        case Sample::f32: return f.template operator()<float>();
    }
}

// Full scale of a picture's samples.
inline float full_scale(const Source& picture) {
    const bool whole = picture.sample == Sample::u8 || picture.sample == Sample::u16;
    return whole ? static_cast<float>((1 << picture.bits) - 1) : 1.0f;
}

// See FrameKernel::sum_squares.
template <class V, class P>
void sum_squares(const Source& picture, int row, float* room, float* out) {
    const int width = picture.width, padded = width + 64;
    float *r = room, *g = room + padded, *b = room + 2 * padded, *sum = room + 3 * padded;
    for (int i = 0; i < 2; ++i) {
        with_samples(picture, [&]<class T>() { load_row<P, T>(picture, 2 * row + i, 0, width, r, g, b); });
        for (int x = 0; x < width; x += V::lanes) {
            // What is infinite or no number counts as 0, or it would spoil its whole cells.
            const auto sound = [](const float* p) {
                const V v = V::load_any(p);
                return V::select(V::less(V::abs(v), V::all(std::numeric_limits<float>::infinity())), v, V::all(0));
            };
            const V top = V::max(V::max(sound(r + x), sound(g + x)), sound(b + x));
            (i ? V::load_any(sum + x) + top : top).store_any(sum + x);
        }
    }
    sum[width] = sum[width - 1];
    out[0] = 2 * sum[0];
    const int columns = (width + 1) / 2;
    for (int x = 0; x < columns; ++x) out[1 + x] = sum[2 * x] + sum[2 * x + 1];
    out[1 + columns] = 2 * sum[width - 1];
}

}  // namespace
}  // namespace candela
