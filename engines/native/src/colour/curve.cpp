// A function as one polynomial an octave: interpolation at Chebyshev's nodes, in double.
#include <bit>
#include <cmath>
#include <cstdint>

#include "candela/colour.hpp"
#include "interpolate.hpp"

namespace candela {

Curve::Curve(std::function<double(double)> f, int top, int per_octave) : f_(std::move(f)), per_octave_(per_octave) {
    const int parts = 1 << per_octave;
    beyond_ = std::ldexp(1.0f, top);
    lowest_ = std::ldexp(1.0f, top - rows / parts);
    first_ = static_cast<int>(std::bit_cast<std::uint32_t>(lowest_) >> shift());
    at_zero_ = static_cast<float>(f_(0.0));
    for (int r = 0; r < rows; ++r) {
        // Within a part the kernel's variable is the mantissa, 1..2, less the middle of the part.
        const double mantissa = 1 + (r % parts + 0.5) / parts, half = 0.5 / parts;
        const double unit = std::ldexp(1.0, top - rows / parts + r / parts);
        double c[terms], power = 1;
        interpolate<terms>(f_, mantissa * unit, half * unit, c);
        for (int k = 0; k < terms; ++k, power /= half) {
            by_row_[r * terms + k] = by_term_[k * rows + r] = static_cast<float>(c[k] * power);
        }
    }
}

}  // namespace candela
