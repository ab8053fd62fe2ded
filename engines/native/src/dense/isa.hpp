// The kernels of each instruction set; null where the compiler does not target it.
#pragma once

#include "candela/dense.hpp"

namespace candela {

TileKernel avx512_kernel();
TileKernel avx2_kernel();
TileKernel neon_kernel();
TileKernel portable_kernel();

}  // namespace candela
