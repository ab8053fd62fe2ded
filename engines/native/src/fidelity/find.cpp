// The curves that fidelity is measured on, and which kernel runs.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "../common/kernels.hpp"
#include "candela/dense.hpp"
#include "fidelity.hpp"

namespace candela {
namespace {

// PU21, fit `banding_glare` (Mantiuk and Azimi 2021).
double pu21(double nits) {
    constexpr double p[7] = {0.353487901, 0.3734658629, 8.277049286e-05, 0.9062562627, 0.09150303166, 0.9099517204, 596.3148142};
    const double y = std::pow(nits, p[3]);
    return std::max(p[6] * (std::pow((p[0] + p[1] * y) / (1 + p[2] * y), p[4]) - p[5]), 0.0);
}

}  // namespace

FidelityCurves::FidelityCurves()
    : pu21(&candela::pu21, 14, 0), code([](double y) { return pq_code(10000 * y); }, 1, 0) {
    // BT.2100-2, table 7.
    constexpr double cones[9] = {1688, 2146, 262, 683, 2951, 462, 99, 309, 3688};
    for (int i = 0; i < 9; ++i) lms[i] = static_cast<float>(cones[i] / 4096 / 10000);
}

const FidelityKernel& fidelity_kernel(std::string_view isa) {
    static const auto kernels = usable_kernels<FidelityKernel>(
        {avx512_fidelity(), avx2_fidelity(), neon_fidelity(), portable_fidelity()}, [](const auto& kernel) { return kernel.row; });
    return kernel_named(kernels, isa);
}

}  // namespace candela
