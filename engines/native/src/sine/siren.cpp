// The published SIREN by tiles.
//
// Its place branch depends on the picture's size alone and is smooth: within a cell of 96 columns, what it brings to the
// layer that joins the branches is a polynomial of few nodes, to a bound that the weights prove. The branch runs at the
// nodes, and the join layer takes node values for weights and the nodes' basis for inputs, in place of 32 units.
#include <algorithm>
#include <utility>

#include "../common/aligned.hpp"
#include "candela/sine.hpp"
#include "candela/threads.hpp"
#include "nodes.hpp"
#include "output.hpp"
#include "parts.hpp"
#include "samples.hpp"

namespace candela {
namespace {

constexpr int wide = 64, narrow = 32;           // units of a branch's two layers; the join layer is `wide`
constexpr double omega = 30 / std::numbers::pi;  // of the sines, in half turns
constexpr int most_nodes = 40;                  // a cell; more cost more than the branch itself
constexpr double tolerance = 1e-7 / std::numbers::pi;  // of the join layer's angles, half turns: 1e-7 radians

constexpr double most_colour = 65535.0 / 255;  // of integers of 8 and more bits over full scale

// Numbers one after the other.
struct Reader {
    std::span<const float> rest;
    const float* take(std::size_t count) {
        const float* at = rest.data();
        rest = rest.subspan(count);
        return at;
    }
    Layers layer(int inputs, int outputs, double scale) {
        const float* w = take(static_cast<std::size_t>(inputs) * outputs);
        return scaled_layer(inputs, outputs, w, take(outputs), scale);
    }
};

struct SirenParts {
    Layers colour0, colour1, place0, place1, join, last;
    Layers seen;  // the join layer's part of the place branch, without biases
    struct {
        After colour0, colour1, place1, join;
    } after;  // which sines
    std::vector<float> across, down;  // u of columns, v of rows
    Nodes nodes;

    explicit SirenParts(Reader r)
        : colour0(r.layer(3, wide, omega)),
          colour1(r.layer(wide, narrow, omega)),
          place0(r.layer(2, wide, omega)),
          place1(r.layer(wide, narrow, omega)),
          join(scaled_layer(2 * narrow, wide, r.rest.data(), r.rest.data() + 2 * narrow * wide, omega)),
          last(scaled_layer(wide, 3, r.rest.data() + (2 * narrow + 1) * wide,
                            r.rest.data() + (2 * narrow + 4) * wide, 1)),
          seen(scaled_layer(narrow, wide, r.rest.data() + narrow * wide, nullptr, omega)),
          after{sine_for(colour0.layer(0), most_colour), sine_for(colour1.layer(0)), sine_for(place1.layer(0)),
                sine_for(join.layer(0))} {}

    void size(int height, int width) {
        check_size(height, width);
        for (const double u : line_to_one(0, width)) across.push_back(static_cast<float>(u));
        for (const double v : line_to_one(0, height)) down.push_back(static_cast<float>(v));
        const int count = nodes_needed([&](double eta) { return most_seen(eta); }, half_cell(width), tolerance,
                                       most_nodes);
        if (count) nodes = make_nodes(across, count);
    }

    // What the place branch brings to the join layer, at most, for a u within eta of the real line: |sin| of an angle
    // with imaginary part t is at most cosh t, and its own imaginary part at most sinh t.
    double most_seen(double eta) const {
        const auto p0 = place0.layer(0), p1 = place1.layer(0), s = seen.layer(0);
        double most = 0, size[narrow];
        for (int j = 0; j < narrow; ++j) {
            double t = 0;
            for (int k = 0; k < wide; ++k) {
                t += std::abs(p1.weights[j * wide + k]) * std::sinh(std::numbers::pi * std::abs(p0.weights[2 * k]) * eta);
            }
            size[j] = std::cosh(std::numbers::pi * t);
        }
        for (int i = 0; i < wide; ++i) {
            double sum = 0;
            for (int j = 0; j < narrow; ++j) sum += std::abs(s.weights[i * narrow + j]) * size[j];
            most = std::isnan(sum) ? sum : std::fmax(most, sum);
            if (!std::isfinite(most)) break;
        }
        return most;
    }
};

constexpr std::size_t tile = tile_pixels;

// What a thread evaluates with: the network, and rows of a tile for what goes through it.
class Tiles {
public:
    // count: inputs of the join layer beside those of the colour; cells: of a row, whose nodes are held.
    // bounded: whether colours are within 0..most_colour; floats are whatever somebody put there.
    Tiles(const SirenParts& parts, const DenseKernel& dense, int count, std::size_t cells, bool bounded)
        : parts_(parts),
          kernel_(sine_kernel(dense)),
          colour_after_(bounded ? parts.after.colour0 : After::sine_of_any),
          inputs_(narrow + count),
          cells_a_batch_(tile / count) {
        const std::size_t batches = (cells + cells_a_batch_ - 1) / cells_a_batch_, inputs = inputs_;
        const std::size_t size = (3 + 2 + 3 + 2 * wide + inputs + batches * wide) * tile + wide * inputs;
        room_ = aligned_floats(size);
        std::fill_n(room_.get(), size, 0.0f);
        float* at = room_.get();
        const auto rows = [&](std::size_t n) { return std::exchange(at, at + n * tile); };
        colour = rows(3);
        place = rows(2);
        codes = rows(3);
        hidden_ = rows(wide);
        both_ = rows(inputs);
        joined_ = rows(wide);
        values_ = rows(batches * wide);
        weights_ = at;
        const auto join = parts.join.layer(0);
        for (int i = 0; i < wide; ++i) std::copy_n(join.weights + i * 2 * narrow, narrow, weights_ + i * inputs);
    }

    float *colour, *place, *codes;  // what a tile is given, and what comes of it

    // Codes of colours at places.
    void at_places() {
        place_branch(both_ + narrow * tile);
        join_with(parts_.join.layer(0));
    }

    // The place branch at the nodes of some cells of a row.
    void nodes_of(float v, std::size_t first, std::size_t cells) {
        const std::size_t count = parts_.nodes.count, all = cells * count, batch = cells_a_batch_ * count;
        first_ = first;
        std::fill_n(place + tile, tile, v);
        for (std::size_t from = 0, b = 0; from < all; from += batch, ++b) {
            std::copy_n(parts_.nodes.at.data() + first * count + from, std::min(batch, all - from), place);
            place_branch(both_);
            kernel_.layer(parts_.seen.layer(0), nullptr, both_, values_ + b * wide * tile, After::nothing);
        }
    }

    // Codes of colours in a cell of that row.
    void in_cell(std::size_t cell) {
        const std::size_t count = parts_.nodes.count, nth = cell - first_;
        const float* values = values_ + nth / cells_a_batch_ * wide * tile + nth % cells_a_batch_ * count;
        for (int i = 0; i < wide; ++i) std::copy_n(values + i * tile, count, weights_ + i * inputs_ + narrow);
        std::copy_n(parts_.nodes.basis.data() + cell * count * tile, count * tile, both_ + narrow * tile);
        join_with({inputs_, wide, weights_, parts_.join.layer(0).biases});
    }

private:
    void place_branch(float* out) {
        kernel_.layer(parts_.place0.layer(0), nullptr, place, hidden_, After::sine_of_any);
        kernel_.layer(parts_.place1.layer(0), nullptr, hidden_, out, parts_.after.place1);
    }

    void join_with(const Layers::Layer& layer) {
        kernel_.layer(parts_.colour0.layer(0), nullptr, colour, hidden_, colour_after_);
        kernel_.layer(parts_.colour1.layer(0), nullptr, hidden_, both_, parts_.after.colour1);
        kernel_.layer(layer, nullptr, both_, joined_, parts_.after.join);
        kernel_.layer(parts_.last.layer(0), nullptr, joined_, codes, After::nothing);
    }

    const SirenParts& parts_;
    const SineKernel& kernel_;
    After colour_after_;
    int inputs_;
    AlignedFloats room_;
    std::size_t cells_a_batch_, first_ = 0;
    float *hidden_, *both_, *joined_, *values_, *weights_;
};

}  // namespace

struct Siren::Parts : SirenParts {
    using SirenParts::SirenParts;
};

void Siren::points(const float* colours, const float* places, std::size_t n, float* codes, int threads,
                   const DenseKernel& kernel) const {
    share_out((n + tile - 1) / tile, thread_count(threads), [&]() -> std::function<void(std::size_t)> {
        const auto work = std::make_shared<Tiles>(*parts_, kernel, narrow, 0, false);
        return [=](std::size_t i) {
            const std::size_t first = i * tile, count = std::min(tile, n - first);
            for (std::size_t p = 0; p < count; ++p) {
                for (int c = 0; c < 3; ++c) work->colour[c * tile + p] = colours[(first + p) * 3 + c];
                for (int c = 0; c < 2; ++c) work->place[c * tile + p] = places[(first + p) * 2 + c];
            }
            work->at_places();
            for (std::size_t p = 0; p < count; ++p) {
                for (int c = 0; c < 3; ++c) codes[(first + p) * 3 + c] = work->codes[c * tile + p];
            }
        };
    });
}

void Siren::render(const Source& picture, const Region& region, const Target& target, Encoding encoding, int threads,
                   const DenseKernel& kernel) const {
    const auto& parts = *parts_;
    const int rows = region.bottom - region.top, count = parts.nodes.count;
    check_pictures(picture, region, target, encoding, static_cast<int>(parts.down.size()),
                   static_cast<int>(parts.across.size()));
    if (region.left == region.right) return;
    const int first = region.left / tile_pixels, beyond = (region.right - 1) / tile_pixels + 1;
    share_out(rows, thread_count(threads), [&]() -> std::function<void(std::size_t)> {
        const bool integers = picture.sample == Sample::u8 || picture.sample == Sample::u16;
        const bool bounded = integers && picture.bits >= 8;
        const int inputs = count ? count : narrow, cells = count ? beyond - first : 0;
        const auto work = std::make_shared<Tiles>(parts, kernel, inputs, cells, bounded);
        return [&, work](std::size_t row) {
            const int y = region.top + static_cast<int>(row);
            const float v = parts.down[y];
            std::fill_n(work->place + tile, tile, v);
            if (count) work->nodes_of(v, first, beyond - first);
            for (int cell = first; cell < beyond; ++cell) {
                const int from = std::max(region.left, cell * tile_pixels);
                const int here = std::min(region.right, (cell + 1) * tile_pixels) - from, at = from % tile_pixels;
                read_row(picture, y, from, here, work->colour + at);
                if (count) {
                    work->in_cell(cell);
                } else {
                    std::copy_n(parts.across.begin() + from, here, work->place + at);
                    work->at_places();
                }
                encode_codes(sine_kernel(kernel), encoding, work->codes);
                write_row(target, y, from, here, work->codes + at);
            }
        };
    });
}

Siren::Siren(std::span<const float> numbers) {
    check_count(numbers.size(), siren_numbers, "paper");
    parts_ = std::make_unique<const Parts>(Reader{numbers});
}

Siren::Siren(std::span<const float> numbers, int height, int width) {
    check_count(numbers.size(), siren_numbers, "paper");
    auto parts = std::make_unique<Parts>(Reader{numbers});
    parts->size(height, width);
    parts_ = std::move(parts);
}

Siren::~Siren() = default;
Siren::Siren(Siren&&) noexcept = default;

int Siren::nodes() const { return parts_->nodes.count; }

}  // namespace candela
