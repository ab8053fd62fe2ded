// Curves and samples, one value at a time: the arithmetic of colour/rows_loops.hpp and the engine's frame/output.hpp.
#pragma once

#include <cstring>

#include "job.hpp"

// Loops whose arrays are to be registers.
#if defined(__CUDACC__)
#define CANDELA_UNROLL _Pragma("unroll")
#else
#define CANDELA_UNROLL
#endif

namespace candela::plugin::gpu {

CANDELA_BOTH inline std::uint32_t bits_of(float x) {
    std::uint32_t out;
    std::memcpy(&out, &x, 4);
    return out;
}

CANDELA_BOTH inline float float_of(std::uint32_t bits) {
    float out;
    std::memcpy(&out, &bits, 4);
    return out;
}

// The bound where x is below or above it; what is no number stays none.
CANDELA_BOTH inline float at_least(float bound, float x) { return x < bound ? bound : x; }
CANDELA_BOTH inline float at_most(float bound, float x) { return x > bound ? bound : x; }
CANDELA_BOTH inline float held(float x, float low, float high) { return at_most(high, at_least(low, x)); }
CANDELA_BOTH inline float larger(float a, float b) { return a > b ? a : b; }
CANDELA_BOTH inline int within(int x, int low, int high) { return x < low ? low : x > high ? high : x; }

// Numbers below zero count as zero, or mirror the curve.
CANDELA_BOTH inline float curve_at(const CurveTable& c, const float* tables, float x, bool mirrored = false) {
    const float size = x < 0 ? (mirrored ? -x : 0.0f) : x;
    float y;
    if (size == 0) {
        y = c.at_zero;
    } else if (size >= c.lowest && size < c.beyond) {
        const std::uint32_t bits = bits_of(size), low = (1u << c.shift) - 1;
        const float* terms = tables + c.terms + 8 * (static_cast<int>(bits >> c.shift) - c.first);
        const float t = float_of((bits & low) | 0x3f800000u) - c.middle;
        y = terms[7];
        for (int k = 6; k >= 0; --k) y = y * t + terms[k];
    } else {
        y = size != size ? size : static_cast<float>(exact_value(c.function, size));
    }
    return x < 0 && mirrored ? -y : y;
}

// 2^x - 1 for |x| <= 24, as exact near zero as elsewhere.
CANDELA_BOTH inline float power_of_two_less_one(float x) {
    if (x != x) return x;
    const float n = std::rint(x), f = x - n;
    const float c[] = {1.5252734e-5f, 1.5403530e-4f, 1.3333558e-3f, 9.6181291e-3f, 5.5504109e-2f, 2.4022651e-1f, 6.9314718e-1f};
    float y = c[0];
    for (int k = 1; k < 7; ++k) y = y * f + c[k];
    const float power = float_of(static_cast<std::uint32_t>(static_cast<int>(n) + 127) << 23);
    return y * f * power + (power - 1);
}

struct Rgb {
    float v[3];
};

CANDELA_BOTH inline Rgb times(const float* m, const Rgb& x) {
    Rgb out;
    for (int c = 0; c < 3; ++c) out.v[c] = m[3 * c] * x.v[0] + m[3 * c + 1] * x.v[1] + m[3 * c + 2] * x.v[2];
    return out;
}

CANDELA_BOTH inline float half_to_float(std::uint16_t half) {
    const std::uint32_t body = half & 0x7fffu, sign = (half & 0x8000u) << 16;
    const std::uint32_t normal = (body << 13) + (body >= 0x7c00u ? 0x70000000u : 0x38000000u);
    const std::uint32_t small = bits_of(static_cast<float>(static_cast<int>(body)) * 0x1p-24f);
    return float_of(sign | (body < 0x400u ? small : normal));
}

CANDELA_BOTH inline std::uint16_t half_of_float(float value) {
    const std::uint32_t bits = bits_of(value), body = bits & 0x7fffffffu;
    const std::uint32_t normal = (body - 0x38000000u + 0xfffu + (body >> 13 & 1)) >> 13;
    const std::uint32_t small = bits_of(float_of(body) + 0.5f) - 0x3f000000u;
    std::uint32_t half = body < 0x38800000u ? small : normal;
    half = body >= 0x47800000u ? 0x7c00u : half;
    half = body > 0x7f800000u ? 0x7e00u : half;
    return static_cast<std::uint16_t>((bits >> 16 & 0x8000u) | half);
}

// candela::Sample: 8 bits, 16 bits, half, float.
CANDELA_BOTH inline int bytes_of(int sample) { return sample == 0 ? 1 : sample == 3 ? 4 : 2; }

// Component c of a pixel: integers over their full scale, or, where `whole`, as they stand.
CANDELA_BOTH inline float loaded(const unsigned char* pixel, int sample, int c, bool whole) {
    if (sample == 0) return whole ? static_cast<float>(pixel[c]) : static_cast<float>(pixel[c]) / 255.0f;
    if (sample == 3) {
        float value;
        std::memcpy(&value, pixel + 4 * c, 4);
        return value;
    }
    std::uint16_t word;
    std::memcpy(&word, pixel + 2 * c, 2);
    if (sample == 2) return half_to_float(word);
    return whole ? static_cast<float>(word) : static_cast<float>(word) / 65535.0f;
}

// No number is 0 in integers, which have no other way to say it.
CANDELA_BOTH inline void stored(unsigned char* pixel, int sample, int c, float v) {
    if (sample == 3) {
        std::memcpy(pixel + 4 * c, &v, 4);
        return;
    }
    if (sample == 2) {
        const std::uint16_t half = half_of_float(v);
        std::memcpy(pixel + 2 * c, &half, 2);
        return;
    }
    const float low = v > 0 ? v : 0.0f, share = low < 1 ? low : 1.0f;
    if (sample == 0) {
        pixel[c] = static_cast<unsigned char>(static_cast<int>(share * 255 + 0.5f));
        return;
    }
    const auto word = static_cast<std::uint16_t>(static_cast<int>(share * 65535 + 0.5f));
    std::memcpy(pixel + 2 * c, &word, 2);
}

}  // namespace candela::plugin::gpu
