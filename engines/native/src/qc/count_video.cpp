// Rows of video, by pairs of pixels where chroma lies on every other one.
#include <algorithm>
#include <bit>

#include "counting.hpp"

namespace candela {
namespace {

// A row as numbers that the loops take: luma with chroma on every other pixel, or lines.
class VideoRow {
public:
    VideoRow(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model, const Region& area,
             const VideoLoops& video, const QcLoops& loops)
        : plane_(planes[0]), model_(model), area_(area), loops_(loops), rows_(planes, sample, width, height, model, video),
          spare_(width) {
        // Of 4:2:0 and 4:2:2 as nearly all movies are, whole pairs.
        pairs_ = std::endian::native == std::endian::little && model.ycc && model.across == 2 && sample == Sample::u16 &&
                 plane_.step == 2 && rows_.even().weight[1] == 1 && rows_.odd().first == -1 && area.left % 2 == 0 &&
                 area.right % 2 == 0;
    }

    int step() const { return pairs_ ? 2 : 1; }
    void read(int y) {
        if (!pairs_) {
            lines_ = rows_.lines(y);
            lines_ = {lines_.first + area_.left, lines_.second + area_.left, lines_.third + area_.left};
            return;
        }
        luma_ = reinterpret_cast<const std::uint16_t*>(static_cast<const char*>(plane_.data) + y * plane_.row) + area_.left;
        chroma_.second = rows_.chroma_samples(1, y) + area_.left / 2;
        chroma_.third = rows_.chroma_samples(2, y) + area_.left / 2;
        std::copy_n(rows_.odd().weight, 4, chroma_.between);
    }
    int codes(const SignalScale& scale, const CodeRow& out) {
        const int n = area_.right - area_.left;
        return pairs_ ? loops_.pairs(luma_, chroma_, model_, n / 2, scale, out) : loops_.signals(lines_, model_, n, scale, out);
    }
    float most(int from, int to) {
        if (pairs_) {
            const PairChroma part{chroma_.second + from / 2, chroma_.third + from / 2,
                                  {chroma_.between[0], chroma_.between[1], chroma_.between[2], chroma_.between[3]}};
            return loops_.pairs_most(luma_ + from, part, model_, (to - from) / 2, spare_.data());
        }
        return loops_.signals_most({lines_.first + from, lines_.second + from, lines_.third + from}, model_, to - from, spare_.data());
    }
    // Whether it is the first of two pixels that has this largest signal.
    bool is_first(int i, float value) {
        if (!pairs_) return true;
        const float luma = static_cast<float>(luma_[i]) - model_.offset;
        return loops_.signals_most({&luma, chroma_.second + i / 2, chroma_.third + i / 2}, model_, 1, spare_.data()) == value;
    }

private:
    const VideoPlane& plane_;
    const VideoModel& model_;
    const Region area_;
    const QcLoops& loops_;
    VideoRows rows_;
    std::vector<float> spare_;
    bool pairs_;
    VideoLines lines_{};
    const std::uint16_t* luma_ = nullptr;
    PairChroma chroma_{};
};

// The largest signal of the pixels that have the row's largest code, where it is one so far.
void keep_most(Counting& c, VideoRow& row, const std::uint16_t* most, int highest, const Region& area, int y) {
    if (highest < c.top_code) return;
    const int n = area.right - area.left;
    const float value = row.most(0, n);
    if (highest == c.top_code && (value < c.counts.most || (value == c.counts.most && y > c.counts.most_y))) return;
    // The first of those that have it: pixels of the largest code, of pairs of pixels the pair.
    const int step = row.step();
    for (int i = 0; i < n; i += step) {
        if (std::max(most[i], most[i + step - 1]) < highest || row.most(i, i + step) != value) continue;
        c.counts.most = value, c.counts.most_y = y, c.top_code = highest;
        c.counts.most_x = area.left + i + (row.is_first(i, value) ? 0 : 1);
        return;
    }
}

void count_chroma(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model,
                  const LevelLimits& limits, const QcLoops& loops, FrameCounts& total) {
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

}  // namespace

FrameCounts count_video(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model,
                        const LightTables& tables, const LevelLimits& limits, const Region& area, std::uint16_t* codes,
                        const std::uint16_t* before, int threads, std::string_view isa) {
    check_video(sample, width, height, model);
    check_area(area, width, height);
    const QcLoops& loops = qc_loops(isa);
    const int n = area.right - area.left;
    // A signal of PQ has no light over 1; others have headroom for super-whites.
    const SignalScale scale{tables.pq ? 1.0f : 1.25f, tables.pq ? static_cast<float>(light_codes - 1) : 52428.0f, limits.below, limits.above};
    FrameCounts total = count_rows(tables, loops, width, area, threads, [&](Counting& c) {
        return [&, row = std::make_shared<VideoRow>(planes, sample, width, height, model, area, video_loops(isa), loops)](int y) {
            const std::size_t at = static_cast<std::size_t>(y) * width + area.left;
            std::uint16_t* most = codes + at;
            row->read(y);
            const int off = row->codes(scale, {most, c.line(0), c.line(1), c.line(2), c.line(3)});
            if (off) c.add_off(y, off, n);
            if (!tables.scene) keep_most(c, *row, most, loops.top(most, n), area, y);
            if (!tables.pq) {
                c.look_up(n);
                const int highest = loops.largest(c.line(0), c.line(1), c.line(2), n, most);
                if (tables.scene) c.keep_brightest(most, highest, y, n, [&](int i) -> double { return c.nits()[i]; });
            }
            c.add_outside(y, most, n);
            c.add_most(most, before ? before + at : nullptr, n);
            c.add_channels(y, n);
            const VideoPlane& p = planes[0];
            c.add_levels(static_cast<const char*>(p.data) + y * p.row + area.left * p.step, sample, p.step, n, limits);
        };
    });
    if (model.ycc) count_chroma(planes, sample, width, height, model, limits, loops, total);
    return total;
}

}  // namespace candela
