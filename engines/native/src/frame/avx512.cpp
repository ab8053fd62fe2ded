// The frame kernel for AVX-512. Built with -mavx512f.
#include "isa.hpp"

#if defined(__AVX512F__)
#include "../simd/avx512_pixels.hpp"
#include "kernel.hpp"

namespace candela {
FrameKernel avx512_frame() { return frame_kernel_of<Vector, Pixels>("avx512", true); }
}  // namespace candela
#else
namespace candela {
FrameKernel avx512_frame() { return {"avx512", false, nullptr, nullptr, nullptr}; }
}  // namespace candela
#endif
