// SMPTE ST 2084, BT.2100 HLG, ACEScct (S-2016-001) and DaVinci Intermediate as curves over rows.
#include "encodings.hpp"

#include "curves.hpp"

namespace candela::plugin {
namespace {

constexpr float hlg_peak = 1000;

using namespace exact;

const RowKernels& rows() { return row_kernels(); }

// Of numbers that are not below zero, or count as zero there.
void apply(CurveName name, const float* x, float* y, std::size_t n) { rows().curve(curve_named(name).rows, Below::zero, x, y, n); }

float f(double value) { return static_cast<float>(value); }

template <class F>
void each(const Rows& all, F one) {
    one(all.r);
    one(all.g);
    one(all.b);
}

// Straight up to the knee, above it a curve.
void over(CurveName name, double knee, double slope, double offset, const Rows& all) {
    each(all, [&](float* x) { rows().curve_over(curve_named(name).rows, f(knee), f(slope), f(offset), x, all.count); });
}

}  // namespace

void nits_to_pq(float* x, std::size_t n) {
    apply(CurveName::pq_of_nits, x, x, n);
}

void pq_to_nits(float* x, std::size_t n) {
    rows().nits_of_codes(curve_named(CurveName::nits_of_pq).rows, curve_named(CurveName::nits_of_low_pq).rows, x, n);
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
        case Encoding::acescct:
            rows().matrix(out_.data(), all.r, all.g, all.b, all.count);
            return over(CurveName::acescct_code, cct_knee, cct_slope, cct_offset, all);
        case Encoding::intermediate:
            rows().matrix(out_.data(), all.r, all.g, all.b, all.count);
            return over(CurveName::intermediate_code, di_linear, di_m, 0, all);
    }
}

void EncodingConverter::to_nits(const Rows& all) const {
    switch (encoding_) {
        case Encoding::pq: return each(all, [&](float* x) { pq_to_nits(x, all.count); });
        case Encoding::hlg: return hlg_to(all);
        case Encoding::linear_nits: return;
        case Encoding::linear_white: return each(all, [&](float* x) { rows().scale(f(reference_white), x, all.count); });
        case Encoding::acescg: break;
        case Encoding::acescct: over(CurveName::acescct_light, cct_code, 1 / cct_slope, -cct_offset / cct_slope, all); break;
        case Encoding::intermediate: over(CurveName::intermediate_light, di_code, 1 / di_m, 0, all); break;
    }
    rows().matrix(in_.data(), all.r, all.g, all.b, all.count);
}

// BT.2100-2 table 5, note 5f; the OOTF of BT.2408-7 6.2 and its inverse.
void EncodingConverter::hlg_from(const Rows& all) const {
    rows().hlg_of_nits(curve_named(CurveName::hlg_inverse_ootf).rows, curve_named(CurveName::hlg_code).rows, hlg_peak, all.r, all.g,
                       all.b, all.count);
}

void EncodingConverter::hlg_to(const Rows& all) const {
    rows().nits_of_hlg(curve_named(CurveName::hlg_ootf).rows, curve_named(CurveName::hlg_scene).rows, hlg_peak, all.r, all.g, all.b,
                       all.count);
}

}  // namespace candela::plugin
