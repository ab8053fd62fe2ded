// Networks of sines for AVX2 with FMA. Built with -mavx2 -mfma, run only where the processor has them.
#include "isa.hpp"

#if defined(__AVX2__) && (defined(__FMA__) || defined(_MSC_VER))
#include "../simd/avx2.hpp"
#include "kernel.hpp"

namespace candela {
const SineKernel* avx2_sines() { return sine_kernel_of<Vector, 4, 3>(); }
}  // namespace candela
#else
namespace candela {
const SineKernel* avx2_sines() { return nullptr; }
}  // namespace candela
#endif
