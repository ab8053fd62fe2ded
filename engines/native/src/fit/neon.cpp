// The trainer's kernel for NEON, which every 64-bit Arm processor has.
#include "kernel.hpp"

#if defined(__aarch64__) || defined(_M_ARM64)
#include "../simd/neon.hpp"
#include "instance.hpp"

namespace candela {
const FitKernel* neon_fit_kernel() {
    static const FitKernel kernel = fit_kernel<Vector, 4, 4, 4>();
    return &kernel;
}
}  // namespace candela
#else
namespace candela {
const FitKernel* neon_fit_kernel() { return nullptr; }
}  // namespace candela
#endif
