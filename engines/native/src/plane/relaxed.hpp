// A plane relaxed for about the budget that was last asked for, and its codings.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../coding/grid.hpp"
#include "bands.hpp"
#include "rate.hpp"

namespace candela {

// Numbers of a plane by channels, (C, h, w).
struct Planes {
    int height = 0, width = 0, channels = 0;
    std::vector<float> values;

    std::size_t area() const { return static_cast<std::size_t>(height) * width; }
    float* row(int channel, int y) { return values.data() + channel * area() + static_cast<std::size_t>(y) * width; }
    const float* row(int channel, int y) const { return const_cast<Planes*>(this)->row(channel, y); }
};

// One coding: the bands of each channel, the step and the bytes.
struct Coding {
    std::vector<BandGrids> bands;
    std::vector<std::vector<std::int64_t>> most;  // the size of the largest number of each band
    int step = 0;
    std::vector<std::uint8_t> bytes;
};

class Relaxed {
public:
    // plane over `plane_unit`, weight 1 at most; both have to outlast this. share: how hard it is relaxed.
    Relaxed(const Planes& plane, const Planes& weight, double share) : plane_(plane), weight_(weight), share_(share) {}

    // The finest coding of at most `budget` bytes that so many tries find.
    std::optional<Coding> code(std::int64_t budget, int tries, int passes, const RowLoops& loops, RowTeam& team);

private:
    void relax(double budget, int passes, const RowLoops& loops, RowTeam& team);
    void pass(int step, const RowLoops& loops, RowTeam& team);
    void split(const RowLoops& loops, RowTeam& team);
    int step_for(double budget) const;
    Coding coded(int step, const RowLoops& loops);

    const Planes &plane_, &weight_;
    double share_;
    double for_ = 0, ratio_ = 0.86;  // coded bytes over the estimate; learnt from every coding
    int passes_ = 0;
    Planes relaxed_;
    std::vector<FloatBands> bands_;
    RateCurve rate_;
};

// The samples that a decoder gives for a coding, (h, w, C).
std::vector<float> samples_of(const Coding& coding, int height, int width, const RowLoops& loops, RowTeam& team);

// Quantises the bands of one channel: to the nearest, with less to be had for what is small.
BandGrids quantised(const FloatBands& bands, int step, const RowLoops& loops, std::vector<std::int64_t>& most);

}  // namespace candela
