// The loops of rows_loops.hpp for one instruction set.
#if defined(__AVX2__)
#include "simd/avx2_pixels.hpp"
#define CANDELA_ROWS_OF_VECTORS

namespace candela {
namespace {

inline Vector root(Vector x) { return {_mm256_sqrt_ps(x.v)}; }

}  // namespace
}  // namespace candela
#endif

#include "rows_loops.hpp"

namespace candela::plugin {

const RowKernels* avx2_rows() {
#if defined(__AVX2__) && defined(__FMA__)
    static constexpr RowKernels kernels = kernels_named("avx2");
    return &kernels;
#else
    return nullptr;
#endif
}

}  // namespace candela::plugin
