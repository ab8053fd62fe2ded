// The frame kernel for AVX2 with FMA. Built with -mavx2 -mfma.
#include "isa.hpp"

#if defined(__AVX2__) && (defined(__FMA__) || defined(_MSC_VER))
#include "../simd/avx2_pixels.hpp"
#include "kernel.hpp"

namespace candela {
FrameKernel avx2_frame() { return frame_kernel_of<Vector, Pixels>("avx2", true); }
}  // namespace candela
#else
namespace candela {
FrameKernel avx2_frame() { return {"avx2", false, nullptr, nullptr, nullptr}; }
}  // namespace candela
#endif
