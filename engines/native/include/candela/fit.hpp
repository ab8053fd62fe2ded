// Fitting layers of ReLU units to samples of one picture: small batches, everything in cache.
//
// Twin of candela_engines/itm/learn.py and optimise.py. A fit's result depends on its arguments and the instruction set,
// never on the number of threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "candela/coding.hpp"

namespace candela {

// Samples in random order, rows of features (count x inputs), target and weight (count x outputs each), float32. They
// stay the caller's and have to outlive their use.
struct Samples {
    const float* features = nullptr;
    const float* target = nullptr;
    const float* weight = nullptr;
    std::size_t count = 0;
};

enum class Optimiser {
    adam,
    soap,  // Adam in the eigenbasis of Shampoo's preconditioner, for weights; Adam for biases
};

struct FitOptions {
    std::int64_t steps = 1000;     // of the whole schedule
    int batch = 512;               // samples a step
    double rate = 1e-2;            // of learning: warms up over 30 steps, then falls by a cosine
    int bits = 0;                  // of a weight, 2..16; 0: weights are not rounded
    double quantised_from = 0.75;  // share of the schedule from which on weights are rounded and held, a few at a time
    double seconds = 0;            // from now, by which the schedule, shortened to fit, has run; 0: no limit
    Optimiser optimiser = Optimiser::soap;
    int threads = 0;               // 0: as many as the machine has
    std::string isa;               // avx512, avx2, neon or portable; empty: the best, or what CANDELA_ISA names
};

// Weights (inputs x outputs, by rows) and biases of each layer.
struct Parameters {
    std::vector<std::vector<float>> weights, biases;
};

// The scale that a row's scale code (0..511) stands for: steps of 4.4 %, from 1e-6 up to 4000.
double scale_of_code(int code);

// Rounds layers to `bits` bits a weight, one scale for each output: the scale codes given, or, where there are none,
// those that just reach the largest weight. Biases are on a grid four times as fine. Twin of network.py's quantise.
std::vector<QuantisedLayer> quantise(const Parameters& parameters, const std::vector<int>& sizes, int bits,
                                     const std::vector<std::vector<std::int32_t>>* codes = nullptr);

// The layers that rounded ones stand for.
Parameters dequantise(const std::vector<QuantisedLayer>& layers);

// A fit in progress. Not to be used by two threads at once.
class Trainer {
public:
    // sizes: inputs, then the outputs of every layer, each 1..128. std::invalid_argument for what does not fit together.
    Trainer(const Samples& samples, const std::vector<int>& sizes, const Parameters& start, const FitOptions& options);
    ~Trainer();
    Trainer(Trainer&&) noexcept;

    // At most `steps` more. False when the schedule has ended.
    bool run(int steps);

    std::int64_t done() const;  // steps
    double fraction() const;    // of the schedule, 0..1

    // The layers as they are now, unrounded.
    Parameters parameters() const;
    // Whether weights are being rounded.
    bool rounding() const;
    // The layers as they would be stored now, on scales that are taken once, at `quantised_from`; empty without bits.
    std::vector<QuantisedLayer> rounded() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Outputs (count x outputs) of layers for samples' features; where they have a target, what is left of it times weight.
void weighted_errors(const Samples& samples, const std::vector<int>& sizes, const Parameters& parameters, float* out,
                     int threads, std::string_view isa);

struct Resampled {
    std::vector<float> features, target, weight;  // as in Samples
};

// `count` samples drawn anew: four fifths evenly, one fifth in proportion to the error that the layers leave, weights
// divided by the root of the odds so that the loss stays that of the picture. The share is that of the published
// hard-example step (MLP-embedded inverse tone mapping, ACM MM 2024). The samples have to be in random order.
Resampled resample(const Samples& samples, const std::vector<int>& sizes, const Parameters& parameters,
                   std::size_t count, std::uint64_t seed, int threads, std::string_view isa);

}  // namespace candela
