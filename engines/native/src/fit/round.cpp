// Weights rounded for storage. Twin of itm/network.py: the same integers.
#include <algorithm>
#include <cmath>
#include <string>

#include "candela/fit.hpp"

namespace candela {

double scale_of_code(int code) { return std::exp2((code - 320) / 16.0); }

namespace {

int scale_code(const float* weights, int inputs, int outputs, int column, int bits) {
    double largest = 1e-6;
    for (int k = 0; k < inputs; ++k) {
        largest = std::max(largest, static_cast<double>(std::fabs(weights[static_cast<std::size_t>(k) * outputs + column])));
    }
    const double code = std::ceil(std::log2(largest / ((1 << (bits - 1)) - 1)) * 16 - 1e-9) + 320;
    return static_cast<int>(std::clamp(code, 0.0, 511.0));
}

// To the nearest, halves to even; what is no number becomes 0.
std::int32_t rounded(double value, double limit) {
    return std::isnan(value) ? 0 : static_cast<std::int32_t>(std::clamp(std::nearbyint(value), -limit, limit));
}

}  // namespace

std::vector<QuantisedLayer> quantise(const Parameters& parameters, const std::vector<int>& sizes, int bits,
                                     const std::vector<std::vector<std::int32_t>>* codes) {
    const double limit = (1 << (bits - 1)) - 1;
    std::vector<QuantisedLayer> out;
    for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
        const int in = sizes[l], n = sizes[l + 1];
        const auto area = static_cast<std::size_t>(in) * n;
        QuantisedLayer layer{in, n, std::vector<std::int32_t>(area), std::vector<std::int32_t>(n),
                             std::vector<std::int32_t>(n)};
        for (int j = 0; j < n; ++j) {
            const float* w = parameters.weights[l].data();
            layer.scales[j] = codes ? (*codes)[l][j] : scale_code(w, in, n, j, bits);
            const double scale = scale_of_code(layer.scales[j]);
            for (int k = 0; k < in; ++k) {
                const auto at = static_cast<std::size_t>(k) * n + j;
                layer.weights[at] = rounded(w[at] / scale, limit);
            }
            layer.biases[j] = rounded(parameters.biases[l][j] / (scale / 4), 1 << 19);
        }
        out.push_back(std::move(layer));
    }
    return out;
}

Parameters dequantise(const std::vector<QuantisedLayer>& layers) {
    Parameters out;
    for (const QuantisedLayer& layer : layers) {
        auto& weights = out.weights.emplace_back(layer.weights.size());
        auto& biases = out.biases.emplace_back(layer.biases.size());
        for (int j = 0; j < layer.outputs; ++j) {
            const double scale = scale_of_code(layer.scales[j]);
            for (int k = 0; k < layer.inputs; ++k) {
                const auto at = static_cast<std::size_t>(k) * layer.outputs + j;
                weights[at] = static_cast<float>(layer.weights[at] * scale);
            }
            biases[j] = static_cast<float>(layer.biases[j] * (scale / 4));
        }
    }
    return out;
}

}  // namespace candela
