#include "counting.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

#if defined(_MSC_VER)
#define CANDELA_QC_APART __restrict
#else
#define CANDELA_QC_APART __restrict__
#endif

namespace candela {
namespace {

constexpr int float_keys = 1 << 19;
constexpr int knot = 6000;  // 20 nit

// How far the curve, four times, is above a line through nought, at most.
int above_line(const std::uint16_t* curve, int from, int to, int slope) {
    int most = -(1 << 16);
    for (int i = from; i <= to; ++i) most = std::max(most, 4 * curve[i] - static_cast<int>(4u * i * slope >> 16));
    return most;
}

// The chords of both halves, moved to where no code is above them.
EdgeLines lines_of(const std::uint16_t* curve) {
    constexpr int last = light_codes - 1;
    const auto slope_of = [&](int a, int b) { return std::clamp((curve[b] - curve[a]) * 65536LL / (b - a), 0LL, 65535LL); };
    const int low = static_cast<int>(slope_of(0, knot)), high = static_cast<int>(slope_of(knot, last));
    EdgeLines lines{static_cast<std::uint16_t>(low), 0, static_cast<std::uint16_t>(high), 0};
    lines.lift = static_cast<std::uint16_t>(std::max(above_line(curve, 0, knot, low), 0));
    // A curve that is not convex would need a lift here: then the first line has it, and more is looked at.
    const int over = above_line(curve, knot, last, high);
    lines.drop = static_cast<std::uint16_t>(std::max(-over, 0));
    if (over > 0) lines.low_slope = 0, lines.lift = 65535;
    return lines;
}

}  // namespace

int float_key(float value) {
    return std::min(static_cast<int>(std::bit_cast<std::uint32_t>(std::max(value, 0.0f)) >> 12), float_keys - 1);
}

void check_area(const Region& area, int width, int height) {
    if (area.left < 0 || area.top < 0 || area.left >= area.right || area.top >= area.bottom || area.right > width ||
        area.bottom > height) {
        throw std::invalid_argument("the area that is counted lies in the picture and is not empty");
    }
}

bool before_place(int x, int y, int other_x, int other_y) { return y < other_y || (y == other_y && x < other_x); }

Counting::Counting(const LightTables& tables, const QcLoops& loops, const Region& area, int width)
    : tables_(tables), loops_(loops), area_(area), pitch_(static_cast<std::size_t>(width)), codes_(4 * pitch_),
      nits_(width), tops_(2 * light_codes), channels_(6 * channel_codes) {
    counts.top.resize(light_codes);
    counts.channels.resize(3 * channel_codes);
    counts.outside_tiles.resize(tiles_across * tiles_down);
    counts.rgb_tiles.resize(tiles_across * tiles_down);
    for (int k = 0; tables.least && k < 3; ++k) edges_[k] = lines_of(tables.least + k * light_codes);
}

void Counting::look_up(int n) {
    const LightTables& t = tables_;
    std::uint16_t* rows[3] = {line(0), line(1), line(2)};
    if (!t.scene) {
        for (auto* row : rows) {
            for (int i = 0; i < n; ++i) row[i] = t.codes[row[i]];
        }
        return;
    }
    for (int i = 0; i < n; ++i) {
        const float r = t.scene[rows[0][i]], g = t.scene[rows[1][i]], b = t.scene[rows[2][i]];
        const float gain = t.gain[float_key((0.2627f * r + 0.6780f * g) + 0.0593f * b)];
        const float light[3] = {gain * r, gain * g, gain * b};
        nits_[i] = std::max(std::max(light[0], light[1]), light[2]);
        for (int k = 0; k < 3; ++k) rows[k][i] = t.from_nits[float_key(light[k])];
    }
}

void Counting::add_most(const std::uint16_t* most, const std::uint16_t* before, int n) {
    if (before) counts.difference += loops_.difference(most, before, n, &counts.changed);
    for (int begin = 0; begin < n; begin += 65536) {
        const int end = std::min(n, begin + 65536);
        if (most_in_one_ + (end - begin + 1) / 2 > 65535) flush();
        most_in_one_ += (end - begin + 1) / 2;
        std::uint16_t *CANDELA_QC_APART first = tops_.data(), *CANDELA_QC_APART second = first + light_codes;
        int i = begin;
        for (; i + 1 < end; i += 2) ++first[most[i]], ++second[most[i + 1]];
        if (i < end) ++first[most[i]];
    }
}

void Counting::add_channels(int y, int n) {
    if ((y - area_.top) % channel_rows) return;
    for (int begin = 0; begin < n; begin += 65536) {
        const int end = std::min(n, begin + 65536);
        if (most_in_channel_ + (end - begin + 1) / 2 > 65535) flush();
        most_in_channel_ += (end - begin + 1) / 2;
        for (int k = 0; k < 3; ++k) {
            const std::uint16_t* row = line(k);
            std::uint16_t *CANDELA_QC_APART first = channels_.data() + 2 * k * channel_codes,
                          *CANDELA_QC_APART second = first + channel_codes;
            int i = begin;
            for (; i + 1 < end; i += 2) ++first[row[i] >> 2], ++second[row[i + 1] >> 2];
            if (i < end) ++first[row[i] >> 2];
        }
    }
}

void Counting::flush() {
    for (int i = 0; i < light_codes; ++i) counts.top[i] += tops_[i] + tops_[light_codes + i];
    for (int k = 0; k < 3; ++k) {
        const std::uint16_t* from = channels_.data() + 2 * k * channel_codes;
        std::uint32_t* to = counts.channels.data() + k * channel_codes;
        for (int i = 0; i < channel_codes; ++i) to[i] += from[i] + from[channel_codes + i];
    }
    std::ranges::fill(tops_, std::uint16_t{0});
    std::ranges::fill(channels_, std::uint16_t{0});
    most_in_one_ = most_in_channel_ = 0;
}

void Counting::add_outside(int y, const std::uint16_t* most, int n) {
    if (!tables_.least) return;
    const std::uint16_t *r = line(0), *g = line(1), *b = line(2);
    const std::uint16_t *of_r = tables_.least, *of_g = of_r + light_codes, *of_b = of_g + light_codes;
    constexpr int block = 64;
    for (int begin = 0; begin < n; begin += block) {
        const int count = std::min(block, n - begin);
        if (!loops_.near_edge(most + begin, r + begin, g + begin, b + begin, count, edges_)) continue;
        for (int i = begin; i < begin + count; ++i) {
            const int top = most[i];
            if (r[i] < of_r[top] || g[i] < of_g[top] || b[i] < of_b[top]) leave_p3(i, y, r[i], g[i], b[i], top);
        }
    }
}

void Counting::leave_p3(int i, int y, int r, int g, int b, int top) {
    const float *light = tables_.light, *m = tables_.p3;
    const float red = light[r], green = light[g], blue = light[b];
    const float p = (m[0] * red + m[1] * green) + m[2] * blue, q = (m[3] * red + m[4] * green) + m[5] * blue,
                s = (m[6] * red + m[7] * green) + m[8] * blue;
    const float least = std::min(std::min(p, q), s), whole = light[top];
    if (!(least < -std::max(0.01f, 0.002f * whole))) return;
    ++counts.outside;
    const int x = area_.left + i;
    ++counts.outside_tiles[tile_of(x, y)];
    if (whole < 1) return;  // how far is told of what can be seen
    const float share = least / whole;
    if (share < counts.worst || (share == counts.worst && before_place(x, y, counts.worst_x, counts.worst_y))) {
        counts.worst = share, counts.worst_x = x, counts.worst_y = y;
    }
}

int Counting::tile_of(int x, int y) const {
    const int column = static_cast<int>(static_cast<std::int64_t>(x - area_.left) * tiles_across / (area_.right - area_.left));
    const int row = static_cast<int>(static_cast<std::int64_t>(y - area_.top) * tiles_down / (area_.bottom - area_.top));
    return row * tiles_across + column;
}

void Counting::add_off(int y, int count, int n) {
    counts.rgb_off += count;
    const int row = tile_of(area_.left, y);
    for (int k = 0; k < tiles_across; ++k) {
        // Pixels i with i * tiles_across / n == k.
        const auto edge = [&](int tile) { return static_cast<int>((static_cast<std::int64_t>(tile) * n + tiles_across - 1) / tiles_across); };
        counts.rgb_tiles[row + k] += loops_.sum(line(3) + edge(k), edge(k + 1) - edge(k));
    }
}

void Counting::add_levels(const void* samples, Sample sample, std::ptrdiff_t step, int n, const LevelLimits& limits) {
    std::int64_t found[4] = {};
    loops_.levels(samples, sample, step, n, limits, found);
    counts.luma_low += found[0], counts.luma_high += found[1], counts.luma_off += found[2], counts.luma_reserved += found[3];
}

void Counting::add_to(FrameCounts& to) {
    flush();
    for (int i = 0; i < light_codes; ++i) to.top[i] += counts.top[i];
    for (int i = 0; i < 3 * channel_codes; ++i) to.channels[i] += counts.channels[i];
    for (int i = 0; i < tiles_across * tiles_down; ++i) {
        to.outside_tiles[i] += counts.outside_tiles[i];
        to.rgb_tiles[i] += counts.rgb_tiles[i];
    }
    for (auto member : {&FrameCounts::outside, &FrameCounts::rgb_off, &FrameCounts::luma_low, &FrameCounts::luma_high,
                        &FrameCounts::luma_off, &FrameCounts::luma_reserved, &FrameCounts::nonfinite, &FrameCounts::difference,
                        &FrameCounts::changed}) {
        to.*member += counts.*member;
    }
    const FrameCounts& f = counts;
    if (f.worst < to.worst || (f.worst < 0 && f.worst == to.worst && before_place(f.worst_x, f.worst_y, to.worst_x, to.worst_y))) {
        to.worst = f.worst, to.worst_x = f.worst_x, to.worst_y = f.worst_y;
    }
}

}  // namespace candela
