// Layers to bytes and back: small integers under adaptive contexts. Twin of itm/coding/weights.py.
#include <algorithm>
#include <bit>
#include <cstdlib>

#include "binary.hpp"

namespace candela {
namespace {

// Four inputs' tables: bit length of a magnitude by layer, by recent magnitudes, by output, by what it is.
constexpr int A = 0, B = 256, C = 512, D = 768, top_a = 1024, top_b = 1152, top_c = 1280, top_d = 1408;
constexpr int contexts = 1536, mixers = 64, max_bits = 20;

enum Kind { weight = 0, bias = 1, scale = 2 };

int length_of(std::int32_t value) { return std::bit_width(static_cast<std::uint32_t>(std::abs(value))); }

// A signed integer as the length of its magnitude, its two leading bits, the rest and the sign.
// recent, column: bit lengths of magnitudes seen before, in the row and the column.
template <class Coder>
std::int32_t integer(Coder& coder, std::int32_t value, int kind, int layer, int recent, int column) {
    const int target = length_of(value);
    const int l = std::min(layer, 3), r = std::min(recent, 7), c = std::min(column, 7);
    const int rc = std::min(recent + column, 7);
    int n = 0;
    while (n < max_bits && coder.bit({A + (kind * 4 + l) * 21 + n, B + r * 21 + n, C + c * 21 + n,
                                      D + kind * 64 + rc * 8 + std::min(n, 7)},
                                     kind * 8 + std::min(n, 7), n < target)) {
        ++n;
    }
    if (n == 0) return 0;
    const std::uint32_t magnitude = static_cast<std::uint32_t>(std::abs(value));
    std::uint32_t m = 1;
    for (int i = n - 2; i >= 0; --i) {
        const std::uint32_t b = magnitude >> i & 1u;
        const int s = std::min(n, 7);
        m = m << 1 | (i == n - 2 ? static_cast<std::uint32_t>(coder.bit(
                                       {top_a + (kind * 4 + l) * 8 + s, top_b + r * 8 + s, top_c + c * 8 + s,
                                        top_d + kind * 8 + s},
                                       24 + kind, static_cast<int>(b)))
                                 : coder.raw(1, b));
    }
    const auto out = static_cast<std::int32_t>(m);
    return coder.raw(1, value < 0) ? -out : out;
}

// Codes `layers` in place: an encoder reads them, a decoder fills them.
template <class Coder>
void code(Coder& coder, std::vector<QuantisedLayer>& layers) {
    int index = 0;
    for (QuantisedLayer& layer : layers) {
        std::int32_t last = 200;
        for (std::int32_t& s : layer.scales) {
            last += integer(coder, s - last, scale, index, 0, 0);
            if (last < 0 || last >= 512) {
                throw Damaged("scale code " + std::to_string(last) + " of layer " + std::to_string(index) +
                              " is not in 0..511: the payload is damaged");
            }
            s = last;
        }
        int recent = 4;
        for (std::int32_t& b : layer.biases) {
            b = integer(coder, b, bias, index, recent, 0);
            recent = length_of(b);
        }
        std::vector<int> columns(layer.outputs, 3);
        for (int i = 0; i < layer.inputs; ++i) {
            recent = 3;
            for (int j = 0; j < layer.outputs; ++j) {
                std::int32_t& w = layer.weights[static_cast<std::size_t>(i) * layer.outputs + j];
                w = integer(coder, w, weight, index, recent, columns[j]);
                recent = length_of(w);
                columns[j] = (columns[j] + recent + 1) >> 1;
            }
        }
        ++index;
    }
}

}  // namespace

std::vector<QuantisedLayer> decode_layers(std::span<const std::uint8_t> data, std::span<const int> sizes, int bits) {
    std::vector<QuantisedLayer> layers;
    std::int64_t count = 0;
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
        const int in = sizes[i], out = sizes[i + 1];
        if (in < 1 || out < 1 || in > 4096 || out > 4096) throw Damaged("a layer's size is outside 1..4096");
        const auto area = static_cast<std::size_t>(in) * out;
        count += static_cast<std::int64_t>(area) + 2 * out;
        layers.push_back({in, out, std::vector<std::int32_t>(area), std::vector<std::int32_t>(out),
                          std::vector<std::int32_t>(out)});
    }
    Decoder coder(data, contexts, mixers, count * 24);
    code(coder, layers);
    const std::int32_t limit = (1 << (bits - 1)) - 1;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        for (std::int32_t w : layers[i].weights) {
            if (std::abs(w) > limit) {
                throw Damaged("layer " + std::to_string(i) + " has weights beyond " + std::to_string(bits) +
                              " bits: the payload is damaged");
            }
        }
    }
    return layers;
}

std::vector<std::uint8_t> encode_layers(std::span<const QuantisedLayer> layers) {
    std::vector<QuantisedLayer> copy(layers.begin(), layers.end());
    Encoder coder(contexts, mixers);
    code(coder, copy);
    return coder.finish();
}

}  // namespace candela
