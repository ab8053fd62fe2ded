// The loops of rows_loops.hpp for one instruction set.
#if defined(__AVX512F__)
#include "simd/avx512_pixels.hpp"
#define CANDELA_ROWS_OF_VECTORS

namespace candela {
namespace {

// Square roots of numbers that are not below zero, to 1e-7 of them: half the time of the instruction that has every bit.
inline Vector root(Vector x) {
    const __m512 y = _mm512_rsqrt14_ps(_mm512_max_ps(x.v, _mm512_set1_ps(1e-30f)));
    const __m512 xy = _mm512_mul_ps(x.v, y), half = _mm512_mul_ps(y, _mm512_set1_ps(-0.5f));
    return {_mm512_mul_ps(xy, _mm512_fmadd_ps(xy, half, _mm512_set1_ps(1.5f)))};
}

}  // namespace
}  // namespace candela
#endif

#include "rows_loops.hpp"

namespace candela::plugin {

const RowKernels* avx512_rows() {
#if defined(__AVX512F__)
    static constexpr RowKernels kernels = kernels_named("avx512");
    return &kernels;
#else
    return nullptr;
#endif
}

}  // namespace candela::plugin
