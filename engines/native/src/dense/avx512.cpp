// The dense kernel for AVX-512. Built with -mavx512f, run only where the processor has it.
#include "isa.hpp"

#if defined(__AVX512F__)
#include "../simd/avx512.hpp"
#include "kernel.hpp"

namespace candela {
TileKernel avx512_kernel() { return &dense_tile<Vector, 8, 3>; }
}  // namespace candela
#else
namespace candela {
TileKernel avx512_kernel() { return nullptr; }
}  // namespace candela
#endif
