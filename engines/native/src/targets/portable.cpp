// Targets for any C++20 compiler.
#include "../simd/portable.hpp"
#include "../simd/scalar_pixels.hpp"
#include "kernel.hpp"

namespace candela {
TargetKernel portable_targets() { return targets_by<Vector, Pixels>("portable"); }
}  // namespace candela
