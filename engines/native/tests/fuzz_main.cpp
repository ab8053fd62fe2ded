// Feeds the fuzz target without libFuzzer: files that are named, else so many inputs from a seed, of which half are
// noise and half true streams with a few bytes changed.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "candela/coding.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes noise(std::mt19937& random, std::size_t size) {
    Bytes out(size);
    for (auto& byte : out) byte = static_cast<std::uint8_t>(random());
    return out;
}

// A stream that a decoder takes, behind the four bytes that say of what.
Bytes sound(std::mt19937& random) {
    Bytes head = noise(random, 4);
    const bool plane = head[0] & 1;
    Bytes stream;
    if (plane) {
        head[3] = static_cast<std::uint8_t>(1 + random() % 3);
        std::vector<candela::Channel> channels(head[3]);
        for (auto& channel : channels) {
            for (const auto shape : candela::band_shapes(1 + head[1], 1 + head[2])) {
                candela::Band band{shape.height, shape.width, {}};
                for (int i = 0; i < shape.height * shape.width; ++i) {
                    band.values.push_back(random() % 8 ? 0 : static_cast<int>(random() % 40) - 20);
                }
                channel.push_back(std::move(band));
            }
        }
        stream = candela::encode_bands(channels, 1 + head[1], 1 + head[2]);
    } else {
        candela::QuantisedLayer layer{1 + head[1] % 32, 1 + head[2], {}, {}, {}};
        for (int i = 0; i < layer.inputs * layer.outputs; ++i) layer.weights.push_back(static_cast<int>(random() % 15) - 7);
        layer.biases.assign(layer.outputs, 3);
        layer.scales.assign(layer.outputs, 250);
        const candela::QuantisedLayer layers[] = {layer};
        stream = candela::encode_layers(layers);
    }
    head.insert(head.end(), stream.begin(), stream.end());
    return head;
}

}  // namespace

int main(int count, char** arguments) {
    if (count > 1 && std::string(arguments[1]) != "--runs") {
        for (int i = 1; i < count; ++i) {
            std::ifstream file(arguments[i], std::ios::binary);
            const Bytes data{std::istreambuf_iterator<char>(file), {}};
            LLVMFuzzerTestOneInput(data.data(), data.size());
        }
        return 0;
    }
    const int runs = count > 2 ? std::atoi(arguments[2]) : 1000;
    std::mt19937 random(7);
    for (int run = 0; run < runs; ++run) {
        Bytes data = run % 2 ? noise(random, random() % 600) : sound(random);
        for (std::size_t changes = run % 2 ? 0 : random() % 4; changes && data.size() > 4; --changes) {
            data[4 + random() % (data.size() - 4)] = static_cast<std::uint8_t>(random());
        }
        LLVMFuzzerTestOneInput(data.data(), data.size());
    }
    std::printf("%d inputs\n", runs);
}
