// The trainer's kernel for AVX-512. Built with -mavx512f, run only where the processor has it.
#include "kernel.hpp"

#if defined(__AVX512F__)
#include "../simd/avx512.hpp"
#include "instance.hpp"

namespace candela {
const FitKernel* avx512_fit_kernel() {
    static const FitKernel kernel = fit_kernel<Vector, 4, 4, 4>();
    return &kernel;
}
}  // namespace candela
#else
namespace candela {
const FitKernel* avx512_fit_kernel() { return nullptr; }
}  // namespace candela
#endif
