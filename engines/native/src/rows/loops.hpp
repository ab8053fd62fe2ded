// The loops of rows.hpp. Included by one source for each instruction set; everything is local to that source, so that
// no other code runs what its flags make of it. Plain loops over arrays that do not overlap: compilers vectorise them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../common/exact_loops.hpp"
#include "rows.hpp"

namespace candela {
namespace {

// alpha, beta, gamma, delta (Daubechies and Sweldens 1998) over 65536, exact in floats.
constexpr float factor_of[4] = {-103949 / 65536.0f, -3472 / 65536.0f, 57862 / 65536.0f, 29066 / 65536.0f};

struct Floats {
    using T = float;
    static T share(int step, T sum) { return factor_of[step] * sum; }
};

struct Integers {
    using T = std::int32_t;
    // (factor · sum + 32768) >> 16 in 32 bits: the factor is whole · 65536 + part with |part| < 2^15, and the part
    // times each half of the sum has room.
    static T share(int step, T sum) {
        constexpr T whole[4] = {-2, 0, 1, 0}, part[4] = {27123, -3472, -7674, 29066};
        return whole[step] * sum + part[step] * (sum >> 16) + ((part[step] * (sum & 0xFFFF) + 32768) >> 16);
    }
};

template <class K, int step, int sign>
inline typename K::T moved(typename K::T x, typename K::T a, typename K::T b) {
    return sign > 0 ? x + K::share(step, a + b) : x - K::share(step, a + b);
}

template <class K, int step, int sign>
void row(typename K::T* CANDELA_APART x, const typename K::T* CANDELA_APART a, const typename K::T* CANDELA_APART b,
         int n) {
    for (int i = 0; i < n; ++i) x[i] = moved<K, step, sign>(x[i], a[i], b[i]);
}

// a and b may be one row, which two restricted pointers to the same read-only numbers allow.
template <class K, int sign>
void rows(typename K::T* x, const typename K::T* a, const typename K::T* b, int step, int n) {
    switch (step) {
        case 0: return row<K, 0, sign>(x, a, b, n);
        case 1: return row<K, 1, sign>(x, a, b, n);
        case 2: return row<K, 2, sign>(x, a, b, n);
        default: return row<K, 3, sign>(x, a, b, n);
    }
}

// Details (n/2) moved by their neighbours in the approximation.
template <class K, int step, int sign>
void details(typename K::T* CANDELA_APART x, const typename K::T* CANDELA_APART low, int n) {
    const int count = n / 2, inner = n % 2 ? count : count - 1;
    for (int i = 0; i < inner; ++i) x[i] = moved<K, step, sign>(x[i], low[i], low[i + 1]);
    if (inner < count) x[inner] = moved<K, step, sign>(x[inner], low[inner], low[inner]);
}

// The approximation moved by its neighbours in the details.
template <class K, int step, int sign>
void approximation(typename K::T* CANDELA_APART x, const typename K::T* CANDELA_APART high, int n) {
    const int count = n / 2;
    x[0] = moved<K, step, sign>(x[0], high[0], high[0]);
    for (int i = 1; i < count; ++i) x[i] = moved<K, step, sign>(x[i], high[i - 1], high[i]);
    if (n % 2) x[count] = moved<K, step, sign>(x[count], high[count - 1], high[count - 1]);
}

template <class K>
void split(const typename K::T* CANDELA_APART line, int n, typename K::T* CANDELA_APART low,
           typename K::T* CANDELA_APART high) {
    for (int i = 0; i < n / 2; ++i) {
        low[i] = line[2 * i];
        high[i] = line[2 * i + 1];
    }
    if (n % 2) low[n / 2] = line[n - 1];
    details<K, 0, 1>(high, low, n);
    approximation<K, 1, 1>(low, high, n);
    details<K, 2, 1>(high, low, n);
    approximation<K, 3, 1>(low, high, n);
}

template <class K>
void join(const typename K::T* low, const typename K::T* high, int n, typename K::T* CANDELA_APART line,
          typename K::T* CANDELA_APART scratch) {
    typename K::T *even = scratch, *odd = scratch + (n + 1) / 2;
    std::memcpy(even, low, sizeof *low * static_cast<std::size_t>((n + 1) / 2));
    std::memcpy(odd, high, sizeof *high * static_cast<std::size_t>(n / 2));
    approximation<K, 3, -1>(even, odd, n);
    details<K, 2, -1>(odd, even, n);
    approximation<K, 1, -1>(even, odd, n);
    details<K, 0, -1>(odd, even, n);
    for (int i = 0; i < n / 2; ++i) {
        line[2 * i] = even[i];
        line[2 * i + 1] = odd[i];
    }
    if (n % 2) line[n - 1] = even[n / 2];
}

void approach(float* CANDELA_APART out, const float* CANDELA_APART at, const float* CANDELA_APART target,
              const float* CANDELA_APART weight, int n) {
    for (int i = 0; i < n; ++i) out[i] = at[i] + weight[i] * (target[i] - at[i]);
}

void shrink(float* x, float by, int n) {
    for (int i = 0; i < n; ++i) {
        const float over = x[i] < -by ? -by : x[i];
        x[i] -= over > by ? by : over;
    }
}

void count(const float* x, int n, float scale, std::uint32_t* bins) {
    constexpr std::int32_t one = 0x3F800000;
    constexpr int block = 64;
    std::int32_t bin[block];
    for (int first = 0; first < n; first += block) {
        const int size = n - first < block ? n - first : block;
        std::int32_t most = -1;
        for (int i = 0; i < size; ++i) {
            const float scaled = x[first + i] * scale;
            std::int32_t bits;
            std::memcpy(&bits, &scaled, sizeof bits);
            const std::int32_t above = (bits & 0x7FFFFFFF) - one - 1;  // 1 itself is not above 1
            bin[i] = above < 0 ? -1 : (above + 1) >> 13;
            most = bin[i] > most ? bin[i] : most;
        }
        if (most < 0) continue;
        for (int i = 0; i < size; ++i) {
            if (bin[i] >= 0) ++bins[bin[i] < rate_bins ? bin[i] : rate_bins - 1];
        }
    }
}

int beyond(const float* x, int n, float limit, std::int32_t* places) {
    constexpr int block = 64;
    int found = 0;
    for (int first = 0; first < n; first += block) {
        const int size = n - first < block ? n - first : block;
        int any = 0;
        for (int i = 0; i < size; ++i) any |= (x[first + i] > limit) | (x[first + i] < -limit);
        if (!any) continue;
        for (int i = 0; i < size; ++i) {
            places[found] = first + i;
            found += (x[first + i] > limit) | (x[first + i] < -limit);
        }
    }
    return found;
}

void gather(const float* CANDELA_APART values, const float* CANDELA_APART weight, const float* CANDELA_APART shares,
            int cell, int cells, float* CANDELA_APART totals, int pitch) {
    constexpr int block = 128;
    float w[block], wv[block];
    for (int first = 0; first < cells; first += block) {
        const int size = cells - first < block ? cells - first : block;
        for (int p = 0; p < cell; ++p) {
            for (int j = 0; j < size; ++j) {
                w[j] = weight[(first + j) * cell + p];
                wv[j] = w[j] * values[(first + j) * cell + p];
            }
            const float* s = shares + 4 * p;
            float* to = totals + first;
            for (int a = 0; a < 4; ++a, to += pitch) {
                for (int j = 0; j < size; ++j) to[j] += wv[j] * s[a];
            }
            for (int a = 0; a < 4; ++a) {
                for (int b = a; b < 4; ++b, to += pitch) {
                    const float product = s[a] * s[b];
                    for (int j = 0; j < size; ++j) to[j] += w[j] * product;
                }
            }
        }
    }
}

template <int cell>
void spread_cells(const float* CANDELA_APART a, const float* CANDELA_APART b, const float* CANDELA_APART c,
                  const float* CANDELA_APART d, const float* CANDELA_APART shares, int cells,
                  float* CANDELA_APART out) {
    for (int j = 0; j < cells; ++j) {
        for (int p = 0; p < cell; ++p) {
            const float* s = shares + 4 * p;
            out[j * cell + p] = ((a[j] * s[0] + b[j] * s[1]) + c[j] * s[2]) + d[j] * s[3];
        }
    }
}

void spread(const float* a, const float* b, const float* c, const float* d, const float* shares, int cell, int cells,
            float* out) {
    switch (cell) {
        case 2: return spread_cells<2>(a, b, c, d, shares, cells, out);
        case 4: return spread_cells<4>(a, b, c, d, shares, cells, out);
        case 8: return spread_cells<8>(a, b, c, d, shares, cells, out);
        default: break;
    }
    for (int j = 0; j < cells; ++j) {
        for (int p = 0; p < cell; ++p) {
            const float* s = shares + 4 * p;
            out[j * cell + p] = ((a[j] * s[0] + b[j] * s[1]) + c[j] * s[2]) + d[j] * s[3];
        }
    }
}

void gain(double* CANDELA_APART sums, const float* CANDELA_APART x, int n) {
    for (int i = 0; i < n; ++i) sums[i] += x[i];
}

void largest(const float* CANDELA_APART rgb, float* CANDELA_APART out, int n) {
    for (int i = 0; i < n; ++i) {
        const float r = rgb[3 * i], g = rgb[3 * i + 1], b = rgb[3 * i + 2];
        const float more = r > g ? r : g;
        out[i] = more > b ? more : b;
    }
}

RowLoops loops_of(std::string_view name) {
    return {name,
            false,
            {rows<Floats, 1>, rows<Floats, -1>, split<Floats>, join<Floats>},
            {nullptr, rows<Integers, -1>, nullptr, join<Integers>},
            approach,
            shrink,
            count,
            beyond,
            gather,
            spread,
            gain,
            largest};
}

}  // namespace
}  // namespace candela
