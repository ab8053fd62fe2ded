// The functions that targets are made of, and which kernel runs.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "../common/kernels.hpp"
#include "candela/dense.hpp"
#include "targets.hpp"

namespace candela {
namespace {

// PU21, fit `banding_glare` (Mantiuk and Azimi 2021), followed on beyond 10000 nit: an end there would be a kink.
double pu21(double nits) {
    constexpr double p[7] = {0.353487901, 0.3734658629, 8.277049286e-05, 0.9062562627, 0.09150303166, 0.9099517204, 596.3148142};
    const double y = std::pow(std::max(nits, 0.005), p[3]);
    return std::max(p[6] * (std::pow((p[0] + p[1] * y) / (1 + p[2] * y), p[4]) - p[5]), 0.0);
}

// Slope of PU21 over 256 against the PQ code.
double slope_of_code(double code) {
    constexpr double delta = 1.0 / 4096;
    const double low = std::max(code - delta, 0.0), high = code + delta;
    return (pu21(pq_nits(high)) - pu21(pq_nits(low))) / (high - low) / 256;
}

double slope_of_nits(double nits) { return (pu21(nits * 1.01) - pu21(nits * 0.99)) / (0.02 * nits); }

Curve weight_curve(Domain domain) {
    // Codes below 2^-7 weigh what the bound says; just above, at the 0.005 nit where PU21 begins, there is a bend.
    if (domain == Domain::pq) return Curve(slope_of_code, 1, 3);
    return Curve(slope_of_nits, 14, 1);
}

}  // namespace

TargetCurves::TargetCurves(Domain d, const SdrColour& colour)
    : domain(d), srgb(colour.transfer == Transfer::srgb), scale(static_cast<float>(colour.scale)),
      shift(static_cast<float>(colour.offset)), offset(d == Domain::gain ? 1.0f / 1024 : 0x1p-20f),
      light([e = srgb ? 2.4 : colour.exponent](double x) { return std::pow(x, e); }, 1, 0),
      code([](double y) { return pq_code(10000 * y); }, 1, 0), log2([](double x) { return std::log2(x); }, 16, 0),
      weight(weight_curve(d)) {
    const double unit = d == Domain::pq ? reference_white / 10000 : 1;
    for (int i = 0; i < 9; ++i) matrix[i] = static_cast<float>(colour.matrix[i] * unit);
}

const TargetKernel& target_kernel(std::string_view isa) {
    static const auto kernels = usable_kernels<TargetKernel>(
        {avx512_targets(), avx2_targets(), neon_targets(), portable_targets()}, [](const auto& kernel) { return kernel.row; });
    return kernel_named(kernels, isa);
}

}  // namespace candela
