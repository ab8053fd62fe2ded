// Fidelity for AVX2 with FMA. Built with their flags, run only where the processor has them.
#include "fidelity.hpp"

#if defined(__AVX2__) && (defined(__FMA__) || defined(_MSC_VER))
#include "../simd/avx2.hpp"
#include "../simd/avx2_pixels.hpp"
#include "kernel.hpp"

namespace candela {
FidelityKernel avx2_fidelity() { return fidelity_by<Vector, Pixels>("avx2"); }
}  // namespace candela
#else
namespace candela {
FidelityKernel avx2_fidelity() { return {}; }
}  // namespace candela
#endif
