// Every pixel is held against the limits of one view; the bands of false colour are those of reports and overlays.
#include "marking.hpp"

#include <algorithm>
#include <cmath>

namespace candela::plugin {
namespace {

void matrix_to(Primaries primaries, float (&out)[9]) {
    const Matrix3 m = rgb_to_rgb(gamut_of(Primaries::bt2020), gamut_of(primaries));
    for (std::size_t i = 0; i < 9; ++i) out[i] = static_cast<float>(m[i]);
}

// Whether light lies outside a gamut by more than rounding: a hundredth of a nit, or a five hundredth of the pixel.
bool outside(const float* m, float r, float g, float b) {
    const float slack = std::max(0.01f, 0.002f * std::max({r, g, b}));
    for (int i = 0; i < 3; ++i) {
        if (m[3 * i] * r + m[3 * i + 1] * g + m[3 * i + 2] * b < -slack) return true;
    }
    return false;
}

}  // namespace

Marker::Marker(ScopeView view, double peak, const EncodingConverter& encoding) : view_(view), peak_(static_cast<float>(peak)) {
    if (view == ScopeView::false_colour) {
        for (const Band& band : all_bands) colours_.push_back(encoded(band.colour, encoding));
    } else if (view == ScopeView::gamut) {
        colours_ = {encoded(outside_709, encoding), encoded(outside_p3, encoding)};
    } else {
        colours_ = {encoded(over_peak_colour, encoding)};
    }
    matrix_to(Primaries::bt709, to_709_);
    matrix_to(Primaries::p3d65, to_p3_);
}

Marker::Value Marker::encoded(Colour colour, const EncodingConverter& encoding) const {
    Value out{{colour.r / 255.0f, colour.g / 255.0f, colour.b / 255.0f}};
    const Rows one{out.rgb, out.rgb + 1, out.rgb + 2, 1};
    srgb_to_nits(one);
    encoding.from_nits(one);
    return out;
}

void Marker::mark(const Planes& values, const Rows& light) const {
    const auto put = [&](std::size_t i, std::size_t colour) {
        for (int c = 0; c < 3; ++c) values.channel[c][i] = colours_[colour].rgb[c];
    };
    for (std::size_t i = 0; i < light.count; ++i) {
        const float r = light.r[i], g = light.g[i], b = light.b[i], largest = std::max({r, g, b});
        switch (view_) {
            case ScopeView::picture: return;
            case ScopeView::false_colour: {
                std::size_t band = 0;
                while (band + 1 < colours_.size() && largest >= all_bands[band + 1].from) ++band;
                put(i, band);
                break;
            }
            case ScopeView::gamut:
                if (outside(to_p3_, r, g, b)) put(i, 1);
                else if (outside(to_709_, r, g, b)) put(i, 0);
                break;
            case ScopeView::over_peak:
                // PQ of the peak itself rounds to a little more.
                if (largest > peak_ * 1.0005f) put(i, 0);
        }
    }
}

}  // namespace candela::plugin
