// Streams come back as they were, from any thread, and damage is found or harmless.
#include <random>
#include <thread>
#include <vector>

#include "candela/coding.hpp"
#include "check.hpp"

namespace {

std::vector<candela::Channel> some_bands(int height, int width, int channels, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<candela::Channel> out(channels);
    for (auto& channel : out) {
        for (const auto shape : candela::band_shapes(height, width)) {
            candela::Band band{shape.height, shape.width, {}};
            const int large = random() % 5 ? 6 : 3000;
            for (int i = 0; i < shape.height * shape.width; ++i) {
                const int value = static_cast<int>(random() % large) - large / 2;
                band.values.push_back(random() % 3 ? 0 : value);
            }
            channel.push_back(std::move(band));
        }
    }
    return out;
}

bool same(const std::vector<candela::Channel>& a, const std::vector<candela::Channel>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t c = 0; c < a.size(); ++c) {
        if (a[c].size() != b[c].size()) return false;
        for (std::size_t i = 0; i < a[c].size(); ++i) {
            if (a[c][i].values != b[c][i].values) return false;
        }
    }
    return true;
}

void bands_come_back() {
    for (unsigned seed = 0; seed < 60; ++seed) {
        std::mt19937 random(seed);
        const int height = 1 + random() % 90, width = 1 + random() % 90, channels = 1 + random() % 3;
        const auto bands = some_bands(height, width, channels, seed);
        const auto data = candela::encode_bands(bands, height, width);
        CHECK(same(candela::decode_bands(data, height, width, channels), bands));
        CHECK(candela::join_bands(bands, height, width, 1 << 20).size() == std::size_t(height) * width * channels);
    }
}

void layers_come_back() {
    std::mt19937 random(1);
    std::vector<candela::QuantisedLayer> layers;
    for (const auto [in, out] : {std::pair{9, 20}, std::pair{20, 3}}) {
        candela::QuantisedLayer layer{in, out, {}, {}, {}};
        for (int i = 0; i < in * out; ++i) layer.weights.push_back(static_cast<int>(random() % 255) - 127);
        for (int i = 0; i < out; ++i) layer.biases.push_back(static_cast<int>(random() % 5000) - 2500);
        for (int i = 0; i < out; ++i) layer.scales.push_back(static_cast<int>(random() % 512));
        layers.push_back(layer);
    }
    const auto data = candela::encode_layers(layers);
    const int sizes[] = {9, 20, 3};
    const auto back = candela::decode_layers(data, sizes, 8);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        CHECK(back[i].weights == layers[i].weights);
        CHECK(back[i].biases == layers[i].biases);
        CHECK(back[i].scales == layers[i].scales);
    }
    bool found = false;
    try {
        candela::decode_layers(data, sizes, 7);
    } catch (const candela::Damaged&) {
        found = true;
    }
    CHECK(found);
}

void claims_are_bounded() {
    const std::uint8_t none[1] = {0};
    for (const auto [height, width, channels] : {std::tuple{1 << 12, 1 << 12, 1}, std::tuple{0, 5, 1}, std::tuple{5, 5, 5},
                                                 std::tuple{1 << 30, 1 << 30, 4}, std::tuple{-3, 5, 1}}) {
        bool found = false;
        try {
            candela::decode_bands(none, height, width, channels);
        } catch (const candela::Damaged&) {
            found = true;
        }
        CHECK(found);
    }
    // All the decisions that so few bytes may ask for end in good time.
    std::vector<std::uint8_t> stall(64, 0xA5);
    try {
        candela::decode_bands(stall, 2048, 2048, 1);
    } catch (const candela::Damaged&) {
    }
}

void threads_do_not_meet() {
    const auto bands = some_bands(70, 80, 3, 5);
    const auto data = candela::encode_bands(bands, 70, 80);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < 4; ++k) CHECK(same(candela::decode_bands(data, 70, 80, 3), bands));
        });
    }
    for (auto& thread : threads) thread.join();
}

}  // namespace

int main() {
    bands_come_back();
    layers_come_back();
    claims_are_bounded();
    threads_do_not_meet();
}
