// How a network lies in memory while it is fitted: all of its numbers in one aligned array.
//
// A layer's weights are rows of inputs, each padded with zeros to `ld` numbers; its biases, a row of the same length,
// follow them. Gradients and the optimiser's moments lie alike, so that adding two is one pass.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "../common/aligned.hpp"

namespace candela {

using Numbers = AlignedFloats;

// `count` zeros, aligned to 64 bytes.
inline Numbers zeros(std::size_t count) {
    Numbers out = aligned_floats(count ? count : 1);
    std::fill_n(out.get(), count, 0.0f);
    return out;
}

inline int padded(int count) { return (count + 15) / 16 * 16; }

struct NetworkShape {
    struct Layer {
        int inputs, outputs, ld;
        std::size_t weights, biases;  // where they begin
    };
    std::vector<Layer> layers;
    std::size_t size = 0;  // numbers in all
    int widest = 0;        // of inputs and outputs
    std::size_t units = 0;  // inputs, and the outputs of every layer

    explicit NetworkShape(const std::vector<int>& sizes) : widest(sizes[0]), units(static_cast<std::size_t>(sizes[0])) {
        for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
            const int ld = padded(sizes[l + 1]);
            const std::size_t biases = size + static_cast<std::size_t>(sizes[l]) * ld;
            layers.push_back({sizes[l], sizes[l + 1], ld, size, biases});
            size = biases + ld;
            units += sizes[l + 1];
            if (sizes[l + 1] > widest) widest = sizes[l + 1];
        }
    }

    int inputs() const { return layers.front().inputs; }
    int outputs() const { return layers.back().outputs; }
    int depth() const { return static_cast<int>(layers.size()); }
};

}  // namespace candela
