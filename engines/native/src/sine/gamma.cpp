// The gamma network by tiles. The first layer is linear in the encoded place, and the place's x and y are encoded apart:
// its share is a sum of one table over columns and one over rows, which are made in double.
#include <algorithm>
#include <array>
#include <utility>

#include "../common/aligned.hpp"
#include "candela/sine.hpp"
#include "candela/threads.hpp"
#include "output.hpp"
#include "parts.hpp"
#include "samples.hpp"

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

class Light;
struct Tiles;

}  // namespace

struct GammaMlp::Parts {
    Layers all, colours, second, last;  // the first layer on five numbers, and on the three of the colour
    After second_after;
    After first_after;
    GammaNorms norms;
    int height = 0, width = 0;
    std::vector<float> columns;  // by tiles: units x tile_pixels
    std::vector<float> rows;     // by rows: units
    std::unique_ptr<const Light> light;

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

    double gamma(float raw) const { return raw * (norms.gamma_range / 2) + norms.gamma_mean; }

    void tile_codes(Tiles& work, int y, int cell) const;
    template <class Codes>
    void render(const Region& region, const Target& target, Encoding encoding, int threads, const DenseKernel& kernel,
                Codes codes) const;

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

constexpr double white = 100.0 / 10000;  // nits of SDR white over those of PQ's 1.0

// Signals (3 x tile_pixels) to the PQ codes of their light.
class Light {
public:
    explicit Light(const SdrColour& colour)
        : colour_(colour),
          power_([e = colour.transfer == Transfer::srgb ? 2.4 : colour.exponent](double x) { return std::pow(x, e); },
                 -20, 1),
          code_([](double y) { return pq_code(10000 * y); }, -40, 1) {}

    void codes(const SineKernel& kernel, const float* signals, double* out) const {
        constexpr int n = 3 * tile_pixels;
        double signal[n], light[n];
        const bool srgb = colour_.transfer == Transfer::srgb;
        for (int i = 0; i < n; ++i) {
            signal[i] = signals[i] * colour_.scale + colour_.offset;
            light[i] = srgb ? (std::fabs(signal[i]) + 0.055) / 1.055 : std::fabs(signal[i]);
        }
        kernel.curve(power_, light, n);
        for (int i = 0; i < n; ++i) {
            if (srgb && std::fabs(signal[i]) <= 0.04045) light[i] = std::fabs(signal[i]) / 12.92;
            light[i] = std::copysign(light[i], signal[i]);
        }
        for (int c = 0; c < 3; ++c) {
            const double* m = colour_.matrix + 3 * c;
            for (int p = 0; p < tile_pixels; ++p) {
                const double sum = m[0] * light[p] + m[1] * light[tile_pixels + p] + m[2] * light[2 * tile_pixels + p];
                out[c * tile_pixels + p] = std::clamp(sum * white, 0.0, 1.0);
            }
        }
        kernel.curve(code_, out, n);
    }

private:
    SdrColour colour_;
    FineCurve power_, code_;
};

// What a thread evaluates with: rows of a tile.
struct Tiles {
    const SineKernel& kernel;
    AlignedFloats room;
    float *encoded, *first, *second, *raw, *base, *power, *signal;
    std::array<double, 3 * tile> s{};

    Tiles(const DenseKernel& dense, int numbers) : kernel(sine_kernel(dense)) {
        const std::size_t size = (numbers * features + 2 * units + 4 * 3) * tile;
        room = aligned_floats(size);
        std::fill_n(room.get(), size, 0.0f);
        float* at = room.get();
        const auto rows = [&](std::size_t n) { return std::exchange(at, at + n * tile); };
        encoded = rows(static_cast<std::size_t>(numbers) * features);
        first = rows(units);
        second = rows(units);
        raw = rows(3);
        base = rows(3);
        power = rows(3);
        signal = rows(3);
    }

    void encode(int nth, const double* number) {
        kernel.encode(number, encoded + static_cast<std::size_t>(nth) * features * tile);
    }
};

}  // namespace

void GammaMlp::points(const double* inputs, std::size_t n, double* gamma, int threads,
                      const DenseKernel& kernel) const {
    const auto& parts = *parts_;
    share_out((n + tile - 1) / tile, thread_count(threads), [&]() -> std::function<void(std::size_t)> {
        const auto work = std::make_shared<Tiles>(kernel, 5);
        return [=, &parts](std::size_t i) {
            const std::size_t from = i * tile, count = std::min(tile, n - from);
            for (int c = 0; c < 5; ++c) {
                for (std::size_t p = 0; p < count; ++p) work->s[p] = inputs[(from + p) * 5 + c];
                work->encode(c, work->s.data());
            }
            work->kernel.layer(parts.all.layer(0), nullptr, work->encoded, work->first, parts.first_after);
            work->kernel.layer(parts.second.layer(0), nullptr, work->first, work->second, parts.second_after);
            work->kernel.layer(parts.last.layer(0), nullptr, work->second, work->raw, After::nothing);
            for (std::size_t p = 0; p < count; ++p) {
                for (int c = 0; c < 3; ++c) gamma[(from + p) * 3 + c] = parts.gamma(work->raw[c * tile + p]);
            }
        };
    });
}

// PQ codes of a tile in row y, of the cell's S in `work.s`; they come to lie in `work.signal`.
void GammaMlp::Parts::tile_codes(Tiles& work, int y, int cell) const {
    const double range = 2 / norms.input_range, mean = norms.input_mean;
    std::array<double, tile> number;
    for (int c = 0; c < 3; ++c) {
        for (std::size_t p = 0; p < tile; ++p) number[p] = (work.s[c * tile + p] - mean) * range;
        work.encode(c, number.data());
    }
    auto layer = colours.layer(0);
    layer.biases = rows.data() + static_cast<std::size_t>(y) * units;
    const float* column = columns.data() + static_cast<std::size_t>(cell) * units * tile;
    work.kernel.layer(layer, column, work.encoded, work.first, first_after);
    work.kernel.layer(second.layer(0), nullptr, work.first, work.second, second_after);
    work.kernel.layer(last.layer(0), nullptr, work.second, work.raw, After::nothing);
    for (std::size_t i = 0; i < 3 * tile; ++i) {
        work.power[i] = static_cast<float>(std::clamp(gamma(work.raw[i]), -most_power, most_power));
        work.base[i] = static_cast<float>(work.s[i] + offset);
    }
    for (int c = 0; c < 3; ++c) work.kernel.power(work.base + c * tile, work.power + c * tile, work.signal + c * tile);
    for (std::size_t i = 0; i < 3 * tile; ++i) work.signal[i] -= static_cast<float>(offset);
}

template <class Codes>
void GammaMlp::Parts::render(const Region& region, const Target& target, Encoding encoding, int threads,
                             const DenseKernel& kernel, Codes codes) const {
    const int rows_here = region.bottom - region.top;
    share_out(rows_here, thread_count(threads), [&]() -> std::function<void(std::size_t)> {
        const auto work = std::make_shared<Tiles>(kernel, 3);
        return [&, work](std::size_t row) {
            const int y = region.top + static_cast<int>(row);
            for (int from = region.left; from < region.right;) {
                const int cell = from / tile_pixels, at = from % tile_pixels;
                const int here = std::min(region.right - from, tile_pixels - at);
                codes(*work, y, from, here, at);
                tile_codes(*work, y, cell);
                encode_codes(work->kernel, encoding, work->signal);
                write_row(target, y, from, here, work->signal + at);
                from += here;
            }
        };
    });
}

void GammaMlp::render(const Source& picture, const Region& region, const Target& target, Encoding encoding,
                      int threads, const DenseKernel& kernel) const {
    check_pictures(picture, region, target, encoding, parts_->height, parts_->width);
    parts_->render(region, target, encoding, threads, kernel, [&](Tiles& work, int y, int from, int here, int at) {
        read_row(picture, y, from, here, work.signal + at);
        parts_->light->codes(work.kernel, work.signal, work.s.data());
    });
}

void GammaMlp::render_codes(const double* s, const Region& region, const Target& target, Encoding encoding,
                            int threads, const DenseKernel& kernel) const {
    check_pictures({nullptr, Sample::f32, 32, parts_->width, parts_->height, {}}, region, target, encoding,
                   parts_->height, parts_->width);
    parts_->render(region, target, encoding, threads, kernel, [&](Tiles& work, int y, int from, int here, int at) {
        const std::size_t width = region.right - region.left;
        const double* row = s + ((y - region.top) * width + (from - region.left)) * 3;
        for (int p = 0; p < here; ++p) {
            for (int c = 0; c < 3; ++c) work.s[c * tile + at + p] = row[p * 3 + c];
        }
    });
}

GammaMlp::GammaMlp(std::span<const float> numbers, const GammaNorms& norms) {
    check_count(numbers.size(), gamma_numbers, "gamma");
    parts_ = std::make_unique<const Parts>(numbers, norms);
}

GammaMlp::GammaMlp(std::span<const float> numbers, const GammaNorms& norms, int height, int width,
                   const SdrColour& colour) {
    check_count(numbers.size(), gamma_numbers, "gamma");
    auto parts = std::make_unique<Parts>(numbers, norms);
    parts->size(numbers, height, width);
    parts->light = std::make_unique<const Light>(colour);
    parts_ = std::move(parts);
}

GammaMlp::~GammaMlp() = default;
GammaMlp::GammaMlp(GammaMlp&&) noexcept = default;

}  // namespace candela
