// A binary arithmetic coder with mixed adaptive predictions: the C++ twin of itm/coding/binary.py.
//
// One verb for both directions: `bit(contexts, mixer, value)` codes `value`, or ignores it and returns what was
// coded. A model written once against that verb, as a template, is its own inverse.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "candela/coding.hpp"

namespace candela {

inline constexpr int inputs = 4;  // contexts that predict one decision

// Adaptive probabilities by context, mixing weights by mixer, and the tables between logits and probabilities.
class Predictor {
public:
    using Contexts = std::array<int, inputs>;

    Predictor(int contexts, int mixers);

    // The probability of a one, over 4096, under the contexts; keeps what `learn` needs.
    std::uint32_t predict(const Contexts& contexts, int mixer);

    // Moves everything that predicted towards what came.
    void learn(const Contexts& contexts, int mixer, bool one, std::uint32_t predicted);

private:
    std::vector<std::uint16_t> probability_;
    std::vector<std::uint8_t> age_;
    std::vector<std::int64_t> weight_;  // 64 bits: no stream can make them overflow
    std::array<int, inputs> stretched_{};
};

// Where an interval is divided; both directions take it from here.
inline std::uint32_t divided(std::uint32_t low, std::uint32_t high, std::uint32_t q) {
    const std::uint32_t span = high - low;
    return low + (span >> 12) * q + (((span & 0xFFFu) * q) >> 12);
}

class Decoder {
public:
    // limit: decisions after which the stream counts as damaged.
    Decoder(std::span<const std::uint8_t> data, int contexts, int mixers, std::int64_t limit);

    int bit(const Predictor::Contexts& contexts, int mixer, int ignored = 0);
    std::uint32_t raw(int count, std::uint32_t ignored = 0);

private:
    std::uint32_t next() { return at_ < data_.size() ? data_[at_++] : 0u; }  // past the end there are zeros
    void shift();

    Predictor model_;
    std::span<const std::uint8_t> data_;
    std::size_t at_ = 0;
    std::uint32_t low_ = 0, high_ = 0xFFFFFFFFu, x_ = 0;
    std::int64_t left_;
};

class Encoder {
public:
    Encoder(int contexts, int mixers);

    int bit(const Predictor::Contexts& contexts, int mixer, int value);
    std::uint32_t raw(int count, std::uint32_t value);

    // The bytes; trailing ones that a decoder reads as zero are left out.
    std::vector<std::uint8_t> finish();

private:
    void shift();

    Predictor model_;
    std::vector<std::uint8_t> out_;
    std::uint32_t low_ = 0, high_ = 0xFFFFFFFFu;
};

}  // namespace candela
