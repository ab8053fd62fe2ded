// Small matrices over a vector type `V`: products, transposes, and a QR decomposition. Included by one source for each
// instruction set. Rows are padded to 16 numbers; what is in the padding is zero and stays so.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "network.hpp"

namespace candela {
namespace {

// R rows by C vectors of keep * out + share * a b.
template <class V, int R, int C>
inline void product_block(const float* a, std::size_t across, std::size_t along, int inner, const float* b, int ldb,
                          float* out, int ldo, float share, float keep) {
    V sum[R][C];
    for (int r = 0; r < R; ++r) {
        for (int c = 0; c < C; ++c) sum[r][c] = V::all(0.0f);
    }
    for (int k = 0; k < inner; ++k) {
        V x[C];
        for (int c = 0; c < C; ++c) x[c] = V::load(b + static_cast<std::size_t>(k) * ldb + c * V::lanes);
        for (int r = 0; r < R; ++r) {
            const V w = V::all(a[r * across + k * along]);
            for (int c = 0; c < C; ++c) sum[r][c] = V::multiply_add(w, x[c], sum[r][c]);
        }
    }
    for (int r = 0; r < R; ++r) {
        for (int c = 0; c < C; ++c) {
            float* at = out + static_cast<std::size_t>(r) * ldo + c * V::lanes;
            V y = V::all(share) * sum[r][c];
            if (keep != 0.0f) y = V::multiply_add(V::all(keep), V::load(at), y);
            y.store(at);
        }
    }
}

template <class V, int C>
inline void product_columns(const float* a, std::size_t across, std::size_t along, int rows, int inner, const float* b,
                            int ldb, float* out, int ldo, float share, float keep) {
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
        product_block<V, 4, C>(a + r * across, across, along, inner, b, ldb, out + static_cast<std::size_t>(r) * ldo,
                               ldo, share, keep);
    }
    for (; r < rows; ++r) {
        product_block<V, 1, C>(a + r * across, across, along, inner, b, ldb, out + static_cast<std::size_t>(r) * ldo,
                               ldo, share, keep);
    }
}

// out (rows x columns) = keep * out + share * a b, b (inner x columns). An element of a is at row * across + column *
// along, so that a transpose costs nothing.
template <class V>
void product(const float* a, std::size_t across, std::size_t along, int rows, int inner, const float* b, int ldb,
             int columns, float* out, int ldo, float share = 1.0f, float keep = 0.0f) {
    const int wide = padded(columns);
    int c = 0;
    for (; c + 2 * V::lanes <= wide; c += 2 * V::lanes) {
        product_columns<V, 2>(a, across, along, rows, inner, b + c, ldb, out + c, ldo, share, keep);
    }
    for (; c < wide; c += V::lanes) {
        product_columns<V, 1>(a, across, along, rows, inner, b + c, ldb, out + c, ldo, share, keep);
    }
}

// to (columns x rows) = from (rows x columns), transposed; its padding is set to zero.
inline void transpose(const float* from, int ldf, int rows, int columns, float* to, int ldt) {
    for (int j = 0; j < columns; ++j) {
        float* line = to + static_cast<std::size_t>(j) * ldt;
        for (int i = 0; i < rows; ++i) line[i] = from[static_cast<std::size_t>(i) * ldf + j];
        std::fill(line + rows, line + padded(rows), 0.0f);
    }
}

template <class V>
inline float dot(const float* a, const float* b, int first, int end) {
    V sum = V::all(0.0f);
    for (int i = first; i < end; i += V::lanes) sum = V::multiply_add(V::load(a + i), V::load(b + i), sum);
    return sum.sum();
}

template <class V>
inline void add_scaled(const float* a, float share, float* to, int first, int end) {
    const V s = V::all(share);
    for (int i = first; i < end; i += V::lanes) V::multiply_add(s, V::load(a + i), V::load(to + i)).store(to + i);
}

// The orthogonal factor of a square matrix (n x n) given by its columns, each a row of `a`; q gets its columns, each a
// row. Householder's reflections: orthogonal to rounding whatever the matrix, singular ones too. a is used up.
template <class V>
void orthogonal(float* a, int ld, int n, float* q) {
    const int end = padded(n);
    const auto at = [ld](float* m, int i) { return m + static_cast<std::size_t>(i) * ld; };
    for (int k = 0; k < n; ++k) {
        float* v = at(a, k);
        for (int i = 0; i < k; ++i) v[i] = 0.0f;
        const int first = k / 16 * 16;
        float largest = 0.0f;  // scaled by it, nothing overflows and nothing small is lost
        for (int i = k; i < n; ++i) largest = std::max(largest, std::fabs(v[i]));
        if (!(largest > 0.0f) || !std::isfinite(largest)) {
            std::fill_n(v, end, 0.0f);
            continue;
        }
        for (int i = k; i < n; ++i) v[i] /= largest;
        const float norm = std::sqrt(dot<V>(v, v, first, end));
        v[k] += v[k] < 0.0f ? -norm : norm;
        const float size = std::sqrt(dot<V>(v, v, first, end));
        const float share = std::sqrt(2.0f) / size;  // a reflection is 1 - v v' with v of length sqrt(2)
        for (int i = k; i < n; ++i) v[i] *= share;
        for (int j = k + 1; j < n; ++j) add_scaled<V>(v, -dot<V>(v, at(a, j), first, end), at(a, j), first, end);
    }
    for (int i = 0; i < n; ++i) {
        std::fill_n(at(q, i), end, 0.0f);
        at(q, i)[i] = 1.0f;
    }
    for (int k = n - 1; k >= 0; --k) {
        const float* v = at(a, k);
        const int first = k / 16 * 16;
        for (int j = k; j < n; ++j) add_scaled<V>(v, -dot<V>(v, at(q, j), first, end), at(q, j), first, end);
    }
}

}  // namespace
}  // namespace candela
