// The transfer functions of encodings in double precision, for the processor and for CUDA alike.
#pragma once

#include <cmath>

#if defined(__CUDACC__)
#define CANDELA_BOTH __host__ __device__
#define CANDELA_APART __noinline__  // seldom called, and long
#else
#define CANDELA_BOTH
#define CANDELA_APART
#endif

namespace candela::plugin {

enum class CurveKind {
    power,             // x^p
    pq_code,           // SMPTE ST 2084: of p nits times x
    pq_nits,
    srgb_light,        // IEC 61966-2-1, its power alone, of codes
    srgb_signal,       // and back
    srgb_whole,        // with the straight part, of codes
    srgb_bent,         // x^2.4, of what the engine makes of a code
    acescct_code,      // Academy S-2016-001, its logarithm, and back
    acescct_light,
    intermediate_code, // Blackmagic Design, "DaVinci Intermediate", 2021, its logarithm, and back
    intermediate_light,
    hlg_code,          // BT.2100-2 table 5, of twelve times the scene's light: its two halves meet at 1
    hlg_scene,         // its logarithm's way back
    luminance_power    // x^p, and nothing at 0: black would be nothing times infinity
};

// A function by its kind and, where it has one, its number.
struct CurveFunction {
    CurveKind kind;
    double p = 0;
};

namespace exact {

inline constexpr double m1 = 2610.0 / 16384, m2 = 2523.0 / 4096 * 128;
inline constexpr double c1 = 3424.0 / 4096, c2 = 2413.0 / 4096 * 32, c3 = 2392.0 / 4096 * 32;
inline constexpr double hlg_a = 0.17883277, hlg_b = 1 - 4 * hlg_a, hlg_c = 0.559910729529562;  // 0.5 - a ln(4 a)
inline constexpr double cct_knee = 0.0078125, cct_slope = 10.5402377416545, cct_offset = 0.0729055341958355,
                        cct_code = 0.155251141552511;
inline constexpr double di_a = 0.0075, di_b = 7, di_c = 0.07329248, di_m = 10.44426855, di_linear = 0.00262409, di_code = 0.02740668;

}  // namespace exact

CANDELA_BOTH CANDELA_APART inline double exact_value(const CurveFunction& f, double x) {
    using namespace exact;
    switch (f.kind) {
        case CurveKind::power: return std::pow(x, f.p);
        case CurveKind::luminance_power: return x > 0 ? std::pow(x, f.p) : 0.0;
        case CurveKind::pq_code: {
            const double light = x * f.p / 10000, y = std::pow(light > 0 ? light : 0.0, m1);
            return std::pow((c1 + c2 * y) / (1 + c3 * y), m2);
        }
        case CurveKind::pq_nits: {
            const double root = std::pow(x > 0 ? x : 0.0, 1 / m2), over = root - c1;
            return 10000 * std::pow((over > 0 ? over : 0.0) / (c2 - c3 * root), 1 / m1);
        }
        case CurveKind::srgb_light: return std::pow((x + 0.055) / 1.055, 2.4);
        case CurveKind::srgb_signal: return 1.055 * std::pow(x, 1 / 2.4) - 0.055;
        case CurveKind::srgb_whole: return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
        case CurveKind::srgb_bent: return std::pow(x, 2.4);
        case CurveKind::acescct_code: return (std::log2(x > 1e-30 ? x : 1e-30) + 9.72) / 17.52;
        case CurveKind::acescct_light: return std::exp2(x * 17.52 - 9.72);
        case CurveKind::intermediate_code: return (std::log2(x + di_a) + di_b) * di_c;
        case CurveKind::intermediate_light: return std::exp2(x / di_c - di_b) - di_a;
        case CurveKind::hlg_code: return x <= 1 ? std::sqrt(x > 0 ? x : 0.0) / 2 : hlg_a * std::log(x - hlg_b) + hlg_c;
        case CurveKind::hlg_scene: return (std::exp((x - hlg_c) / hlg_a) + hlg_b) / 12;
    }
    return 0;
}

}  // namespace candela::plugin
