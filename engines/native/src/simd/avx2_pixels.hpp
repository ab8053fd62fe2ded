// What a frame needs beyond arithmetic, for AVX2: samples picked by index, polynomials by rows, bytes to pixels.
#pragma once

#include "avx2.hpp"
#include "served.hpp"
#include "x86_bytes.hpp"

namespace candela {
namespace {

struct Pixels : Bytes {
    // nodes[index[i]], where index rises by less than `lanes` over the lanes. Reads `lanes` floats from index[0] on.
    static Vector pick(const float* nodes, const int* index) {
        const __m256i at = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(index));
        const __m256i from_first = _mm256_sub_epi32(at, _mm256_set1_epi32(index[0]));
        return {_mm256_permutevar8x32_ps(_mm256_loadu_ps(nodes + index[0]), from_first)};
    }

    // A `Curve` at numbers that its rows serve. Eight rows of eight coefficients are loaded and transposed: two to
    // three times faster than gathering them.
    static Vector piecewise(const Curve& curve, Vector x) {
        const __m256i bits = _mm256_castps_si256(x.v);
        const __m256i row =
            _mm256_sub_epi32(_mm256_srl_epi32(bits, _mm_cvtsi32_si128(curve.shift())), _mm256_set1_epi32(curve.first()));
        const __m256i low = _mm256_and_si256(bits, _mm256_set1_epi32((1 << curve.shift()) - 1));
        const __m256 one = _mm256_castsi256_ps(_mm256_or_si256(low, _mm256_set1_epi32(0x3f800000)));
        const __m256 t = _mm256_sub_ps(one, _mm256_set1_ps(curve.middle()));
        alignas(32) int at[8];
        _mm256_store_si256(reinterpret_cast<__m256i*>(at), row);
        __m256 c[8];
        for (int i = 0; i < 8; ++i) c[i] = _mm256_load_ps(curve.row(at[i]));
        transpose(c);
        __m256 y = c[7];
        for (int k = 6; k >= 0; --k) y = _mm256_fmadd_ps(y, t, c[k]);
        return {y};
    }

    // As in `served.hpp`.
    static bool piecewise(const Curve& curve, const Vector (&x)[3], Vector (&y)[3]) {
        return three_served<Pixels>(curve, x, y);
    }
    template <class F>
    static void piecewise(const Curve& curve, const float* x, float* y, int count, F beyond) {
        all_served<Pixels>(curve, x, y, count, beyond);
    }

    static Vector nearest(Vector a) {
        return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
    }
    // a x 2^n for whole n of -126..126.
    static Vector times_power(Vector a, Vector n) {
        const __m256i exponent = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n.v), _mm256_set1_epi32(127)), 23);
        return {_mm256_mul_ps(a.v, _mm256_castsi256_ps(exponent))};
    }

    // R, G, B, R, … of `lanes` pixels.
    static void join(Vector r, Vector g, Vector b, float* out) {
        alignas(32) float x[3][8];
        r.store(x[0]);
        g.store(x[1]);
        b.store(x[2]);
        for (int i = 0; i < 8; ++i) {
            for (int c = 0; c < 3; ++c) out[3 * i + c] = x[c][i];
        }
    }

    // The same of integers 0..65535, rounded.
    static void join(Vector r, Vector g, Vector b, std::uint16_t* out) { join8(words(r), words(g), words(b), out); }

private:
    static __m128i words(Vector a) {
        const __m256i whole = _mm256_cvtps_epi32(a.v);
        return _mm_packus_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    }

    static void transpose(__m256 (&c)[8]) {
        __m256 a[8], b[8];
        for (int i = 0; i < 4; ++i) {
            a[2 * i] = _mm256_unpacklo_ps(c[2 * i], c[2 * i + 1]);
            a[2 * i + 1] = _mm256_unpackhi_ps(c[2 * i], c[2 * i + 1]);
        }
        for (int i = 0; i < 2; ++i) {
            for (int j = 0; j < 2; ++j) {
                b[4 * i + 2 * j] = _mm256_shuffle_ps(a[4 * i + j], a[4 * i + 2 + j], 0x44);
                b[4 * i + 2 * j + 1] = _mm256_shuffle_ps(a[4 * i + j], a[4 * i + 2 + j], 0xee);
            }
        }
        for (int i = 0; i < 4; ++i) {
            c[i] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x20);
            c[i + 4] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x31);
        }
    }
};

}  // namespace
}  // namespace candela
