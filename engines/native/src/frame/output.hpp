// From the network's output to the result: the base under it, light or PQ codes over it, samples in the target.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "parts.hpp"

namespace candela {
namespace {

// A curve where its rows do not serve every lane: black, and what no picture should hold.
template <class V, class P>
V curve_beyond(const Curve& curve, V x) {
    const V zero = V::all(0), one = V::all(1), lowest = V::all(curve.lowest()), beyond = V::all(curve.beyond());
    // A lane that no row serves reads the first.
    const V inside = V::select(V::less(x, beyond), V::max(x, lowest), lowest);
    const V y = V::select(V::less(zero, x), P::piecewise(curve, inside), V::all(curve.at_zero()));
    const V under = V::select(V::less(x, lowest), V::abs(x), zero), over = V::select(V::less(x, beyond), zero, one);
    if (!V::any(V::less(zero, under + over))) return y;
    alignas(64) float in[V::lanes], out[V::lanes];
    x.store(in);
    y.store(out);
    for (int i = 0; i < V::lanes; ++i) {
        const bool served = in[i] == 0 || (in[i] >= curve.lowest() && in[i] < curve.beyond());
        if (!served) out[i] = static_cast<float>(curve.exact(in[i]));
    }
    return V::load(out);
}

// A curve at three vectors of any numbers.
template <class V, class P>
inline void curve_at(const Curve& curve, const V (&x)[3], V (&y)[3]) {
    if (P::piecewise(curve, x, y)) [[likely]] return;
    for (int c = 0; c < 3; ++c) y[c] = curve_beyond<V, P>(curve, x[c]);
}

// (2^f - 1) / f for |f| <= 1/2.
template <class V>
V power_series(V f) {
    V y = V::all(1.5252734e-5f);  // ln(2)^k / k!
    for (const float c : {1.5403530e-4f, 1.3333558e-3f, 9.6181291e-3f, 5.5504109e-2f, 2.4022651e-1f, 6.9314718e-1f}) {
        y = V::multiply_add(y, f, V::all(c));
    }
    return y;
}

// 2^x for -126 < x < 127.
template <class V, class P>
V power_of_two(V x) {
    const V n = P::nearest(x), f = x - n;
    return P::times_power(V::multiply_add(power_series(f), f, V::all(1)), n);
}

// 2^x - 1, as exact near zero as elsewhere.
template <class V, class P>
V power_of_two_less_one(V x) {
    const V n = P::nearest(x), f = x - n, one = V::all(1);
    return P::times_power(power_series(f) * f, n) + (P::times_power(one, n) - one);
}

// `half_of_float` without a branch: compilers make vectors of it.
inline std::uint16_t half_at_once(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t body = bits & 0x7fffffffu;
    const std::uint32_t normal = (body - 0x38000000u + 0xfffu + (body >> 13 & 1)) >> 13;
    const std::uint32_t small = std::bit_cast<std::uint32_t>(std::bit_cast<float>(body) + 0.5f) - 0x3f000000u;
    std::uint32_t half = body < 0x38800000u ? small : normal;
    half = body >= 0x47800000u ? 0x7c00u : half;
    half = body > 0x7f800000u ? 0x7e00u : half;
    return static_cast<std::uint16_t>((bits >> 16 & 0x8000u) | half);
}

template <class V, class P>
class Output {
public:
    explicit Output(const FrameJob& of) : job(of) {
        const auto size = static_cast<std::ptrdiff_t>(size_of(of.target.sample));
        side_by_side = of.target.layout.channel == size && of.target.layout.pixel == 3 * size;
        full = of.target.sample == Sample::u16 ? static_cast<float>((1 << of.target.bits) - 1) : 1.0f;
        const auto& net = of.network;
        const bool whole = of.picture.sample == Sample::u8 || of.picture.sample == Sample::u16;
        plain = whole && net.options.colour.transfer == Transfer::power && net.scale == 1 && net.shift == 0;
    }

    // Writes the part of the tile at (left, top) that lies in the region. signal, out: 3 arrays of the tile each; both
    // are worked on in place. A step goes over the whole tile before the next: its constants fit the registers.
    void of_tile(int left, int top, float* signal, float* out) const {
        light(signal);
        base(signal);
        if (job.network.options.domain == Domain::pq) codes(signal, out);
        else gains(signal, out);
        const int first = std::max(left, job.region.left), last = std::min(left + tile_width, job.region.right);
        for (int y = std::max(top, job.region.top); y < std::min(top + tile_height, job.region.bottom); ++y) {
            for (int x = 0; x < tile_width; x += V::lanes) {
                if (left + x + V::lanes <= first || left + x >= last) continue;
                const float* p = out + (y - top) * tile_width + x;
                put({V::load(p), V::load(p + tile_size), V::load(p + 2 * tile_size)}, left + x, y, first, last);
            }
        }
    }

private:
    const FrameJob& job;
    bool side_by_side;  // R, G and B of the target
    float full;         // its scale, if it takes integers
    bool plain;         // codes are signals of a power curve, and none is negative
    static constexpr int all = 3 * tile_size;
    // Whether the instruction set makes halves of floats by itself.
    static constexpr bool in_hardware = requires(V v, std::uint16_t* p) { P::halves(v, p); };

    // f(vector, place) of three arrays in place.
    template <class F>
    static void each(float* values, F f) {
        for (int p = 0; p < all; p += V::lanes) f(V::load(values + p), p).store(values + p);
    }

    static void curve(const Curve& curve, const float* x, float* y) {
        P::piecewise(curve, x, y, all, [&](int p) { curve_beyond<V, P>(curve, V::load(x + p)).store(y + p); });
    }

    // Codes to the SDR's light, white being 1; negative codes mirror the curve.
    void light(float* codes) const {
        const auto& net = job.network;
        const bool srgb = net.options.colour.transfer == Transfer::srgb;
        const V zero = V::all(0);
        if (plain) return curve(net.light, codes, codes);
        if (net.scale != 1 || net.shift != 0) {
            const V scale = V::all(net.scale), shift = V::all(net.shift);
            each(codes, [=](V v, int) { return V::multiply_add(v, scale, shift); });
        }
        alignas(64) float bent[all];
        const V by = V::all(srgb ? 1 / 1.055f : 1.0f), more = V::all(srgb ? 0.055f / 1.055f : 0.0f);
        for (int p = 0; p < all; p += V::lanes) V::multiply_add(V::abs(V::load(codes + p)), by, more).store(bent + p);
        curve(net.light, bent, bent);
        // IEC 61966-2-1 is straight up to 0.04045.
        const V knee = V::all(srgb ? 0.04045f : -1.0f), slope = V::all(1 / 12.92f);
        each(codes, [&](V v, int p) {
            const V size = V::abs(v), y = V::select(V::less(knee, size), V::load(bent + p), size * slope);
            return V::select(V::less(v, zero), zero - y, y);
        });
    }

    // Light of the picture's primaries to the base's unit in BT.2020, nothing below zero. Bounds come first in min and
    // max, here and below: what is no number stays none.
    void base(float* rgb) const {
        const float* m = job.network.matrix;
        const V zero = V::all(0);
        V by[9];
        for (int i = 0; i < 9; ++i) by[i] = V::all(m[i]);
        for (int p = 0; p < tile_size; p += V::lanes) {
            const V r = V::load(rgb + p), g = V::load(rgb + tile_size + p), b = V::load(rgb + 2 * tile_size + p);
            for (int c = 0; c < 3; ++c) {
                const V sum = V::multiply_add(by[3 * c + 2], b, V::multiply_add(by[3 * c + 1], g, by[3 * c] * r));
                V::max(zero, sum).store(rgb + c * tile_size + p);
            }
        }
    }

    // PQ codes of the base and the output over them.
    void codes(float* light, float* out) const {
        const auto& net = job.network;
        const V zero = V::all(0), ceiling = V::all(net.ceiling);
        curve(net.code, light, light);
        each(out, [=](V v, int p) { return V::min(ceiling, V::max(zero, V::load(light + p) + v)); });
        if (job.encoding == Encoding::nits) nits(out);
    }

    // The base's light times two to the output, by an offset.
    void gains(const float* light, float* out) const {
        const auto& net = job.network;
        const bool light_wanted = job.encoding == Encoding::nits;
        const V zero = V::all(0), over = V::all(net.offset), highest = V::all(net.highest), most = V::all(24);
        const V unit = V::all(static_cast<float>(light_wanted ? reference_white : reference_white / 10000));
        each(out, [=](V v, int p) {
            // (light + k) 2^v - k, so that nothing is lost where both are small.
            const V more = power_of_two_less_one<V, P>(V::min(most, V::max(zero - most, v))), base = V::load(light + p);
            const V raised = V::multiply_add(base + over, more, base);
            return V::min(highest, V::max(zero, raised)) * unit;
        });
        if (!light_wanted) curve(net.code, out, out);
    }

    void nits(float* codes) const {
        const auto& net = job.network;
        const V zero = V::all(0), parts = V::all(net.nits.lowest());
        P::piecewise(net.nits, codes, codes, all, [&](int p) {
            // Codes up to that of black have no light at all; those just above are served by rows of their own.
            const V code = V::load(codes + p), seen = V::select(V::less(code, V::all(7.3e-7f)), zero, code);
            const V high = curve_beyond<V, P>(net.nits, V::select(V::less(seen, parts), zero, seen));
            const V low = curve_beyond<V, P>(net.low_nits, V::select(V::less(seen, parts), seen, zero));
            V::select(V::less(seen, parts), low, high).store(codes + p);
        });
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
            if (whole && to.layout.pixel == 4) {  // planes
                for (int c = 0; c < 3; ++c) rgb[c].store_any(reinterpret_cast<float*>(row + 4 * x + c * to.layout.channel));
                return;
            }
            if (whole && to.layout.pixel == 16 && to.layout.channel == 4) {  // beside an alpha that is left alone
                alignas(64) float values[3][V::lanes];
                for (int c = 0; c < 3; ++c) rgb[c].store(values[c]);
                float* out = reinterpret_cast<float*>(row + 16 * static_cast<std::ptrdiff_t>(x));
                for (int i = 0; i < V::lanes; ++i) {
                    for (int c = 0; c < 3; ++c) out[4 * i + c] = values[c][i];
                }
                return;
            }
            scatter(rgb[0], rgb[1], rgb[2], row, x, first, last, [](float v) { return v; });
        } else {
            if constexpr (in_hardware) {
                if (side_by_side && whole) {
                    P::join_halves(rgb[0], rgb[1], rgb[2], reinterpret_cast<std::uint16_t*>(row + x * to.layout.pixel));
                    return;
                }
            }
            put_halves(rgb, row, x, first, last);
        }
    }

    void put_halves(const V (&rgb)[3], std::byte* row, int x, int first, int last) const {
        [[maybe_unused]] alignas(64) float values[V::lanes];
        alignas(64) std::uint16_t halves[V::lanes];
        const Layout& at = job.target.layout;
        const int from = std::max(0, first - x), to = std::min(static_cast<int>(V::lanes), last - x);
        for (int c = 0; c < 3; ++c) {
            if constexpr (in_hardware) {
                P::halves(rgb[c], halves);
            } else {
                rgb[c].store(values);
                for (int i = 0; i < V::lanes; ++i) halves[i] = half_at_once(values[i]);
            }
            std::byte* place = row + x * at.pixel + c * at.channel;
            if (at.pixel == 2 && from == 0 && to == V::lanes) {  // a plane, as OpenEXR has it
                std::memcpy(place, halves, sizeof halves);
                continue;
            }
            for (int i = from; i < to; ++i) std::memcpy(place + i * at.pixel, halves + i, 2);
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
