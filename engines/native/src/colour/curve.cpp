// A function as one polynomial an octave: interpolation at Chebyshev's nodes, in double.
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "candela/colour.hpp"

namespace candela {
namespace {

// Coefficients, the constant first, of the polynomial that meets f at `n` Chebyshev nodes of middle +- half; its
// variable is the distance from the middle in units of `half`.
template <int n>
void interpolate(const std::function<double(double)>& f, double middle, double half, double* out) {
    double chebyshev[n] = {};
    for (int i = 0; i < n; ++i) {
        const double angle = std::numbers::pi * (i + 0.5) / n, value = f(middle + half * std::cos(angle));
        for (int k = 0; k < n; ++k) chebyshev[k] += (k ? 2.0 : 1.0) / n * value * std::cos(k * angle);
    }
    // Sum of c_k T_k as powers, by the recurrence of T.
    double before[n] = {1}, now[n] = {0, 1};
    for (int i = 0; i < n; ++i) out[i] = chebyshev[0] * before[i] + (n > 1 ? chebyshev[1] * now[i] : 0);
    for (int k = 2; k < n; ++k) {
        double next[n];
        for (int i = 0; i < n; ++i) next[i] = (i ? 2 * now[i - 1] : 0) - before[i];
        for (int i = 0; i < n; ++i) {
            out[i] += chebyshev[k] * next[i];
            before[i] = now[i];
            now[i] = next[i];
        }
    }
}

}  // namespace

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
