// The kernel that fidelity is measured by, one for each instruction set.
#pragma once

#include <cstdint>
#include <string_view>

#include "candela/colour.hpp"

namespace candela {

struct FidelityCurves {
    FidelityCurves();

    Curve pu21;    // of nits
    Curve code;    // PQ, of light over 10000 nit
    float lms[9];  // cone responses over 10000 nit of BT.2020 in nits, by rows
};

struct FidelityKernel {
    std::string_view name;
    bool usable;

    // A row of `width` pixels, R, G and B of each side by side. squares: the pixels' sums of squared errors of PU21;
    // deltas: their ΔE_ITP; both `width` rounded up to 16 long, the rest of no meaning. room: 6 times as many. All but
    // the pictures are aligned to 64 bytes.
    void (*row)(const FidelityCurves& curves, const float* test, const float* reference, int width, float* room,
                float* squares, float* deltas);
};

const FidelityKernel& fidelity_kernel(std::string_view isa);

FidelityKernel avx512_fidelity();
FidelityKernel avx2_fidelity();
FidelityKernel neon_fidelity();
FidelityKernel portable_fidelity();

}  // namespace candela
