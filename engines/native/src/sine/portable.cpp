// Networks of sines for any C++20 compiler.
#include "../simd/portable.hpp"
#include "isa.hpp"
#include "kernel.hpp"

namespace candela {
const SineKernel* portable_sines() { return sine_kernel_of<Vector, 4, 2>(); }
}  // namespace candela
