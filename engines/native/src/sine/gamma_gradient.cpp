// A gamma network's loss and gradient, on samples that were encoded before.
#include <algorithm>
#include <numbers>
#include <utility>
#include <vector>

#include "../common/aligned.hpp"
#include "candela/sine.hpp"
#include "candela/threads.hpp"
#include "parts.hpp"

namespace candela {
namespace {

constexpr int units = 16, features = 5 * 2 * octaves;
constexpr std::size_t tile = tile_pixels, stride = (features + 3) * tile;  // of a tile's features and targets
constexpr std::size_t second_at = features * units, last_at = second_at + units * units;
constexpr int group = 8;  // tiles whose rows a second-level cache holds
constexpr double half_turns = 1 / std::numbers::pi;

}  // namespace

GammaSamples::GammaSamples(const double* inputs, const float* targets, std::size_t n, int threads,
                           const DenseKernel& kernel)
    : count_(n) {
    const std::size_t tiles = (n + tile - 1) / tile;
    AlignedFloats rows = aligned_floats(tiles * stride);
    float* const out = rows.get();
    share_out(tiles, thread_count(threads), [&]() -> std::function<void(std::size_t)> {
        return [&](std::size_t t) {
            const std::size_t first = t * tile, here = std::min(tile, n - first);
            double number[tile] = {};
            for (int c = 0; c < 5; ++c) {
                for (std::size_t p = 0; p < here; ++p) number[p] = inputs[(first + p) * 5 + c];
                sine_kernel(kernel).encode(number, out + t * stride + c * 2 * octaves * tile);
            }
            float* const target = out + t * stride + features * tile;
            for (std::size_t p = 0; p < tile; ++p) {
                for (int c = 0; c < 3; ++c) target[c * tile + p] = p < here ? targets[(first + p) * 3 + c] : 0.0f;
            }
        };
    });
    rows_ = std::move(rows);
}

double GammaSamples::gradient(std::span<const float> numbers, std::size_t first, std::size_t count, float* gradient,
                              int threads, const DenseKernel& kernel) const {
    check_count(numbers.size(), gamma_numbers, "gamma");
    if (!count || first > count_ || count > count_ - first) {
        throw std::invalid_argument("no samples " + std::to_string(first) + " to " + std::to_string(first + count) +
                                    " among " + std::to_string(count_));
    }
    const float* const w = numbers.data();
    const Layers one = scaled_layer(features, units, w, nullptr, half_turns),
                 two = scaled_layer(units, units, w + second_at, nullptr, half_turns),
                 three = scaled_layer(units, 3, w + last_at, nullptr, 1);
    const std::vector<float> nothing(units, 0.0f);
    const SineKernel& k = sine_kernel(kernel);
    const std::size_t first_tile = first / tile, tiles = (first + count - 1) / tile + 1 - first_tile;
    const std::size_t groups = (tiles + group - 1) / group;
    const float scale = 2.0f / (3.0f * static_cast<float>(count));
    // A sum for every group, added up in their order afterwards: the same whoever computed which.
    std::vector<double> sums(groups * (gamma_numbers + 1), 0.0);
    share_out(groups, thread_count(threads), [&]() -> std::function<void(std::size_t)> {
        // Of each tile: both layers' sines, what is wanted of their sums, the errors; then a layer's scratch.
        constexpr std::size_t pitch = (4 * units + 3) * tile;
        const std::shared_ptr<float[]> rows = aligned_floats(group * pitch + units * tile);
        return [&, rows](std::size_t g) {
            double* const sum = sums.data() + g * (gamma_numbers + 1);
            const std::size_t from = first_tile + g * group;
            const int here = static_cast<int>(std::min<std::size_t>(group, first_tile + tiles - from));
            float* const spare = rows.get() + group * pitch;
            const float* const samples = rows_.get() + from * stride;
            for (int t = 0; t < here; ++t) {
                float *const h0 = rows.get() + t * pitch, *const h1 = h0 + units * tile, *const d0 = h1 + units * tile,
                      *const d1 = d0 + units * tile, *const errors = d1 + units * tile;
                const float* const given = samples + t * stride;
                k.layer(one.layer(0), nullptr, given, h0, After::nothing);
                k.sines_and_slopes(h0, d0, 1, units * tile);
                k.layer(two.layer(0), nullptr, h0, h1, After::nothing);
                k.sines_and_slopes(h1, d1, 1, units * tile);
                k.layer(three.layer(0), nullptr, h1, errors, After::nothing);
                for (std::size_t i = 0; i < 3 * tile; ++i) {
                    const std::size_t at = (from + t) * tile + i % tile;
                    const bool counts = at >= first && at < first + count;
                    errors[i] = counts ? errors[i] - given[features * tile + i] : 0.0f;
                    sum[gamma_numbers] += static_cast<double>(errors[i]) * errors[i];
                    errors[i] *= scale;
                }
                k.layer({3, units, w + last_at, nothing.data()}, nullptr, errors, spare, After::nothing);
                k.multiply(d1, spare, units * tile);
                k.layer({units, units, w + second_at, nothing.data()}, nullptr, d1, spare, After::nothing);
                k.multiply(d0, spare, units * tile);
            }
            const auto row = [&](int which, int count) {
                return TiledRows{rows.get() + which * units * tile, count, pitch};
            };
            k.products({samples, features, stride}, row(2, units), here, sum);
            k.products(row(0, units), row(3, units), here, sum + second_at);
            k.products(row(1, units), row(4, 3), here, sum + last_at);
        };
    });
    for (std::size_t g = 1; g < groups; ++g) {
        const double* sum = sums.data() + g * (gamma_numbers + 1);
        for (std::size_t i = 0; i <= gamma_numbers; ++i) sums[i] += sum[i];
    }
    for (std::size_t i = 0; i < gamma_numbers; ++i) gradient[i] = static_cast<float>(sums[i]);
    return sums[gamma_numbers] / (3.0 * static_cast<double>(count));
}

}  // namespace candela
