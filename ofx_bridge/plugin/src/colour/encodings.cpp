// SMPTE ST 2084, BT.2100 HLG, ACEScct (S-2016-001) and DaVinci Intermediate as curves over rows.
#include "encodings.hpp"

#include <algorithm>
#include <cmath>

namespace candela::plugin {
namespace {

constexpr double hlg_a = 0.17883277, hlg_b = 1 - 4 * hlg_a, hlg_peak = 1000, hlg_gamma = 1.2;
const double hlg_c = 0.5 - hlg_a * std::log(4 * hlg_a);

// S-2016-001: ACEScct.
constexpr double cct_knee = 0.0078125, cct_slope = 10.5402377416545, cct_offset = 0.0729055341958355, cct_code = 0.155251141552511;
// Blackmagic Design, "DaVinci Intermediate".
constexpr double di_a = 0.0075, di_b = 7, di_c = 0.07329248, di_m = 10.44426855, di_linear = 0.00262409, di_code = 0.02740668;

constexpr std::size_t most = 2048;  // numbers on the way

const RowKernels& rows() { return row_kernels(); }

float f(double value) { return static_cast<float>(value); }

// f(rows of no more than `most` numbers).
template <class F>
void in_parts(const Rows& all, F part) {
    for (std::size_t at = 0; at < all.count; at += most) {
        part(Rows{all.r + at, all.g + at, all.b + at, std::min(most, all.count - at)});
    }
}

template <class F>
void each(const Rows& all, F one) {
    one(all.r);
    one(all.g);
    one(all.b);
}

}  // namespace

void nits_to_pq(float* x, std::size_t n) {
    static const Curve code([](double nits) { return pq_code(nits); }, 15, 0);
    rows().curve(code, Below::zero, x, x, n);
}

void pq_to_nits(float* x, std::size_t n) {
    // Quarters of an octave: 2^-13 to 8, and what lies below in a second curve.
    static const Curve high([](double v) { return pq_nits(v); }, 0, 2);
    static const Curve low([](double v) { return pq_nits(v); }, -16, 2);
    for (std::size_t at = 0; at < n; at += most) {
        const std::size_t count = std::min(most, n - at);
        float under[most], over[most], *here = x + at;
        bool dark = false;
        for (std::size_t i = 0; i < count; ++i) {
            const bool is = here[i] < high.lowest();
            dark |= is;
            under[i] = is && here[i] > 7.3e-7f ? here[i] : 0.0f;
            over[i] = is ? 0.0f : here[i];
        }
        rows().curve(high, Below::zero, over, over, count);
        if (dark) rows().curve(low, Below::zero, under, under, count);
        for (std::size_t i = 0; i < count; ++i) here[i] = here[i] < high.lowest() ? under[i] : over[i];
    }
}

EncodingConverter::EncodingConverter(Encoding encoding, double unit) : encoding_(encoding) {
    const Gamut& ours = gamut_of(Primaries::bt2020);
    const Gamut& theirs = encoding == Encoding::intermediate ? davinci_wide_gamut
                          : encoding == Encoding::acescg || encoding == Encoding::acescct ? gamut_of(Primaries::ap1)
                                                                                           : ours;
    const double nits = encoding == Encoding::linear_white ? reference_white : encoding == Encoding::linear_nits ? 1 : unit;
    const Matrix3 out = rgb_to_rgb(ours, theirs), in = rgb_to_rgb(theirs, ours);
    for (std::size_t i = 0; i < 9; ++i) {
        out_[i] = f(out[i] / nits);
        in_[i] = f(in[i] * nits);
    }
}

void EncodingConverter::from_nits(const Rows& all) const {
    switch (encoding_) {
        case Encoding::pq: return each(all, [&](float* x) { nits_to_pq(x, all.count); });
        case Encoding::hlg: return hlg_from(all);
        case Encoding::linear_nits: return;
        case Encoding::linear_white: return each(all, [&](float* x) { rows().scale(f(1 / reference_white), x, all.count); });
        case Encoding::acescg: return rows().matrix(out_.data(), all.r, all.g, all.b, all.count);
        case Encoding::acescct: {
            static const Curve logs([](double x) { return (std::log2(std::max(x, 1e-30)) + 9.72) / 17.52; }, 32, 0);
            rows().matrix(out_.data(), all.r, all.g, all.b, all.count);
            return in_parts(all, [&](const Rows& part) {
                each(part, [&](float* x) {
                    float y[most];
                    rows().curve(logs, Below::zero, x, y, part.count);
                    rows().straight(x, f(cct_knee), f(cct_slope), f(cct_offset), y, part.count);
                    std::copy_n(y, part.count, x);
                });
            });
        }
        case Encoding::intermediate: {
            static const Curve logs([](double x) { return (std::log2(x + di_a) + di_b) * di_c; }, 32, 0);
            rows().matrix(out_.data(), all.r, all.g, all.b, all.count);
            return in_parts(all, [&](const Rows& part) {
                each(part, [&](float* x) {
                    float y[most];
                    rows().curve(logs, Below::zero, x, y, part.count);
                    rows().straight(x, f(di_linear), f(di_m), 0, y, part.count);
                    std::copy_n(y, part.count, x);
                });
            });
        }
    }
}

void EncodingConverter::to_nits(const Rows& all) const {
    switch (encoding_) {
        case Encoding::pq: return each(all, [&](float* x) { pq_to_nits(x, all.count); });
        case Encoding::hlg: return hlg_to(all);
        case Encoding::linear_nits: return;
        case Encoding::linear_white: return each(all, [&](float* x) { rows().scale(f(reference_white), x, all.count); });
        case Encoding::acescg: break;
        case Encoding::acescct: {
            static const Curve powers([](double v) { return std::exp2(v * 17.52 - 9.72); }, 1, 3);
            in_parts(all, [&](const Rows& part) {
                each(part, [&](float* x) {
                    float y[most];
                    rows().curve(powers, Below::zero, x, y, part.count);
                    rows().straight(x, f(cct_code), f(1 / cct_slope), f(-cct_offset / cct_slope), y, part.count);
                    std::copy_n(y, part.count, x);
                });
            });
            break;
        }
        case Encoding::intermediate: {
            static const Curve powers([](double v) { return std::exp2(v / di_c - di_b) - di_a; }, 1, 3);
            in_parts(all, [&](const Rows& part) {
                each(part, [&](float* x) {
                    float y[most];
                    rows().curve(powers, Below::zero, x, y, part.count);
                    rows().straight(x, f(di_code), f(1 / di_m), 0, y, part.count);
                    std::copy_n(y, part.count, x);
                });
            });
            break;
        }
    }
    rows().matrix(in_.data(), all.r, all.g, all.b, all.count);
}

void EncodingConverter::hlg_from(const Rows& all) const {
    // BT.2100-2 table 5, note 5f; the inverse OOTF of BT.2408-7 6.2. Black would be nothing times infinity.
    static const Curve power([](double y) { return y > 0 ? std::pow(y, (1 - hlg_gamma) / hlg_gamma) : 0.0; }, 4, 0);
    static const Curve logs([](double e) { return hlg_a * std::log(std::max(12 * e - hlg_b, 1e-9)) + hlg_c; }, 12, 2);
    in_parts(all, [&](const Rows& part) {
        float y[most];
        each(part, [&](float* x) { rows().scale(f(1 / hlg_peak), x, part.count); });
        rows().hlg_luminance(part.r, part.g, part.b, y, part.count);
        rows().curve(power, Below::zero, y, y, part.count);
        each(part, [&](float* x) {
            float logged[most];
            rows().times(y, x, part.count);
            // Only what lies on the logarithm is asked of it.
            for (std::size_t i = 0; i < part.count; ++i) logged[i] = std::max(std::fabs(x[i]), 0.0625f);
            rows().curve(logs, Below::zero, logged, logged, part.count);
            rows().hlg_select(x, logged, x, part.count);
        });
    });
}

void EncodingConverter::hlg_to(const Rows& all) const {
    static const Curve power([](double y) { return y > 0 ? std::pow(y, hlg_gamma - 1) : 0.0; }, 4, 0);
    static const Curve exps([](double v) { return (std::exp((v - hlg_c) / hlg_a) + hlg_b) / 12; }, 4, 2);
    in_parts(all, [&](const Rows& part) {
        float y[most];
        each(part, [&](float* x) {
            for (std::size_t i = 0; i < part.count; ++i) y[i] = std::max(std::fabs(x[i]), 0.5f);
            rows().curve(exps, Below::zero, y, y, part.count);
            rows().hlg_unselect(x, y, x, part.count);
        });
        rows().hlg_luminance(part.r, part.g, part.b, y, part.count);
        rows().curve(power, Below::zero, y, y, part.count);
        each(part, [&](float* x) {
            rows().times(y, x, part.count);
            rows().scale(f(hlg_peak), x, part.count);
        });
    });
}

}  // namespace candela::plugin
