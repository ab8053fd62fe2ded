// A plane of floats and its wavelet bands, split and joined by rows on a team of threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "../coding/wavelet.hpp"
#include "../rows/level.hpp"
#include "../rows/rows.hpp"
#include "../rows/team.hpp"

namespace candela {

// The bands of one channel, in the order of `band_shapes`, and the approximations between the levels.
class FloatBands {
public:
    FloatBands(int height, int width);

    const std::vector<Shape>& shapes() const { return shapes_; }
    int levels() const { return static_cast<int>(shapes_.size() / 3); }
    float* row(std::size_t band, int y) { return bands_[band].data() + at(band, y); }
    const float* row(std::size_t band, int y) const { return bands_[band].data() + at(band, y); }

    // Bands of the signal whose row y `load(y, row)` writes. `by`: what the details of each band are taken towards zero
    // by; empty for nothing.
    template <class Load>
    void split(Load load, const std::vector<float>& by, const RowLoops& loops, RowTeam& team);

    // The signal again: emit(y, row) takes row y, rows in any order, from any thread.
    template <class Emit>
    void join(Emit emit, const RowLoops& loops, RowTeam& team);

private:
    std::size_t at(std::size_t band, int y) const { return static_cast<std::size_t>(y) * shapes_[band].width; }

    // Row y of the approximation after `level` splits; the last is band 0.
    float* low(int level, int y) {
        return lows_[level].data() + static_cast<std::size_t>(y) * sizes_[level].width;
    }

    // LiftLevel objects for every member of a team.
    std::vector<LiftLevel<float>> own(int level, const RowLoops& loops, const RowTeam& team) const {
        const Shape s = sizes_[level];
        return std::vector<LiftLevel<float>>(team.size(), LiftLevel<float>(loops.floats, s.height, s.width));
    }

    std::vector<Shape> shapes_, sizes_;  // sizes_[l]: of the approximation after l splits
    std::vector<std::vector<float>> bands_, lows_;
};

template <class Load>
void FloatBands::split(Load load, const std::vector<float>& by, const RowLoops& loops, RowTeam& team) {
    if (!levels()) {
        for (int y = 0; y < shapes_[0].height; ++y) load(y, row(0, y));
        return;
    }
    for (int l = 0; l < levels(); ++l) {
        const std::size_t first = 1 + 3 * static_cast<std::size_t>(levels() - 1 - l);
        const int pairs = (sizes_[l].height + 1) / 2;
        auto level = own(l, loops, team);
        const auto out = [&](int k, int y) {
            return k ? row(first + k - 1, y) : l + 1 == levels() ? row(0, y) : low(l + 1, y);
        };
        team.each(parts_of(pairs, team.size()), [&](int part, int member) {
            level[member].split(
                part_of(part, pairs, team.size()),
                [&](int y, float* to) { l ? void(std::copy_n(low(l, y), sizes_[l].width, to)) : load(y, to); }, out,
                [&](int k, int y) {
                    if (k && !by.empty()) {
                        const std::size_t b = first + k - 1;
                        loops.shrink(row(b, y), by[b], shapes_[b].width);
                    }
                });
        });
    }
}

template <class Emit>
void FloatBands::join(Emit emit, const RowLoops& loops, RowTeam& team) {
    if (!levels()) {
        for (int y = 0; y < shapes_[0].height; ++y) emit(y, row(0, y));
        return;
    }
    for (int l = levels() - 1; l >= 0; --l) {
        const std::size_t first = 1 + 3 * static_cast<std::size_t>(levels() - 1 - l);
        const int pairs = (sizes_[l].height + 1) / 2;
        auto level = own(l, loops, team);
        const auto band = [&](int k, int y) -> const float* {
            return k ? row(first + k - 1, y) : l + 1 == levels() ? row(0, y) : low(l + 1, y);
        };
        team.each(parts_of(pairs, team.size()), [&](int part, int member) {
            level[member].join(part_of(part, pairs, team.size()), band, [&](int y, const float* from) {
                l ? void(std::copy_n(from, sizes_[l].width, low(l, y))) : emit(y, from);
            });
        });
    }
}

}  // namespace candela
