// What both networks take from the numbers of a payload.
#pragma once

#include <cmath>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "candela/sine.hpp"
#include "isa.hpp"

namespace candela {

inline constexpr int most_pixels = 1 << 17;  // a side

// A layer of its own, its weights (inputs, outputs) and biases times `scale`, which is taken in double.
inline Layers scaled_layer(int inputs, int outputs, const float* weights, const float* biases, double scale) {
    std::vector<float> w(static_cast<std::size_t>(inputs) * outputs), b(outputs);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(weights[i] * scale);
    for (int j = 0; j < outputs; ++j) b[j] = biases ? static_cast<float>(biases[j] * scale) : 0.0f;
    return Layers({inputs, outputs}, {w.data()}, {b.data()});
}

// Which sine a layer on inputs within -reach..reach needs.
inline After sine_for(const Layers::Layer& layer, double reach = 1) {
    double most = 0;
    for (int j = 0; j < layer.outputs; ++j) {
        double sum = std::abs(layer.biases[j]);
        for (int k = 0; k < layer.inputs; ++k) sum += reach * std::abs(layer.weights[j * layer.inputs + k]);
        most = std::fmax(most, sum);
    }
    return most < 1e6 ? After::sine : After::sine_of_any;
}

// numpy's linspace(first, 1, count): the places of columns and rows, to the last bit.
inline std::vector<double> line_to_one(double first, int count) {
    std::vector<double> line(count);
    const double step = (1 - first) / std::max(count - 1, 1);
    for (int i = 0; i < count; ++i) line[i] = i * step + first;
    if (count > 1) line.back() = 1;
    return line;
}

inline void check_size(int height, int width) {
    if (height < 1 || width < 1 || height > most_pixels || width > most_pixels) {
        throw std::invalid_argument("a picture of " + std::to_string(width) + "x" + std::to_string(height) +
                                    " pixels: 1 to 65536 a side");
    }
}

inline void check_count(std::size_t given, std::size_t needed, const char* what) {
    if (given != needed) {
        throw std::invalid_argument(std::string("a ") + what + " network has " + std::to_string(needed) +
                                    " numbers, not " + std::to_string(given));
    }
}

}  // namespace candela
