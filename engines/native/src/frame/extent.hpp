// What is known of a variable over a tile, so that maps of variables can be bounded.
#pragma once

#include <utility>

#include "parts.hpp"

namespace candela {
namespace {

// value = slope t + centre +- reach, where t is the tile's lead.
struct Extent {
    float slope, centre, reach;
};

// The lead t of a tile: m' about its middle, which most features follow. A variable that follows it leaves it by little,
// and a map of variables that all do so is bounded far closer than by their ranges.
template <class V>
class Lead {
public:
    // room: tile_size floats, aligned.
    explicit Lead(float* room) : t_(room) {}

    // m: the variable m' over the tile.
    void take(const float* m) {
        const auto [bottom, top] = range(m);
        reach_ = (top - bottom) / 2;
        const V middle = V::all((top + bottom) / 2);
        for (int p = 0; p < tile_size; p += V::lanes) (V::load(m + p) - middle).store(t_ + p);
        V sum = V::all(0), squares = sum;
        for (int p = 0; p < tile_size; p += sampled) {
            const V t = V::load(t_ + p);
            sum = sum + t;
            squares = V::multiply_add(t, t, squares);
        }
        sum_ = sum.sum();
        const float spread = squares.sum() - sum_ * sum_ / samples;
        per_spread_ = spread > 1e-9f ? 1 / spread : 0;
    }

    // |t| is at most this.
    float reach() const { return reach_; }

    // The least and the largest value of a variable.
    static std::pair<float, float> range(const float* x) {
        return reduced(x, [](V v, int) { return v; });
    }

    // How a variable follows the lead, and by how much it leaves it. Any slope gives a true extent: that of a quarter
    // of the pixels is near the best.
    Extent extent(const float* x) {
        V sum = V::all(0), product = sum;
        for (int p = 0; p < tile_size; p += sampled) {
            const V v = V::load(x + p);
            sum = sum + v;
            product = V::multiply_add(v, V::load(t_ + p), product);
        }
        const float slope = (product.sum() - sum.sum() * sum_ / samples) * per_spread_;
        const V by = V::all(-slope);
        const float* lead = t_;
        const auto [bottom, top] = reduced(x, [=](V v, int p) { return V::multiply_add(V::load(lead + p), by, v); });
        return {slope, (top + bottom) / 2, (top - bottom) / 2};
    }

private:
    // The least and the largest of f(x, place) over a variable: four sums at a time, for each waits for its last.
    template <class F>
    static std::pair<float, float> reduced(const float* x, F f) {
        constexpr int chains = 4, step = chains * V::lanes;
        static_assert(tile_size % step == 0);
        V low[chains], high[chains];
        for (int c = 0; c < chains; ++c) low[c] = high[c] = f(V::load(x + c * V::lanes), c * V::lanes);
        for (int p = step; p < tile_size; p += step) {
            for (int c = 0; c < chains; ++c) {
                const V v = f(V::load(x + p + c * V::lanes), p + c * V::lanes);
                low[c] = V::min(low[c], v);
                high[c] = V::max(high[c], v);
            }
        }
        return {V::min(V::min(low[0], low[1]), V::min(low[2], low[3])).smallest(),
                V::max(V::max(high[0], high[1]), V::max(high[2], high[3])).largest()};
    }

    // Of every four vectors one is looked at for slopes.
    static constexpr int sampled = 4 * V::lanes, samples = tile_size / 4;

    float* t_;
    float reach_ = 0, sum_ = 0, per_spread_ = 0;
};

}  // namespace
}  // namespace candela
