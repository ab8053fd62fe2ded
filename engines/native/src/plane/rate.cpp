// Magnitudes are counted in bins of 1/1024 of a doubling; itm/coding/quantise.py has the same bins and sums.
#include "rate.hpp"

#include <bit>
#include <cmath>
#include <utility>

#include "candela/coding.hpp"

namespace candela {
namespace {

constexpr double there = 5.3;
constexpr std::uint32_t one = 0x3F800000;

// Where a magnitude above 1 lies: its bin and how far into it.
std::pair<int, double> place_of(double magnitude) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(static_cast<float>(magnitude)) - one;
    const int bin = static_cast<int>(bits >> 13);
    if (bin >= rate_bins) return {rate_bins - 1, 1.0};
    return {bin, (bits & 0x1FFF) / 8192.0};
}

}  // namespace

RateCurve::RateCurve(const std::vector<FloatBands>& channels, const RowLoops& loops, RowTeam& team) {
    std::vector<std::vector<std::uint32_t>> bins(team.size(), std::vector<std::uint32_t>(rate_bins));
    constexpr int rows = 64;  // of a band, at a time
    struct Piece {
        const FloatBands* bands;
        std::size_t band;
        int first, last;
        float scale;
    };
    std::vector<Piece> pieces;
    const auto steps = band_steps(plane_unit, channels[0].levels());
    for (const FloatBands& bands : channels) {
        for (std::size_t b = bands.shapes().size(); b-- > 0;) {
            const int height = bands.shapes()[b].height;
            const auto scale = static_cast<float>(static_cast<double>(plane_unit) / static_cast<double>(steps[b]));
            for (int y = 0; y < height; y += rows) pieces.push_back({&bands, b, y, std::min(y + rows, height), scale});
        }
    }
    team.each(static_cast<int>(pieces.size()), [&](int part, int member) {
        const Piece& p = pieces[part];
        const int n = (p.last - p.first) * p.bands->shapes()[p.band].width;
        loops.count(p.bands->row(p.band, p.first), n, p.scale, bins[member].data());
    });
    beyond_.resize(rate_bins + 1);
    logs_.resize(rate_bins + 1);
    std::vector<double> log_of(1024);
    for (int m = 0; m < 1024; ++m) log_of[m] = std::log2((m + 1024.5) / 1024);
    for (int i = rate_bins - 1; i >= 0; --i) {
        double count = 0;
        for (const auto& own : bins) count += own[i];
        beyond_[i] = beyond_[i + 1] + count;
        logs_[i] = logs_[i + 1] + count * ((i >> 10) + log_of[i & 1023]);
    }
}

double RateCurve::bits(double step) const {
    const auto [from, part] = place_of(deadzone * step);
    const double count = beyond_[from + 1] + (beyond_[from] - beyond_[from + 1]) * (1 - part);
    const int above = place_of(step).first + 1;
    return there * count + 2 * (logs_[above] - beyond_[above] * std::log2(step));
}

}  // namespace candela
