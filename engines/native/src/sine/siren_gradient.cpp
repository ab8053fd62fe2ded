// A SIREN's loss and gradient: forward and backward by tiles, the weights' gradients by groups of tiles.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "../common/aligned.hpp"
#include "candela/sine.hpp"
#include "candela/threads.hpp"
#include "parts.hpp"

namespace candela {
namespace {

constexpr int wide = 64, narrow = 32;
constexpr float omega = 30;
constexpr std::size_t tile = tile_pixels;
constexpr int group = 6;  // tiles whose rows a second-level cache holds

// Numbers of a layer: where its weights are (inputs x outputs, then the biases), among all.
struct Place {
    int inputs, outputs;
    std::size_t at;
    constexpr std::size_t biases() const { return at + static_cast<std::size_t>(inputs) * outputs; }
    constexpr std::size_t end() const { return biases() + outputs; }
};
constexpr Place colour0{3, wide, 0}, colour1{wide, narrow, colour0.end()}, place0{2, wide, colour1.end()},
    place1{wide, narrow, place0.end()}, fuse{2 * narrow, wide, place1.end()}, last{wide, 3, fuse.end()};
static_assert(last.end() == siren_numbers);

// Layers of one set of numbers, forward and backward.
struct Ways {
    Layers c0, c1, p0, p1, f, l;
    const float* numbers;
    std::vector<float> nothing = std::vector<float>(wide, 0.0f);

    explicit Ways(const float* n)
        : c0(forward(n, colour0)),
          c1(forward(n, colour1)),
          p0(forward(n, place0)),
          p1(forward(n, place1)),
          f(forward(n, fuse)),
          l(scaled_layer(last.inputs, last.outputs, n + last.at, n + last.biases(), 1)),
          numbers(n) {}

    static Layers forward(const float* n, const Place& p) {
        return scaled_layer(p.inputs, p.outputs, n + p.at, n + p.biases(), omega / std::numbers::pi);
    }

    // From what a layer's sums want to what its inputs want: the weights as they lie.
    Layers::Layer backward(const Place& p) const { return {p.outputs, p.inputs, numbers + p.at, nothing.data()}; }
};

// Rows of a group's tiles: a tile's lie together, in this order.
constexpr std::array<int, 12> row_counts{3, 2, wide, wide, 2 * narrow, wide, 3, wide, wide, 2 * narrow, wide, 1};
constexpr std::size_t rows_before(std::size_t which) {
    std::size_t rows = 0;
    for (std::size_t i = 0; i < which; ++i) rows += row_counts[i];
    return rows * tile;
}

class Rows {
public:
    Rows() : floats_(aligned_floats(size)) { std::fill_n(floats_.get(), size, 0.0f); }

    // What layers are given, what is wanted of their sums, and a row of ones for the biases.
    enum Which {
        colours, places, from_colour, from_place, both, fused,
        errors, by_colour, by_place, by_both, by_fused,
        ones
    };

    static constexpr std::size_t stride = rows_before(row_counts.size());
    static constexpr std::size_t scratch = group * stride, size = scratch + wide * tile;

    float* operator()(Which which, int nth = 0) const { return floats_.get() + nth * stride + rows_before(which); }
    float* spare() const { return floats_.get() + scratch; }

private:
    AlignedFloats floats_;
};

void forward(const SineKernel& k, const Ways& w, const Rows& r, int t) {
    const auto sines = [&](const Layers& layer, const float* in, float* out, float* slopes) {
        k.layer(layer.layer(0), nullptr, in, out, After::nothing);
        k.sines_and_slopes(out, slopes, omega, static_cast<std::size_t>(layer.outputs()) * tile);
    };
    sines(w.c0, r(Rows::colours, t), r(Rows::from_colour, t), r(Rows::by_colour, t));
    sines(w.c1, r(Rows::from_colour, t), r(Rows::both, t), r(Rows::by_both, t));
    sines(w.p0, r(Rows::places, t), r(Rows::from_place, t), r(Rows::by_place, t));
    sines(w.p1, r(Rows::from_place, t), r(Rows::both, t) + narrow * tile, r(Rows::by_both, t) + narrow * tile);
    sines(w.f, r(Rows::both, t), r(Rows::fused, t), r(Rows::by_fused, t));
    k.layer(w.l.layer(0), nullptr, r(Rows::fused, t), r(Rows::errors, t), After::nothing);
}

// What every sum wants: the slopes, times what comes back from behind.
void backward(const SineKernel& k, const Ways& w, const Rows& r, int t) {
    const auto back = [&](const Place& layer, const float* wanted, float* slopes) {
        k.layer(w.backward(layer), nullptr, wanted, r.spare(), After::nothing);
        k.multiply(slopes, r.spare(), static_cast<std::size_t>(layer.inputs) * tile);
    };
    back(last, r(Rows::errors, t), r(Rows::by_fused, t));
    back(fuse, r(Rows::by_fused, t), r(Rows::by_both, t));
    back(colour1, r(Rows::by_both, t), r(Rows::by_colour, t));
    back(place1, r(Rows::by_both, t) + narrow * tile, r(Rows::by_place, t));
}

void gradients(const SineKernel& k, const Rows& r, int tiles, double* out) {
    const auto of = [&](const Place& layer, const float* in, const float* wanted) {
        k.products({in, layer.inputs, Rows::stride}, {wanted, layer.outputs, Rows::stride}, tiles, out + layer.at);
        k.products({r(Rows::ones), 1, Rows::stride}, {wanted, layer.outputs, Rows::stride}, tiles,
                   out + layer.biases());
    };
    of(colour0, r(Rows::colours), r(Rows::by_colour));
    of(colour1, r(Rows::from_colour), r(Rows::by_both));
    of(place0, r(Rows::places), r(Rows::by_place));
    of(place1, r(Rows::from_place), r(Rows::by_both) + narrow * tile);
    of(fuse, r(Rows::both), r(Rows::by_fused));
    of(last, r(Rows::fused), r(Rows::errors));
}

}  // namespace

double siren_gradient(std::span<const float> numbers, const float* colours, const float* places, const float* targets,
                      std::size_t n, float* gradient, int threads, const DenseKernel& kernel) {
    check_count(numbers.size(), siren_numbers, "paper");
    const Ways ways(numbers.data());
    const SineKernel& k = sine_kernel(kernel);
    constexpr std::size_t samples = group * tile;
    const std::size_t groups = (n + samples - 1) / samples;
    // A sum for every group, added up in their order afterwards: the same whoever computed which.
    std::vector<double> sums(groups * (siren_numbers + 1), 0.0);
    const float scale = 2.0f / (3.0f * static_cast<float>(n));
    share_out(groups, thread_count(threads), [&]() -> std::function<void(std::size_t)> {
        const auto rows = std::make_shared<Rows>();
        for (int t = 0; t < group; ++t) std::fill_n((*rows)(Rows::ones, t), tile, 1.0f);
        return [&, rows](std::size_t g) {
            const Rows& r = *rows;
            double* const sum = sums.data() + g * (siren_numbers + 1);
            const std::size_t first = g * samples, count = std::min(samples, n - first);
            const int tiles = static_cast<int>((count + tile - 1) / tile);
            for (int t = 0; t < tiles; ++t) {
                const std::size_t from = first + t * tile, here = std::min(tile, n - from);
                const auto spread = [&](const float* in, int channels, float* out) {
                    for (std::size_t p = 0; p < here; ++p) {
                        for (int c = 0; c < channels; ++c) out[c * tile + p] = in[(from + p) * channels + c];
                    }
                };
                spread(colours, 3, r(Rows::colours, t));
                spread(places, 2, r(Rows::places, t));
                forward(k, ways, r, t);
                float* const errors = r(Rows::errors, t);
                for (int c = 0; c < 3; ++c) {
                    for (std::size_t p = 0; p < tile; ++p) {
                        float& error = errors[c * tile + p];
                        error = p < here ? error - targets[(from + p) * 3 + c] : 0.0f;
                        sum[siren_numbers] += static_cast<double>(error) * error;
                        error *= scale;
                    }
                }
                backward(k, ways, r, t);
            }
            gradients(k, r, tiles, sum);
        };
    });
    for (std::size_t g = 1; g < groups; ++g) {
        const double* sum = sums.data() + g * (siren_numbers + 1);
        for (std::size_t i = 0; i <= siren_numbers; ++i) sums[i] += sum[i];
    }
    for (std::size_t i = 0; i < siren_numbers; ++i) gradient[i] = groups ? static_cast<float>(sums[i]) : 0.0f;
    return groups ? sums[siren_numbers] / (3.0 * static_cast<double>(n)) : 0.0;
}

}  // namespace candela
