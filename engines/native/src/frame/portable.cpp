// The frame kernel for any C++20 compiler.
#include "../simd/portable.hpp"
#include "../simd/scalar_pixels.hpp"
#include "isa.hpp"
#include "kernel.hpp"

namespace candela {
FrameKernel portable_frame() { return frame_kernel_of<Vector, Pixels>("portable", true); }
}  // namespace candela
