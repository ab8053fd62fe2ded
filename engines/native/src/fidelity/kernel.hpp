// Fidelity of a row of pixels, written once over a vector type. Included by one source for each instruction set.
#pragma once

#include "../frame/load.hpp"
#include "../frame/output.hpp"
#include "fidelity.hpp"

namespace candela {
namespace {

// PU21 of three channels; light outside 0.005..10000 nit counts as the nearer end. What is no number stays none.
template <class V, class P>
void pu21_of(const FidelityCurves& f, const V (&nits)[3], V (&out)[3]) {
    V at[3];
    for (int c = 0; c < 3; ++c) at[c] = V::min(V::all(10000), V::max(V::all(0.005f), nits[c]));
    curve_at<V, P>(f.pu21, at, out);
}

// ICtCp, Ct halved: BT.2124's I, T and P.
template <class V, class P>
void itp_of(const FidelityCurves& f, const V (&nits)[3], V (&out)[3]) {
    V cones[3], code[3];
    for (int c = 0; c < 3; ++c) {
        const float* m = f.lms + 3 * c;
        const V sum = V::multiply_add(V::all(m[2]), nits[2], V::multiply_add(V::all(m[1]), nits[1], V::all(m[0]) * nits[0]));
        cones[c] = V::max(V::all(0), sum);
    }
    curve_at<V, P>(f.code, cones, code);
    const auto mix = [&](float l, float m, float s) {
        return V::multiply_add(V::all(s / 4096), code[2], V::multiply_add(V::all(m / 4096), code[1], V::all(l / 4096) * code[0]));
    };
    out[0] = mix(2048, 2048, 0);
    out[1] = mix(3305, -6806.5f, 3501.5f);
    out[2] = mix(17933, -17390, -543);
}

template <class V, class P>
void fidelity_row(const FidelityCurves& f, const float* test, const float* reference, int width, float* room,
                  float* squares, float* deltas) {
    const int pitch = (width + 15) / 16 * 16;
    for (int i = 0; i < 2; ++i) {
        const float* from = i ? reference : test;
        float* to = room + 3 * i * pitch;
        for (int c = 0; c < 3; ++c) {
            for (int x = 0; x < width; ++x) to[c * pitch + x] = from[3 * x + c];
            for (int x = width; x < pitch; ++x) to[c * pitch + x] = 0;
        }
    }
    for (int x = 0; x < pitch; x += V::lanes) {
        V a[3], b[3], of_a[3], of_b[3];
        for (int c = 0; c < 3; ++c) {
            a[c] = V::load(room + c * pitch + x);
            b[c] = V::load(room + (3 + c) * pitch + x);
        }
        pu21_of<V, P>(f, a, of_a);
        pu21_of<V, P>(f, b, of_b);
        V sum = V::all(0);
        for (int c = 0; c < 3; ++c) {
            const V off = of_a[c] - of_b[c];
            sum = V::multiply_add(off, off, sum);
        }
        sum.store(squares + x);
        itp_of<V, P>(f, a, of_a);
        itp_of<V, P>(f, b, of_b);
        sum = V::all(0);
        for (int c = 0; c < 3; ++c) {
            const V off = of_a[c] - of_b[c];
            sum = V::multiply_add(off, off, sum);
        }
        (V::all(720) * V::sqrt(sum)).store(deltas + x);
    }
}

template <class V, class P>
FidelityKernel fidelity_by(std::string_view name) {
    return {name, false, &fidelity_row<V, P>};
}

}  // namespace
}  // namespace candela
