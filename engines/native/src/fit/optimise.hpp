// Adam, and SOAP: Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al. 2024, arXiv 2409.11321), over a vector
// type `V`. Included by one source for each instruction set. Twin of itm/optimise.py.
#pragma once

#include <numeric>

#include "kernel.hpp"
#include "matrix.hpp"

namespace candela {
namespace {

inline constexpr float tiny = 1e-12f;

template <class V>
void adam_update(std::size_t count, const float* gradient, float* parameters, float* first, float* second,
                 const Pace& pace) {
    const V b1 = V::all(pace.beta1), n1 = V::all(1 - pace.beta1), b2 = V::all(pace.beta2), n2 = V::all(1 - pace.beta2);
    const V rate = V::all(pace.rate), root = V::all(pace.root), least = V::all(tiny);
    for (std::size_t i = 0; i < count; i += V::lanes) {
        const V g = V::load(gradient + i);
        const V m = V::multiply_add(b1, V::load(first + i), n1 * g);
        const V v = V::multiply_add(b2, V::load(second + i), n2 * g * g);
        m.store(first + i);
        v.store(second + i);
        (V::load(parameters + i) - rate * m / (V::sqrt(v * root) + least)).store(parameters + i);
    }
}

template <class V>
void add_to(std::size_t count, const float* in, float* out) {
    for (std::size_t i = 0; i < count; i += V::lanes) (V::load(out + i) + V::load(in + i)).store(out + i);
}

template <class V>
void soap_update(SoapState& s, const float* gradient, float* parameters, const Pace& pace) {
    const int m = s.rows, n = s.columns, ld = s.ld, ldl = s.ld_left;
    float *a = s.work[0].get(), *b = s.work[1].get();
    // Statistics: G G' and G' G.
    transpose(gradient, ld, m, n, a, ldl);
    product<V>(a, 1, ldl, m, n, a, ldl, m, s.left.get(), ldl, pace.follow, 1 - pace.follow);
    product<V>(gradient, 1, ld, n, m, gradient, ld, n, s.right.get(), ld, pace.follow, 1 - pace.follow);
    // The gradient turned into the eigenbasis, where the moments are.
    product<V>(s.q_left.get(), 1, ldl, m, m, gradient, ld, n, a, ld);
    product<V>(a, ld, 1, m, n, s.q_right.get(), ld, n, b, ld);
    const V b1 = V::all(pace.beta1), n1 = V::all(1 - pace.beta1), b2 = V::all(pace.beta2), n2 = V::all(1 - pace.beta2);
    const V rate = V::all(pace.rate), root = V::all(pace.root), least = V::all(tiny);
    const std::size_t count = static_cast<std::size_t>(m) * ld;
    float *first = s.first.get(), *second = s.second.get();
    for (std::size_t i = 0; i < count; i += V::lanes) {
        const V g = V::load(b + i);
        const V x = V::multiply_add(b1, V::load(first + i), n1 * g);
        const V v = V::multiply_add(b2, V::load(second + i), n2 * g * g);
        x.store(first + i);
        v.store(second + i);
        (rate * x / (V::sqrt(v * root) + least)).store(b + i);
    }
    // And the step back.
    product<V>(s.q_left.get(), ldl, 1, m, m, b, ld, n, a, ld);
    product<V>(a, ld, 1, m, n, s.q_right_t.get(), ld, n, parameters, ld, -1.0f, 1.0f);
}

// New eigenvectors (rows of q_t, columns of q) of a statistic, those of large eigenvalues first. order: where each was
// before. between: what turns coordinates of the old basis into the new one's.
template <class V>
void turn_basis(const float* statistic, int ld, int n, float* q, float* q_t, float* work, int* order, float* between) {
    product<V>(q_t, ld, 1, n, n, statistic, ld, n, between, ld);
    float value[most_fit_units];
    for (int i = 0; i < n; ++i) {
        value[i] = dot<V>(between + static_cast<std::size_t>(i) * ld, q_t + static_cast<std::size_t>(i) * ld, 0, padded(n));
        // By insertion: equal ones keep their order, and what is no number moves nothing.
        int j = i;
        for (; j > 0 && value[i] > value[order[j - 1]]; --j) order[j] = order[j - 1];
        order[j] = i;
    }
    for (int i = 0; i < n; ++i) {
        std::copy_n(between + static_cast<std::size_t>(order[i]) * ld, ld, work + static_cast<std::size_t>(i) * ld);
    }
    orthogonal<V>(work, ld, n, q_t);
    product<V>(q_t, ld, 1, n, n, q, ld, n, between, ld);
    transpose(q_t, ld, n, n, q, ld);
}

template <class V>
void soap_turn(SoapState& s) {
    const int m = s.rows, n = s.columns, ld = s.ld, ldl = s.ld_left;
    float *a = s.work[0].get(), *b = s.work[1].get(), *c = s.work[2].get();
    float *first = s.first.get(), *second = s.second.get();
    int order[most_fit_units];
    // The second moment goes with its eigenvectors, the first is turned.
    turn_basis<V>(s.left.get(), ldl, m, s.q_left.get(), s.q_left_t.get(), a, order, b);
    product<V>(b, ldl, 1, m, m, first, ld, n, c, ld);
    for (int i = 0; i < m; ++i) {
        std::copy_n(second + static_cast<std::size_t>(order[i]) * ld, ld, a + static_cast<std::size_t>(i) * ld);
    }
    std::copy_n(a, static_cast<std::size_t>(m) * ld, second);
    std::copy_n(c, static_cast<std::size_t>(m) * ld, first);
    turn_basis<V>(s.right.get(), ld, n, s.q_right.get(), s.q_right_t.get(), a, order, b);
    transpose(b, ld, n, n, a, ld);
    product<V>(first, ld, 1, m, n, a, ld, n, c, ld);
    std::copy_n(c, static_cast<std::size_t>(m) * ld, first);
    for (int i = 0; i < m; ++i) {
        float* line = second + static_cast<std::size_t>(i) * ld;
        std::copy_n(line, ld, c);
        for (int j = 0; j < n; ++j) line[j] = c[order[j]];
    }
}

}  // namespace
}  // namespace candela
