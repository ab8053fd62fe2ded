// Parameters as callers hold them, and as the kernels do.
#pragma once

#include <stdexcept>
#include <string>

#include "candela/fit.hpp"
#include "network.hpp"

namespace candela {

inline void check_sizes(const std::vector<int>& sizes, const Parameters& given, int most) {
    const std::size_t depth = sizes.empty() ? 0 : sizes.size() - 1;
    if (depth < 1 || given.weights.size() != depth || given.biases.size() != depth) {
        throw std::invalid_argument(std::to_string(sizes.size()) + " sizes go with one layer less");
    }
    for (const int size : sizes) {
        if (size < 1 || size > most) {
            throw std::invalid_argument("a layer of " + std::to_string(size) + " units: 1 to " + std::to_string(most) +
                                        " can be fitted");
        }
    }
    for (std::size_t l = 0; l < depth; ++l) {
        if (given.weights[l].size() != static_cast<std::size_t>(sizes[l]) * sizes[l + 1] ||
            given.biases[l].size() != static_cast<std::size_t>(sizes[l + 1])) {
            throw std::invalid_argument("weights are (inputs, outputs) and biases (outputs) of every layer");
        }
    }
}

inline void pack(const NetworkShape& shape, const Parameters& from, float* to) {
    for (int l = 0; l < shape.depth(); ++l) {
        const auto& layer = shape.layers[l];
        for (int k = 0; k < layer.inputs; ++k) {
            for (int j = 0; j < layer.outputs; ++j) {
                to[layer.weights + static_cast<std::size_t>(k) * layer.ld + j] =
                    from.weights[l][static_cast<std::size_t>(k) * layer.outputs + j];
            }
        }
        for (int j = 0; j < layer.outputs; ++j) to[layer.biases + j] = from.biases[l][j];
    }
}

inline Parameters unpack(const NetworkShape& shape, const float* from) {
    Parameters out;
    for (const auto& layer : shape.layers) {
        auto& weights = out.weights.emplace_back();
        for (int k = 0; k < layer.inputs; ++k) {
            const float* line = from + layer.weights + static_cast<std::size_t>(k) * layer.ld;
            weights.insert(weights.end(), line, line + layer.outputs);
        }
        out.biases.emplace_back(from + layer.biases, from + layer.biases + layer.outputs);
    }
    return out;
}

}  // namespace candela
