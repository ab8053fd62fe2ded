// Targets for AVX-512. Built with its flags, run only where the processor has it.
#include "targets.hpp"

#if defined(__AVX512F__)
#include "../simd/avx512.hpp"
#include "../simd/avx512_pixels.hpp"
#include "kernel.hpp"

namespace candela {
TargetKernel avx512_targets() { return targets_by<Vector, Pixels>("avx512"); }
}  // namespace candela
#else
namespace candela {
TargetKernel avx512_targets() { return {}; }
}  // namespace candela
#endif
