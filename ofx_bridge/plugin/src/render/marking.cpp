// Every pixel is held against the limits of one view; the bands of false colour are those of reports and overlays.
#include "marking.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "host/work.hpp"

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

constexpr float picture_from = 0.2f;  // nits
constexpr int share_of_line = 200, samples_of_line = 480;

// The first and last of lines that hold picture.
std::optional<std::pair<int, int>> span_of(const std::vector<int>& counts, int samples) {
    const auto holds = [&](int count) { return count * share_of_line > samples; };
    const auto first = std::find_if(counts.begin(), counts.end(), holds);
    if (first == counts.end()) return {};
    const auto last = std::find_if(counts.rbegin(), counts.rend(), holds);
    return std::pair(static_cast<int>(first - counts.begin()), static_cast<int>(counts.rend() - last));
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

std::optional<Region> active_picture(ofx::Effect effect, const Image& image, const FrameRect& frame,
                                     const EncodingConverter& encoding) {
    const Region there = frame.region(image.bounds);
    const int width = there.right - there.left, height = there.bottom - there.top;
    if (width < 16 || height < 16) return {};
    const int across = std::max(1, width / samples_of_line), down = std::max(1, height / samples_of_line);
    std::vector<int> rows(static_cast<std::size_t>(height)), columns(static_cast<std::size_t>(width));
    std::mutex mutex;
    share_work(effect, static_cast<std::size_t>((height + 15) / 16), [&](std::size_t part) {
        std::vector<float> room(3 * static_cast<std::size_t>(width));
        std::vector<int> seen(columns.size());
        const Rows line{room.data(), room.data() + width, room.data() + 2 * width, columns.size()};
        const int first = static_cast<int>(part) * 16;
        for (int y = first; y < std::min(first + 16, height); ++y) {
            row_kernels().load(image.at(frame.left + there.left, frame.host_row(there.top + y)), image.sample, image.channels, line.r,
                               line.g, line.b, line.count);
            encoding.to_nits(line);
            for (int x = 0; x < width; ++x) {
                const auto i = static_cast<std::size_t>(x);
                const bool lit = std::max({line.r[i], line.g[i], line.b[i]}) > picture_from;
                if (x % across == 0) rows[static_cast<std::size_t>(y)] += lit;
                if (y % down == 0) seen[i] += lit;
            }
        }
        const std::lock_guard lock(mutex);
        for (std::size_t i = 0; i < columns.size(); ++i) columns[i] += seen[i];
    });
    const auto y = span_of(rows, (width + across - 1) / across), x = span_of(columns, (height + down - 1) / down);
    if (!x || !y) return {};
    const Region out{there.left + x->first, there.top + y->first, there.left + x->second, there.top + y->second};
    const auto area = [](int w, int h) { return static_cast<std::int64_t>(w) * h; };
    const auto found = area(out.right - out.left, out.bottom - out.top);
    if (found * 4 < area(frame.width, frame.height) || found == area(frame.width, frame.height)) return {};
    return out;
}

}  // namespace candela::plugin
