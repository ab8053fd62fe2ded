// The layers of one tile, with as little of them as the tile needs. docs/kernel.md tells why this is exact.
//
// Variables are arrays over the tile: the features first, then the units whose sign changes within it. A layer is an
// affine map of the variables. A bound over the tile says of most units that they are on or off throughout; what is on
// folds into the next layer's map, what is off falls away, the rest is evaluated and joins the variables.
#pragma once

#include <algorithm>
#include <vector>

#include "affine.hpp"
#include "extent.hpp"
#include "parts.hpp"

namespace candela {
namespace {

template <class V>
class TileLayers {
public:
    static std::size_t room_for(const DefaultNetwork::Parts& net) {
        const std::size_t most = net.most_variables, units = widest(net);
        // Variables and the lead; two maps with their biases; a column of a few rows for the units in work.
        return (most + 1) * tile_size + 2 * (most + 1) * units + (most + 1) * units + 4 * units;
    }

    // whole: the codes are integers, and no feature is infinite or no number.
    TileLayers(const DefaultNetwork::Parts& net, bool fold, bool whole, float* room)
        : net_(net), fold_(fold), whole_(whole), lead_(room + net.most_variables * tile_size) {
        const std::size_t most = net.most_variables, units = widest(net);
        variables_ = room;
        map_ = variables_ + (most + 1) * tile_size;
        next_ = map_ + (most + 1) * units;
        chosen_ = next_ + (most + 1) * units;
        low_ = chosen_ + (most + 1) * units;
        high_ = low_ + units;
        extents_.resize(most);
    }

    float* features() { return variables_; }

    // Outputs of the network, 3 arrays, of the features that lie in `features()`.
    void evaluate(float* out, Work& work) {
        live_ = net_.features;
        macs_ = 0;
        // With one hidden layer there is little to fold: the bounds would cost more.
        folds_ = fold_ && net_.layers.size() > 2 && (whole_ || all_finite());
        if (folds_) look();
        take_first();
        for (std::size_t l = 0; l + 1 < net_.layers.size(); ++l) hidden(net_.layers[l], net_.layers[l + 1]);
        // The plane is added to the output: an identity that its features bring along.
        const int channels = static_cast<int>(net_.plane.size());
        if (live_has_features_) {
            for (int c = 0; c < channels; ++c) {
                for (int k = 0; k < 3; ++k) map_[(7 + c) * padded_ + k] += net_.spread * net_.plane_to_output[c * 3 + k];
            }
        }
        rows<3, false>(map_, padded_, bias(), first_, live_, out);
        macs_ += 3 * live_;
        if (!live_has_features_) add_plane(out);
        work.multiply_adds += macs_ * tile_size;
        work.dense_tiles += !live_has_features_;
        ++work.tiles;
    }

private:
    static std::size_t widest(const DefaultNetwork::Parts& net) {
        int most = 16;
        for (const auto& layer : net.layers) most = std::max(most, layer.padded);
        return most;
    }

    float* bias() { return map_ + static_cast<std::size_t>(most()) * padded_; }
    int most() const { return net_.most_variables; }
    float* variable(int k) { return variables_ + static_cast<std::size_t>(k) * tile_size; }

    // The extents of the features.
    void look() {
        lead_.take(variable(3));
        for (int k = 0; k < net_.features; ++k) extents_[k] = lead_.extent(variable(k));
    }

    // Whether no feature is infinite or no number.
    bool all_finite() {
        V sum = V::all(0);
        const int count = net_.features * tile_size;
        for (int p = 0; p < count; p += V::lanes) sum = V::multiply_add(V::load(variables_ + p), V::all(0), sum);
        return sum.sum() == 0;
    }

    void take_first() {
        const auto& layer = net_.layers[0];
        padded_ = layer.padded;
        first_ = 0;
        live_has_features_ = true;
        std::copy_n(layer.weights.data(), static_cast<std::size_t>(layer.inputs) * padded_, map_);
        std::copy_n(layer.biases.data(), padded_, bias());
    }

    // Bounds of every unit of the map over the tile.
    void bound() {
        for (int j = 0; j < padded_; j += V::lanes) {
            V centre = V::load(bias() + j), reach = V::all(0), slope = reach;
            for (int k = 0; k < live_; ++k) {
                const V a = V::load(map_ + static_cast<std::size_t>(k) * padded_ + j);
                const Extent& e = extents_[first_ + k];
                centre = V::multiply_add(a, V::all(e.centre), centre);
                reach = V::multiply_add(V::abs(a), V::all(e.reach), reach);
                slope = V::multiply_add(a, V::all(e.slope), slope);
            }
            // A little more, for what rounding may have taken off.
            const V size = V::multiply_add(V::abs(slope), V::all(lead_.reach()), reach);
            const V half = V::multiply_add(size + V::abs(centre), V::all(1e-6f), size);
            (centre - half).store(low_ + j);
            (centre + half).store(high_ + j);
        }
    }

    void hidden(const DefaultNetwork::Parts::Layer& layer, const DefaultNetwork::Parts::Layer& after) {
        on_.clear();
        open_.clear();
        if (folds_) {
            bound();
            // Without branches: no processor would guess them.
            on_.resize(layer.outputs);
            open_.resize(layer.outputs);
            int on = 0, open = 0;
            for (int j = 0; j < layer.outputs; ++j) {
                on_[on] = open_[open] = j;
                on += low_[j] >= 0;
                open += !(low_[j] >= 0) & !(high_[j] <= 0);  // also where a bound is no number
            }
            on_.resize(on);
            open_.resize(open);
        } else {
            for (int j = 0; j < layer.outputs; ++j) open_.push_back(j);
        }
        // A map of few variables is kept. Where more units are open than the variables are worth, those that are on
        // become variables too, and the next layer is taken as it stands.
        const int on = static_cast<int>(on_.size());
        const bool direct = on < live_ || !folds_;
        const int begin = first_ + live_;
        const std::size_t evaluated = open_.size() + (direct ? on : 0);
        if (direct) open_.insert(open_.end(), on_.begin(), on_.end());
        if (!open_.empty()) units(begin);
        macs_ += static_cast<std::int64_t>(evaluated) * live_;
        if (direct) on_.clear();
        // In front of the outputs a unit more costs less than to look at it.
        if (folds_ && &after != &net_.layers.back()) keep_changing(begin, direct);
        compose(after, direct, begin);
    }

    // Values of the open units, as variables from `begin` on.
    void units(int begin) {
        const int count = static_cast<int>(open_.size()), stride = (count + 15) / 16 * 16;
        for (int k = 0; k < live_; ++k) {
            const float* from = map_ + static_cast<std::size_t>(k) * padded_;
            for (int i = 0; i < count; ++i) chosen_[static_cast<std::size_t>(k) * stride + i] = from[open_[i]];
        }
        float* biases = chosen_ + static_cast<std::size_t>(live_) * stride;
        for (int i = 0; i < count; ++i) biases[i] = bias()[open_[i]];
        int i = 0;
        for (; i + wide <= count; i += wide) rows<wide, true>(chosen_ + i, stride, biases + i, first_, live_, variable(begin + i));
        if (count - i >= 4) {
            rows<4, true>(chosen_ + i, stride, biases + i, first_, live_, variable(begin + i));
            i += 4;
        }
        if (count - i >= 2) {
            rows<2, true>(chosen_ + i, stride, biases + i, first_, live_, variable(begin + i));
            i += 2;
        }
        if (count > i) rows<1, true>(chosen_ + i, stride, biases + i, first_, live_, variable(begin + i));
    }

    // Units that turn out to be off throughout are dropped after all, and those that are on folded.
    void keep_changing(int begin, bool direct) {
        int to = 0;
        const int count = static_cast<int>(open_.size());
        for (int i = 0; i < count; ++i) {
            const auto [lowest, highest] = lead_.range(variable(begin + i));
            if (highest <= 0) continue;
            if (lowest > 0 && !direct) {
                on_.push_back(open_[i]);
                continue;
            }
            if (to != i) std::copy_n(variable(begin + i), tile_size, variable(begin + to));
            open_[to] = open_[i];
            extents_[begin + to] = lead_.extent(variable(begin + to));
            ++to;
        }
        open_.resize(to);
    }

    // The next layer's map of the variables.
    void compose(const DefaultNetwork::Parts::Layer& after, bool direct, int begin) {
        const int next_padded = after.padded, open = static_cast<int>(open_.size());
        float* biases = next_ + static_cast<std::size_t>(most()) * next_padded;
        const int kept = direct ? 0 : live_;
        if (direct) std::copy_n(after.biases.data(), next_padded, biases);
        else fold(after, biases);
        for (int i = 0; i < open; ++i) {
            std::copy_n(after.weights.data() + static_cast<std::size_t>(open_[i]) * next_padded, next_padded,
                        next_ + static_cast<std::size_t>(kept + i) * next_padded);
        }
        if (direct) {
            first_ = begin;
            live_has_features_ = false;
        }
        live_ = kept + open;
        std::swap(map_, next_);
        padded_ = next_padded;
    }

    // Rows of the map and its biases, each through the units that are on: a few rows at a time.
    void fold(const DefaultNetwork::Parts::Layer& after, float* biases) {
        constexpr int together = 6;
        for (int k = 0; k <= live_; k += together) {
            const float* from[together];
            for (int i = 0; i < together; ++i) from[i] = row_of_map(k + i);
            for (int j = 0; j < after.padded; j += V::lanes) {
                V sums[together];
                for (int i = 0; i < together; ++i) sums[i] = V::all(0);
                const float* column = after.weights.data() + j;
                for (const int u : on_) {
                    const V w = V::load_any(column + static_cast<std::size_t>(u) * after.padded);
                    for (int i = 0; i < together; ++i) sums[i] = V::multiply_add(V::all(from[i][u]), w, sums[i]);
                }
                for (int i = 0; i < together && k + i < live_; ++i) {
                    sums[i].store(next_ + static_cast<std::size_t>(k + i) * after.padded + j);
                }
                if (live_ - k < together) (sums[live_ - k] + V::load_any(after.biases.data() + j)).store(biases + j);
            }
        }
    }

    // Row k of the map; behind the last come the biases, and whatever is read beyond them counts for nothing.
    const float* row_of_map(int k) {
        return k < live_ ? map_ + static_cast<std::size_t>(k) * padded_ : bias();
    }

    void add_plane(float* out) {
        for (std::size_t c = 0; c < net_.plane.size(); ++c) {
            for (int k = 0; k < 3; ++k) {
                const V by = V::all(net_.spread * net_.plane_to_output[c * 3 + k]);
                float* to = out + k * tile_size;
                const float* plane = variable(7 + static_cast<int>(c));
                for (int p = 0; p < tile_size; p += V::lanes) {
                    V::multiply_add(V::load(plane + p), by, V::load(to + p)).store(to + p);
                }
            }
        }
    }

    template <int J, bool relu>
    void rows(const float* map, int stride, const float* biases, int first, int count, float* out) {
        affine<V, J, relu>(map, stride, biases, variable(first), count, out);
    }

    static constexpr int wide = widest_block<V>;

    const DefaultNetwork::Parts& net_;
    const bool fold_, whole_;
    float *variables_, *map_, *next_, *chosen_, *low_, *high_;
    Lead<V> lead_;
    std::vector<Extent> extents_;
    std::vector<int> on_, open_;
    bool folds_ = false, live_has_features_ = true;
    int first_ = 0, live_ = 0, padded_ = 16;
    std::int64_t macs_ = 0;
};

}  // namespace
}  // namespace candela
