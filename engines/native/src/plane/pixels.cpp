// Pixels here and there in a picture: their codes, the dequantiser's step, what the network sees of them.
#include <algorithm>
#include <cmath>

#include "../frame/load.hpp"
#include "field.hpp"
#include "pieces.hpp"

namespace candela {
namespace {

constexpr std::size_t piece = 1 << 14;
constexpr std::size_t ahead = 16;  // pixels whose memory is asked for in advance

void ask(const void* at) {
#if defined(__GNUC__)
    __builtin_prefetch(at);
#else
    (void)at;
#endif
}

// Where a pixel lies; outside the picture its edge repeats.
const std::byte* pixel_at(const Source& picture, std::int64_t y, std::int64_t x) {
    y = std::clamp<std::int64_t>(y, 0, picture.height - 1);
    x = std::clamp<std::int64_t>(x, 0, picture.width - 1);
    return static_cast<const std::byte*>(picture.data) + y * picture.layout.row + x * picture.layout.pixel;
}

template <class T>
void pixels_of(const Source& picture, const std::int64_t* ys, const std::int64_t* xs, std::size_t n, float* out,
               int threads) {
    const float full = full_scale(picture);
    const std::ptrdiff_t channel = picture.layout.channel;
    in_pieces(n, piece, threads, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            if (i + ahead < last) ask(pixel_at(picture, ys[i + ahead], xs[i + ahead]));
            const std::byte* at = pixel_at(picture, ys[i], xs[i]);
            for (int c = 0; c < 3; ++c) out[3 * i + c] = sample_at<T>(at, c * channel) / full;
        }
    });
}

template <class T>
void steps_of(const Source& picture, float code, const std::int64_t* ys, const std::int64_t* xs, std::size_t n,
              float* out, int threads) {
    const float full = full_scale(picture);
    const std::ptrdiff_t channel = picture.layout.channel;
    const auto pixel = [&](std::int64_t y, std::int64_t x) { return pixel_at(picture, y, x); };
    in_pieces(n, piece, threads, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            if (i + ahead < last) {
                for (int dy = -1; dy <= 1; ++dy) ask(pixel(ys[i + ahead] + dy, xs[i + ahead]));
            }
            const std::byte* at[3][3];
            for (int dy = 0; dy < 3; ++dy) {
                for (int dx = 0; dx < 3; ++dx) at[dy][dx] = pixel(ys[i] + dy - 1, xs[i] + dx - 1);
            }
            for (int c = 0; c < 3; ++c) {
                // Columns first, the middle one first of them.
                const auto value = [&](int dy, int dx) { return sample_at<T>(at[dy][dx], c * channel) / full; };
                const auto column = [&](int dx) { return (value(0, dx) + value(1, dx)) + value(2, dx); };
                const float mean = (column(1) + column(0)) + column(2);
                const float step = mean / 9.0f - value(1, 1), size = std::fabs(step);
                const float taken = std::max(std::min(size, code - size), 0.0f);
                out[3 * i + c] = step < 0 ? -taken : taken;
            }
        }
    });
}

}  // namespace

void pixels_at(const Source& picture, const std::int64_t* ys, const std::int64_t* xs, std::size_t n, float* out,
               int threads) {
    with_samples(picture, [&]<class T>() { pixels_of<T>(picture, ys, xs, n, out, threads); });
}

void steps_at(const Source& picture, float code, const std::int64_t* ys, const std::int64_t* xs, std::size_t n,
              float* out, int threads) {
    with_samples(picture, [&]<class T>() { steps_of<T>(picture, code, ys, xs, n, out, threads); });
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
    const std::int64_t rows = n ? *std::max_element(ys, ys + n) + 1 : 0, columns = n ? *std::max_element(xs, xs + n) + 1 : 0;
    if (static_cast<std::size_t>(rows + columns) < n) {
        for (Reader& reader : readers) reader.learn_places(rows, columns);
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
