// Pixels here and there in a picture: their codes, the dequantiser's step, what the network sees of them.
#include <algorithm>
#include <cmath>

#include "field.hpp"
#include "pieces.hpp"

namespace candela {
namespace {

constexpr std::size_t piece = 1 << 14;
constexpr std::size_t ahead = 16;  // pixels whose memory is asked for in advance

void ask(const float* at) {
#if defined(__GNUC__)
    __builtin_prefetch(at);
#else
    (void)at;
#endif
}

}  // namespace

void pixels_at(const float* picture, int width, const std::int64_t* ys, const std::int64_t* xs, std::size_t n,
               float* out, int threads) {
    const auto at = [&](std::size_t i) { return picture + 3 * (ys[i] * width + xs[i]); };
    in_pieces(n, piece, threads, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            if (i + ahead < last) ask(at(i + ahead));
            std::copy_n(at(i), 3, out + 3 * i);
        }
    });
}

void steps_at(const float* picture, int height, int width, float code, const std::int64_t* ys, const std::int64_t* xs,
              std::size_t n, float* out, int threads) {
    const auto pixel = [&](std::int64_t y, std::int64_t x) {
        return picture + 3 * (std::clamp<std::int64_t>(y, 0, height - 1) * width + std::clamp<std::int64_t>(x, 0, width - 1));
    };
    in_pieces(n, piece, threads, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            if (i + ahead < last) {
                for (int dy = -1; dy <= 1; ++dy) ask(pixel(ys[i + ahead] + dy, xs[i + ahead]));
            }
            const float* at[3][3];
            for (int dy = 0; dy < 3; ++dy) {
                for (int dx = 0; dx < 3; ++dx) at[dy][dx] = pixel(ys[i] + dy - 1, xs[i] + dx - 1);
            }
            for (int c = 0; c < 3; ++c) {
                // Columns first, the middle one first of them.
                const auto column = [&](int dx) { return (at[0][dx][c] + at[1][dx][c]) + at[2][dx][c]; };
                const float mean = (column(1) + column(0)) + column(2);
                const float step = mean / 9.0f - at[1][1][c], size = std::fabs(step);
                const float taken = std::max(std::min(size, code - size), 0.0f);
                out[3 * i + c] = step < 0 ? -taken : taken;
            }
        }
    });
}

void features_at(const float* codes, const std::int64_t* ys, const std::int64_t* xs, std::size_t n,
                 const std::vector<FieldOf>& means, const FieldOf* plane, const FieldOf* plane_mean, double spread,
                 float* out, int threads) {
    std::vector<Reader> readers;
    for (const FieldOf& field : means) readers.emplace_back(field);
    if (plane) {
        readers.emplace_back(*plane);
        readers.emplace_back(*plane_mean);
    }
    const std::size_t channels = plane ? plane->channels : 0, count = 4 + means.size() + (plane ? channels + 1 : 0);
    const auto by = static_cast<float>(spread), twice = static_cast<float>(2 / spread);
    in_pieces(n, piece, threads, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            const float* code = codes + 3 * i;
            float* to = out + i * count;
            const float top = std::max(std::max(code[0], code[1]), code[2]);
            for (int c = 0; c < 3; ++c) to[c] = code[c] * 2 - 1;
            to[3] = top * 2 - 1;
            float before = top;
            for (std::size_t k = 0; k < means.size(); ++k) {
                float mean;
                readers[k].at(ys[i], xs[i], &mean);
                to[4 + k] = (before - mean) * 4;
                before = mean;
            }
            if (!plane) continue;
            float mean, *guide = to + 4 + means.size();
            readers[means.size()].at(ys[i], xs[i], guide);
            readers[means.size() + 1].at(ys[i], xs[i], &mean);
            guide[channels] = (guide[0] - mean) * twice;
            for (std::size_t k = 0; k < channels; ++k) guide[k] /= by;
        }
    });
}

}  // namespace candela
