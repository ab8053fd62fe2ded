// What an instruction set does for the trainer: one table of functions, filled by one source for each.
#pragma once

#include <cstddef>

#include "network.hpp"

namespace candela {

inline constexpr int chunk_samples = 256;  // of which gradients are taken at a time; it does not depend on threads
inline constexpr int unit_stride = chunk_samples + 16;  // numbers from unit to unit: no power of two, which would share cache sets
inline constexpr int most_fit_units = 128;  // of a layer

// At most `chunk_samples` samples, rows as the caller holds them. Weights count squared, times `scale`.
struct Chunk {
    const float* features;
    const float* target;
    const float* weight;
    int count;
    float scale;
};

// State of SOAP for one weight matrix (rows x columns, rows `ld` apart).
struct SoapState {
    int rows, columns;
    int ld, ld_left;  // of what is as wide as the matrix, and of what is as wide as it is high
    Numbers first, second;                 // moments in the eigenbasis
    Numbers left, right;                   // Shampoo's statistics
    Numbers q_left, q_right;               // bases: eigenvectors in columns
    Numbers q_left_t, q_right_t;           // and in rows
    Numbers work[3];

    SoapState(int rows, int columns);
};

// What an update is made with: rates of the moments, their bias corrections in.
struct Pace {
    float beta1, beta2;
    float rate;    // over 1 - beta1^t
    float root;    // 1 / (1 - beta2^t)
    float follow;  // share of the new gradient in the statistics
};

struct FitKernel {
    // Gradients of half the weighted squared error, in the layout of the parameters. scratch: scratch_size numbers.
    void (*gradients)(const NetworkShape& shape, const float* parameters, const Chunk& chunk, float* scratch,
                      float* gradients);
    // Outputs minus target times weight, (count, outputs) by rows; with no target the outputs.
    void (*errors)(const NetworkShape& shape, const float* parameters, const Chunk& chunk, float* scratch, float* out);
    void (*adam)(std::size_t count, const float* gradient, float* parameters, float* first, float* second,
                 const Pace& pace);
    void (*soap)(SoapState& state, const float* gradient, float* parameters, const Pace& pace);
    // Lets the bases follow the statistics by one power iteration.
    void (*turn)(SoapState& state);
    // out += in
    void (*add)(std::size_t count, const float* in, float* out);
};

// Numbers of scratch that `gradients` and `errors` take.
std::size_t scratch_size(const NetworkShape& shape);

const FitKernel* avx512_fit_kernel();
const FitKernel* avx2_fit_kernel();
const FitKernel* neon_fit_kernel();
const FitKernel* portable_fit_kernel();

}  // namespace candela
