// Interpolation at Chebyshev's nodes, in double.
#pragma once

#include <cmath>
#include <functional>
#include <numbers>

namespace candela {

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

}  // namespace candela
