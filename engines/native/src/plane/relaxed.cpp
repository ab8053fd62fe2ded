// The search for the finest step within a budget, on a plane that gives way where it is not seen. Twin of
// itm/guide.py and itm/relax.py, where the method is told.
#include "relaxed.hpp"

#include <algorithm>

namespace candela {
namespace {

constexpr int relaxations = 6;
constexpr int coarsest = 16 * plane_unit;

}  // namespace

std::optional<Coding> Relaxed::code(std::int64_t budget, int tries, int passes, const RowLoops& loops, RowTeam& team) {
    const auto allowed = static_cast<double>(budget);
    relax(allowed, passes, loops, team);
    std::optional<Coding> best;
    for (int i = 0; i < tries; ++i) {
        Coding next = coded(step_for(allowed), loops);
        const auto size = static_cast<std::int64_t>(next.bytes.size());
        if (size > budget) {
            ratio_ *= 1.006;  // a miss by a hair would be missed again
        } else if (!best || next.bytes.size() > best->bytes.size()) {
            best = std::move(next);
        }
        if (best && static_cast<double>(best->bytes.size()) > 0.98 * allowed) break;
    }
    // The estimate can stay a shade too low for its own corrections: then coarser, until it fits.
    for (int step = step_for(allowed); !best && step < coarsest;) {
        step += step / 16 + 1;
        Coding next = coded(step, loops);
        if (static_cast<std::int64_t>(next.bytes.size()) <= budget) best = std::move(next);
    }
    return best;
}

// What is not seen gives way to what costs little, at about the step that the budget allows. A calmer plane has room
// for a finer step: a second pass goes on at that.
void Relaxed::relax(double budget, int passes, const RowLoops& loops, RowTeam& team) {
    if (bands_.empty() || !(0.8 * for_ <= budget && budget <= 1.25 * for_)) {
        relaxed_ = plane_;
        for_ = budget;
        passes_ = 0;
        if (bands_.empty()) bands_.assign(plane_.channels, FloatBands(plane_.height, plane_.width));
        split(loops, team);
    }
    for (; passes_ < passes; ++passes_) {
        pass(step_for(budget), loops, team);
        split(loops, team);
    }
}

void Relaxed::pass(int step, const RowLoops& loops, RowTeam& team) {
    std::vector<float> by;
    for (const auto s : band_steps(step, bands_[0].levels())) by.push_back(static_cast<float>(static_cast<double>(s) * share_));
    for (int round = 0; round < relaxations; ++round) {
        for (int c = 0; c < plane_.channels; ++c) {
            bands_[c].split(
                [&](int y, float* to) {
                    loops.approach(to, relaxed_.row(c, y), plane_.row(c, y), weight_.row(c, y), plane_.width);
                },
                by, loops, team);
            bands_[c].join([&](int y, const float* from) { std::copy_n(from, plane_.width, relaxed_.row(c, y)); }, loops,
                           team);
        }
    }
}

void Relaxed::split(const RowLoops& loops, RowTeam& team) {
    for (int c = 0; c < plane_.channels; ++c) {
        bands_[c].split([&](int y, float* to) { std::copy_n(relaxed_.row(c, y), plane_.width, to); }, {}, loops, team);
    }
    rate_ = RateCurve(bands_, loops, team);
}

// The finest step whose estimate fits.
int Relaxed::step_for(double budget) const {
    const auto fits = [&](int step) { return rate_.bits(step) / 8 * ratio_ <= budget; };
    int low = 1, high = coarsest;
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        (fits(middle) ? high : low) = middle;
    }
    return high;
}

Coding Relaxed::coded(int step, const RowLoops& loops) {
    Coding out;
    out.step = step;
    out.most.resize(bands_.size());
    for (std::size_t c = 0; c < bands_.size(); ++c) out.bands.push_back(quantised(bands_[c], step, loops, out.most[c]));
    out.bytes = encode_grids(out.bands, plane_.height, plane_.width);
    ratio_ = std::max(static_cast<double>(out.bytes.size()), 1.0) / std::max(rate_.bits(step) / 8, 1.0) * 1.004;
    return out;
}

}  // namespace candela
