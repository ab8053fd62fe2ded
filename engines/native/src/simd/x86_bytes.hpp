// Interleaved bytes and words to and from separate channels, by SSSE3's shuffle: every processor with AVX2 has it.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "candela/colour.hpp"

namespace candela {
namespace {

// Masks of the shuffle, by output and then by input register; -128 gives a zero.
struct Shuffles {
    std::int8_t masks[3][3][16];

    // source(output, i): the byte, of all three inputs together, that byte i of an output comes from.
    template <class F>
    static constexpr Shuffles of(F source) {
        Shuffles s{};
        for (int out = 0; out < 3; ++out) {
            for (int in = 0; in < 3; ++in) {
                for (int i = 0; i < 16; ++i) {
                    const int at = source(out, i) - 16 * in;
                    s.masks[out][in][i] = static_cast<std::int8_t>(at >= 0 && at < 16 ? at : -128);
                }
            }
        }
        return s;
    }
};

// Every third byte, or 16-bit word, of three registers; and three registers of words interleaved.
constexpr Shuffles every_third_byte = Shuffles::of([](int c, int i) { return 3 * i + c; });
constexpr Shuffles every_third_word = Shuffles::of([](int c, int i) { return 2 * (3 * (i / 2) + c) + i % 2; });
constexpr Shuffles interleaved_words = Shuffles::of([](int part, int i) {
    const int word = 8 * part + i / 2;
    return 16 * (word % 3) + 2 * (word / 3) + i % 2;
});

struct Bytes {
    static constexpr int split_pixels = 16;

    // Codes of 16 pixels, R G B R …, as floats.
    static void split(const std::uint8_t* in, float* r, float* g, float* b) {
        const __m128i x0 = load(in), x1 = load(in + 16), x2 = load(in + 32);
        const __m128i red = pick3(x0, x1, x2, 0), green = pick3(x0, x1, x2, 1), blue = pick3(x0, x1, x2, 2);
        widen8(red, r);
        widen8(green, g);
        widen8(blue, b);
    }

    static void split(const std::uint16_t* in, float* r, float* g, float* b) {
        for (int half = 0; half < 2; ++half, in += 24, r += 8, g += 8, b += 8) {
            const __m128i x0 = load(in), x1 = load(in + 8), x2 = load(in + 16);
            const auto channel = [&](const std::int8_t(&m)[3][16], float* out) {
                const __m128i words = _mm_or_si128(
                    _mm_or_si128(_mm_shuffle_epi8(x0, load(m[0])), _mm_shuffle_epi8(x1, load(m[1]))),
                    _mm_shuffle_epi8(x2, load(m[2])));
                _mm256_storeu_ps(out, _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(words)));
            };
            channel(every_third_word.masks[0], r);
            channel(every_third_word.masks[1], g);
            channel(every_third_word.masks[2], b);
        }
    }

protected:
    // R G B R … of eight pixels of 16 bits.
    static void join8(__m128i r, __m128i g, __m128i b, std::uint16_t* out) {
        for (int part = 0; part < 3; ++part) {
            const auto& m = interleaved_words.masks[part];
            const __m128i mixed = _mm_or_si128(
                _mm_or_si128(_mm_shuffle_epi8(r, load(m[0])), _mm_shuffle_epi8(g, load(m[1]))),
                _mm_shuffle_epi8(b, load(m[2])));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 8 * part), mixed);
        }
    }

private:
    static __m128i load(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }

    // Every third byte of 48, from `first` on.
    static __m128i pick3(__m128i x0, __m128i x1, __m128i x2, int first) {
        const auto& m = every_third_byte.masks[first];
        return _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(x0, load(m[0])), _mm_shuffle_epi8(x1, load(m[1]))),
                            _mm_shuffle_epi8(x2, load(m[2])));
    }

    static void widen8(__m128i bytes, float* out) {
        _mm256_storeu_ps(out, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)));
        _mm256_storeu_ps(out + 8, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8))));
    }
};

}  // namespace
}  // namespace candela
