// From the network's output to the result: the base under it, light or PQ codes over it, samples in the target.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "parts.hpp"

namespace candela {
namespace {

// A curve at any number: rows where they serve, the function itself lane by lane elsewhere (which is rare).
template <class V, class P>
V curve_at(const Curve& curve, V x) {
    const V zero = V::all(0), lowest = V::all(curve.lowest()), beyond = V::all(curve.beyond());
    // A lane that no row serves reads the first.
    const V inside = V::select(V::less(x, beyond), V::max(x, lowest), lowest);
    V y = P::piecewise(curve, inside);
    // Zero and everything that the rows do not serve: 0 < x < lowest, x >= beyond, x < 0, no number.
    const V outside = V::select(V::less(x, beyond), V::select(V::less(x, lowest), V::all(1), zero), V::all(1));
    if (!V::any(V::less(zero, outside))) [[likely]] return y;
    alignas(64) float in[V::lanes], out[V::lanes];
    x.store(in);
    y.store(out);
    for (int i = 0; i < V::lanes; ++i) {
        if (in[i] == 0) out[i] = curve.at_zero();
        else if (!(in[i] >= curve.lowest() && in[i] < curve.beyond())) out[i] = static_cast<float>(curve.exact(in[i]));
    }
    return V::load(out);
}

// 2^x for -126 < x < 127: a polynomial on half an octave to either side of a whole number.
template <class V, class P>
V power_of_two(V x) {
    const V n = P::nearest(x), f = x - n;
    V y = V::all(1.5252734e-5f);  // ln(2)^k / k!
    for (const float c : {1.5403530e-4f, 1.3333558e-3f, 9.6181291e-3f, 5.5504109e-2f, 2.4022651e-1f, 6.9314718e-1f, 1.0f}) {
        y = V::multiply_add(y, f, V::all(c));
    }
    return P::times_power(y, n);
}

template <class V, class P>
struct Output {
    const FrameJob& job;

    // Writes the part of the tile at (left, top) that lies in the region. signal, out: 3 arrays of the tile each.
    void of_tile(int left, int top, const float (*signal)[tile_size], const float* out) const {
        const int first = std::max(left, job.region.left), last = std::min(left + tile_width, job.region.right);
        for (int y = std::max(top, job.region.top); y < std::min(top + tile_height, job.region.bottom); ++y) {
            for (int x = 0; x < tile_width; x += V::lanes) {
                if (left + x + V::lanes <= first || left + x >= last) continue;
                const int p = (y - top) * tile_width + x;
                const V codes[3] = {V::load(signal[0] + p), V::load(signal[1] + p), V::load(signal[2] + p)};
                V result[3] = {V::load(out + p), V::load(out + tile_size + p), V::load(out + 2 * tile_size + p)};
                finish(codes, result);
                put(result, left + x, y, first, last);
            }
        }
    }

private:
    // The SDR's light, white being 1; negative codes mirror the curve.
    V light(V code) const {
        const auto& colour = job.network.options.colour;
        const V zero = V::all(0);
        const V signal = V::multiply_add(code, V::all(static_cast<float>(colour.scale)), V::all(static_cast<float>(colour.offset)));
        const V size = V::abs(signal);
        V y;
        if (colour.transfer == Transfer::srgb) {
            // IEC 61966-2-1: straight up to 0.04045.
            const V bent = curve_at<V, P>(job.network.light, V::multiply_add(size, V::all(1 / 1.055f), V::all(0.055f / 1.055f)));
            y = V::select(V::less(V::all(0.04045f), size), bent, size * V::all(1 / 12.92f));
        } else {
            y = curve_at<V, P>(job.network.light, size);
        }
        return V::select(V::less(signal, zero), zero - y, y);
    }

    // Base and output to what the target holds: PQ codes or nits. Bounds come first in min and max: a result that is
    // no number stays none.
    void finish(const V (&codes)[3], V (&result)[3]) const {
        const auto& net = job.network;
        const V zero = V::all(0);
        const V rgb[3] = {light(codes[0]), light(codes[1]), light(codes[2])};
        for (int c = 0; c < 3; ++c) {
            const float* m = net.matrix + 3 * c;
            const V sum = V::multiply_add(V::all(m[2]), rgb[2], V::multiply_add(V::all(m[1]), rgb[1], V::all(m[0]) * rgb[0]));
            const V base = V::max(zero, sum);
            if (net.options.domain == Domain::pq) {
                const V code = curve_at<V, P>(net.code, base) + result[c];
                result[c] = V::min(V::all(static_cast<float>(net.options.ceiling)), V::max(zero, code));
                if (job.encoding == Encoding::nits) result[c] = nits(result[c]);
            } else {
                const V gain = power_of_two<V, P>(V::min(V::all(24), V::max(V::all(-24), result[c])));
                const V over = V::all(net.offset);
                const V light = V::multiply_add(base + over, gain, zero - over);
                const V held = V::min(V::all(net.highest), V::max(zero, light));
                result[c] = job.encoding == Encoding::nits
                                ? held * V::all(static_cast<float>(reference_white))
                                : curve_at<V, P>(net.code, held * V::all(static_cast<float>(reference_white / 10000)));
            }
        }
    }

    V nits(V code) const {
        const auto& net = job.network;
        // Codes up to that of black have no light at all; those just above are served by rows of their own.
        const V least = V::all(7.3e-7f), parts = V::all(net.nits.lowest());
        const V seen = V::select(V::less(code, least), V::all(0), code);
        const V high = V::select(V::less(seen, parts), parts, seen);
        const V y = curve_at<V, P>(net.nits, high);
        const V low = V::select(V::less(seen, parts), seen, V::all(0));
        if (!V::any(V::less(V::all(0), low))) [[likely]] return V::select(V::less(V::all(0), seen), y, seen);
        const V dark = curve_at<V, P>(net.low_nits, low);
        return V::select(V::less(seen, parts), dark, y);
    }

    // One vector of pixels from (x, y) on, of which first..last - 1 are wanted.
    void put(const V (&rgb)[3], int x, int y, int first, int last) const {
        const Target& to = job.target;
        std::byte* row = static_cast<std::byte*>(to.data) + y * to.layout.row;
        const auto size = static_cast<std::ptrdiff_t>(size_of(to.sample));
        const bool side_by_side = to.layout.channel == size && to.layout.pixel == 3 * size;
        const bool whole = x >= first && x + V::lanes <= last;
        const V full = V::all(static_cast<float>((1 << to.bits) - 1));
        if (to.sample == Sample::u16) {
            // No number is the code 0.
            const V r = V::min(V::positive(rgb[0]) * full, full), g = V::min(V::positive(rgb[1]) * full, full);
            const V b = V::min(V::positive(rgb[2]) * full, full);
            if (side_by_side && whole) {
                P::join(r, g, b, reinterpret_cast<std::uint16_t*>(row + x * to.layout.pixel));
                return;
            }
            scatter(r, g, b, row, x, first, last, [](float v) { return static_cast<std::uint16_t>(std::nearbyint(v)); });
        } else if (to.sample == Sample::f32) {
            if (side_by_side && whole) {
                P::join(rgb[0], rgb[1], rgb[2], reinterpret_cast<float*>(row + x * to.layout.pixel));
                return;
            }
            scatter(rgb[0], rgb[1], rgb[2], row, x, first, last, [](float v) { return v; });
        } else {
            scatter(rgb[0], rgb[1], rgb[2], row, x, first, last, [](float v) { return half_of_float(v); });
        }
    }

    template <class F>
    void scatter(V r, V g, V b, std::byte* row, int x, int first, int last, F sample) const {
        alignas(64) float values[3][V::lanes];
        r.store(values[0]);
        g.store(values[1]);
        b.store(values[2]);
        const Layout& at = job.target.layout;
        for (int i = std::max(0, first - x); i < std::min(static_cast<int>(V::lanes), last - x); ++i) {
            for (int c = 0; c < 3; ++c) {
                const auto value = sample(values[c][i]);
                std::memcpy(row + (x + i) * at.pixel + c * at.channel, &value, sizeof value);
            }
        }
    }
};

}  // namespace
}  // namespace candela
