// Sixteen floats in an AVX-512 register. Included only by sources that are built with -mavx512f.
#pragma once

#include <immintrin.h>

#include <cstddef>

namespace candela {
namespace {

struct Vector {
    static constexpr int lanes = 16;
    using Mask = __mmask16;
    __m512 v;

    static Vector all(float x) { return {_mm512_set1_ps(x)}; }
    static Vector load(const float* p) { return {_mm512_load_ps(p)}; }
    static Vector load_any(const float* p) { return {_mm512_loadu_ps(p)}; }
    static Vector multiply_add(Vector a, Vector b, Vector c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
    static Vector positive(Vector a) { return {_mm512_max_ps(a.v, _mm512_setzero_ps())}; }
    static Vector min(Vector a, Vector b) { return {_mm512_min_ps(a.v, b.v)}; }
    static Vector max(Vector a, Vector b) { return {_mm512_max_ps(a.v, b.v)}; }
    static Vector abs(Vector a) { return {_mm512_abs_ps(a.v)}; }
    static Vector sqrt(Vector a) { return {_mm512_sqrt_ps(a.v)}; }
    static Mask less(Vector a, Vector b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ); }
    static Vector select(Mask m, Vector yes, Vector no) { return {_mm512_mask_blend_ps(m, no.v, yes.v)}; }
    static bool any(Mask m) { return m != 0; }
    static Vector round(Vector a) { return {_mm512_roundscale_ps(a.v, 8)}; }
    static Vector flip(Vector a, Vector b) {
        return {_mm512_castsi512_ps(_mm512_xor_si512(_mm512_castps_si512(a.v), _mm512_slli_epi32(_mm512_castps_si512(b.v), 31)))};
    }
    static Vector exponent(Vector a) { return {_mm512_getexp_ps(a.v)}; }
    static Vector two_to(Vector n) { return {_mm512_scalef_ps(_mm512_set1_ps(1), n.v)}; }
    friend Vector operator+(Vector a, Vector b) { return {_mm512_add_ps(a.v, b.v)}; }
    friend Vector operator-(Vector a, Vector b) { return {_mm512_sub_ps(a.v, b.v)}; }
    friend Vector operator*(Vector a, Vector b) { return {_mm512_mul_ps(a.v, b.v)}; }
    friend Vector operator/(Vector a, Vector b) { return {_mm512_div_ps(a.v, b.v)}; }
    void store(float* p) const { _mm512_store_ps(p, v); }
    void store_any(float* p) const { _mm512_storeu_ps(p, v); }
    float sum() const { return _mm512_reduce_add_ps(v); }
    float smallest() const { return _mm512_reduce_min_ps(v); }
    float largest() const { return _mm512_reduce_max_ps(v); }

    // The sums of sixteen vectors, in their order.
    static Vector sums(const Vector* a) {
        __m512 t[8];
        for (int i = 0; i < 8; ++i) {
            t[i] = _mm512_add_ps(_mm512_unpacklo_ps(a[2 * i].v, a[2 * i + 1].v),
                                 _mm512_unpackhi_ps(a[2 * i].v, a[2 * i + 1].v));
        }
        __m512 q[4];  // a quarter holds what a quarter of the lanes gives of four vectors
        for (int i = 0; i < 4; ++i) {
            const __m512d x = _mm512_castps_pd(t[2 * i]), y = _mm512_castps_pd(t[2 * i + 1]);
            q[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(x, y)),
                                 _mm512_castpd_ps(_mm512_unpackhi_pd(x, y)));
        }
        const __m512 x = _mm512_add_ps(_mm512_shuffle_f32x4(q[0], q[1], 0x88), _mm512_shuffle_f32x4(q[0], q[1], 0xDD));
        const __m512 y = _mm512_add_ps(_mm512_shuffle_f32x4(q[2], q[3], 0x88), _mm512_shuffle_f32x4(q[2], q[3], 0xDD));
        return {_mm512_add_ps(_mm512_shuffle_f32x4(x, y, 0x88), _mm512_shuffle_f32x4(x, y, 0xDD))};
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
};

}  // namespace
}  // namespace candela
