// The payload's coded streams: layers and planes, to bytes and back.
//
// The decoders parse bytes that nobody vouches for, inside other people's programs. They read no byte beyond
// their span, allocate in proportion to what the caller says the picture can have, and end after a bounded
// number of decisions. What is not a stream of ours ends in `Damaged`, or in numbers without meaning; never in
// anything worse. All arithmetic is in integers: every machine decodes the same numbers, and so does the Python
// reference (candela_engines/itm/coding), bit for bit.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace candela {

// A stream or a number of a payload that cannot be true.
struct Damaged : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Integers of one layer: weights by rows (inputs x outputs), biases and scale codes (outputs each).
struct QuantisedLayer {
    int inputs = 0;
    int outputs = 0;
    std::vector<std::int32_t> weights, biases, scales;
};

// Decodes layers of the sizes given: sizes[0] inputs, then the outputs of every layer. Weights beyond `bits` bits
// and scale codes outside 0..511 are damage.
std::vector<QuantisedLayer> decode_layers(std::span<const std::uint8_t> data, std::span<const int> sizes, int bits);

// The stream of layers, as `decode_layers` reads it.
std::vector<std::uint8_t> encode_layers(std::span<const QuantisedLayer> layers);

inline constexpr int plane_unit = 1 << 16;         // planes are integers over this
inline constexpr std::int64_t most_samples = 1 << 22;  // of a plane: height x width x channels

// Quantised wavelet bands of one channel: the approximation, then three details a level from the coarsest.
struct Band {
    int height = 0;
    int width = 0;
    std::vector<std::int32_t> values;
};
using Channel = std::vector<Band>;

struct Shape {
    int height = 0;
    int width = 0;
};

// Shapes of the bands of a plane: the approximation, then rows high, columns high, both, from the coarsest level.
std::vector<Shape> band_shapes(int height, int width);

// Decodes the bands of `channels` planes of one size (1..4 channels, `most_samples` in all).
std::vector<Channel> decode_bands(std::span<const std::uint8_t> data, int height, int width, int channels);

// The stream of bands, as `decode_bands` reads it. The bands have the shapes that `decode_bands` gives.
std::vector<std::uint8_t> encode_bands(std::span<const Channel> channels, int height, int width);

// Planes (height x width x channels) over `plane_unit` from quantised bands, by integers alone.
std::vector<std::int64_t> join_bands(std::span<const Channel> channels, int height, int width, int step);

}  // namespace candela
