// Weights as halves or floats, packed or not.
#include "published.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include "candela/picture.hpp"
#include "inflate.hpp"

namespace candela {
namespace {

using Bytes = std::vector<std::uint8_t>;

[[noreturn]] void refuse(const std::string& what) { throw Trouble(Trouble::Kind::payload, what); }

// The stream's bytes, unpacked where they are; there have to be `size` of them.
Bytes weights_of(const Bytes& stream, bool packed, std::size_t size, const char* name) {
    if (packed) {
        auto out = inflate(stream, size);
        if (!out) refuse("the payload's weights are no sound zlib stream of " + std::to_string(size) + " bytes");
        return std::move(*out);
    }
    if (stream.size() != size) {
        refuse(std::string("a ") + name + " network has " + std::to_string(size) + " bytes of weights, the payload has " +
               std::to_string(stream.size()));
    }
    return stream;
}

std::vector<float> halves(std::span<const std::uint8_t> bytes) {
    std::vector<float> out;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        out.push_back(half_to_float(static_cast<unsigned short>(bytes[i] | bytes[i + 1] << 8)));
    }
    return out;
}

std::vector<float> singles(std::span<const std::uint8_t> bytes) {
    std::vector<float> out;
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
        const std::uint32_t bits = bytes[i] | static_cast<std::uint32_t>(bytes[i + 1]) << 8 |
                                   static_cast<std::uint32_t>(bytes[i + 2]) << 16 | static_cast<std::uint32_t>(bytes[i + 3]) << 24;
        out.push_back(std::bit_cast<float>(bits));
    }
    return out;
}

void check(const Payload& payload, std::uint32_t codings, std::size_t streams, const char* name) {
    if (payload.numbers.size() != 1 || payload.numbers[0] >= codings) {
        refuse(std::string("a ") + name + " network has one number, 0 to " + std::to_string(codings - 1));
    }
    if (payload.streams.size() != streams) {
        refuse(std::string("a ") + name + " network has not " + std::to_string(payload.streams.size()) + " streams");
    }
}

GammaNorms norms_of(const Bytes& bytes) {
    if (bytes.size() != 16) refuse("the payload's normalisation is not four sane numbers");
    const std::vector<float> v = singles(bytes);
    if (!std::ranges::all_of(v, [](float x) { return std::abs(x) < 1e3f; })) {
        refuse("the payload's normalisation is not four sane numbers");
    }
    if (static_cast<double>(std::min(v[1], v[3])) <= 1e-6) refuse("the payload's normalisation has a range of nothing");
    return {v[0], v[1], v[2], v[3]};
}

}  // namespace

std::vector<float> siren_of(const Payload& payload) {
    check(payload, 2, 1, "paper");
    std::vector<float> out = halves(weights_of(payload.streams[0], payload.numbers[0] == 1, 2 * siren_numbers, "paper"));
    if (!std::ranges::all_of(out, [](float x) { return std::isfinite(x); })) refuse("the payload's weights are not all finite");
    return out;
}

GammaWeights gamma_of(const Payload& payload) {
    check(payload, 3, 2, "gamma");
    const auto coding = payload.numbers[0];
    const Bytes raw = weights_of(payload.streams[0], coding == 2, (coding == 1 ? 4 : 2) * gamma_numbers, "gamma");
    GammaWeights out{coding == 1 ? singles(raw) : halves(raw), {}};
    if (!std::ranges::all_of(out.numbers, [](float x) { return std::abs(x) <= 1e6f; })) {
        refuse("the payload's weights are not all finite and sane");
    }
    out.norms = norms_of(payload.streams[1]);
    return out;
}

}  // namespace candela
