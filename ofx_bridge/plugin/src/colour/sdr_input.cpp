// Curves of IEC 61966-2-1 and BT.1886 with zero black, both ways.
#include "sdr_input.hpp"

#include <algorithm>
#include <cmath>

#include "candela/model.hpp"

namespace candela::plugin {
namespace {

constexpr std::size_t most = 2048;

// Codes below the knees lie on straight lines, which are apart.
std::unique_ptr<const NamedCurve> light_of(bool srgb, double exponent) {
    const CurveFunction power{CurveKind::power, exponent}, own{CurveKind::srgb_light};
    return std::make_unique<NamedCurve>(srgb ? own : power, 4, 0);
}

std::unique_ptr<const NamedCurve> signal_of(bool srgb, double exponent) {
    const CurveFunction power{CurveKind::power, 1 / exponent}, own{CurveKind::srgb_signal};
    return std::make_unique<NamedCurve>(srgb ? own : power, 8, 0);
}

void apply(const Curve& curve, bool srgb, double knee, double slope, float* x, std::size_t n) {
    for (std::size_t at = 0; at < n; at += most) {
        const std::size_t count = std::min(most, n - at);
        float y[most], *here = x + at;
        row_kernels().curve(curve, Below::mirrored, here, y, count);
        if (srgb) {
            const float low = static_cast<float>(knee), by = static_cast<float>(slope);
            for (std::size_t i = 0; i < count; ++i) y[i] = std::fabs(here[i]) <= low ? here[i] * by : y[i];
        }
        std::copy_n(y, count, here);
    }
}

}  // namespace

SdrInput::SdrInput(Input input, const ColourState& state, int bits) : changes_(input != Input::stored) {
    if (!changes_) return;
    const SdrColour own = sdr_colour(state, bits);
    const bool own_srgb = own.transfer == Transfer::srgb;
    Primaries from = state.primaries;
    if (input == Input::srgb || input == Input::bt1886) from = Primaries::bt709;
    if (input == Input::acescg) from = Primaries::ap1;
    matrix_ = from != state.primaries;
    const bool same_curve = (input == Input::srgb && own_srgb) || (input == Input::bt1886 && !own_srgb && own.exponent == 2.4);
    scale_ = static_cast<float>(1 / own.scale);
    offset_ = static_cast<float>(-own.offset / own.scale);
    if (same_curve && !matrix_) {
        changes_ = own.scale != 1 || own.offset != 0;
        return;
    }
    if (input == Input::srgb || input == Input::bt1886) {
        srgb_in_ = input == Input::srgb;
        to_light_ = light_of(srgb_in_, 2.4);
    }
    srgb_out_ = own_srgb;
    to_signal_ = signal_of(own_srgb, own.exponent);
    const Matrix3 m = rgb_to_rgb(gamut_of(from), gamut_of(state.primaries));
    for (std::size_t i = 0; i < 9; ++i) by_[i] = static_cast<float>(m[i]);
}

void SdrInput::to_codes(const Rows& rows) const {
    if (!changes_) return;
    for (float* x : {rows.r, rows.g, rows.b}) {
        if (to_light_) apply(to_light_->rows, srgb_in_, knee_in, slope_in, x, rows.count);
    }
    if (matrix_) row_kernels().matrix(by_.data(), rows.r, rows.g, rows.b, rows.count);
    for (float* x : {rows.r, rows.g, rows.b}) {
        if (to_signal_) apply(to_signal_->rows, srgb_out_, knee_out, slope_out, x, rows.count);
        if (scale_ != 1 || offset_ != 0) {
            for (std::size_t i = 0; i < rows.count; ++i) x[i] = x[i] * scale_ + offset_;
        }
    }
}

}  // namespace candela::plugin
