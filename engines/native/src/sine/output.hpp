// From PQ codes to what was asked for.
#pragma once

#include <algorithm>

#include "candela/colour.hpp"
#include "candela/frame.hpp"
#include "isa.hpp"

namespace candela {

// Codes (3 x tile_pixels), held within 0..1, as they are or as nits, in their own place.
inline void encode_codes(const SineKernel& kernel, Encoding encoding, float* codes) {
    constexpr int n = 3 * tile_pixels;
    if (encoding == Encoding::pq) {
        for (int i = 0; i < n; ++i) codes[i] = std::clamp(codes[i], 0.0f, 1.0f);
        return;
    }
    static const FineCurve nits(&pq_nits, -14, 1);
    double x[n];
    for (int i = 0; i < n; ++i) x[i] = std::clamp(codes[i], 0.0f, 1.0f);
    kernel.curve(nits, x, n);
    for (int i = 0; i < n; ++i) codes[i] = static_cast<float>(x[i]);
}

}  // namespace candela
