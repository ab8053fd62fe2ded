// The trainer's kernel for AVX2 with FMA. Built with -mavx2 -mfma, run only where the processor has them.
#include "kernel.hpp"

#if defined(__AVX2__) && (defined(__FMA__) || defined(_MSC_VER))
#include "../simd/avx2.hpp"
#include "instance.hpp"

namespace candela {
const FitKernel* avx2_fit_kernel() {
    static const FitKernel kernel = fit_kernel<Vector, 4, 2, 2>();
    return &kernel;
}
}  // namespace candela
#else
namespace candela {
const FitKernel* avx2_fit_kernel() { return nullptr; }
}  // namespace candela
#endif
