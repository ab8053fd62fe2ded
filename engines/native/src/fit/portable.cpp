// The trainer's kernel for any C++20 compiler.
#include "kernel.hpp"
#include "../simd/portable.hpp"
#include "instance.hpp"

namespace candela {
const FitKernel* portable_fit_kernel() {
    static const FitKernel kernel = fit_kernel<Vector, 4, 2, 2>();
    return &kernel;
}
}  // namespace candela
