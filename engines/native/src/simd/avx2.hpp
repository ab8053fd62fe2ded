// Eight floats in an AVX register. Included only by sources that are built with -mavx2 -mfma.
#pragma once

#include <immintrin.h>

#include <cstddef>

namespace candela {
namespace {

struct Vector {
    static constexpr int lanes = 8;
    using Mask = __m256;
    __m256 v;

    static Vector all(float x) { return {_mm256_set1_ps(x)}; }
    static Vector load(const float* p) { return {_mm256_load_ps(p)}; }
    static Vector load_any(const float* p) { return {_mm256_loadu_ps(p)}; }
    static Vector multiply_add(Vector a, Vector b, Vector c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
    static Vector positive(Vector a) { return {_mm256_max_ps(a.v, _mm256_setzero_ps())}; }
    static Vector min(Vector a, Vector b) { return {_mm256_min_ps(a.v, b.v)}; }
    static Vector max(Vector a, Vector b) { return {_mm256_max_ps(a.v, b.v)}; }
    static Vector abs(Vector a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
    static Vector sqrt(Vector a) { return {_mm256_sqrt_ps(a.v)}; }
    static Mask less(Vector a, Vector b) { return _mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ); }
    static Vector select(Mask m, Vector yes, Vector no) { return {_mm256_blendv_ps(no.v, yes.v, m)}; }
    static bool any(Mask m) { return _mm256_movemask_ps(m) != 0; }
    static Vector round(Vector a) { return {_mm256_round_ps(a.v, 8)}; }
    static Vector flip(Vector a, Vector b) {
        return {_mm256_xor_ps(a.v, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(b.v), 31)))};
    }
    static Vector exponent(Vector a) {
        const __m256i e = _mm256_and_si256(_mm256_srli_epi32(_mm256_castps_si256(a.v), 23), _mm256_set1_epi32(255));
        return {_mm256_cvtepi32_ps(_mm256_sub_epi32(e, _mm256_set1_epi32(127)))};
    }
    static Vector two_to(Vector n) {
        const __m256i e = _mm256_add_epi32(_mm256_cvtps_epi32(n.v), _mm256_set1_epi32(127));
        return {_mm256_castsi256_ps(_mm256_slli_epi32(e, 23))};
    }
    friend Vector operator+(Vector a, Vector b) { return {_mm256_add_ps(a.v, b.v)}; }
    friend Vector operator-(Vector a, Vector b) { return {_mm256_sub_ps(a.v, b.v)}; }
    friend Vector operator*(Vector a, Vector b) { return {_mm256_mul_ps(a.v, b.v)}; }
    friend Vector operator/(Vector a, Vector b) { return {_mm256_div_ps(a.v, b.v)}; }
    void store(float* p) const { _mm256_store_ps(p, v); }
    void store_any(float* p) const { _mm256_storeu_ps(p, v); }
    float sum() const { return folded([](__m128 a, __m128 b) { return _mm_add_ps(a, b); }); }
    float smallest() const { return folded([](__m128 a, __m128 b) { return _mm_min_ps(a, b); }); }
    float largest() const { return folded([](__m128 a, __m128 b) { return _mm_max_ps(a, b); }); }

    // The sums of eight vectors, in their order.
    static Vector sums(const Vector* a) {
        const __m256 x = _mm256_hadd_ps(_mm256_hadd_ps(a[0].v, a[1].v), _mm256_hadd_ps(a[2].v, a[3].v));
        const __m256 y = _mm256_hadd_ps(_mm256_hadd_ps(a[4].v, a[5].v), _mm256_hadd_ps(a[6].v, a[7].v));
        return {_mm256_add_ps(_mm256_permute2f128_ps(x, y, 0x20), _mm256_permute2f128_ps(x, y, 0x31))};
    }

    // Four rows of four numbers, `stride` apart, to four columns `to_stride` apart.
    static void transpose4(const float* from, std::ptrdiff_t stride, float* to, std::ptrdiff_t to_stride) {
        const __m128 a = _mm_loadu_ps(from), b = _mm_loadu_ps(from + stride), c = _mm_loadu_ps(from + 2 * stride),
                     d = _mm_loadu_ps(from + 3 * stride);
        const __m128 ab = _mm_unpacklo_ps(a, b), cd = _mm_unpacklo_ps(c, d), xy = _mm_unpackhi_ps(a, b),
                     zw = _mm_unpackhi_ps(c, d);
        _mm_storeu_ps(to, _mm_movelh_ps(ab, cd));
        _mm_storeu_ps(to + to_stride, _mm_movehl_ps(cd, ab));
        _mm_storeu_ps(to + 2 * to_stride, _mm_movelh_ps(xy, zw));
        _mm_storeu_ps(to + 3 * to_stride, _mm_movehl_ps(zw, xy));
    }

private:
    template <class F>
    float folded(F f) const {
        __m128 x = f(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
        x = f(x, _mm_movehl_ps(x, x));
        return _mm_cvtss_f32(f(x, _mm_shuffle_ps(x, x, 1)));
    }
};

}  // namespace
}  // namespace candela
