// The frame kernels of each instruction set; without functions where the compiler does not target it.
#pragma once

#include "parts.hpp"

namespace candela {

FrameKernel avx512_frame();
FrameKernel avx2_frame();
FrameKernel neon_frame();
FrameKernel portable_frame();

}  // namespace candela
