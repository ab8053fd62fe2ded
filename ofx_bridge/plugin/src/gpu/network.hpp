// What the network makes of a pixel: dequantiser, features, layers, base. The definitions are those of docs/kernel.md; the
// engine's frame kernel does the same by tiles, folding what it can.
#pragma once

#include "curves.hpp"

namespace candela::plugin::gpu {

// Column or row of the frame that is held: what lies beyond the edge repeats.
CANDELA_BOTH inline float code_at(const Job& job, const Memory& memory, int c, int x, int y) {
    const Rectangle& r = job.needed;
    const std::size_t width = static_cast<std::size_t>(r.right - r.left), height = static_cast<std::size_t>(r.bottom - r.top);
    const auto row = static_cast<std::size_t>(within(y, r.top, r.bottom - 1) - r.top);
    const auto column = static_cast<std::size_t>(within(x, r.left, r.right - 1) - r.left);
    return memory.scratch[(static_cast<std::size_t>(c) * height + row) * width + column];
}

CANDELA_BOTH inline Rgb codes_at(const Job& job, const Memory& memory, int x, int y) {
    Rgb out;
    for (int c = 0; c < 3; ++c) out.v[c] = code_at(job, memory, c, x, y);
    return out;
}

// Codes over full scale, each moved towards the mean of its 3x3 square by what lies within half a code.
CANDELA_BOTH inline Rgb dequantised(const Job& job, const Memory& memory, int x, int y) {
    const Network& net = job.network;
    const float limit = net.step, half = 0.5f * limit, share = static_cast<float>(net.strength) / 8;
    Rgb out;
    for (int c = 0; c < 3; ++c) {
        float sum = 0;
        for (int i = -1; i <= 1; ++i) {
            const float above = code_at(job, memory, c, x + i, y - 1), middle = code_at(job, memory, c, x + i, y);
            const float column = above + middle + code_at(job, memory, c, x + i, y + 1);
            sum = i < 0 ? column : sum + column;
        }
        const float here = code_at(job, memory, c, x, y), step = sum * (1.0f / 9) - here;
        const float inner = held(step, -half, half), outer = held(step, -limit, limit);
        out.v[c] = ((inner + inner - outer) * share + here) * net.full;
    }
    return out;
}

struct Place {
    int left, right, above, below;  // places of nodes
    float across, down;
};

CANDELA_BOTH inline Place place_in(const Grid& g, const float* tables, int x, int y) {
    std::uint32_t column, row;
    std::memcpy(&column, tables + g.columns + x, 4);
    std::memcpy(&row, tables + g.rows + y, 4);
    const int j = within(static_cast<int>(column) - g.left, 0, g.width - 1), i = within(static_cast<int>(row) - g.top, 0, g.height - 1);
    const int right = j + 1 < g.width ? j + 1 : j, below = i + 1 < g.height ? i + 1 : i;
    return {j, right, i * g.width, below * g.width, tables[g.column_fractions + x], tables[g.row_fractions + y]};
}

CANDELA_BOTH inline float bilinear(const Grid& g, const float* tables, const float* nodes, int x, int y) {
    const Place p = place_in(g, tables, x, y);
    const float above = (nodes[p.above + p.right] - nodes[p.above + p.left]) * p.across + nodes[p.above + p.left];
    const float below = (nodes[p.below + p.right] - nodes[p.below + p.left]) * p.across + nodes[p.below + p.left];
    return (below - above) * p.down + above;
}

CANDELA_BOTH inline float shepard(const Job& job, const Grid& g, const float* tables, int x, int y) {
    const Place p = place_in(g, tables, x, y);
    const int cell = job.network.cell;
    const float* nodes = tables + g.nodes;
    const float* share = tables + job.network.shares + 4 * ((y % cell) * cell + x % cell);
    float sum = nodes[p.above + p.left] * share[0];
    sum = nodes[p.above + p.right] * share[1] + sum;
    sum = nodes[p.below + p.left] * share[2] + sum;
    return nodes[p.below + p.right] * share[3] + sum;
}

CANDELA_BOTH inline void features_of(const Job& job, const Memory& memory, const Rgb& signal, int x, int y, float* out) {
    const Network& net = job.network;
    const float largest = larger(larger(signal.v[0], signal.v[1]), signal.v[2]);
    for (int c = 0; c < 3; ++c) out[c] = signal.v[c] * 2 - 1;
    out[3] = largest * 2 - 1;
    float last = largest;
    for (int i = 0; i < 3; ++i) {
        const float mean = bilinear(net.means[i], memory.tables, memory.scratch + net.means[i].nodes, x, y);
        out[4 + i] = (last - mean) * 4;
        last = mean;
    }
    if (!net.channels) return;
    for (int c = 0; c < net.channels; ++c) {
        const Grid& g = net.plane[c];
        const float value = net.cell ? shepard(job, g, memory.tables, x, y) : bilinear(g, memory.tables, memory.tables + g.nodes, x, y);
        out[7 + c] = value * (1 / net.spread);
    }
    const float mean = bilinear(net.plane_mean, memory.tables, memory.tables + net.plane_mean.nodes, x, y);
    out[7 + net.channels] = mean * (-2 / net.spread) + (out[7] + out[7]);
}

// The layers' output. W: floats from one row of weights to the next, 16 to 128. weights: all of them, wherever they are
// quickest to be had.
template <int W>
CANDELA_BOTH inline Rgb layers_of(const Network& net, const float* weights, float* in) {
    for (int l = 0; l + 1 < net.layers; ++l) {
        const Network::Layer& layer = net.layer[l];
        float sums[W];
        CANDELA_UNROLL for (int j = 0; j < W; ++j) sums[j] = weights[layer.biases + j];
        for (int k = 0; k < layer.inputs; ++k) {
            const float x = in[k], *w = weights + layer.weights + k * W;
            CANDELA_UNROLL for (int j = 0; j < W; ++j) sums[j] = w[j] * x + sums[j];
        }
        CANDELA_UNROLL for (int j = 0; j < W; ++j) in[j] = sums[j] > 0 ? sums[j] : 0.0f;
    }
    const Network::Layer& last = net.layer[net.layers - 1];
    Rgb out;
    for (int c = 0; c < 3; ++c) out.v[c] = weights[last.biases + c];
    for (int k = 0; k < last.inputs; ++k) {
        for (int c = 0; c < 3; ++c) out.v[c] = weights[last.weights + k * W + c] * in[k] + out.v[c];
    }
    return out;
}

// Light of a signal in the picture's own primaries, white at 1.
CANDELA_BOTH inline Rgb light_of(const Base& base, const float* tables, Rgb signal) {
    for (float& v : signal.v) {
        if (base.plain) {
            v = curve_at(base.light, tables, v);
            continue;
        }
        const float s = v * base.scale + base.shift, size = std::fabs(s);
        float y;
        if (base.srgb) y = size <= 0.04045f ? size * (1 / 12.92f) : curve_at(base.light, tables, size * (1 / 1.055f) + 0.055f / 1.055f);
        else y = curve_at(base.light, tables, size);
        v = s < 0 ? -y : y;
    }
    return signal;
}

CANDELA_BOTH inline Rgb over_zero(const Rgb& x) { return {{at_least(0, x.v[0]), at_least(0, x.v[1]), at_least(0, x.v[2])}}; }

// PQ codes of the SDR with its white on 203 nit.
CANDELA_BOTH inline Rgb placed_codes(const Job& job, const Memory& memory, const Rgb& codes) {
    Rgb signal = codes;
    for (float& v : signal.v) v *= job.network.full;
    Rgb out = over_zero(times(job.base.placed, light_of(job.base, memory.tables, signal)));
    for (float& v : out.v) v = at_most(1, at_least(0, curve_at(job.base.code, memory.tables, v)));
    return out;
}

// The network's HDR at a pixel: PQ codes, or nits.
template <int W>
CANDELA_BOTH inline Rgb reconstructed(const Job& job, const Memory& memory, const float* weights, int x, int y, bool nits) {
    const Network& net = job.network;
    Rgb signal;
    if (net.strength) {
        signal = dequantised(job, memory, x, y);
    } else {
        signal = codes_at(job, memory, x, y);
        for (float& v : signal.v) v *= net.full;
    }
    float in[W > most_features ? W : most_features];
    features_of(job, memory, signal, x, y, in);
    float plane[3];
    for (int c = 0; c < net.channels; ++c) plane[c] = in[7 + c];
    Rgb out = layers_of<W>(net, weights, in);
    for (int c = 0; c < net.channels; ++c) {
        for (int k = 0; k < 3; ++k) out.v[k] = plane[c] * (net.spread * net.to_output[3 * c + k]) + out.v[k];
    }
    const Rgb light = over_zero(times(job.base.matrix, light_of(job.base, memory.tables, signal)));
    for (int c = 0; c < 3; ++c) {
        float v = out.v[c];
        if (net.domain == 0) {
            v = at_most(net.ceiling, at_least(0, curve_at(job.base.code, memory.tables, light.v[c]) + v));
            if (nits) {
                const float seen = v < 7.3e-7f ? 0.0f : v;
                v = curve_at(seen < net.nits.lowest ? net.low_nits : net.nits, memory.tables, seen);
            }
        } else {
            const float more = power_of_two_less_one(held(v, -24.0f, 24.0f));
            // Rounded once, as the engine does it: in the dark little is left of the two.
            const float raised = std::fma(light.v[c] + net.offset, more, light.v[c]);
            v = at_most(net.highest, at_least(0, raised)) * (nits ? 203.0f : 203.0f / 10000);
            if (!nits) v = curve_at(job.base.code, memory.tables, v);
        }
        out.v[c] = v;
    }
    return out;
}

}  // namespace candela::plugin::gpu
