// Rows of a tile out of and into pictures.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

#include "candela/picture.hpp"
#include "candela/sine.hpp"

namespace candela {

// The largest integer of so many bits.
inline float full_scale(int bits) { return static_cast<float>((1u << std::clamp(bits, 1, 16)) - 1); }

template <class T, class F>
void each_sample(const void* data, const Layout& layout, int y, int x, int count, F f) {
    for (int c = 0; c < 3; ++c) {
        const auto* at = static_cast<const std::byte*>(data) + y * layout.row + x * layout.pixel + c * layout.channel;
        for (int p = 0; p < count; ++p, at += layout.pixel) {
            T value;
            std::memcpy(&value, at, sizeof value);
            f(c, p, value);
        }
    }
}

// `count` pixels from (x, y) on, as codes over full scale: R, G and B in rows of tile_pixels.
inline void read_row(const Source& picture, int y, int x, int count, float* out) {
    const float full = full_scale(picture.bits);
    const auto put = [&](int c, int p) -> float& { return out[c * tile_pixels + p]; };
    switch (picture.sample) {
        case Sample::u8:
            return each_sample<std::uint8_t>(picture.data, picture.layout, y, x, count,
                                             [&](int c, int p, std::uint8_t v) { put(c, p) = v / full; });
        case Sample::u16:
            return each_sample<std::uint16_t>(picture.data, picture.layout, y, x, count,
                                              [&](int c, int p, std::uint16_t v) { put(c, p) = v / full; });
        case Sample::f16:
            return each_sample<std::uint16_t>(picture.data, picture.layout, y, x, count,
                                              [&](int c, int p, std::uint16_t v) { put(c, p) = half_to_float(v); });
        case Sample::f32:
            return each_sample<float>(picture.data, picture.layout, y, x, count,
                                      [&](int c, int p, float v) { put(c, p) = v; });
    }
}

// The reverse; integers take values within 0..1.
inline void write_row(const Target& target, int y, int x, int count, const float* in) {
    const float full = full_scale(target.bits);
    const auto put = [&](auto as) {
        using T = decltype(as(0.0f));
        for (int c = 0; c < 3; ++c) {
            auto* at = static_cast<std::byte*>(target.data) + y * target.layout.row + x * target.layout.pixel +
                       c * target.layout.channel;
            for (int p = 0; p < count; ++p, at += target.layout.pixel) {
                const T value = as(in[c * tile_pixels + p]);
                std::memcpy(at, &value, sizeof value);
            }
        }
    };
    // NaN becomes 0: an integer has no other way to say it.
    const auto whole = [&](float v) { return std::nearbyint(std::min(std::max(0.0f, v), 1.0f) * full); };
    switch (target.sample) {
        case Sample::u8: return put([&](float v) { return static_cast<std::uint8_t>(whole(v)); });
        case Sample::u16: return put([&](float v) { return static_cast<std::uint16_t>(whole(v)); });
        case Sample::f16: return put([](float v) { return std::uint16_t{half_of_float(v)}; });
        case Sample::f32: return put([](float v) { return v; });
    }
}

inline void check_pictures(const Source& picture, const Region& r, const Target& target, Encoding encoding, int height,
                           int width) {
    const auto size = [](int w, int h) { return std::to_string(w) + "x" + std::to_string(h); };
    if (picture.width != width || picture.height != height) {
        throw std::invalid_argument("a picture of " + size(picture.width, picture.height) + " for a network of " +
                                    size(width, height));
    }
    if (r.left < 0 || r.top < 0 || r.right > width || r.bottom > height || r.left > r.right || r.top > r.bottom) {
        throw std::invalid_argument("no pixels " + std::to_string(r.left) + ".." + std::to_string(r.right) + " by " +
                                    std::to_string(r.top) + ".." + std::to_string(r.bottom) + " in a picture of " +
                                    size(width, height));
    }
    const bool whole = target.sample == Sample::u8 || target.sample == Sample::u16;
    if (whole && encoding == Encoding::nits) throw std::invalid_argument("nits need floats, not integers");
    const auto bits = [](Sample sample, int n) {
        if ((sample == Sample::u8 && n != 8) || (sample == Sample::u16 && (n < 1 || n > 16))) {
            throw std::invalid_argument("samples of " + std::to_string(n) + " bits do not fit their type");
        }
    };
    bits(picture.sample, picture.bits);
    bits(target.sample, target.bits);
}

}  // namespace candela
