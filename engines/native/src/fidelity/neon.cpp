// Fidelity for NEON, which every 64-bit Arm processor has.
#include "fidelity.hpp"

#if defined(__aarch64__) || defined(_M_ARM64)
#include "../simd/neon.hpp"
#include "../simd/scalar_pixels.hpp"
#include "kernel.hpp"

namespace candela {
FidelityKernel neon_fidelity() { return fidelity_by<Vector, Pixels>("neon"); }
}  // namespace candela
#else
namespace candela {
FidelityKernel neon_fidelity() { return {}; }
}  // namespace candela
#endif
