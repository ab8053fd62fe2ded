// Four floats in an array, for any C++20 compiler: plain loops, which compilers vectorise as they can.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace candela {
namespace {

struct Vector {
    static constexpr int lanes = 4;
    using Mask = std::array<bool, lanes>;
    std::array<float, lanes> v;

    template <class F>
    static Vector each(F f) {
        Vector out;
        for (int i = 0; i < lanes; ++i) out.v[i] = f(i);
        return out;
    }
    static Vector all(float x) { return {{x, x, x, x}}; }
    static Vector load(const float* p) { return {{p[0], p[1], p[2], p[3]}}; }
    static Vector load_any(const float* p) { return load(p); }
    static Vector multiply_add(const Vector& a, const Vector& b, const Vector& c) {
        return each([&](int i) { return a.v[i] * b.v[i] + c.v[i]; });
    }
    static Vector positive(const Vector& a) {
        return each([&](int i) { return a.v[i] > 0 ? a.v[i] : 0; });
    }
    static Vector min(const Vector& a, const Vector& b) {
        return each([&](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
    }
    static Vector max(const Vector& a, const Vector& b) {
        return each([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
    }
    static Vector abs(const Vector& a) {
        return each([&](int i) { return std::fabs(a.v[i]); });
    }
    static Vector sqrt(const Vector& a) {
        return each([&](int i) { return std::sqrt(a.v[i]); });
    }
    static Mask less(const Vector& a, const Vector& b) {
        Mask m;
        for (int i = 0; i < lanes; ++i) m[i] = a.v[i] < b.v[i];
        return m;
    }
    static Vector select(const Mask& m, const Vector& yes, const Vector& no) {
        return each([&](int i) { return m[i] ? yes.v[i] : no.v[i]; });
    }
    static bool any(const Mask& m) { return m[0] || m[1] || m[2] || m[3]; }
    static Vector round(const Vector& a) {
        return each([&](int i) { return std::nearbyint(a.v[i]); });
    }
    // a, its sign changed where the lowest bit of b's pattern is set.
    static Vector flip(const Vector& a, const Vector& b) {
        return each([&](int i) {
            return std::bit_cast<float>(std::bit_cast<std::uint32_t>(a.v[i]) ^ std::bit_cast<std::uint32_t>(b.v[i]) << 31);
        });
    }
    // Of positive normal numbers: 2^exponent <= a < 2^(exponent + 1).
    static Vector exponent(const Vector& a) {
        return each([&](int i) {
            return static_cast<float>(static_cast<int>(std::bit_cast<std::uint32_t>(a.v[i]) >> 23 & 255) - 127);
        });
    }
    // 2^n of whole numbers -126..127.
    static Vector two_to(const Vector& n) {
        return each([&](int i) {
            return std::bit_cast<float>(static_cast<std::uint32_t>(static_cast<int>(n.v[i]) + 127) << 23);
        });
    }
    friend Vector operator+(const Vector& a, const Vector& b) {
        return each([&](int i) { return a.v[i] + b.v[i]; });
    }
    friend Vector operator-(const Vector& a, const Vector& b) {
        return each([&](int i) { return a.v[i] - b.v[i]; });
    }
    friend Vector operator*(const Vector& a, const Vector& b) {
        return each([&](int i) { return a.v[i] * b.v[i]; });
    }
    friend Vector operator/(const Vector& a, const Vector& b) {
        return each([&](int i) { return a.v[i] / b.v[i]; });
    }
    void store(float* p) const { std::copy_n(v.data(), lanes, p); }
    void store_any(float* p) const { store(p); }
    float sum() const { return (v[0] + v[1]) + (v[2] + v[3]); }
    float smallest() const { return *std::min_element(v.begin(), v.end()); }
    float largest() const { return *std::max_element(v.begin(), v.end()); }

    // The sums of four vectors, in their order.
    static Vector sums(const Vector* a) {
        return each([&](int i) { return a[i].sum(); });
    }

    // Four rows of four numbers, `stride` apart, to four columns `to_stride` apart.
    static void transpose4(const float* from, std::ptrdiff_t stride, float* to, std::ptrdiff_t to_stride) {
        for (int i = 0; i < 4; ++i) {
            for (int j = 0; j < 4; ++j) to[j * to_stride + i] = from[i * stride + j];
        }
    }
};

}  // namespace
}  // namespace candela
