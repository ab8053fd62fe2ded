// Rows of a frame are counted by whichever thread is free; the counts are sums, so that nothing depends on which.
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "candela/threads.hpp"
#include "qc.hpp"

#if defined(_MSC_VER)
#define CANDELA_QC_APART __restrict
#else
#define CANDELA_QC_APART __restrict__
#endif

namespace candela {
namespace {

constexpr int strip_rows = 32;
constexpr int float_keys = 1 << 19;  // positive floats without their last 12 bits

int float_key(float value) {
    return std::min(static_cast<int>(std::bit_cast<std::uint32_t>(std::max(value, 0.0f)) >> 12), float_keys - 1);
}

void check_area(const Region& area, int width, int height) {
    if (area.left < 0 || area.top < 0 || area.left >= area.right || area.top >= area.bottom || area.right > width ||
        area.bottom > height) {
        throw std::invalid_argument("the area that is counted lies in the picture and is not empty");
    }
}

// What a thread counts, and the rows it works with.
struct Counting {
    Counting(const LightTables& tables, const LevelLimits& limits, int width)
        : tables(tables), limits(limits), codes(static_cast<std::size_t>(width) * 4), most(width), scene(tables.scene ? 3 * width : 0),
          tops(2 * light_codes), channels(6 * channel_codes) {
        counts.outside_tiles.resize(tiles_across * tiles_down);
        counts.rgb_tiles.resize(tiles_across * tiles_down);
        for (int i = 0; i < 4; ++i) row[i] = i * static_cast<std::size_t>(width);
        // Over all codes, so that one number tells most pixels apart from those that have to be looked at.
        for (int i = 1; tables.least && i < light_codes; ++i) share = std::max(share, tables.least[i] * 1024 / i + 1);
    }
    std::uint16_t* line(int i) { return codes.data() + row[i]; }

    const LightTables& tables;
    const LevelLimits& limits;
    std::vector<std::uint16_t> codes;  // R, G, B, the least
    std::vector<float> most, scene;
    std::size_t row[4];
    // Twice, so that neighbours alike do not wait for each other.
    std::vector<std::uint32_t> tops, channels;
    FrameCounts counts;
    int top_code = -1, share = 0;
};

int tile_of(const Region& area, int x, int y) {
    const int column = static_cast<int>(static_cast<std::int64_t>(x - area.left) * tiles_across / (area.right - area.left));
    const int row = static_cast<int>(static_cast<std::int64_t>(y - area.top) * tiles_down / (area.bottom - area.top));
    return row * tiles_across + column;
}

bool before_place(int x, int y, int other_x, int other_y) { return y < other_y || (y == other_y && x < other_x); }

void outside_p3(Counting& c, const Region& area, int i, int y, int r, int g, int b, int top) {
    const float *light = c.tables.light, *m = c.tables.p3;
    const float red = light[r], green = light[g], blue = light[b];
    const float p = (m[0] * red + m[1] * green) + m[2] * blue, q = (m[3] * red + m[4] * green) + m[5] * blue,
                s = (m[6] * red + m[7] * green) + m[8] * blue;
    const float least = std::min(std::min(p, q), s), whole = light[top];
    if (!(least < -std::max(0.01f, 0.002f * whole))) return;
    ++c.counts.outside;
    const int x = area.left + i;
    ++c.counts.outside_tiles[tile_of(area, x, y)];
    if (whole < 1) return;  // how far is told of what can be seen
    const float share = least / whole;
    if (share < c.counts.worst || (share == c.counts.worst && before_place(x, y, c.counts.worst_x, c.counts.worst_y))) {
        c.counts.worst = share, c.counts.worst_x = x, c.counts.worst_y = y;
    }
}

// A row whose codes are there; the largest go to `top`. value(i): what `most` is told in.
template <class Value>
void add_row(Counting& c, const QcLoops& loops, const Region& area, int y, int n, std::uint16_t* CANDELA_QC_APART top, Value value) {
    const std::uint16_t *r = c.line(0), *g = c.line(1), *b = c.line(2);
    std::uint16_t* low = c.line(3);
    const int highest = loops.largest(r, g, b, n, top, low);
    if (highest >= c.top_code) {
        for (int i = 0; i < n; ++i) {
            if (top[i] < highest) continue;
            const double v = value(i);
            if (highest > c.top_code || v > c.counts.most ||
                (v == c.counts.most && before_place(area.left + i, y, c.counts.most_x, c.counts.most_y))) {
                c.counts.most = v, c.counts.most_x = area.left + i, c.counts.most_y = y, c.top_code = highest;
            }
        }
    }
    std::uint32_t* CANDELA_QC_APART tops = c.tops.data();
    std::uint32_t* CANDELA_QC_APART to = c.channels.data();
    constexpr int other = 3 * channel_codes;
    int i = 0;
    for (; i + 1 < n; i += 2) ++tops[top[i]], ++tops[light_codes + top[i + 1]];
    if (i < n) ++tops[top[i]];
    if ((y - area.top) % 2 == 0) {
        for (i = 0; i + 1 < n; i += 2) {
            ++to[r[i] >> 2], ++to[other + (r[i + 1] >> 2)];
            ++to[channel_codes + (g[i] >> 2)], ++to[other + channel_codes + (g[i + 1] >> 2)];
            ++to[2 * channel_codes + (b[i] >> 2)], ++to[other + 2 * channel_codes + (b[i + 1] >> 2)];
        }
        if (i < n) ++to[r[i] >> 2], ++to[channel_codes + (g[i] >> 2)], ++to[2 * channel_codes + (b[i] >> 2)];
    }
    const std::uint16_t* least = c.tables.least;
    if (!least) return;
    constexpr int block = 128;
    for (int begin = 0; begin < n; begin += block) {
        const int count = std::min(block, n - begin);
        if (!loops.apart(top + begin, low + begin, count, c.share)) continue;
        for (int k = begin; k < begin + count; ++k) {
            if (low[k] < least[top[k]]) outside_p3(c, area, k, y, r[k], g[k], b[k], top[k]);
        }
    }
}

// Codes of PQ of a row of keys, in place. value: nits of HLG.
void look_up(Counting& c, int n) {
    const LightTables& t = c.tables;
    std::uint16_t* rows[3] = {c.line(0), c.line(1), c.line(2)};
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
        c.most[i] = std::max(std::max(light[0], light[1]), light[2]);
        for (int k = 0; k < 3; ++k) rows[k][i] = t.from_nits[float_key(light[k])];
    }
}

void hold(Counting& c, const QcLoops& loops, int n, const std::uint16_t* codes, const std::uint16_t* before) {
    if (before) c.counts.difference += loops.difference(codes, before, n, &c.counts.changed);
}

void add(FrameCounts& to, Counting& from, int& top_code) {
    FrameCounts& f = from.counts;
    for (int i = 0; i < light_codes; ++i) to.top[i] += from.tops[i] + from.tops[light_codes + i];
    for (int i = 0; i < 3 * channel_codes; ++i) to.channels[i] += from.channels[i] + from.channels[3 * channel_codes + i];
    for (int i = 0; i < tiles_across * tiles_down; ++i) {
        to.outside_tiles[i] += f.outside_tiles[i];
        to.rgb_tiles[i] += f.rgb_tiles[i];
    }
    for (auto member : {&FrameCounts::outside, &FrameCounts::rgb_off, &FrameCounts::luma_low, &FrameCounts::luma_high,
                        &FrameCounts::luma_off, &FrameCounts::luma_reserved, &FrameCounts::nonfinite, &FrameCounts::difference,
                        &FrameCounts::changed}) {
        to.*member += f.*member;
    }
    if (from.top_code > top_code ||
        (from.top_code == top_code && f.most_x >= 0 &&
         (f.most > to.most || (f.most == to.most && before_place(f.most_x, f.most_y, to.most_x, to.most_y))))) {
        to.most = f.most, to.most_x = f.most_x, to.most_y = f.most_y, top_code = from.top_code;
    }
    if (f.worst < to.worst || (f.worst < 0 && f.worst == to.worst && before_place(f.worst_x, f.worst_y, to.worst_x, to.worst_y))) {
        to.worst = f.worst, to.worst_x = f.worst_x, to.worst_y = f.worst_y;
    }
}

// row(counting, y) of every row of the area, on so many threads.
template <class MakeRow>
FrameCounts count_rows(const LightTables& tables, const LevelLimits& limits, int width, const Region& area, int threads, MakeRow make_row) {
    FrameCounts total;
    total.top.resize(light_codes);
    total.channels.resize(3 * channel_codes);
    total.outside_tiles.resize(tiles_across * tiles_down);
    total.rgb_tiles.resize(tiles_across * tiles_down);
    total.pixels = static_cast<std::int64_t>(area.right - area.left) * (area.bottom - area.top);
    int top_code = -1;
    const std::size_t strips = (static_cast<std::size_t>(area.bottom - area.top) + strip_rows - 1) / strip_rows;
    std::vector<std::shared_ptr<Counting>> all;
    std::mutex mutex;
    share_out(strips, thread_count(threads), [&]() -> std::function<void(std::size_t)> {
        auto counting = std::make_shared<Counting>(tables, limits, width);
        {
            const std::lock_guard lock(mutex);
            all.push_back(counting);
        }
        return [counting, &area, row = make_row(*counting)](std::size_t item) mutable {
            const int top = area.top + static_cast<int>(item) * strip_rows, bottom = std::min(top + strip_rows, area.bottom);
            for (int y = top; y < bottom; ++y) row(y);
        };
    });
    for (const auto& one : all) add(total, *one, top_code);
    return total;
}

float number_of(const char* sample, Sample kind) {
    if (kind == Sample::u8) return *reinterpret_cast<const std::uint8_t*>(sample);
    if (kind == Sample::u16) return *reinterpret_cast<const std::uint16_t*>(sample);
    if (kind == Sample::f16) return half_to_float(*reinterpret_cast<const std::uint16_t*>(sample));
    return *reinterpret_cast<const float*>(sample);
}

// Keys of a row of samples, or their codes where there is a table of them; and how many are no numbers.
template <class T, bool halves>
int keys_of(const char* from, const Layout& layout, int n, const std::uint16_t* codes, std::uint16_t* const (&rows)[3]) {
    int bad = 0;
    for (int i = 0; i < n; ++i, from += layout.pixel) {
        for (int k = 0; k < 3; ++k) {
            const T sample = *reinterpret_cast<const T*>(from + k * layout.channel);
            std::uint16_t key;
            if constexpr (std::is_same_v<T, float>) {
                key = half_of_float(sample);
            } else {
                key = sample;
            }
            if constexpr (halves) {
                if constexpr (std::is_same_v<T, float>) {
                    bad += (std::bit_cast<std::uint32_t>(sample) & 0x7f800000u) == 0x7f800000u;
                } else {
                    bad += (key & 0x7c00) == 0x7c00;
                }
            }
            rows[k][i] = codes ? codes[key] : key;
        }
    }
    return bad;
}

int keys(const char* from, Sample sample, const Layout& layout, int n, const std::uint16_t* codes, std::uint16_t* const (&rows)[3]) {
    if (sample == Sample::u8) return keys_of<std::uint8_t, false>(from, layout, n, codes, rows);
    if (sample == Sample::u16) return keys_of<std::uint16_t, false>(from, layout, n, codes, rows);
    if (sample == Sample::f16) return keys_of<std::uint16_t, true>(from, layout, n, codes, rows);
    return keys_of<float, true>(from, layout, n, codes, rows);
}

}  // namespace

FrameCounts count_video(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model,
                        const LightTables& tables, const LevelLimits& limits, const Region& area, std::uint16_t* codes,
                        const std::uint16_t* before, int threads, std::string_view isa) {
    check_video(sample, width, height, model);
    check_area(area, width, height);
    const VideoLoops& video = video_loops(isa);
    const QcLoops& loops = qc_loops(isa);
    const int n = area.right - area.left;
    FrameCounts total = count_rows(tables, limits, width, area, threads, [&](Counting& c) {
        return [&, rows = VideoRows(planes, sample, width, height, model, video)](int y) mutable {
            const std::size_t at = static_cast<std::size_t>(y) * width + area.left;
            VideoLines line = rows.lines(y);
            line = {line.first + area.left, line.second + area.left, line.third + area.left};
            // A signal of PQ has no light over 1; others have headroom for super-whites.
            const float ceiling = tables.pq ? 1.0f : 1.25f, steps = tables.pq ? light_codes - 1 : 52428;
            const int off = loops.signals(line, model, n, ceiling, steps, limits.below, limits.above, c.line(0), c.line(1), c.line(2), c.most.data());
            if (off) {
                c.counts.rgb_off += off;
                // Where they are: the signals once more, of few rows.
                for (int i = 0; i < n; ++i) {
                    float v[3];
                    if (model.ycc) {
                        const float grey = line.first[i] / model.scale;
                        for (int k = 0; k < 3; ++k) v[k] = grey + (model.matrix[2 * k] * line.second[i] + model.matrix[2 * k + 1] * line.third[i]);
                    } else {
                        v[0] = line.first[i] / model.scale, v[1] = line.second[i] / model.scale, v[2] = line.third[i] / model.scale;
                    }
                    if (std::min({v[0], v[1], v[2]}) < limits.below || std::max({v[0], v[1], v[2]}) > limits.above) {
                        ++c.counts.rgb_tiles[tile_of(area, area.left + i, y)];
                    }
                }
            }
            if (!tables.pq) look_up(c, n);
            add_row(c, loops, area, y, n, codes + at, [&](int i) { return static_cast<double>(c.most[i]); });
            hold(c, loops, n, codes + at, before ? before + at : nullptr);
            std::int64_t found[4] = {};
            const VideoPlane& p = planes[0];
            loops.levels(static_cast<const char*>(p.data) + y * p.row + area.left * p.step, sample, p.step, n, limits, found);
            c.counts.luma_low += found[0], c.counts.luma_high += found[1], c.counts.luma_off += found[2], c.counts.luma_reserved += found[3];
        };
    });
    if (model.ycc) {
        LevelLimits chroma = limits;
        chroma.low = limits.chroma_low, chroma.high = limits.chroma_high;
        std::int64_t found[4] = {};
        for (int k = 1; k < 3; ++k) {
            const VideoPlane& p = planes[k];
            for (int y = 0; y < chroma_size(height, model.down); ++y) {
                loops.levels(static_cast<const char*>(p.data) + y * p.row, sample, p.step, chroma_size(width, model.across), chroma, found);
            }
        }
        total.chroma_off = found[0] + found[1], total.chroma_reserved = found[3];
    }
    return total;
}

FrameCounts count_picture(const void* data, Sample sample, int width, int height, const Layout& layout,
                          const LightTables& tables, const LevelLimits& limits, const Region& area, std::uint16_t* codes,
                          const std::uint16_t* before, int threads, std::string_view isa) {
    check_area(area, width, height);
    const QcLoops& loops = qc_loops(isa);
    const int n = area.right - area.left;
    const bool whole = sample == Sample::u8 || sample == Sample::u16;
    return count_rows(tables, limits, width, area, threads, [&](Counting& c) {
        return [&](int y) {
            const std::size_t at = static_cast<std::size_t>(y) * width + area.left;
            const char* from = static_cast<const char*>(data) + y * layout.row + area.left * layout.pixel;
            std::uint16_t* const rows[3] = {c.line(0), c.line(1), c.line(2)};
            const bool scene = tables.scene != nullptr;
            c.counts.nonfinite += keys(from, sample, layout, n, scene ? nullptr : tables.codes, rows);
            if (scene) look_up(c, n);
            add_row(c, loops, area, y, n, codes + at, [&](int i) -> double {
                if (scene) return c.most[i];
                float high = -1e30f;
                for (int k = 0; k < 3; ++k) {
                    const float v = number_of(from + i * layout.pixel + k * layout.channel, sample);
                    if (std::abs(v) < 3e38f) high = std::max(high, v);
                }
                return high;
            });
            hold(c, loops, n, codes + at, before ? before + at : nullptr);
            if (!whole) return;
            std::int64_t found[4] = {};
            for (int k = 0; k < 3; ++k) loops.levels(from + k * layout.channel, sample, layout.pixel, n, limits, found);
            c.counts.luma_low += found[0], c.counts.luma_high += found[1], c.counts.luma_off += found[2], c.counts.luma_reserved += found[3];
        };
    });
}

std::vector<std::int32_t> isolated_pixels(const std::uint16_t* codes, int width, int height, const Region& area, int least,
                                          std::string_view isa) {
    check_area(area, width, height);
    const QcLoops& loops = qc_loops(isa);
    const int n = area.right - area.left;
    std::vector<std::uint16_t> high(n), low(n);
    std::vector<std::int32_t> found;
    for (int y = area.top + 1; y < area.bottom - 1; ++y) {
        const std::uint16_t* row = codes + static_cast<std::size_t>(y) * width + area.left;
        if (!loops.stands_out(row - width, row, row + width, n, least, high.data(), low.data())) continue;
        for (int i = 1; i < n - 1; ++i) {
            if (row[i] >= high[i] + least) found.insert(found.end(), {area.left + i, y, row[i] - high[i]});
            else if (row[i] + least <= low[i]) found.insert(found.end(), {area.left + i, y, row[i] - low[i]});
        }
    }
    return found;
}

}  // namespace candela
