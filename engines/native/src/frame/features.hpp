// Codes of one tile to what the network sees of them: the dequantiser and the features, as itm/dequantise.py and
// itm/features.py define them.
#pragma once

#include <algorithm>
#include <cmath>

#include "load.hpp"
#include "parts.hpp"

namespace candela {
namespace {

// Room for one tile on its way; `raw` has a pixel of its neighbours on every side, its first column at `margin`.
struct TileRoom {
    static constexpr int margin = 16, raw_stride = tile_width + 2 * margin, raw_rows = tile_height + 2;
    alignas(64) float raw[3][raw_rows * raw_stride];
    alignas(64) float columns[raw_stride];
    alignas(64) float signal[3][tile_size];  // codes over full scale, dequantised
    alignas(64) float nodes[tile_height + 1][tile_width];
    alignas(64) float other[tile_height + 1][tile_width];
    alignas(64) float last[tile_size];  // the mean that the next is taken from
};

template <class V, class P>
struct Features {
    const FrameJob& job;
    TileRoom& room;

    // The tile whose first pixel is (left, top): `signal`, and the features as arrays in `out`.
    void of_tile(int left, int top, float* out) {
        with_samples(job.picture, [&]<class T>() { load<T>(left, top); });
        const float full = 1 / full_scale(job.picture);
        if (job.network.options.strength) dequantise(full);
        else plain(full);
        colours(out);
        // 4 (m' - m4), 4 (m4 - m16), 4 (m16 - m64).
        for (int i = 0; i < 3; ++i) {
            float* to = out + (4 + i) * tile_size;
            bilinear(job.around.fields[i], left, top, [=, last = room.last](int p, V mean) {
                ((V::load(last + p) - mean) * V::all(4)).store(to + p);
                mean.store(last + p);
            });
        }
        if (!job.network.plane.empty()) guide(left, top, out + 7 * tile_size);
    }

private:
    template <class T>
    void load(int left, int top) {
        const int halo = job.network.options.strength ? 1 : 0;
        for (int y = -halo; y < tile_height + halo; ++y) {
            const int at = (y + 1) * TileRoom::raw_stride + TileRoom::margin;
            float *r = room.raw[0] + at, *g = room.raw[1] + at, *b = room.raw[2] + at;
            load_row<P, T>(job.picture, top + y, left, tile_width, r, g, b);
            if (!halo) continue;
            load_scattered<T>(job.picture, top + y, left - 1, 1, r - 1, g - 1, b - 1);
            load_scattered<T>(job.picture, top + y, left + tile_width, 1, r + tile_width, g + tile_width, b + tile_width);
        }
    }

    void plain(float full) {
        for (int c = 0; c < 3; ++c) {
            for (int y = 0; y < tile_height; ++y) {
                const float* row = room.raw[c] + (y + 1) * TileRoom::raw_stride + TileRoom::margin;
                for (int x = 0; x < tile_width; x += V::lanes) {
                    (V::load(row + x) * V::all(full)).store(room.signal[c] + y * tile_width + x);
                }
            }
        }
    }

    // Towards the mean of the 3x3 square by as much of the way as lies within half a code.
    void dequantise(float full) {
        const int bits = job.picture.bits;
        const V scale = V::all(full), ninth = V::all(1.0f / 9), zero = V::all(0);
        const bool whole = job.picture.sample == Sample::u8 || job.picture.sample == Sample::u16;
        const V limit = V::all(whole ? 1.0f : static_cast<float>(1 / (std::ldexp(1.0, bits) - 1)));  // one code, in samples
        const V half = limit * V::all(0.5f), share = V::all(static_cast<float>(job.network.options.strength) / 8);
        constexpr int stride = TileRoom::raw_stride;
        for (int c = 0; c < 3; ++c) {
            for (int y = 0; y < tile_height; ++y) {
                const float* row = room.raw[c] + (y + 1) * stride + TileRoom::margin;
                for (int x = -V::lanes; x <= tile_width; x += V::lanes) {
                    const V three = V::load(row + x - stride) + V::load(row + x) + V::load(row + x + stride);
                    three.store(room.columns + TileRoom::margin + x);
                }
                const float* column = room.columns + TileRoom::margin;
                for (int x = 0; x < tile_width; x += V::lanes) {
                    const V here = V::load(row + x);
                    const V step = V::multiply_add(V::load_any(column + x - 1) + V::load(column + x) + V::load_any(column + x + 1),
                                                   ninth, zero - here);
                    // The whole step up to half a code, nothing from a whole one on, straight between.
                    const V inner = V::min(half, V::max(zero - half, step)), outer = V::min(limit, V::max(zero - limit, step));
                    const V moved = V::multiply_add(inner + inner - outer, share, here);
                    (moved * scale).store(room.signal[c] + y * tile_width + x);
                }
            }
        }
    }

    // 2 r - 1, 2 g - 1, 2 b - 1 and 2 m' - 1; m' = max(r, g, b) is kept.
    void colours(float* out) {
        const V two = V::all(2), less_one = V::all(-1);
        for (int p = 0; p < tile_size; p += V::lanes) {
            const V r = V::load(room.signal[0] + p), g = V::load(room.signal[1] + p), b = V::load(room.signal[2] + p);
            const V m = V::max(V::max(r, g), b);
            V::multiply_add(r, two, less_one).store(out + p);
            V::multiply_add(g, two, less_one).store(out + tile_size + p);
            V::multiply_add(b, two, less_one).store(out + 2 * tile_size + p);
            V::multiply_add(m, two, less_one).store(out + 3 * tile_size + p);
            m.store(room.last + p);
        }
    }

    // A field over the tile: first along the rows of nodes that the tile meets, then between them.
    // take(place, value) has every vector of it.
    template <class F>
    void bilinear(const Field& field, int left, int top, F take) {
        const int* rows = field.rows.index.data() + top;
        const int first = rows[0], last = std::min(rows[tile_height - 1] + 1, field.grid.height - 1);
        const int* index = field.columns.index.data() + left;
        const float* fraction = field.columns.fraction.data() + left;
        for (int i = first; i <= last; ++i) {
            const float* nodes = field.grid.row(i);
            for (int x = 0; x < tile_width; x += V::lanes) {
                const V a = P::pick(nodes, index + x), b = P::pick(nodes + 1, index + x);
                V::multiply_add(b - a, V::load_any(fraction + x), a).store(room.nodes[i - first] + x);
            }
        }
        for (int y = 0; y < tile_height; ++y) {
            const float *a = room.nodes[rows[y] - first], *b = room.nodes[std::min(rows[y] + 1, last) - first];
            const V f = V::all(field.rows.fraction[top + y]);
            for (int x = 0; x < tile_width; x += V::lanes) {
                const V above = V::load(a + x);
                take(y * tile_width + x, V::multiply_add(V::load(b + x) - above, f, above));
            }
        }
    }

    // Shepard's lattice: four nodes by their shares, which are the same in every cell.
    template <class F>
    void shepard(const Field& field, int left, int top, F take) {
        const int* rows = field.rows.index.data() + top;
        const int first = rows[0], last = std::min(rows[tile_height - 1] + 1, field.grid.height - 1);
        const int* index = field.columns.index.data() + left;
        const int cell = job.network.cell, width = tile_width + cell;
        for (int i = first; i <= last; ++i) {
            for (int x = 0; x < tile_width; x += V::lanes) {
                P::pick(field.grid.row(i), index + x).store(room.nodes[i - first] + x);
                P::pick(field.grid.row(i) + 1, index + x).store(room.other[i - first] + x);
            }
        }
        for (int y = 0; y < tile_height; ++y) {
            const int a = rows[y] - first, b = std::min(rows[y] + 1, last) - first;
            const float* share = job.network.shares.data() + left % cell + static_cast<std::size_t>((top + y) % cell) * 4 * width;
            for (int x = 0; x < tile_width; x += V::lanes) {
                V sum = V::load(room.nodes[a] + x) * V::load_any(share + x);
                sum = V::multiply_add(V::load(room.other[a] + x), V::load_any(share + width + x), sum);
                sum = V::multiply_add(V::load(room.nodes[b] + x), V::load_any(share + 2 * width + x), sum);
                sum = V::multiply_add(V::load(room.other[b] + x), V::load_any(share + 3 * width + x), sum);
                take(y * tile_width + x, sum);
            }
        }
    }

    // The plane's channels over its spread, and 2 (p0 - p16) over it.
    void guide(int left, int top, float* out) {
        const auto& net = job.network;
        const std::size_t channels = net.plane.size();
        const V by = V::all(1 / net.spread);
        for (std::size_t c = 0; c < channels; ++c) {
            float* to = out + c * tile_size;
            const auto take = [=](int p, V value) { (value * by).store(to + p); };
            if (net.shares.empty()) bilinear(net.plane[c], left, top, take);
            else shepard(net.plane[c], left, top, take);
        }
        float* to = out + channels * tile_size;
        const V minus = V::all(-2 / net.spread);
        bilinear(net.plane_mean[0], left, top, [=](int p, V mean) {
            V::multiply_add(mean, minus, V::load(out + p) + V::load(out + p)).store(to + p);
        });
    }
};

}  // namespace
}  // namespace candela
