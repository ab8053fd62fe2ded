// Targets for NEON, which every 64-bit Arm processor has.
#include "targets.hpp"

#if defined(__aarch64__) || defined(_M_ARM64)
#include "../simd/neon.hpp"
#include "../simd/scalar_pixels.hpp"
#include "kernel.hpp"

namespace candela {
TargetKernel neon_targets() { return targets_by<Vector, Pixels>("neon"); }
}  // namespace candela
#else
namespace candela {
TargetKernel neon_targets() { return {}; }
}  // namespace candela
#endif
