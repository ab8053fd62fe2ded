// The dense kernel for NEON, which every 64-bit Arm processor has.
#include "isa.hpp"

#if defined(__aarch64__) || defined(_M_ARM64)
#include "../simd/neon.hpp"
#include "kernel.hpp"

namespace candela {
TileKernel neon_kernel() { return &dense_tile<Vector, 8, 3>; }
}  // namespace candela
#else
namespace candela {
TileKernel neon_kernel() { return nullptr; }
}  // namespace candela
#endif
