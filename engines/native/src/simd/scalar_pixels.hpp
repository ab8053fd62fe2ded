// What a frame needs beyond arithmetic, a lane at a time: for NEON and for any compiler.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "candela/colour.hpp"
#include "served.hpp"

namespace candela {
namespace {

struct Pixels {
    static constexpr int split_pixels = 16;

    // nodes[index[i]].
    static Vector pick(const float* nodes, const int* index) {
        return lanes([&](int i) { return nodes[index[i]]; });
    }

    // A `Curve` at numbers that its rows serve.
    static Vector piecewise(const Curve& curve, Vector x) {
        alignas(16) float in[Vector::lanes];
        x.store(in);
        const std::uint32_t low = (1u << curve.shift()) - 1;
        return lanes([&](int i) {
            const auto bits = std::bit_cast<std::uint32_t>(in[i]);
            const float* c = curve.row(static_cast<int>(bits >> curve.shift()) - curve.first());
            const float t = std::bit_cast<float>((bits & low) | 0x3f800000u) - curve.middle();
            float y = c[Curve::terms - 1];
            for (int k = Curve::terms - 2; k >= 0; --k) y = y * t + c[k];
            return y;
        });
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
        return map(a, [](float x) { return std::nearbyint(x); });
    }
    static Vector times_power(Vector a, Vector n) {
        alignas(16) float x[Vector::lanes], e[Vector::lanes];
        a.store(x);
        n.store(e);
        return lanes([&](int i) { return std::ldexp(x[i], std::isnan(e[i]) ? 0 : static_cast<int>(e[i])); });
    }

    // R, G, B, R, … of `lanes` pixels.
    static void join(Vector r, Vector g, Vector b, float* out) {
        put(r, g, b, out, [](float x) { return x; });
    }
    // The same of integers 0..65535, rounded.
    static void join(Vector r, Vector g, Vector b, std::uint16_t* out) {
        put(r, g, b, out, [](float x) { return static_cast<std::uint16_t>(x >= 0 ? std::nearbyint(x) : 0); });
    }

    // Codes of 16 pixels, R G B R …, as floats.
    template <class T>
    static void split(const T* in, float* r, float* g, float* b) {
        for (int i = 0; i < split_pixels; ++i) {
            r[i] = in[3 * i];
            g[i] = in[3 * i + 1];
            b[i] = in[3 * i + 2];
        }
    }

private:
    template <class F>
    static Vector lanes(F f) {
        alignas(16) float out[Vector::lanes];
        for (int i = 0; i < Vector::lanes; ++i) out[i] = f(i);
        return Vector::load(out);
    }
    template <class F>
    static Vector map(Vector a, F f) {
        alignas(16) float x[Vector::lanes];
        a.store(x);
        return lanes([&](int i) { return f(x[i]); });
    }
    template <class T, class F>
    static void put(Vector r, Vector g, Vector b, T* out, F f) {
        alignas(16) float x[3][Vector::lanes];
        r.store(x[0]);
        g.store(x[1]);
        b.store(x[2]);
        for (int i = 0; i < Vector::lanes; ++i) {
            for (int c = 0; c < 3; ++c) out[3 * i + c] = f(x[c][i]);
        }
    }
};

}  // namespace
}  // namespace candela
