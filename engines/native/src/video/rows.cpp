#include "rows.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace candela {
namespace {

// Catmull and Rom's cubic at a quarter, a half or not at all between samples; exact in floats.
Taps taps_of(int pixel, float first) {
    const float place = (static_cast<float>(pixel) - first) / 2, whole = std::floor(place), t = place - whole;
    return {{((2 - t) * t - 1) * t / 2, ((3 * t - 5) * t * t + 2) / 2, ((4 - 3 * t) * t + 1) * t / 2, (t - 1) * t * t / 2},
            static_cast<int>(whole) - 1};
}

bool known(float place) { return place == 0 || place == 0.5f || place == 1; }

}  // namespace

void check_video(Sample sample, int width, int height, const VideoModel& model) {
    const auto factor = [](int n) { return n == 1 || n == 2; };
    if (sample != Sample::u8 && sample != Sample::u16) throw std::invalid_argument("samples of video are u8 or u16");
    if (!factor(model.across) || !factor(model.down)) throw std::invalid_argument("1 or 2 pixels to a chroma sample");
    if (!known(model.left) || !known(model.top)) throw std::invalid_argument("chroma lies at 0, 0.5 or 1");
    if (width < 1 || height < 1) throw std::invalid_argument("a picture has pixels");
}

VideoRows::VideoRows(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model,
                     const VideoLoops& loops)
    : planes_(planes), sample_(sample), width_(width), height_(height), model_(model), loops_(loops),
      wide_(chroma_size(width, model.across)), high_(chroma_size(height, model.down)),
      pitch_(static_cast<std::size_t>(wide_) + 2 * chroma_margin), numbers_(10 * pitch_ + 3 * static_cast<std::size_t>(width)),
      even_(taps_of(0, model.left)), odd_(taps_of(1, model.left)) {
    std::fill_n(&held_[0][0], 8, -1);
}

const float* VideoRows::widened(int plane, int y, float minus, int n, float* to) {
    const VideoPlane& p = planes_[plane];
    loops_.widen(static_cast<const char*>(p.data) + y * p.row, sample_, p.step, n, minus, to);
    return to;
}

// A row of chroma as numbers about 0; the last four are kept.
const float* VideoRows::chroma(int plane, int y) {
    y = std::clamp(y, 0, high_ - 1);
    float* kept = numbers_.data() + (4 * (plane - 1) + (y & 3)) * pitch_ + chroma_margin;
    int& held = held_[plane - 1][y & 3];
    if (held != y) widened(plane, y, model_.middle, wide_, kept);
    held = y;
    return kept;
}

// A row at its own samples: one that is kept, or a mixture of four.
const float* VideoRows::brought_down(int plane, int y) {
    if (model_.down == 1) return chroma(plane, y);
    const Taps pair = taps_of(y & 1, model_.top);
    const int first = y / 2 + pair.first;
    if (pair.weight[1] == 1) return chroma(plane, first + 1);
    const float* rows[4];
    for (int i = 0; i < 4; ++i) rows[i] = chroma(plane, first + i);
    float* mixed = spare(plane) + chroma_margin;
    loops_.mix(rows, pair.weight, wide_, mixed);
    return mixed;
}

const float* VideoRows::chroma_samples(int plane, int y) {
    // The margins lie inside the buffers of kept rows as well.
    float* line = const_cast<float*>(brought_down(plane, y));
    std::fill_n(line - chroma_margin, chroma_margin, line[0]);
    std::fill_n(line + wide_, chroma_margin, line[wide_ - 1]);
    return line;
}

const float* VideoRows::chroma_of_row(int plane, int y) {
    if (model_.across == 1) return brought_down(plane, y);
    loops_.spread(chroma_samples(plane, y), even_, odd_, width_, pixels(plane));
    return pixels(plane);
}

VideoLines VideoRows::lines(int y) {
    const float* first = widened(0, y, model_.offset, width_, pixels(0));
    if (model_.ycc) {
        const float* second = chroma_of_row(1, y);
        return {first, second, chroma_of_row(2, y)};
    }
    const float* second = widened(1, y, model_.offset, width_, pixels(1));
    return {first, second, widened(2, y, model_.offset, width_, pixels(2))};
}

}  // namespace candela
