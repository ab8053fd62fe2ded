// The loops of rows_loops.hpp for one instruction set.
#if defined(__AVX512F__)
#include "simd/avx512_pixels.hpp"
#define CANDELA_ROWS_OF_VECTORS
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
