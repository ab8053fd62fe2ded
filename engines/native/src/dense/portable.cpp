// The dense kernel for any C++20 compiler.
#include "../simd/portable.hpp"
#include "isa.hpp"
#include "kernel.hpp"

namespace candela {
TileKernel portable_kernel() { return &dense_tile<Vector, 4, 2>; }
}  // namespace candela
