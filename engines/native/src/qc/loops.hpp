// The loops of qc.hpp. Included by one source for each instruction set; everything is local to that source.
#pragma once

#include <cstring>

#include "../common/exact_loops.hpp"
#include "qc.hpp"

namespace candela {
namespace {

inline float larger(float a, float b) { return a > b ? a : b; }
inline float smaller(float a, float b) { return a < b ? a : b; }

inline int stepped_wide(float v, float ceiling, float steps) {
    return static_cast<int>(smaller(larger(v, 0.0f), ceiling) * steps + 0.5f);
}
inline std::uint16_t stepped(float v, float ceiling, float steps) {
    return static_cast<std::uint16_t>(stepped_wide(v, ceiling, steps));
}

struct Rgb {
    float r, g, b;
};

// x: less its offset. A product with the reciprocal, as everywhere in this count; converting a movie divides.
template <bool ycc>
inline Rgb rgb_of(float x, float y, float z, float inverse, const float (&m)[6]) {
    if constexpr (ycc) {
        const float grey = x * inverse;
        return {grey + (m[0] * y + m[1] * z), grey + (m[2] * y + m[3] * z), grey + (m[4] * y + m[5] * z)};
    } else {
        return {x * inverse, y * inverse, z * inverse};
    }
}

inline float high_of(const Rgb& v) { return larger(larger(v.r, v.g), v.b); }
inline float low_of(const Rgb& v) { return smaller(smaller(v.r, v.g), v.b); }

template <bool ycc>
int signals_as(const float* CANDELA_APART first, const float* CANDELA_APART second, const float* CANDELA_APART third,
               const VideoModel& model, int n, const SignalScale& scale, std::uint16_t* CANDELA_APART most,
               std::uint16_t* CANDELA_APART r, std::uint16_t* CANDELA_APART g, std::uint16_t* CANDELA_APART b,
               std::uint16_t* CANDELA_APART mask) {
    const VideoModel m = model;
    const SignalScale s = scale;
    const float inverse = 1 / m.scale;
    int off = 0;
    for (int i = 0; i < n; ++i) {
        const Rgb v = rgb_of<ycc>(first[i], second[i], third[i], inverse, m.matrix);
        const float high = high_of(v), low = low_of(v);
        const int beyond = static_cast<int>(low < s.below) | static_cast<int>(high > s.above);
        off += beyond;
        mask[i] = static_cast<std::uint16_t>(beyond);
        most[i] = stepped(high, s.ceiling, s.steps);
        r[i] = stepped(v.r, s.ceiling, s.steps);
        g[i] = stepped(v.g, s.ceiling, s.steps);
        b[i] = stepped(v.b, s.ceiling, s.steps);
    }
    return off;
}

int signals(const VideoLines& lines, const VideoModel& model, int n, const SignalScale& scale, const CodeRow& out) {
    const auto loop = model.ycc ? &signals_as<true> : &signals_as<false>;
    return loop(lines.first, lines.second, lines.third, model, n, scale, out.most, out.r, out.g, out.b, out.off);
}

template <bool ycc>
void highs_of(const VideoLines& lines, const VideoModel& model, int n, float* CANDELA_APART out) {
    const VideoModel m = model;
    const float inverse = 1 / m.scale;
    const float *CANDELA_APART first = lines.first, *CANDELA_APART second = lines.second, *CANDELA_APART third = lines.third;
    for (int i = 0; i < n; ++i) out[i] = high_of(rgb_of<ycc>(first[i], second[i], third[i], inverse, m.matrix));
}

float largest_of(const float* values, int n) {
    constexpr int lanes = 16;  // compilers keep the order of comparisons of one float after another
    float most[lanes];
    for (float& lane : most) lane = values[0];
    int i = 0;
    for (; i + lanes <= n; i += lanes) {
        for (int k = 0; k < lanes; ++k) most[k] = larger(most[k], values[i + k]);
    }
    for (; i < n; ++i) most[0] = larger(most[0], values[i]);
    for (int k = 1; k < lanes; ++k) most[0] = larger(most[0], most[k]);
    return most[0];
}

float signals_most(const VideoLines& lines, const VideoModel& model, int n, float* spare) {
    (model.ycc ? &highs_of<true> : &highs_of<false>)(lines, model, n, spare);
    return largest_of(spare, n);
}

// Two samples of luma, or two codes, as one number: the first in its lower half. Lanes of 32 bits hold a pair's even and odd
// pixel in two registers, and nothing is shuffled.
inline std::uint32_t two_at(const std::uint16_t* from) {
    std::uint32_t two;
    std::memcpy(&two, from, sizeof two);
    return two;
}

inline void put_two(std::uint16_t* to, std::uint32_t even, std::uint32_t odd) {
    const std::uint32_t two = even | odd << 16;
    std::memcpy(to, &two, sizeof two);
}

inline float between(const float* samples, const float (&w)[4]) {
    return ((w[0] * samples[-1] + w[1] * samples[0]) + w[2] * samples[1]) + w[3] * samples[2];
}

struct TwoPixels {
    Rgb even, odd;
};

inline TwoPixels two_pixels(std::uint32_t luma, const float* cb, const float* cr, const VideoModel& m, float inverse,
                            const float (&w)[4]) {
    const float x = static_cast<float>(static_cast<int>(luma & 0xffff)) - m.offset,
                y = static_cast<float>(static_cast<int>(luma >> 16)) - m.offset;
    return {rgb_of<true>(x, cb[0], cr[0], inverse, m.matrix), rgb_of<true>(y, between(cb, w), between(cr, w), inverse, m.matrix)};
}

int pairs_as(const std::uint16_t* CANDELA_APART luma, const float* CANDELA_APART cb, const float* CANDELA_APART cr,
             const PairChroma& chroma, const VideoModel& model, int n, const SignalScale& scale,
             std::uint16_t* CANDELA_APART most, std::uint16_t* CANDELA_APART r, std::uint16_t* CANDELA_APART g,
             std::uint16_t* CANDELA_APART b, std::uint16_t* CANDELA_APART mask) {
    const VideoModel m = model;
    const SignalScale s = scale;
    const PairChroma c = chroma;
    const float inverse = 1 / m.scale;
    int off = 0;
    for (int k = 0; k < n; ++k) {
        const TwoPixels v = two_pixels(two_at(luma + 2 * k), cb + k, cr + k, m, inverse, c.between);
        const float high = high_of(v.even), low = low_of(v.even), high2 = high_of(v.odd), low2 = low_of(v.odd);
        const int beyond = static_cast<int>(low < s.below) | static_cast<int>(high > s.above),
                  beyond2 = static_cast<int>(low2 < s.below) | static_cast<int>(high2 > s.above);
        off += beyond + beyond2;
        const auto code = [&](float value) { return static_cast<std::uint32_t>(stepped_wide(value, s.ceiling, s.steps)); };
        put_two(most + 2 * k, code(high), code(high2));
        put_two(r + 2 * k, code(v.even.r), code(v.odd.r));
        put_two(g + 2 * k, code(v.even.g), code(v.odd.g));
        put_two(b + 2 * k, code(v.even.b), code(v.odd.b));
        put_two(mask + 2 * k, static_cast<std::uint32_t>(beyond), static_cast<std::uint32_t>(beyond2));
    }
    return off;
}

int pairs(const std::uint16_t* luma, const PairChroma& chroma, const VideoModel& model, int n, const SignalScale& scale,
          const CodeRow& out) {
    return pairs_as(luma, chroma.second, chroma.third, chroma, model, n, scale, out.most, out.r, out.g, out.b, out.off);
}

void pair_highs(const std::uint16_t* CANDELA_APART luma, const float* CANDELA_APART cb, const float* CANDELA_APART cr,
                const PairChroma& chroma, const VideoModel& model, int n, float* CANDELA_APART out) {
    const VideoModel m = model;
    const PairChroma c = chroma;
    const float inverse = 1 / m.scale;
    for (int k = 0; k < n; ++k) {
        const TwoPixels v = two_pixels(two_at(luma + 2 * k), cb + k, cr + k, m, inverse, c.between);
        out[k] = larger(high_of(v.even), high_of(v.odd));
    }
}

float pairs_most(const std::uint16_t* luma, const PairChroma& chroma, const VideoModel& model, int n, float* spare) {
    pair_highs(luma, chroma.second, chroma.third, chroma, model, n, spare);
    return largest_of(spare, n);
}

template <class T>
void levels_of(const T* CANDELA_APART samples, std::ptrdiff_t step, int n, const LevelLimits& limits, std::int64_t* counts) {
    const LevelLimits l = limits;
    if (step == sizeof(T)) {
        // Most rows have none: the smallest and the largest say so.
        T least = samples[0], most = samples[0];
        for (int i = 1; i < n; ++i) {
            least = samples[i] < least ? samples[i] : least;
            most = samples[i] > most ? samples[i] : most;
        }
        const int low = least, high = most;
        if (low >= l.low && high <= l.high && low >= l.least && high <= l.most && low > l.reserved_low && high < l.reserved_high) return;
    }
    int low = 0, high = 0, off = 0, reserved = 0;
    const auto count = [&](int v) {
        low += v < l.low;
        high += v > l.high;
        off += (v < l.least) | (v > l.most);
        reserved += (v <= l.reserved_low) | (v >= l.reserved_high);
    };
    if (step == sizeof(T)) {
        for (int i = 0; i < n; ++i) count(samples[i]);
    } else {
        const char* from = reinterpret_cast<const char*>(samples);
        for (int i = 0; i < n; ++i, from += step) count(*reinterpret_cast<const T*>(from));
    }
    counts[0] += low, counts[1] += high, counts[2] += off, counts[3] += reserved;
}

void levels(const void* samples, Sample sample, std::ptrdiff_t step, int n, const LevelLimits& limits, std::int64_t* counts) {
    if (sample == Sample::u8) return levels_of(static_cast<const std::uint8_t*>(samples), step, n, limits, counts);
    levels_of(static_cast<const std::uint16_t*>(samples), step, n, limits, counts);
}

std::int64_t difference(const std::uint16_t* CANDELA_APART a, const std::uint16_t* CANDELA_APART b, int n, std::int64_t* changed) {
    std::int64_t total = 0;
    int other = 0;
    for (int i = 0; i < n;) {
        const int end = n - i < 4096 ? n : i + 4096;  // so many fit into 32 bits
        int sum = 0;
        for (; i < end; ++i) {
            const int d = a[i] - b[i];
            sum += d < 0 ? -d : d;
            other += d != 0;
        }
        total += sum;
    }
    *changed += other;
    return total;
}

int largest(const std::uint16_t* CANDELA_APART r, const std::uint16_t* CANDELA_APART g, const std::uint16_t* CANDELA_APART b, int n,
            std::uint16_t* CANDELA_APART most) {
    std::uint16_t top = 0;
    for (int i = 0; i < n; ++i) {
        const std::uint16_t high = r[i] > g[i] ? r[i] : g[i];
        most[i] = high > b[i] ? high : b[i];
        top = most[i] > top ? most[i] : top;
    }
    return top;
}

// Of four times a code, four times the least that is not near the edge.
inline std::uint16_t edge_at(std::uint16_t code, const EdgeLines& e) {
    const auto low = static_cast<std::uint16_t>(static_cast<std::uint16_t>(static_cast<std::uint32_t>(code) * e.low_slope >> 16) + e.lift);
    const auto high = static_cast<std::uint16_t>(static_cast<std::uint32_t>(code) * e.high_slope >> 16);
    const auto over = static_cast<std::uint16_t>((high > e.drop ? high : e.drop) - e.drop);
    return low > over ? low : over;
}

bool near_edge(const std::uint16_t* CANDELA_APART most, const std::uint16_t* CANDELA_APART r, const std::uint16_t* CANDELA_APART g,
               const std::uint16_t* CANDELA_APART b, int n, const EdgeLines (&lines)[3]) {
    const EdgeLines of_r = lines[0], of_g = lines[1], of_b = lines[2];
    // The edges rise with the largest code, so most blocks are settled by their extremes.
    std::uint16_t code_of_all = 0, least_r = 65535, least_g = 65535, least_b = 65535;
    for (int i = 0; i < n; ++i) {
        code_of_all = most[i] > code_of_all ? most[i] : code_of_all;
        least_r = r[i] < least_r ? r[i] : least_r;
        least_g = g[i] < least_g ? g[i] : least_g;
        least_b = b[i] < least_b ? b[i] : least_b;
    }
    const auto brightest = static_cast<std::uint16_t>(code_of_all << 2);
    if (least_r << 2 >= edge_at(brightest, of_r) && least_g << 2 >= edge_at(brightest, of_g) &&
        least_b << 2 >= edge_at(brightest, of_b)) {
        return false;
    }
    std::uint16_t found = 0;
    const auto under = [](std::uint16_t code, std::uint16_t edge) {
        return static_cast<std::uint16_t>(static_cast<std::uint16_t>(code << 2) < edge);
    };
    for (int i = 0; i < n; ++i) {
        const auto code = static_cast<std::uint16_t>(most[i] << 2);
        found = static_cast<std::uint16_t>(found | under(r[i], edge_at(code, of_r)) | under(g[i], edge_at(code, of_g)) |
                                           under(b[i], edge_at(code, of_b)));
    }
    return found != 0;
}

int top(const std::uint16_t* CANDELA_APART codes, int n) {
    std::uint16_t most = 0;
    for (int i = 0; i < n; ++i) most = codes[i] > most ? codes[i] : most;
    return most;
}

int sum(const std::uint16_t* CANDELA_APART codes, int n) {
    int total = 0;
    for (int i = 0; i < n; ++i) total += codes[i];
    return total;
}

inline std::uint16_t higher(std::uint16_t a, std::uint16_t b) { return a > b ? a : b; }
inline std::uint16_t lower(std::uint16_t a, std::uint16_t b) { return a < b ? a : b; }

bool stands_out(const std::uint16_t* CANDELA_APART above, const std::uint16_t* CANDELA_APART row, const std::uint16_t* CANDELA_APART below,
                int n, int by, std::uint16_t* CANDELA_APART high, std::uint16_t* CANDELA_APART low) {
    int found = 0;
    for (int i = 1; i < n - 1; ++i) {
        std::uint16_t h = higher(higher(above[i - 1], above[i]), higher(above[i + 1], row[i - 1]));
        h = higher(h, higher(higher(row[i + 1], below[i - 1]), higher(below[i], below[i + 1])));
        std::uint16_t l = lower(lower(above[i - 1], above[i]), lower(above[i + 1], row[i - 1]));
        l = lower(l, lower(lower(row[i + 1], below[i - 1]), lower(below[i], below[i + 1])));
        high[i] = h;
        low[i] = l;
        found |= (row[i] >= h + by) | (row[i] + by <= l);
    }
    return found != 0;
}

QcLoops qc_loops_of(std::string_view name) {
    return {name, &signals, &pairs, &pairs_most, &signals_most, &levels, &difference, &largest, &near_edge, &top, &sum, &stands_out};
}

}  // namespace
}  // namespace candela
