// The four passes over a frame, each a function of one thing's number: codes, sums of 2x2 pixels, nodes of the means, pixels.
// A device runs a thread for each, the tests' stand-in a loop.
#pragma once

#include "encode.hpp"
#include "network.hpp"

namespace candela::plugin::gpu {

CANDELA_BOTH inline const unsigned char* pixel_of(const Picture& p, int x, int y) {
    const auto across = static_cast<std::ptrdiff_t>(x - p.x1) * p.channels * bytes_of(p.sample);
    return static_cast<const unsigned char*>(p.data) + (y - p.y1) * p.row_bytes + across;
}

CANDELA_BOTH inline bool holds(const Picture& p, int x, int y) { return x >= p.x1 && x < p.x2 && y >= p.y1 && y < p.y2; }

CANDELA_BOTH inline float alpha_of(const Job& job, int x, int y) {
    if (!holds(job.source, x, y)) return 0;
    return job.source.channels == 4 ? loaded(pixel_of(job.source, x, y), job.source.sample, 3, false) : 1.0f;
}

// Pass 1. What the network is fed with of pixel `at` of what is needed.
CANDELA_BOTH inline void take_codes(const Job& job, const Memory& memory, std::size_t at) {
    const std::size_t width = static_cast<std::size_t>(job.needed.right - job.needed.left);
    const std::size_t size = width * static_cast<std::size_t>(job.needed.bottom - job.needed.top);
    const int x = job.frame_left + job.needed.left + static_cast<int>(at % width);
    const int y = job.frame_bottom + job.frame_height - 1 - (job.needed.top + static_cast<int>(at / width));
    Rgb codes{{0, 0, 0}};
    if (holds(job.source, x, y)) {
        const unsigned char* pixel = pixel_of(job.source, x, y);
        for (int c = 0; c < 3; ++c) codes.v[c] = loaded(pixel, job.source.sample, c, job.whole);
        if (job.unpremultiply && job.source.channels == 4) {
            const float alpha = loaded(pixel, job.source.sample, 3, false);
            if (alpha > 0 && alpha < 1) {
                for (float& v : codes.v) v /= alpha;
            }
        }
        const InputSteps& in = job.input;
        if (in.to_light) {
            for (float& v : codes.v) {
                const float low = v * (1 / 12.92f);
                v = in.srgb_in && std::fabs(v) <= 0.04045f ? low : curve_at(in.light, memory.tables, v, true);
            }
        }
        if (in.matrix) codes = times(in.by, codes);
        if (in.any) {
            for (float& v : codes.v) {
                const bool straight = in.srgb_out && std::fabs(v) <= 0.0031308f;
                if (in.to_signal) v = straight ? v * 12.92f : curve_at(in.signal, memory.tables, v, true);
                v = v * in.scale + in.offset;
            }
        }
    }
    for (int c = 0; c < 3; ++c) memory.scratch[c * size + at] = codes.v[c];
}

// The largest component; what is infinite or no number counts as 0, or it would spoil its whole cells.
CANDELA_BOTH inline float largest_at(const Job& job, const Memory& memory, int x, int y) {
    Rgb codes = codes_at(job, memory, x, y);
    for (float& v : codes.v) v = std::fabs(v) < INFINITY ? v : 0.0f;
    return larger(larger(codes.v[0], codes.v[1]), codes.v[2]);
}

// Pass 2. The sum over square `at`, of which there is a row and a column more on every side of the picture.
CANDELA_BOTH inline void sum_square(const Job& job, const Memory& memory, std::size_t at) {
    const int column = static_cast<int>(at % job.square_columns) - 1, row = static_cast<int>(at / job.square_columns) - 1;
    float sum = 0;
    for (int i = 0; i < 2; ++i) {
        const int x = job.needed.left + 2 * column + i, y = job.needed.top + 2 * row;
        const float two = largest_at(job, memory, x, y) + largest_at(job, memory, x, y + 1);
        sum = i ? sum + two : two;
    }
    memory.scratch[job.squares_at + at] = sum;
}

// Pass 3. Node `at` of a grid of means over cells of 4, 16 or 64 pixels.
CANDELA_BOTH inline void mean_over_cell(const Job& job, const Memory& memory, int grid, std::size_t at) {
    const Grid& g = job.network.means[grid];
    const int cell = 4 << (2 * grid), n = cell / 2, k = static_cast<int>(at % g.width), j = static_cast<int>(at / g.width);
    const float* squares = memory.scratch + job.squares_at;
    double sum = 0;
    for (int i = 0; i < n; ++i) {
        const int column = within(k * n - n / 2 + i, -1, job.square_columns - 2) + 1;
        float along = 0;
        for (int h = 0; h < n; ++h) {
            const int row = within(j * n - n / 2 + h, -1, job.square_rows - 2) + 1;
            along += squares[static_cast<std::size_t>(row) * job.square_columns + column];
        }
        sum += along;
    }
    memory.scratch[g.nodes + at] = static_cast<float>(sum * (job.network.full_of_means / (static_cast<double>(cell) * cell)));
}

// HDR, or what the view shows, of a pixel inside the frame, in the output's encoding.
template <int W>
CANDELA_BOTH inline Rgb shown(const Job& job, const Memory& memory, const float* weights, int x, int y) {
    const float* tables = memory.tables;
    const int view = job.view;  // result, difference, confidence, invented, split
    if (view == 2 || view == 3) {
        Rgb codes = codes_at(job, memory, x, y);
        for (float& v : codes.v) v *= job.network.full;
        const float share = confidence(job, codes, reconstructed<W>(job, memory, weights, x, y, true));
        return painted(job, tables, view == 2 ? Rgb{{share, share, share}} : invented(codes, share));
    }
    const bool in_codes = job.compares || job.output.encoding == 0;
    Rgb out = reconstructed<W>(job, memory, weights, x, y, !in_codes), sdr{};
    if (job.compares) {
        sdr = placed_codes(job, memory, codes_at(job, memory, x, y));
        for (int c = 0; c < 3; ++c) {
            if (job.strength < 1) out.v[c] = sdr.v[c] + job.strength * (out.v[c] - sdr.v[c]);
            if (view == 4 && x < job.split) out.v[c] = sdr.v[c];
        }
    }
    out = in_codes ? rolled_off_codes(job, tables, out) : rolled_off(job, tables, out);
    if (view == 1) {
        for (int c = 0; c < 3; ++c) out.v[c] = 0.5f + 4 * (out.v[c] - sdr.v[c]);
        return painted(job, tables, out);
    }
    if (job.output.encoding == 0) return out;
    if (in_codes) {
        for (float& v : out.v) v = pq_to_nits(job, tables, v);
    }
    return encoded(job, tables, out);
}

// Pass 4. Pixel `at` of the window, its alpha with it.
template <int W>
CANDELA_BOTH inline void render_pixel(const Job& job, const Memory& memory, const float* weights, std::size_t at) {
    const std::size_t width = static_cast<std::size_t>(job.window.right - job.window.left);
    const int host_x = job.window.left + static_cast<int>(at % width), host_y = job.window.top + static_cast<int>(at / width);
    const int x = host_x - job.frame_left, y = job.frame_bottom + job.frame_height - 1 - host_y;
    const bool inside = x >= 0 && x < job.frame_width && y >= 0 && y < job.frame_height;
    auto* to = const_cast<unsigned char*>(pixel_of(job.target, host_x, host_y));
    Rgb out{{0, 0, 0}};
    if (inside) out = shown<W>(job, memory, weights, x, y);
    const float alpha = alpha_of(job, host_x, host_y);
    if (inside && job.unpremultiply && job.source.channels == 4 && alpha > 0 && alpha < 1) {
        for (float& v : out.v) v *= alpha;
    }
    for (int c = 0; c < 3; ++c) stored(to, job.target.sample, c, out.v[c]);
    if (job.target.channels != 4) return;
    if (job.source.channels == 4 && job.source.sample == job.target.sample && holds(job.source, host_x, host_y)) {
        const int bytes = bytes_of(job.target.sample);
        const unsigned char* from = pixel_of(job.source, host_x, host_y) + 3 * bytes;
        for (int i = 0; i < bytes; ++i) to[3 * bytes + i] = from[i];  // bit by bit
        return;
    }
    stored(to, job.target.sample, 3, alpha);
}

}  // namespace candela::plugin::gpu
