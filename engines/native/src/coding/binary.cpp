#include "binary.hpp"

#include <algorithm>

namespace candela {
namespace {

constexpr int last_rate = 158;

struct Tables {
    std::array<std::uint16_t, 4095> squash{};  // of logits -2047..2047: 4096/(1 + exp(-x/256)), from integer knots
    std::array<std::int16_t, 4096> stretch{};  // its inverse: the smallest logit that reaches a probability
    std::array<std::uint32_t, last_rate + 1> rate{};  // 65536/(n + 1.8): fast to learn, slow to forget

    constexpr Tables() {
        constexpr int knots[33] = {1,    2,    3,    6,    10,   16,   27,   45,   73,   120,  194,
                                   310,  488,  747,  1101, 1546, 2047, 2549, 2994, 3348, 3607, 3785,
                                   3901, 3975, 4022, 4050, 4068, 4079, 4085, 4089, 4092, 4093, 4094};
        for (int x = -2047; x <= 2047; ++x) {
            const int w = x & 127, i = (x >> 7) + 16;
            const int high = knots[i + 1 < 33 ? i + 1 : i];
            squash[x + 2047] = static_cast<std::uint16_t>((knots[i] * (128 - w) + high * w + 64) >> 7);
        }
        for (auto& s : stretch) s = 2047;
        int p = 0;
        for (int x = -2047; x <= 2047; ++x) {
            const int v = squash[x + 2047];
            for (int i = p; i < std::min(v + 1, 4096); ++i) stretch[i] = static_cast<std::int16_t>(x);
            p = std::max(p, v + 1);
        }
        for (int n = 0; n <= last_rate; ++n) rate[n] = static_cast<std::uint32_t>(65536 / (n + 1.8));
    }
};

constexpr Tables tables;

}  // namespace

Predictor::Predictor(int contexts, int mixers)
    : probability_(contexts, 32768), age_(contexts, 0), weight_(mixers * inputs, (1 << 16) / inputs) {}

std::uint32_t Predictor::predict(const Contexts& contexts, int mixer) {
    std::int64_t dot = 0;
    const std::int64_t* w = &weight_[mixer * inputs];
    for (int i = 0; i < inputs; ++i) {
        stretched_[i] = tables.stretch[probability_[contexts[i]] >> 4];
        dot += stretched_[i] * w[i];
    }
    return tables.squash[std::clamp<std::int64_t>(dot >> 16, -2047, 2047) + 2047];
}

void Predictor::learn(const Contexts& contexts, int mixer, bool one, std::uint32_t predicted) {
    const int error = ((one ? 4096 : 0) - static_cast<int>(predicted)) * 6;
    for (int c : contexts) {
        std::uint32_t p = probability_[c];
        const std::uint32_t rate = tables.rate[age_[c]];
        p = one ? p + (((65535 - p) * rate) >> 16) : p - ((p * rate) >> 16);
        probability_[c] = static_cast<std::uint16_t>(p);
        if (age_[c] < last_rate) ++age_[c];
    }
    std::int64_t* w = &weight_[mixer * inputs];
    for (int i = 0; i < inputs; ++i) w[i] += (stretched_[i] * error + 4096) >> 13;
}

Decoder::Decoder(std::span<const std::uint8_t> data, int contexts, int mixers, std::int64_t limit)
    : model_(contexts, mixers), data_(data), left_(limit) {
    for (int i = 0; i < 4; ++i) x_ = x_ << 8 | next();
}

void Decoder::shift() {
    while ((low_ ^ high_) >> 24 == 0) {
        low_ <<= 8;
        high_ = high_ << 8 | 0xFFu;
        x_ = x_ << 8 | next();
    }
}

int Decoder::bit(const Predictor::Contexts& contexts, int mixer, int) {
    if (--left_ < 0) throw Damaged("coded data asks for more decisions than its picture can have: it is damaged");
    const std::uint32_t q = model_.predict(contexts, mixer);
    const std::uint32_t mid = divided(low_, high_, q);
    const bool one = x_ <= mid;
    one ? high_ = mid : low_ = mid + 1;
    model_.learn(contexts, mixer, one, q);
    shift();
    return one;
}

std::uint32_t Decoder::raw(int count, std::uint32_t) {
    std::uint32_t out = 0;
    for (int i = 0; i < count; ++i) {
        const std::uint32_t mid = low_ + ((high_ - low_) >> 1);
        const bool one = x_ <= mid;
        one ? high_ = mid : low_ = mid + 1;
        out = out << 1 | (one ? 1u : 0u);
        shift();
    }
    return out;
}

Encoder::Encoder(int contexts, int mixers) : model_(contexts, mixers) {}

void Encoder::shift() {
    while ((low_ ^ high_) >> 24 == 0) {
        out_.push_back(static_cast<std::uint8_t>(high_ >> 24));
        low_ <<= 8;
        high_ = high_ << 8 | 0xFFu;
    }
}

int Encoder::bit(const Predictor::Contexts& contexts, int mixer, int value) {
    const std::uint32_t q = model_.predict(contexts, mixer);
    const std::uint32_t mid = divided(low_, high_, q);
    value ? high_ = mid : low_ = mid + 1;
    model_.learn(contexts, mixer, value != 0, q);
    shift();
    return value;
}

std::uint32_t Encoder::raw(int count, std::uint32_t value) {
    for (int i = count - 1; i >= 0; --i) {
        const std::uint32_t mid = low_ + ((high_ - low_) >> 1);
        (value >> i & 1u) ? high_ = mid : low_ = mid + 1;
        shift();
    }
    return value;
}

std::vector<std::uint8_t> Encoder::finish() {
    // Any value in [low, high] closes the stream: the one with the fewest bytes that are not zero.
    std::uint64_t value = 0;
    for (int bits : {24, 16, 8, 0}) {
        value = ((std::uint64_t{low_} + (1u << bits) - 1) >> bits) << bits;
        if (value <= high_) break;
    }
    for (int shift : {24, 16, 8, 0}) out_.push_back(static_cast<std::uint8_t>(value >> shift));
    while (!out_.empty() && out_.back() == 0) out_.pop_back();
    return std::move(out_);
}

}  // namespace candela
