// Transfer functions in double, constants as the standards print them.
#include <algorithm>
#include <cmath>

#include "candela/colour.hpp"

namespace candela {
namespace {

constexpr double m1 = 2610.0 / 16384, m2 = 2523.0 / 4096 * 128;
constexpr double c1 = 3424.0 / 4096, c2 = 2413.0 / 4096 * 32, c3 = 2392.0 / 4096 * 32;

}  // namespace

double pq_code(double nits) {
    const double y = std::pow(std::max(nits / 10000, 0.0), m1);
    return std::pow((c1 + c2 * y) / (1 + c3 * y), m2);
}

double pq_nits(double code) {
    const double root = std::pow(std::max(code, 0.0), 1 / m2);
    return 10000 * std::pow(std::max(root - c1, 0.0) / (c2 - c3 * root), 1 / m1);
}

double SdrColour::light(double signal) const {
    const double size = std::fabs(signal);
    if (transfer == Transfer::power) return std::copysign(std::pow(size, exponent), signal);
    // IEC 61966-2-1.
    return std::copysign(size <= 0.04045 ? size / 12.92 : std::pow((size + 0.055) / 1.055, 2.4), signal);
}

}  // namespace candela
