// What a thread counts of its rows, and adding it up. Counts are sums, so that nothing depends on which thread had which row.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "candela/threads.hpp"
#include "qc.hpp"

namespace candela {

inline constexpr int channel_rows = 8;  // R, G and B one by one are counted on every eighth row

int float_key(float value);  // a positive float without its last 12 bits

void check_area(const Region& area, int width, int height);

bool before_place(int x, int y, int other_x, int other_y);

class Counting {
public:
    Counting(const LightTables& tables, const QcLoops& loops, const Region& area, int width);

    std::uint16_t* line(int i) { return codes_.data() + i * pitch_; }  // R, G, B, and which are off
    float* nits() { return nits_.data(); }                              // of a row of HLG

    // PQ codes of R, G and B in place of keys. Of HLG their nits as well: the largest.
    void look_up(int n);

    // Where the row has a brighter pixel than all before: of those with the largest code, the largest value(i).
    template <class Value>
    void keep_brightest(const std::uint16_t* most, int highest, int y, int n, Value value) {
        if (highest < top_code) return;
        for (int i = 0; i < n; ++i) {
            if (most[i] < highest) continue;
            const double v = value(i);
            if (highest > top_code || v > counts.most ||
                (v == counts.most && before_place(area_.left + i, y, counts.most_x, counts.most_y))) {
                counts.most = v, counts.most_x = area_.left + i, counts.most_y = y, top_code = highest;
            }
        }
    }

    // The light of a row: `most` into the histogram, and against `before` where that is not null.
    void add_most(const std::uint16_t* most, const std::uint16_t* before, int n);
    // R, G and B of a row, where it is one of those that count.
    void add_channels(int y, int n);
    // Colours of a row that lie outside of P3.
    void add_outside(int y, const std::uint16_t* most, int n);
    // Of a row with `count` pixels off: in which tiles.
    void add_off(int y, int count, int n);
    void add_levels(const void* samples, Sample sample, std::ptrdiff_t step, int n, const LevelLimits& limits);

    void add_to(FrameCounts& total);

    FrameCounts counts;
    int top_code = -1;  // the largest code so far; counts.most is of that

private:
    void flush();
    void leave_p3(int i, int y, int r, int g, int b, int top);
    int tile_of(int x, int y) const;

    const LightTables& tables_;
    const QcLoops& loops_;
    const Region area_;
    const std::size_t pitch_;
    std::vector<std::uint16_t> codes_;
    std::vector<float> nits_;
    // Of 16 bits, so that they stay near the processor, and twice, so that neighbours alike do not wait for each other.
    std::vector<std::uint16_t> tops_, channels_;
    int most_in_one_ = 0, most_in_channel_ = 0;  // pixels since they were last added up
    EdgeLines edges_[3]{};
};

// row(y) of every row of the area, on so many threads; make_row(counting) makes it for a thread.
template <class MakeRow>
FrameCounts count_rows(const LightTables& tables, const QcLoops& loops, int width, const Region& area, int threads, MakeRow make_row) {
    constexpr int strip_rows = 32;
    FrameCounts total;
    total.top.resize(light_codes);
    total.channels.resize(3 * channel_codes);
    total.outside_tiles.resize(tiles_across * tiles_down);
    total.rgb_tiles.resize(tiles_across * tiles_down);
    total.pixels = static_cast<std::int64_t>(area.right - area.left) * (area.bottom - area.top);
    const std::size_t strips = (static_cast<std::size_t>(area.bottom - area.top) + strip_rows - 1) / strip_rows;
    std::vector<std::shared_ptr<Counting>> all;
    std::mutex mutex;
    share_out(strips, thread_count(threads), [&]() -> std::function<void(std::size_t)> {
        auto counting = std::make_shared<Counting>(tables, loops, area, width);
        {
            const std::lock_guard lock(mutex);
            all.push_back(counting);
        }
        return [counting, &area, row = make_row(*counting)](std::size_t item) mutable {
            const int top = area.top + static_cast<int>(item) * strip_rows, bottom = std::min(top + strip_rows, area.bottom);
            for (int y = top; y < bottom; ++y) row(y);
        };
    });
    int top_code = -1;
    for (const auto& one : all) {
        const FrameCounts& f = one->counts;
        if (one->top_code > top_code ||
            (one->top_code == top_code &&
             (f.most > total.most || (f.most == total.most && before_place(f.most_x, f.most_y, total.most_x, total.most_y))))) {
            total.most = f.most, total.most_x = f.most_x, total.most_y = f.most_y, top_code = one->top_code;
        }
        one->add_to(total);
    }
    return total;
}

}  // namespace candela
