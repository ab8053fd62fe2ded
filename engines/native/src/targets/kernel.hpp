// Targets of rows of pixels, written once over a vector type. Included by one source for each instruction set.
#pragma once

#include "../frame/output.hpp"
#include "targets.hpp"

namespace candela {
namespace {

template <class V>
void load3(const float* from, int pitch, V (&to)[3]) {
    for (int c = 0; c < 3; ++c) to[c] = V::load(from + c * pitch);
}

template <class V>
void store3(const V (&from)[3], float* to, int pitch) {
    for (int c = 0; c < 3; ++c) from[c].store(to + c * pitch);
}

// The SDR's light, white being 1; negative codes mirror the curve.
template <class V, class P>
void light_of(const TargetCurves& t, V (&rgb)[3]) {
    V size[3], bent[3];
    for (int c = 0; c < 3; ++c) {
        rgb[c] = V::multiply_add(rgb[c], V::all(t.scale), V::all(t.shift));
        size[c] = V::abs(rgb[c]);
    }
    if (t.srgb) {
        // IEC 61966-2-1: straight up to 0.04045.
        V lifted[3];
        for (int c = 0; c < 3; ++c) lifted[c] = V::multiply_add(size[c], V::all(1 / 1.055f), V::all(0.055f / 1.055f));
        curve_at<V, P>(t.light, lifted, bent);
        for (int c = 0; c < 3; ++c) bent[c] = V::select(V::less(V::all(0.04045f), size[c]), bent[c], size[c] * V::all(1 / 12.92f));
    } else {
        curve_at<V, P>(t.light, size, bent);
    }
    const V zero = V::all(0);
    for (int c = 0; c < 3; ++c) rgb[c] = V::select(V::less(rgb[c], zero), zero - bent[c], bent[c]);
}

template <class V, class P>
void target_row(const TargetCurves& t, const float* signal, const float* nits, int width, int pitch, float* room,
                float* base, float* target) {
    for (int c = 0; c < 3; ++c) {
        for (int x = 0; x < width; ++x) room[c * pitch + x] = signal[3 * x + c];
        for (int x = 0; x < width; ++x) room[(3 + c) * pitch + x] = nits[3 * x + c];
        for (int x = width; x < pitch; ++x) room[c * pitch + x] = room[(3 + c) * pitch + x] = 0;
    }
    const V zero = V::all(0);
    for (int x = 0; x < pitch; x += V::lanes) {
        V rgb[3], under[3], over[3], out[3];
        load3(room + x, pitch, rgb);
        light_of<V, P>(t, rgb);
        for (int c = 0; c < 3; ++c) {
            const float* m = t.matrix + 3 * c;
            under[c] = V::max(zero, V::multiply_add(V::all(m[2]), rgb[2],
                                                    V::multiply_add(V::all(m[1]), rgb[1], V::all(m[0]) * rgb[0])));
        }
        load3(room + 3 * pitch + x, pitch, over);
        for (int c = 0; c < 3; ++c) over[c] = V::min(V::all(10000), V::max(zero, over[c]));
        if (t.domain == Domain::pq) {
            curve_at<V, P>(t.code, under, rgb);
            for (int c = 0; c < 3; ++c) over[c] = over[c] * V::all(1e-4f);
            curve_at<V, P>(t.code, over, out);
            for (int c = 0; c < 3; ++c) out[c] = out[c] - rgb[c];
            store3(rgb, base + x, pitch);
        } else {
            const V k = V::all(t.offset);
            for (int c = 0; c < 3; ++c) {
                over[c] = V::multiply_add(over[c], V::all(static_cast<float>(1 / reference_white)), k) / (under[c] + k);
            }
            curve_at<V, P>(t.log2, over, out);
            store3(under, base + x, pitch);
        }
        store3(out, target + x, pitch);
    }
}

template <class V, class P>
void target_weights(const TargetCurves& t, const float* base, const float* target, int pitch, float* out) {
    const V zero = V::all(0);
    for (int x = 0; x < pitch; x += V::lanes) {
        V under[3], given[3], at[3], w[3];
        load3(base + x, pitch, under);
        load3(target + x, pitch, given);
        if (t.domain == Domain::pq) {
            const V lowest = V::all(t.weight.lowest());  // less weighs the same
            for (int c = 0; c < 3; ++c) at[c] = V::min(V::all(1), V::max(lowest, under[c] + given[c]));
            curve_at<V, P>(t.weight, at, w);
            for (int c = 0; c < 3; ++c) w[c] = V::max(V::all(0.06f), w[c]);
        } else {
            const V k = V::all(t.offset), white = V::all(static_cast<float>(reference_white));
            V nits[3];
            for (int c = 0; c < 3; ++c) {
                const V gain = power_of_two<V, P>(V::min(V::all(24), V::max(V::all(-24), given[c])));
                nits[c] = V::min(V::all(10000), V::max(zero, V::multiply_add(under[c] + k, gain, zero - k) * white));
                at[c] = V::max(V::all(0.01f), nits[c]);
            }
            curve_at<V, P>(t.weight, at, w);
            for (int c = 0; c < 3; ++c) {
                const V moved = V::multiply_add(k, white, nits[c]) * V::all(0.69314718f / 256);
                w[c] = V::max(V::all(0.004f), w[c] * moved);
            }
        }
        store3(w, out + x, pitch);
    }
}

template <class V, class P>
TargetKernel targets_by(std::string_view name) {
    return {name, false, &target_row<V, P>, &target_weights<V, P>};
}

}  // namespace
}  // namespace candela
