// Fidelity for any C++20 compiler.
#include "../simd/portable.hpp"
#include "../simd/scalar_pixels.hpp"
#include "kernel.hpp"

namespace candela {
FidelityKernel portable_fidelity() { return fidelity_by<Vector, Pixels>("portable"); }
}  // namespace candela
