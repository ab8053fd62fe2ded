// Fidelity for AVX-512. Built with its flags, run only where the processor has it.
#include "fidelity.hpp"

#if defined(__AVX512F__)
#include "../simd/avx512.hpp"
#include "../simd/avx512_pixels.hpp"
#include "kernel.hpp"

namespace candela {
FidelityKernel avx512_fidelity() { return fidelity_by<Vector, Pixels>("avx512"); }
}  // namespace candela
#else
namespace candela {
FidelityKernel avx512_fidelity() { return {}; }
}  // namespace candela
#endif
