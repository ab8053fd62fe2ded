// The frame kernel for NEON, which every 64-bit Arm processor has.
#include "isa.hpp"

#if defined(__aarch64__) || defined(_M_ARM64)
#include "../simd/neon.hpp"
#include "../simd/scalar_pixels.hpp"
#include "kernel.hpp"

namespace candela {
FrameKernel neon_frame() { return frame_kernel_of<Vector, Pixels>("neon", true); }
}  // namespace candela
#else
namespace candela {
FrameKernel neon_frame() { return {"neon", false, nullptr, nullptr, nullptr}; }
}  // namespace candela
#endif
