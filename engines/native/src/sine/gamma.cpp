// The gamma network by tiles. The first layer is linear in the encoded place, and the place's x and y are encoded apart:
// its share is a sum of one table over columns and one over rows, which are made in double.
#include <algorithm>
#include <array>
#include <utility>

#include "candela/sine.hpp"
#include "parts.hpp"
#include "workers.hpp"

namespace candela {
namespace {

constexpr int units = 16;
constexpr int features = 2 * octaves;   // of an encoded number
constexpr double offset = 1.0 / 64;     // k
constexpr double most_power = 20;
constexpr std::size_t tile = tile_pixels;
constexpr double scale = 1 / std::numbers::pi;  // of a layer's angles, in half turns

// x less its whole turns, which no octave sees: -1..1, exactly. Of infinity, no number.
double turned(double x) { return x - 2 * std::nearbyint(x / 2); }

}  // namespace

struct GammaMlp::Parts {
    Layers all, colours, second, last;  // the first layer on five numbers, and on the three of the colour
    After second_after;
    After first_after;
    GammaNorms norms;
    int height = 0, width = 0;
    std::vector<float> columns;  // by tiles: units x tile_pixels
    std::vector<float> rows;     // by rows: units

    Parts(std::span<const float> n, const GammaNorms& given)
        : all(scaled_layer(5 * features, units, n.data(), nullptr, scale)),
          colours(scaled_layer(3 * features, units, n.data(), nullptr, scale)),
          second(scaled_layer(units, units, n.data() + 5 * features * units, nullptr, scale)),
          last(scaled_layer(units, 3, n.data() + (5 * features + units) * units, nullptr, 1)),
          second_after(sine_for(second.layer(0))),
          first_after(sine_for(all.layer(0))),
          norms(given) {}

    void size(std::span<const float> numbers, int h, int w) {
        check_size(h, w);
        height = h;
        width = w;
        const std::vector<double> x = line_to_one(-1, w), y = line_to_one(-1, h);
        columns.resize((w + tile - 1) / tile * tile * units);
        rows.resize(static_cast<std::size_t>(h) * units);
        for (std::size_t i = 0; i < x.size(); ++i) {
            const auto part = share(numbers.data() + 3 * features * units, x[i]);
            for (int j = 0; j < units; ++j) columns[(i / tile * units + j) * tile + i % tile] = part[j];
        }
        for (std::size_t i = 0; i < y.size(); ++i) {
            const auto part = share(numbers.data() + 4 * features * units, y[i]);
            std::copy_n(part.begin(), units, rows.begin() + i * units);
        }
    }

    // What a place brings to the first layer's angles. weights: of its features.
    static std::array<float, units> share(const float* weights, double at) {
        std::array<double, units> sum{};
        for (int k = 0; k < octaves; ++k) {
            const double angle = turned(std::ldexp(at, k)) * std::numbers::pi;
            const double s = std::sin(angle), c = std::cos(angle);
            for (int j = 0; j < units; ++j) {
                sum[j] += s * weights[2 * k * units + j] + c * weights[(2 * k + 1) * units + j];
            }
        }
        std::array<float, units> out;
        for (int j = 0; j < units; ++j) out[j] = static_cast<float>(sum[j] * scale);
        return out;
    }
};

namespace {

// What a thread evaluates with: rows of a tile.
struct Tiles {
    const SineKernel& kernel;
    Room room;
    float *encoded, *first, *second, *raw, *base, *power, *out;
    alignas(64) double number[tile];

    Tiles(const DenseKernel& dense, int numbers) : kernel(sine_kernel(dense)) {
        room = room_for((numbers * features + 2 * units + 3 + 3) * tile);
        float* at = room.get();
        const auto rows = [&](std::size_t n) { return std::exchange(at, at + n * tile); };
        encoded = rows(static_cast<std::size_t>(numbers) * features);
        first = rows(units);
        second = rows(units);
        raw = rows(3);
        base = rows(1);
        power = rows(1);
        out = rows(1);
        std::fill_n(number, tile, 0.0);
    }

    void encode(int nth) { kernel.encode(number, encoded + static_cast<std::size_t>(nth) * features * tile); }
};

}  // namespace

void GammaMlp::points(const double* inputs, std::size_t n, double* gamma, int threads,
                      const DenseKernel& kernel) const {
    const auto& parts = *parts_;
    on_threads((n + tile - 1) / tile, threads, [&] { return Tiles(kernel, 5); }, [&](std::size_t i, Tiles& work) {
        const std::size_t from = i * tile, count = std::min(tile, n - from);
        for (int c = 0; c < 5; ++c) {
            for (std::size_t p = 0; p < count; ++p) work.number[p] = turned(inputs[(from + p) * 5 + c]);
            work.encode(c);
        }
        work.kernel.layer(parts.all.layer(0), nullptr, work.encoded, work.first, parts.first_after);
        work.kernel.layer(parts.second.layer(0), nullptr, work.first, work.second, parts.second_after);
        work.kernel.layer(parts.last.layer(0), nullptr, work.second, work.raw, After::nothing);
        for (std::size_t p = 0; p < count; ++p) {
            for (int c = 0; c < 3; ++c) {
                gamma[(from + p) * 3 + c] = work.raw[c * tile + p] * (parts.norms.gamma_range / 2) +
                                            parts.norms.gamma_mean;
            }
        }
    });
}

void GammaMlp::picture(const Region& region, const Pixels<const double>& s, const Pixels<float>& codes, int threads,
                       const DenseKernel& kernel) const {
    const auto& parts = *parts_;
    check_region(region, parts.height, parts.width);
    const double range = 2 / parts.norms.input_range, mean = parts.norms.input_mean;
    const int right = region.left + region.width;
    on_threads(region.height, threads, [&] { return Tiles(kernel, 3); }, [&](std::size_t y, Tiles& work) {
        const float* row = parts.rows.data() + (region.top + y) * units;
        for (int from = region.left; from < right;) {
            const std::size_t cell = from / tile;
            const int to = std::min<int>(right, (cell + 1) * tile);
            for (int c = 0; c < 3; ++c) {
                for (int x = from; x < to; ++x) {
                    work.number[x % tile] = turned((s.at(y, x - region.left, c) - mean) * range);
                }
                work.encode(c);
            }
            auto layer = parts.colours.layer(0);
            layer.biases = row;
            const float* column = parts.columns.data() + cell * units * tile;
            work.kernel.layer(layer, column, work.encoded, work.first, parts.first_after);
            work.kernel.layer(parts.second.layer(0), nullptr, work.first, work.second, parts.second_after);
            work.kernel.layer(parts.last.layer(0), nullptr, work.second, work.raw, After::nothing);
            for (int c = 0; c < 3; ++c) {
                for (int x = from; x < to; ++x) {
                    const int p = x % static_cast<int>(tile);
                    const double gamma = work.raw[c * tile + p] * (parts.norms.gamma_range / 2) +
                                         parts.norms.gamma_mean;
                    work.power[p] = static_cast<float>(std::clamp(gamma, -most_power, most_power));
                    work.base[p] = static_cast<float>(s.at(y, x - region.left, c) + offset);
                }
                work.kernel.power(work.base, work.power, work.out);
                for (int x = from; x < to; ++x) {
                    const float code = work.out[x % tile] - static_cast<float>(offset);
                    codes.at(y, x - region.left, c) = std::clamp(code, 0.0f, 1.0f);
                }
            }
            from = to;
        }
    });
}

GammaMlp::GammaMlp(std::span<const float> numbers, const GammaNorms& norms) {
    check_count(numbers.size(), gamma_numbers, "gamma");
    parts_ = std::make_unique<const Parts>(numbers, norms);
}

GammaMlp::GammaMlp(std::span<const float> numbers, const GammaNorms& norms, int height, int width) {
    check_count(numbers.size(), gamma_numbers, "gamma");
    auto parts = std::make_unique<Parts>(numbers, norms);
    parts->size(numbers, height, width);
    parts_ = std::move(parts);
}

GammaMlp::~GammaMlp() = default;
GammaMlp::GammaMlp(GammaMlp&&) noexcept = default;

}  // namespace candela
