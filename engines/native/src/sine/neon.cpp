// Networks of sines for NEON, which every 64-bit Arm processor has.
#include "isa.hpp"

#if defined(__aarch64__) || defined(_M_ARM64)
#include "../simd/neon.hpp"
#include "kernel.hpp"

namespace candela {
const SineKernel* neon_sines() { return sine_kernel_of<Vector, 8, 3>(); }
}  // namespace candela
#else
namespace candela {
const SineKernel* neon_sines() { return nullptr; }
}  // namespace candela
#endif
