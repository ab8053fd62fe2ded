// Samples, and half precision by integer arithmetic alone: for every compiler and processor.
#include "candela/picture.hpp"

#include <bit>
#include <cstdint>

namespace candela {

std::size_t size_of(Sample sample) {
    return sample == Sample::u8 ? 1 : sample == Sample::f32 ? 4 : 2;
}

Layout Layout::packed(int width, Sample sample) {
    const auto size = static_cast<std::ptrdiff_t>(size_of(sample));
    return {3 * size * width, 3 * size, size};
}

float half_to_float(unsigned short half) {
    const std::uint32_t sign = (half & 0x8000u) << 16, body = half & 0x7fffu;
    if (body >= 0x7c00) return std::bit_cast<float>(sign | 0x7f800000u | (body & 0x3ffu) << 13);
    if (body < 0x400) {  // subnormal: an integer of 2^-24
        const float value = static_cast<float>(body) * 0x1p-24f;
        return sign ? -value : value;
    }
    return std::bit_cast<float>(sign | ((body << 13) + 0x38000000u));
}

unsigned short half_of_float(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = bits >> 16 & 0x8000u, body = bits & 0x7fffffffu;
    if (body > 0x7f800000u) return static_cast<unsigned short>(sign | 0x7e00u);
    if (body >= 0x47800000u) return static_cast<unsigned short>(sign | 0x7c00u);
    if (body < 0x38800000u) {  // subnormal or zero: adding 0.5 leaves the rounded integer of 2^-24 in the low bits
        const float moved = std::bit_cast<float>(body) + 0.5f;
        return static_cast<unsigned short>(sign | (std::bit_cast<std::uint32_t>(moved) - 0x3f000000u));
    }
    const std::uint32_t rounded = body - 0x38000000u + 0xfffu + (body >> 13 & 1);
    return static_cast<unsigned short>(sign | rounded >> 13);
}

}  // namespace candela
