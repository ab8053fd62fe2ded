// The dense kernel for AVX2 with FMA. Built with -mavx2 -mfma, run only where the processor has them.
#include "isa.hpp"

#if defined(__AVX2__) && (defined(__FMA__) || defined(_MSC_VER))
#include <immintrin.h>

#include "kernel.hpp"

namespace candela {
namespace {

struct Vector {
    static constexpr int lanes = 8;
    __m256 v;

    static Vector all(float x) { return {_mm256_set1_ps(x)}; }
    static Vector load(const float* p) { return {_mm256_load_ps(p)}; }
    static Vector multiply_add(Vector a, Vector b, Vector c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
    static Vector positive(Vector a) { return {_mm256_max_ps(a.v, _mm256_setzero_ps())}; }
    void store(float* p) const { _mm256_store_ps(p, v); }
};

}  // namespace

TileKernel avx2_kernel() { return &dense_tile<Vector, 4, 3>; }

}  // namespace candela
#else
namespace candela {
TileKernel avx2_kernel() { return nullptr; }
}  // namespace candela
#endif
