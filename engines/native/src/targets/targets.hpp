// What the network has to give at pixels, as curves for the vector kernels. Twin of itm/domain.py.
#pragma once

#include <string_view>

#include "candela/colour.hpp"
#include "candela/targets.hpp"

namespace candela {

struct TargetCurves {
    TargetCurves(Domain domain, const SdrColour& colour);

    Domain domain;
    bool srgb;
    float scale, shift;  // code over full scale to signal
    float matrix[9];     // to BT.2020, over 10000 nit for `pq`, over 203 nit for gains
    float offset;        // of gains
    Curve light;         // of a signal; of the sRGB curve its power
    Curve code;          // of light over 10000 nit
    Curve log2;
    // For `pq` the weight of a PQ code. For gains the slope of PU21 in nits, which is still to be multiplied.
    Curve weight;
};

// Rows of pixels as six or three arrays, `pitch` numbers apart, each a multiple of 16 long; all aligned to 64 bytes.
struct TargetKernel {
    std::string_view name;
    bool usable;

    // signal, nits: R, G, B of `width` pixels side by side. base, target: 3 x pitch. room: 6 x pitch.
    void (*row)(const TargetCurves& curves, const float* signal, const float* nits, int width, int pitch, float* room,
                float* base, float* target);

    // Weights (3 x pitch) of the light that outputs give over their bases.
    void (*weights)(const TargetCurves& curves, const float* base, const float* target, int pitch, float* out);
};

const TargetKernel& target_kernel(std::string_view isa);

TargetKernel avx512_targets();
TargetKernel avx2_targets();
TargetKernel neon_targets();
TargetKernel portable_targets();

}  // namespace candela
