// What a frame needs beyond arithmetic, for AVX-512: samples picked by index, polynomials by rows, bytes to pixels.
#pragma once

#include "avx512.hpp"
#include "x86_bytes.hpp"

namespace candela {
namespace {

struct Pixels : Bytes {
    // nodes[index[i]], where index rises by less than `lanes` over the lanes. Reads `lanes` floats from index[0] on.
    static Vector pick(const float* nodes, const int* index) {
        const __m512i at = _mm512_loadu_si512(index);
        const __m512i from_first = _mm512_sub_epi32(at, _mm512_set1_epi32(index[0]));
        return {_mm512_permutexvar_ps(from_first, _mm512_loadu_ps(nodes + index[0]))};
    }

    // A `Curve` at three vectors, all of whose numbers are zero or served by its upper rows; else false, and y is not
    // set. Thirty-two rows fit into two registers for every term, and those of the highest octaves serve almost every
    // pixel.
    static bool piecewise(const Curve& curve, const Vector (&x)[3], Vector (&y)[3]) {
        __m512i row[3];
        __mmask16 zero[3];
        unsigned served = 0xffff;
        for (int i = 0; i < 3; ++i) {
            row[i] = row_of(curve, x[i], 32);
            zero[i] = _mm512_cmp_ps_mask(x[i].v, _mm512_setzero_ps(), _CMP_EQ_OQ);
            served &= zero[i] | _mm512_cmplt_epu32_mask(row[i], _mm512_set1_epi32(32));
        }
        if (served != 0xffff) [[unlikely]] return false;
        polynomials<32>(curve, x, row, y);
        for (int i = 0; i < 3; ++i) y[i].v = _mm512_mask_blend_ps(zero[i], y[i].v, _mm512_set1_ps(curve.at_zero()));
        return true;
    }

    // A `Curve` at `count` numbers, a multiple of `lanes`, from x to y; beyond(place) where one of a vector's is neither
    // zero nor served by the upper rows. The rows stay in sixteen registers.
    template <class F>
    static void piecewise(const Curve& curve, const float* x, float* y, int count, F beyond) {
        __m512 low[Curve::terms], high[Curve::terms];
        for (int k = 0; k < Curve::terms; ++k) {
            low[k] = _mm512_load_ps(curve.term(k) + 32);
            high[k] = _mm512_load_ps(curve.term(k) + 48);
        }
        const __m128i shift = _mm_cvtsi32_si128(curve.shift());
        const __m512i first = _mm512_set1_epi32(curve.first() + 32), below = _mm512_set1_epi32((1 << curve.shift()) - 1);
        const __m512i exponent = _mm512_set1_epi32(0x3f800000), rows = _mm512_set1_epi32(32);
        const __m512 middle = _mm512_set1_ps(curve.middle()), at_zero = _mm512_set1_ps(curve.at_zero());
        for (int p = 0; p < count; p += Vector::lanes) {
            const __m512 v = _mm512_load_ps(x + p);
            const __m512i bits = _mm512_castps_si512(v), row = _mm512_sub_epi32(_mm512_srl_epi32(bits, shift), first);
            const __mmask16 zero = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_EQ_OQ);
            const __mmask16 served = _mm512_cmplt_epu32_mask(row, rows);
            if ((zero | served) != 0xffff) [[unlikely]] {
                beyond(p);
                continue;
            }
            const __m512i mantissa = _mm512_or_si512(_mm512_and_si512(bits, below), exponent);
            const __m512 t = _mm512_sub_ps(_mm512_castsi512_ps(mantissa), middle);
            __m512 sum = _mm512_permutex2var_ps(low[Curve::terms - 1], row, high[Curve::terms - 1]);
            for (int k = Curve::terms - 2; k >= 0; --k) {
                sum = _mm512_fmadd_ps(sum, t, _mm512_permutex2var_ps(low[k], row, high[k]));
            }
            _mm512_store_ps(y + p, _mm512_mask_blend_ps(zero, sum, at_zero));
        }
    }

    // The same by all rows, for arguments from `lowest` on.
    static Vector piecewise(const Curve& curve, Vector x) {
        const __m512i row[1] = {row_of(curve, x, 0)};
        const Vector in[1] = {x};
        Vector low[1], high[1];
        polynomials<0>(curve, in, row, low);
        polynomials<32>(curve, in, row, high);
        return {_mm512_mask_blend_ps(_mm512_cmpge_epi32_mask(row[0], _mm512_set1_epi32(32)), low[0].v, high[0].v)};
    }

    static Vector nearest(Vector a) { return {_mm512_roundscale_ps(a.v, 0)}; }
    static Vector times_power(Vector a, Vector n) { return {_mm512_scalef_ps(a.v, n.v)}; }

    // R, G, B, R, … of `lanes` pixels.
    static void join(Vector r, Vector g, Vector b, float* out) {
        const __m512i rg0 = _mm512_setr_epi32(0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
        const __m512i rg1 = _mm512_setr_epi32(21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
        const __m512i rg2 = _mm512_setr_epi32(0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
        const __m512i b0 = _mm512_setr_epi32(0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0);
        const __m512i b1 = _mm512_setr_epi32(0, 5, 0, 0, 6, 0, 0, 7, 0, 0, 8, 0, 0, 9, 0, 0);
        const __m512i b2 = _mm512_setr_epi32(10, 0, 0, 11, 0, 0, 12, 0, 0, 13, 0, 0, 14, 0, 0, 15);
        const auto put = [&](const __m512i& rg, const __m512i& blue, __mmask16 mask, float* to) {
            const __m512 two = _mm512_permutex2var_ps(r.v, rg, g.v);
            _mm512_storeu_ps(to, _mm512_mask_permutexvar_ps(two, mask, blue, b.v));
        };
        put(rg0, b0, 0x4924, out);
        put(rg1, b1, 0x2492, out + 16);
        put(rg2, b2, 0x9249, out + 32);
    }

    // The same of integers 0..65535, rounded.
    static void join(Vector r, Vector g, Vector b, std::uint16_t* out) {
        const __m256i red = _mm512_cvtusepi32_epi16(_mm512_cvtps_epi32(r.v));
        const __m256i green = _mm512_cvtusepi32_epi16(_mm512_cvtps_epi32(g.v));
        const __m256i blue = _mm512_cvtusepi32_epi16(_mm512_cvtps_epi32(b.v));
        join8(_mm256_castsi256_si128(red), _mm256_castsi256_si128(green), _mm256_castsi256_si128(blue), out);
        join8(_mm256_extracti128_si256(red, 1), _mm256_extracti128_si256(green, 1), _mm256_extracti128_si256(blue, 1),
              out + 24);
    }

    // As halves, rounded to nearest even: `lanes` of one channel; R, G, B, R, … of `lanes` pixels.
    static void halves(Vector a, std::uint16_t* out) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), half_words(a));
    }
    static void join_halves(Vector r, Vector g, Vector b, std::uint16_t* out) {
        const __m256i red = half_words(r), green = half_words(g), blue = half_words(b);
        join8(_mm256_castsi256_si128(red), _mm256_castsi256_si128(green), _mm256_castsi256_si128(blue), out);
        join8(_mm256_extracti128_si256(red, 1), _mm256_extracti128_si256(green, 1), _mm256_extracti128_si256(blue, 1),
              out + 24);
    }

private:
    static __m256i half_words(Vector a) { return _mm512_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

    static __m512i row_of(const Curve& curve, Vector x, int from) {
        return _mm512_sub_epi32(_mm512_srl_epi32(_mm512_castps_si512(x.v), _mm_cvtsi32_si128(curve.shift())),
                                _mm512_set1_epi32(curve.first() + from));
    }

    template <int first, int N>
    static void polynomials(const Curve& curve, const Vector (&x)[N], const __m512i (&row)[N], Vector (&y)[N]) {
        const __m512i below = _mm512_set1_epi32((1 << curve.shift()) - 1), exponent = _mm512_set1_epi32(0x3f800000);
        __m512 t[N];
        for (int i = 0; i < N; ++i) {
            const __m512i low = _mm512_and_si512(_mm512_castps_si512(x[i].v), below);
            t[i] = _mm512_sub_ps(_mm512_castsi512_ps(_mm512_or_si512(low, exponent)), _mm512_set1_ps(curve.middle()));
        }
        // The coefficients of a term are loaded once for all of them, and their chains run side by side.
        for (int k = Curve::terms - 1; k >= 0; --k) {
            const float* c = curve.term(k) + first;
            const __m512 low = _mm512_load_ps(c), high = _mm512_load_ps(c + 16);
            for (int i = 0; i < N; ++i) {
                const __m512 term = _mm512_permutex2var_ps(low, row[i], high);
                y[i].v = k == Curve::terms - 1 ? term : _mm512_fmadd_ps(y[i].v, t[i], term);
            }
        }
    }
};

}  // namespace
}  // namespace candela
