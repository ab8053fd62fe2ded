// The loops of video.hpp. Included by one source for each instruction set; everything is local to that source, so that
// no other code runs what its flags make of it. Plain loops over arrays that do not overlap: compilers vectorise them.
#pragma once

#include <cstdint>

#include "../common/exact_loops.hpp"
#include "video.hpp"

namespace candela {
namespace {

template <class T>
void widen_as(const void* codes, std::ptrdiff_t step, int n, float minus, float* CANDELA_APART out) {
    if (step == sizeof(T)) {
        const T* CANDELA_APART from = static_cast<const T*>(codes);
        for (int i = 0; i < n; ++i) out[i] = static_cast<float>(from[i]) - minus;
        return;
    }
    const char* from = static_cast<const char*>(codes);
    for (int i = 0; i < n; ++i, from += step) out[i] = static_cast<float>(*reinterpret_cast<const T*>(from)) - minus;
}

void widen(const void* codes, Sample sample, std::ptrdiff_t step, int n, float minus, float* out) {
    if (sample == Sample::u8) return widen_as<std::uint8_t>(codes, step, n, minus, out);
    widen_as<std::uint16_t>(codes, step, n, minus, out);
}

// Rows at an edge are one and the same, which restricted pointers to read-only numbers allow.
void mix(const float* const (&rows)[4], const float (&w)[4], int n, float* CANDELA_APART out) {
    const float *CANDELA_APART a = rows[0], *CANDELA_APART b = rows[1], *CANDELA_APART c = rows[2],
                *CANDELA_APART d = rows[3];
    const float p = w[0], q = w[1], r = w[2], s = w[3];
    for (int i = 0; i < n; ++i) out[i] = ((p * a[i] + q * b[i]) + r * c[i]) + s * d[i];
}

inline float at(const float* row, const Taps& t) {
    const float* from = row + t.first;
    return ((t.weight[0] * from[0] + t.weight[1] * from[1]) + t.weight[2] * from[2]) + t.weight[3] * from[3];
}

void spread(const float* CANDELA_APART row, const Taps& even, const Taps& odd, int n, float* CANDELA_APART out) {
    const Taps first = even, second = odd;
    for (int k = 0; k < n / 2; ++k) {
        out[2 * k] = at(row + k, first);
        out[2 * k + 1] = at(row + k, second);
    }
    if (n % 2) out[n - 1] = at(row + n / 2, first);
}

void ycc(const float* CANDELA_APART y, const float* CANDELA_APART cb, const float* CANDELA_APART cr,
         const VideoModel& model, int n, float* CANDELA_APART rgb) {
    const VideoModel m = model;
    for (int i = 0; i < n; ++i) {
        const float grey = y[i] / m.scale;
        rgb[3 * i] = grey + (m.matrix[0] * cb[i] + m.matrix[1] * cr[i]);
        rgb[3 * i + 1] = grey + (m.matrix[2] * cb[i] + m.matrix[3] * cr[i]);
        rgb[3 * i + 2] = grey + (m.matrix[4] * cb[i] + m.matrix[5] * cr[i]);
    }
}

void rgb(const float* CANDELA_APART r, const float* CANDELA_APART g, const float* CANDELA_APART b,
         const VideoModel& model, int n, float* CANDELA_APART out) {
    const float scale = model.scale;
    for (int i = 0; i < n; ++i) {
        out[3 * i] = r[i] / scale;
        out[3 * i + 1] = g[i] / scale;
        out[3 * i + 2] = b[i] / scale;
    }
}

VideoLoops video_loops_of(std::string_view name) { return {name, &widen, &mix, &spread, &ycc, &rgb}; }

}  // namespace
}  // namespace candela
