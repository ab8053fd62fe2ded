// Which parameters are held, and at what.
#include "freeze.hpp"

#include <algorithm>
#include <cmath>

#include "parameters.hpp"

namespace candela {

Freezer::Freezer(const NetworkShape& shape, const std::vector<int>& sizes, const float* parameters, int bits)
    : free_(zeros(shape.size)), value_(zeros(shape.size)) {
    for (auto& layer : quantise(unpack(shape, parameters), sizes, bits)) codes_.push_back(std::move(layer.scales));
    std::vector<Place> biases;
    for (int l = 0; l < shape.depth(); ++l) {
        const auto& layer = shape.layers[l];
        // A multiplicative hash of the index in a layer's (inputs, outputs) puts its weights in a random order.
        std::vector<std::pair<std::uint32_t, Place>> places;
        std::uint32_t index = 0;
        for (int k = 0; k < layer.inputs; ++k) {
            for (int j = 0; j < layer.outputs; ++j, ++index) {
                const double unit = scale_of_code(codes_[l][j]);
                const std::size_t at = layer.weights + static_cast<std::size_t>(k) * layer.ld + j;
                places.push_back({index * 2654435761u, {at, unit, static_cast<double>((1 << (bits - 1)) - 1)}});
            }
        }
        std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        for (const auto& place : places) order_.push_back(place.second);
        for (int j = 0; j < layer.outputs; ++j) {
            biases.push_back({layer.biases + j, scale_of_code(codes_[l][j]) / 4, 1 << 19});
        }
    }
    order_.insert(order_.end(), biases.begin(), biases.end());
    std::fill_n(free_.get(), shape.size, 1.0f);
}

void Freezer::advance(double share, float* parameters) {
    const auto wanted = static_cast<std::size_t>(share * static_cast<double>(order_.size()));
    for (; held_ < std::min(wanted, order_.size()); ++held_) {
        const Place& place = order_[held_];
        const double steps = std::clamp(std::nearbyint(parameters[place.at] / place.unit), -place.limit, place.limit);
        free_[place.at] = 0.0f;
        value_[place.at] = parameters[place.at] = static_cast<float>((std::isnan(steps) ? 0.0 : steps) * place.unit);
    }
}

void Freezer::mask(const NetworkShape::Layer& layer, float* gradients) const {
    for (std::size_t i = layer.weights; i < layer.biases + layer.ld; ++i) gradients[i] *= free_[i];
}

void Freezer::hold(const NetworkShape::Layer& layer, float* parameters) const {
    for (std::size_t i = layer.weights; i < layer.biases + layer.ld; ++i) {
        parameters[i] = free_[i] > 0.0f ? parameters[i] : value_[i];
    }
}

}  // namespace candela
