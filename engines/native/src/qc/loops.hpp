// The loops of qc.hpp. Included by one source for each instruction set; everything is local to that source.
#pragma once

#include "../common/exact_loops.hpp"
#include "qc.hpp"

namespace candela {
namespace {

inline float larger(float a, float b) { return a > b ? a : b; }
inline float smaller(float a, float b) { return a < b ? a : b; }

inline std::uint16_t stepped(float v, float ceiling, float steps) {
    return static_cast<std::uint16_t>(static_cast<int>(smaller(larger(v, 0.0f), ceiling) * steps + 0.5f));
}

template <bool ycc>
int signals_as(const float* CANDELA_APART first, const float* CANDELA_APART second, const float* CANDELA_APART third,
               const VideoModel& model, int n, float ceiling, float steps, float below, float above,
               std::uint16_t* CANDELA_APART r, std::uint16_t* CANDELA_APART g, std::uint16_t* CANDELA_APART b,
               float* CANDELA_APART most) {
    const VideoModel m = model;
    int off = 0;
    for (int i = 0; i < n; ++i) {
        const float x = first[i] / m.scale, y = second[i], z = third[i];
        float red, green, blue;
        if constexpr (ycc) {
            red = x + (m.matrix[0] * y + m.matrix[1] * z);
            green = x + (m.matrix[2] * y + m.matrix[3] * z);
            blue = x + (m.matrix[4] * y + m.matrix[5] * z);
        } else {
            red = x, green = y / m.scale, blue = z / m.scale;
        }
        const float high = larger(larger(red, green), blue), low = smaller(smaller(red, green), blue);
        most[i] = high;
        off += static_cast<int>(low < below) | static_cast<int>(high > above);
        r[i] = stepped(red, ceiling, steps);
        g[i] = stepped(green, ceiling, steps);
        b[i] = stepped(blue, ceiling, steps);
    }
    return off;
}

int signals(const VideoLines& lines, const VideoModel& model, int n, float ceiling, float steps, float below, float above,
            std::uint16_t* r, std::uint16_t* g, std::uint16_t* b, float* most) {
    const auto loop = model.ycc ? &signals_as<true> : &signals_as<false>;
    return loop(lines.first, lines.second, lines.third, model, n, ceiling, steps, below, above, r, g, b, most);
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
            std::uint16_t* CANDELA_APART most, std::uint16_t* CANDELA_APART least) {
    std::uint16_t top = 0;
    for (int i = 0; i < n; ++i) {
        const std::uint16_t high = r[i] > g[i] ? r[i] : g[i], low = r[i] < g[i] ? r[i] : g[i];
        most[i] = high > b[i] ? high : b[i];
        least[i] = low < b[i] ? low : b[i];
        top = most[i] > top ? most[i] : top;
    }
    return top;
}

bool apart(const std::uint16_t* CANDELA_APART most, const std::uint16_t* CANDELA_APART least, int n, int share) {
    int found = 0;
    for (int i = 0; i < n; ++i) found |= static_cast<int>(least[i]) * 1024 < static_cast<int>(most[i]) * share;
    return found != 0;
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

QcLoops qc_loops_of(std::string_view name) { return {name, &signals, &levels, &difference, &largest, &apart, &stands_out}; }

}  // namespace
}  // namespace candela
