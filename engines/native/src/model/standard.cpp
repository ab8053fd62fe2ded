// Numbers and streams of the default network to layers and planes; keys of time.
#include "standard.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "candela/coding.hpp"
#include "sdr_colour.hpp"

namespace candela {
namespace {

constexpr int plain_features = 7, most_width = 128, most_depth = 4, most_time_keys = 64, most_plane_keys = 4;

[[noreturn]] void refuse_network(const std::string& what) { throw Trouble(Trouble::Kind::payload, what); }

double scale_of_code(int code) { return std::exp2((code - 320) / 16.0); }

// Shares of the keys at a place: linear between the two nearest.
double hat(double place, int key, int keys) { return std::max(0.0, 1.0 - std::abs(place * (keys - 1) - key)); }

// The orthonormal DCT-II: what frequency `j` gives to key `k`.
double dct(int j, int k, int keys) {
    const double value = std::cos(std::numbers::pi * (j * (2 * k + 1)) / (2 * keys)) * std::sqrt(2.0 / keys);
    return j ? value : value / std::sqrt(2.0);
}

// The network's numbers in the order of the payload.
struct Numbers {
    int domain, width, depth, bits, channels, kind, shift, step, spread, strength, ceiling, time_keys = 0, plane_keys = 0;
};

Numbers numbers_of(const Payload& payload) {
    const auto& given = payload.numbers;
    const std::size_t wanted = payload.frames ? 13 : 11;
    if (given.size() != wanted) {
        refuse_network(std::string(payload.frames ? "a shot's" : "a") + " default network has " + std::to_string(wanted) +
                       " numbers, the payload has " + std::to_string(given.size()));
    }
    std::vector<int> v(given.begin(), given.end());
    v.resize(13);
    Numbers n{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12]};
    if (payload.frames) {
        if (n.time_keys != 0 && (n.time_keys < 2 || n.time_keys > most_time_keys)) {
            refuse_network("the payload's keys of time are " + std::to_string(n.time_keys) + ", not 0 or in 2..64");
        }
        const int least = n.channels ? 1 : 0, most = n.channels ? most_plane_keys : 0;
        if (n.plane_keys < least || n.plane_keys > most || n.channels > 1) {
            refuse_network("the payload's plane has " + std::to_string(n.channels) + " channels and " +
                           std::to_string(n.plane_keys) + " keys");
        }
    }
    const struct {
        const char* name;
        int value, low, high;
    } checks[] = {
        {"domain", n.domain, 0, 2},
        {"width", n.width, n.depth ? 1 : 0, most_width},
        {"depth", n.depth, 0, most_depth},
        {"bits", n.bits, 4, 12},
        {"plane channels", n.channels, 0, 3},
        {"plane lattice", n.kind, 0, 1},
        {"plane shift", n.shift, 0, 8},
        {"plane step", n.step, 1, 1 << 20},
        {"plane spread", n.spread, 0, 511},
        {"dequantiser strength", n.strength, 0, 8},
        {"ceiling", n.ceiling, 0, 4096},
    };
    for (const auto& [name, value, low, high] : checks) {
        if (value < low || value > high) {
            refuse_network(std::string("the payload's ") + name + " is " + std::to_string(value) + ", not in " +
                           std::to_string(low) + ".." + std::to_string(high));
        }
    }
    if (payload.streams.size() != (n.channels ? 2 : 1)) {
        refuse_network("a network with " + std::to_string(n.channels) + " plane channels has not " +
                       std::to_string(payload.streams.size()) + " streams");
    }
    return n;
}

}  // namespace

Standard::Standard(const Payload& payload) {
    const Numbers n = numbers_of(payload);
    time_keys_ = n.time_keys;
    plane_keys_ = n.plane_keys;
    options_.domain = static_cast<Domain>(n.domain);
    options_.strength = n.strength;
    options_.ceiling = n.ceiling / 4096.0;
    options_.width = payload.width;
    options_.height = payload.height;
    std::vector<int> sizes{plain_features + (n.channels ? n.channels + 1 : 0) + std::max(n.time_keys - 1, 0)};
    sizes.insert(sizes.end(), static_cast<std::size_t>(n.depth), n.width);
    sizes.push_back(3);
    plane_.kind = static_cast<LatticeKind>(n.kind);
    plane_.shift = n.shift;
    plane_.spread = static_cast<float>(scale_of_code(n.spread));
    plane_.channels = n.channels;
    try {
        read_layers(payload, n.bits, sizes);
        if (n.channels) read_plane(payload, payload.frames ? n.plane_keys : n.channels, n.step);
    } catch (const Damaged& error) {
        refuse_network(error.what());
    }
    options_.colour = sdr_colour(payload.sdr, payload.bits);
}

void Standard::read_layers(const Payload& payload, int bits, const std::vector<int>& sizes) {
    for (const auto& coded : decode_layers(payload.streams[0], sizes, bits)) {
        Layer layer{coded.inputs, coded.outputs, {}, {}};
        for (std::size_t i = 0; i < coded.weights.size(); ++i) {
            layer.weights.push_back(coded.weights[i] * scale_of_code(coded.scales[i % coded.scales.size()]));
        }
        for (std::size_t j = 0; j < coded.biases.size(); ++j) {
            layer.biases.push_back(coded.biases[j] * (scale_of_code(coded.scales[j]) / 4));
        }
        layers_.push_back(std::move(layer));
    }
    // The rows of time lie behind those of the features.
    Layer& first = layers_.front();
    first.inputs -= std::max(time_keys_ - 1, 0);
    const auto end = first.weights.begin() + static_cast<std::ptrdiff_t>(first.inputs) * first.outputs;
    rows_.assign(end, first.weights.end());
    first.weights.erase(end, first.weights.end());
}

void Standard::read_plane(const Payload& payload, int channels, int step) {
    const auto side = [this](int pixels) { return (pixels + (1 << plane_.shift) - 1) >> plane_.shift; };
    plane_.height = side(payload.height);
    plane_.width = side(payload.width);
    const auto bands = decode_bands(payload.streams[1], plane_.height, plane_.width, channels);
    const auto samples = join_bands(bands, plane_.height, plane_.width, step);
    for (const auto sample : samples) {
        plane_.samples.push_back(static_cast<float>(static_cast<double>(sample) / plane_unit));
    }
    if (plane_keys_ < 2) return;
    // Frequencies in time to keys.
    const auto keys = static_cast<std::size_t>(plane_keys_);
    double rows[most_plane_keys][most_plane_keys];
    for (int j = 0; j < plane_keys_; ++j) {
        for (int k = 0; k < plane_keys_; ++k) rows[j][k] = dct(j, k, plane_keys_);
    }
    for (std::size_t at = 0; at < plane_.samples.size(); at += keys) {
        double sums[most_plane_keys] = {};
        for (std::size_t j = 0; j < keys; ++j) {
            for (std::size_t k = 0; k < keys; ++k) sums[k] += plane_.samples[at + j] * rows[j][k];
        }
        for (std::size_t k = 0; k < keys; ++k) plane_.samples[at + k] = static_cast<float>(sums[k]);
    }
}

Layers Standard::layers_at(double place) const {
    std::vector<int> sizes{layers_.front().inputs};
    std::vector<std::vector<float>> numbers;
    std::vector<const float*> weights, biases;
    for (const auto& layer : layers_) {
        sizes.push_back(layer.outputs);
        numbers.emplace_back(layer.weights.begin(), layer.weights.end());
        std::vector<double> bias = layer.biases;
        if (&layer == &layers_.front()) {
            std::vector<double> added(bias.size());
            for (int key = 1; key < time_keys_; ++key) {
                const double share = hat(place, key, time_keys_);
                const double* row = rows_.data() + static_cast<std::size_t>(key - 1) * bias.size();
                for (std::size_t j = 0; j < bias.size(); ++j) added[j] += share * row[j];
            }
            for (std::size_t j = 0; j < bias.size(); ++j) bias[j] += added[j];
        }
        numbers.emplace_back(bias.begin(), bias.end());
    }
    for (std::size_t i = 0; i < numbers.size(); i += 2) {
        weights.push_back(numbers[i].data());
        biases.push_back(numbers[i + 1].data());
    }
    return {sizes, weights, biases};
}

GuidePlane Standard::plane_at(double place) const {
    if (plane_keys_ < 2) return plane_;
    GuidePlane out = plane_;
    const auto keys = static_cast<std::size_t>(plane_keys_);
    double shares[most_plane_keys];
    for (int k = 0; k < plane_keys_; ++k) shares[k] = hat(place, k, plane_keys_);
    out.samples.resize(plane_.samples.size() / keys);
    for (std::size_t i = 0; i < out.samples.size(); ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < keys; ++k) sum += plane_.samples[i * keys + k] * shares[k];
        out.samples[i] = static_cast<float>(sum);
    }
    return out;
}

}  // namespace candela
