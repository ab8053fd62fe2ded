// The dense kernel for AVX-512. Built with -mavx512f, run only where the processor has it.
#include "isa.hpp"

#if defined(__AVX512F__)
#include <immintrin.h>

#include "kernel.hpp"

namespace candela {
namespace {

struct Vector {
    static constexpr int lanes = 16;
    __m512 v;

    static Vector all(float x) { return {_mm512_set1_ps(x)}; }
    static Vector load(const float* p) { return {_mm512_load_ps(p)}; }
    static Vector multiply_add(Vector a, Vector b, Vector c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
    static Vector positive(Vector a) { return {_mm512_max_ps(a.v, _mm512_setzero_ps())}; }
    void store(float* p) const { _mm512_store_ps(p, v); }
};

}  // namespace

TileKernel avx512_kernel() { return &dense_tile<Vector, 8, 3>; }

}  // namespace candela
#else
namespace candela {
TileKernel avx512_kernel() { return nullptr; }
}  // namespace candela
#endif
