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

    // A `Curve` at numbers that its rows serve.
    static Vector piecewise(const Curve& curve, Vector x) {
        const __m512i bits = _mm512_castps_si512(x.v);
        const __m128i by = _mm_cvtsi32_si128(curve.shift());
        const __m512i row = _mm512_sub_epi32(_mm512_srl_epi32(bits, by), _mm512_set1_epi32(curve.first()));
        const __m512i low = _mm512_and_si512(bits, _mm512_set1_epi32((1 << curve.shift()) - 1));
        const __m512 one = _mm512_castsi512_ps(_mm512_or_si512(low, _mm512_set1_epi32(0x3f800000)));
        const __m512 t = _mm512_sub_ps(one, _mm512_set1_ps(curve.middle()));
        // Thirty-two rows fit into two registers: the upper half of the curve serves almost every pixel.
        const __mmask16 upper = _mm512_cmpge_epi32_mask(row, _mm512_set1_epi32(32));
        __m512 y = term<32>(curve, Curve::terms - 1, row);
        for (int k = Curve::terms - 2; k >= 0; --k) y = _mm512_fmadd_ps(y, t, term<32>(curve, k, row));
        if (upper == 0xffff) [[likely]] return {y};
        __m512 z = term<0>(curve, Curve::terms - 1, row);
        for (int k = Curve::terms - 2; k >= 0; --k) z = _mm512_fmadd_ps(z, t, term<0>(curve, k, row));
        return {_mm512_mask_blend_ps(upper, z, y)};
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

private:
    template <int first>
    static __m512 term(const Curve& curve, int k, __m512i row) {
        const float* c = curve.term(k) + first;
        return _mm512_permutex2var_ps(_mm512_load_ps(c), row, _mm512_load_ps(c + 16));
    }
};

}  // namespace
}  // namespace candela
