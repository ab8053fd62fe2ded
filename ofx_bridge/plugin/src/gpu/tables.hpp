// Tables in one block of words: curves, grids, weights, as jobs name them by their place.
#pragma once

#include <vector>

#include "colour/curves.hpp"
#include "job.hpp"

namespace candela::plugin::gpu {

class Tables {
public:
    // Begin on whole rows of 32 bytes.
    int add(const float* values, std::size_t count) { return add_words(values, count); }
    int add(const std::vector<float>& values) { return add(values.data(), values.size()); }
    int add(const std::vector<int>& values, std::size_t count) { return add_words(values.data(), count); }

    CurveTable curve(const Curve& rows, CurveFunction function) {
        return {add(rows.row(0), static_cast<std::size_t>(Curve::rows) * Curve::terms), rows.shift(), rows.first(), rows.lowest(),
                rows.beyond(), rows.middle(), rows.at_zero(), function};
    }
    CurveTable curve(const NamedCurve& named) { return curve(named.rows, named.function); }
    CurveTable curve(CurveName name) { return curve(curve_named(name)); }

    const std::vector<float>& words() const { return words_; }

private:
    int add_words(const void* values, std::size_t count);

    std::vector<float> words_;  // integers in it are the bits of floats
};

}  // namespace candela::plugin::gpu
