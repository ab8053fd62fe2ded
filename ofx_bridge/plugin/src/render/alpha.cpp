// Bit by bit where both images have the same samples, as hosts nearly always give them.
#include "alpha.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace candela::plugin {
namespace {

float alpha_of(const std::byte* pixel, Sample sample) {
    const std::byte* at = pixel + 3 * size_of(sample);
    std::uint16_t word = 0;
    switch (sample) {
        case Sample::u8: return static_cast<float>(std::to_integer<int>(*at)) / 255;
        case Sample::u16: std::memcpy(&word, at, 2); return static_cast<float>(word) / 65535;
        case Sample::f16: std::memcpy(&word, at, 2); return half_to_float(word);
        case Sample::f32: break;
    }
    float value;
    std::memcpy(&value, at, 4);
    return value;
}

void set_alpha(std::byte* pixel, Sample sample, float value) {
    std::byte* at = pixel + 3 * size_of(sample);
    const float held = std::clamp(value, 0.0f, 1.0f);
    std::uint16_t word = 0;
    switch (sample) {
        case Sample::u8: *at = static_cast<std::byte>(std::lround(held * 255)); return;
        case Sample::u16: word = static_cast<std::uint16_t>(std::lround(held * 65535)); std::memcpy(at, &word, 2); return;
        case Sample::f16: word = half_of_float(value); std::memcpy(at, &word, 2); return;
        case Sample::f32: std::memcpy(at, &value, 4); return;
    }
}

template <class T>
void copy_as(const std::byte* from, std::byte* to, int count) {
    for (int i = 0; i < count; ++i) std::memcpy(to + (4 * i + 3) * sizeof(T), from + (4 * i + 3) * sizeof(T), sizeof(T));
}

}  // namespace

void copy_alpha(const Image& from, const Image& to, int x, int y, int count) {
    if (to.channels != 4 || count < 1) return;
    const bool row = y >= from.bounds.y1 && y < from.bounds.y2;
    const int first = row ? std::clamp(from.bounds.x1, x, x + count) : x + count;
    const int beyond = row ? std::clamp(from.bounds.x2, first, x + count) : first;
    for (int i = x; i < x + count; ++i) {
        if (i == first) i = beyond;
        if (i < x + count) set_alpha(to.at(i, y), to.sample, 0);
    }
    if (first == beyond) return;
    if (from.channels == 4 && from.sample == to.sample) {
        const std::byte* source = from.at(first, y);
        std::byte* target = to.at(first, y);
        switch (size_of(to.sample)) {
            case 1: return copy_as<std::uint8_t>(source, target, beyond - first);
            case 2: return copy_as<std::uint16_t>(source, target, beyond - first);
            default: return copy_as<std::uint32_t>(source, target, beyond - first);
        }
    }
    for (int i = first; i < beyond; ++i) {
        set_alpha(to.at(i, y), to.sample, from.channels == 4 ? alpha_of(from.at(i, y), from.sample) : 1.0f);
    }
}

void blacken(const Image& from, const Image& to, int x, int y, int count) {
    if (count < 1) return;
    std::memset(to.at(x, y), 0, static_cast<std::size_t>(count * to.pixel_bytes()));
    copy_alpha(from, to, x, y, count);
}

void multiply_by_alpha(const Image& from, int x, int y, int count, float* r, float* g, float* b) {
    if (from.channels != 4 || y < from.bounds.y1 || y >= from.bounds.y2) return;
    for (int i = std::max(x, from.bounds.x1); i < std::min(x + count, from.bounds.x2); ++i) {
        const float alpha = alpha_of(from.at(i, y), from.sample);
        if (!(alpha > 0 && alpha < 1)) continue;
        r[i - x] *= alpha;
        g[i - x] *= alpha;
        b[i - x] *= alpha;
    }
}

}  // namespace candela::plugin
