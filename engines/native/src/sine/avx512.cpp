// Networks of sines for AVX-512. Built with -mavx512f, run only where the processor has it.
#include "isa.hpp"

#if defined(__AVX512F__)
#include "../simd/avx512.hpp"
#include "kernel.hpp"

namespace candela {
const SineKernel* avx512_sines() { return sine_kernel_of<Vector, 8, 3>(); }
}  // namespace candela
#else
namespace candela {
const SineKernel* avx512_sines() { return nullptr; }
}  // namespace candela
#endif
