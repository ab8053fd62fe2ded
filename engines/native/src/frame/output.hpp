// From the network's output to the result: the base under it, light or PQ codes over it, samples in the target.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "parts.hpp"

namespace candela {
namespace {

// A curve where its rows do not serve every lane: black, and what no picture should hold.
template <class V, class P>
V curve_beyond(const Curve& curve, V x) {
    const V lowest = V::all(curve.lowest());
    // A lane that no row serves reads the first.
    const V y = P::piecewise(curve, V::select(V::less(x, V::all(curve.beyond())), V::max(x, lowest), lowest));
    alignas(64) float in[V::lanes], out[V::lanes];
    x.store(in);
    y.store(out);
    for (int i = 0; i < V::lanes; ++i) {
        if (in[i] == 0) out[i] = curve.at_zero();
        else if (!(in[i] >= curve.lowest() && in[i] < curve.beyond())) out[i] = static_cast<float>(curve.exact(in[i]));
    }
    return V::load(out);
}

// A curve at three vectors of any numbers.
template <class V, class P>
inline void curve_at(const Curve& curve, const V (&x)[3], V (&y)[3]) {
    if (P::piecewise(curve, x, y)) [[likely]] return;
    for (int c = 0; c < 3; ++c) y[c] = curve_beyond<V, P>(curve, x[c]);
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
class Output {
public:
    explicit Output(const FrameJob& of) : job(of) {
        const auto size = static_cast<std::ptrdiff_t>(size_of(of.target.sample));
        side_by_side = of.target.layout.channel == size && of.target.layout.pixel == 3 * size;
        full = static_cast<float>((1 << of.target.bits) - 1);
    }

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
    const FrameJob& job;
    bool side_by_side;  // R, G and B of the target
    float full;         // its scale, if it takes integers

    // The SDR's light, white being 1; negative codes mirror the curve.
    void light(const V (&codes)[3], V (&rgb)[3]) const {
        const auto& net = job.network;
        const V zero = V::all(0);
        V signal[3], size[3], bent[3];
        for (int c = 0; c < 3; ++c) {
            signal[c] = V::multiply_add(codes[c], V::all(net.scale), V::all(net.shift));
            size[c] = V::abs(signal[c]);
        }
        if (net.options.colour.transfer == Transfer::srgb) {
            // IEC 61966-2-1: straight up to 0.04045.
            V lifted[3];
            for (int c = 0; c < 3; ++c) lifted[c] = V::multiply_add(size[c], V::all(1 / 1.055f), V::all(0.055f / 1.055f));
            curve_at<V, P>(net.light, lifted, bent);
            for (int c = 0; c < 3; ++c) {
                bent[c] = V::select(V::less(V::all(0.04045f), size[c]), bent[c], size[c] * V::all(1 / 12.92f));
            }
        } else {
            curve_at<V, P>(net.light, size, bent);
        }
        for (int c = 0; c < 3; ++c) rgb[c] = V::select(V::less(signal[c], zero), zero - bent[c], bent[c]);
    }

    // Base and output to what the target holds: PQ codes or nits. Bounds come first in min and max: a result that is
    // no number stays none.
    void finish(const V (&codes)[3], V (&result)[3]) const {
        const auto& net = job.network;
        const V zero = V::all(0);
        V rgb[3], base[3];
        light(codes, rgb);
        for (int c = 0; c < 3; ++c) {
            const float* m = net.matrix + 3 * c;
            base[c] = V::max(zero, V::multiply_add(V::all(m[2]), rgb[2],
                                                   V::multiply_add(V::all(m[1]), rgb[1], V::all(m[0]) * rgb[0])));
        }
        if (net.options.domain == Domain::pq) {
            curve_at<V, P>(net.code, base, rgb);
            for (int c = 0; c < 3; ++c) result[c] = V::min(V::all(net.ceiling), V::max(zero, rgb[c] + result[c]));
            if (job.encoding == Encoding::nits) nits(result);
            return;
        }
        const V over = V::all(net.offset);
        const bool light_wanted = job.encoding == Encoding::nits;
        const V unit = V::all(static_cast<float>(light_wanted ? reference_white : reference_white / 10000));
        for (int c = 0; c < 3; ++c) {
            const V gain = power_of_two<V, P>(V::min(V::all(24), V::max(V::all(-24), result[c])));
            const V raised = V::multiply_add(base[c] + over, gain, zero - over);
            result[c] = V::min(V::all(net.highest), V::max(zero, raised)) * unit;
        }
        if (light_wanted) return;
        for (int c = 0; c < 3; ++c) rgb[c] = result[c];
        curve_at<V, P>(net.code, rgb, result);
    }

    void nits(V (&code)[3]) const {
        const auto& net = job.network;
        V light[3];
        if (P::piecewise(net.nits, code, light)) [[likely]] {
            for (int c = 0; c < 3; ++c) code[c] = light[c];
            return;
        }
        const V zero = V::all(0), parts = V::all(net.nits.lowest());
        for (int c = 0; c < 3; ++c) {
            // Codes up to that of black have no light at all; those just above are served by rows of their own.
            const V seen = V::select(V::less(code[c], V::all(7.3e-7f)), zero, code[c]);
            const V high = curve_beyond<V, P>(net.nits, V::select(V::less(seen, parts), zero, seen));
            const V low = curve_beyond<V, P>(net.low_nits, V::select(V::less(seen, parts), seen, zero));
            code[c] = V::select(V::less(seen, parts), low, high);
        }
    }

    // One vector of pixels from (x, y) on, of which first..last - 1 are wanted.
    void put(const V (&rgb)[3], int x, int y, int first, int last) const {
        const Target& to = job.target;
        std::byte* row = static_cast<std::byte*>(to.data) + y * to.layout.row;
        const bool whole = x >= first && x + V::lanes <= last;
        if (to.sample == Sample::u16) {
            // No number is the code 0.
            const V scale = V::all(full);
            const V r = V::positive(rgb[0]) * scale, g = V::positive(rgb[1]) * scale, b = V::positive(rgb[2]) * scale;
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
