// What a pair is looked at through: grids, Shepard's nodes, targets and their planes, at sizes that fill no block.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "candela/plane.hpp"
#include "candela/targets.hpp"
#include "check.hpp"

namespace {

std::vector<float> noise(std::size_t n, unsigned seed, float scale = 1) {
    std::mt19937 random(seed);
    std::vector<float> out(n);
    for (float& v : out) v = scale * static_cast<float>(random()) / 4294967296.0f;
    return out;
}

void rows_and_single_pixels_agree() {
    for (const int cell : {0, 2, 4, 8, 16}) {
        for (const auto& [h, w, c] : {std::tuple{1, 1, 1}, std::tuple{3, 5, 2}, std::tuple{9, 7, 1}}) {
            const auto nodes = noise(std::size_t(h) * w * c, 3);
            const candela::FieldOf field{nodes.data(), h, w, c, cell ? 0 : 0.25, cell ? 0 : -0.375, cell};
            const int size = std::max(cell, 4), height = h * size, width = w * size - 1;
            std::vector<float> rows(std::size_t(height) * width * c), at(rows.size());
            candela::field_rows(field, 0, height, width, rows.data(), 3);
            std::vector<std::int64_t> ys, xs;
            for (int y = 0; y < height; ++y) {
                for (int x = 0; x < width; ++x) {
                    ys.push_back(y);
                    xs.push_back(x);
                }
            }
            candela::field_at(field, ys.data(), xs.data(), ys.size(), at.data(), 2);
            for (std::size_t i = 0; i < rows.size(); ++i) CHECK(std::fabs(rows[i] - at[i]) < 2e-6f);
        }
    }
}

candela::Source source_of(const float* data, int height, int width) {
    return {data, candela::Sample::f32, 16, width, height, candela::Layout::packed(width, candela::Sample::f32)};
}

void nodes_are_found_again() {
    const int gh = 12, gw = 9, cell = 4, height = gh * cell - 2, width = gw * cell - 3;
    const auto nodes = noise(std::size_t(gh) * gw, 5);
    std::vector<float> values(std::size_t(height) * width), one(nodes.size()), two(nodes.size()), totals(nodes.size());
    candela::field_rows({nodes.data(), gh, gw, 1, 0, 0, cell}, 0, height, width, values.data(), 1);
    const auto weight = noise(values.size(), 6);
    candela::fit_shepard(values.data(), weight.data(), height, width, 1, cell, one.data(), totals.data(), 1);
    candela::fit_shepard(values.data(), weight.data(), height, width, 1, cell, two.data(), totals.data(), 4);
    CHECK(one == two);
    for (int i = 0; i + 1 < gh; ++i) {
        for (int j = 0; j + 1 < gw; ++j) CHECK(std::fabs(one[i * gw + j] - nodes[i * gw + j]) < 0.1f);
    }
}

void means_of_one_number_are_it() {
    const int height = 37, width = 53;
    const std::vector<float> picture(std::size_t(height) * width * 3, 0.375f);
    std::vector<float> means(2000), squares(2000);
    for (const int cell : {1, 4, 16, 64}) {
        std::fill(means.begin(), means.end(), 0.375f);
        candela::cell_means_of_largest(picture.data(), height, width, {cell}, {means.data()}, 3);
        for (float v : means) CHECK(v == 0.375f);
        std::fill(squares.begin(), squares.end(), 0.375f);
        candela::square_means(picture.data(), height, width * 3, 1, cell * 3, squares.data(), 3);
        for (float v : squares) CHECK(std::fabs(v - 0.375f) < 1e-6f);
    }
}

void pixels_see_their_neighbours() {
    const int height = 11, width = 13;
    const auto picture = noise(std::size_t(height) * width * 3, 8);
    const std::vector<std::int64_t> ys{0, 0, 10, 10, 5}, xs{0, 12, 0, 12, 6};
    std::vector<float> codes(15), steps(15), features(35);
    const auto source = source_of(picture.data(), height, width);
    candela::pixels_at(source, ys.data(), xs.data(), 5, codes.data(), 1);
    candela::steps_at(source, 1.0f / 255, ys.data(), xs.data(), 5, steps.data(), 1);
    for (float s : steps) CHECK(std::fabs(s) <= 0.5f / 255 + 1e-7f);
    const std::vector<float> grid(4 * 4, 0.5f);
    const candela::FieldOf mean{grid.data(), 4, 4, 1, 0.25, 0, 0};
    candela::features_at(codes.data(), ys.data(), xs.data(), 5, {mean, mean, mean}, nullptr, nullptr, 1, features.data(), 2);
    for (int i = 0; i < 5; ++i) CHECK(features[i * 7] == codes[i * 3] * 2 - 1 && features[i * 7 + 5] == 0);
}

void targets_are_those_of_the_formulas() {
    candela::SdrColour colour;
    const std::size_t n = 1031;
    const auto signal = noise(n * 3, 1), nits = noise(n * 3, 2, 1200);
    for (const auto& kernel : candela::dense_kernels()) {
        if (!kernel.usable) continue;
        std::vector<float> target(n * 3), weight(n * 3), again(n * 3);
        candela::targets_of(signal.data(), nits.data(), n, candela::Domain::pq, colour, target.data(), weight.data(), 3, kernel.name);
        for (std::size_t i = 0; i < n * 3; ++i) {
            const double base = candela::pq_code(203 * colour.light(signal[i]));
            CHECK(std::fabs(target[i] - (candela::pq_code(nits[i]) - base)) < 2e-6);
        }
        candela::targets_of(signal.data(), nits.data(), n, candela::Domain::gain, colour, target.data(), weight.data(), 1, kernel.name);
        for (std::size_t i = 0; i < n * 3; ++i) {
            const double k = 1.0 / 1024;
            CHECK(std::fabs(target[i] - std::log2((nits[i] / 203 + k) / (colour.light(signal[i]) + k))) < 4e-6);
        }
    }
}

void planes_do_not_depend_on_threads() {
    const int height = 45, width = 38;
    auto signal = noise(std::size_t(height) * width * 3, 1), nits = noise(signal.size(), 2, 900);
    signal[7] = std::numeric_limits<float>::quiet_NaN();
    nits[9] = std::numeric_limits<float>::denorm_min();
    candela::SdrColour colour;
    colour.transfer = candela::Transfer::srgb;
    for (const int cell : {1, 4}) {
        for (const int strength : {0, 5}) {
            const std::size_t n = std::size_t((height + cell - 1) / cell) * ((width + cell - 1) / cell) * 3;
            std::vector<float> one(n), many(n), weight(n);
            const candela::PlaneSource source{source_of(signal.data(), height, width), nits.data(), strength, 1.0f / 255};
            candela::plane_of_targets(source, candela::Domain::pq, colour, cell, 3, one.data(), weight.data(), 0, 1);
            candela::plane_of_targets(source, candela::Domain::pq, colour, cell, 3, many.data(), weight.data(), 0, 5);
            for (std::size_t i = 0; i < n; ++i) CHECK(one[i] == many[i] || (std::isnan(one[i]) && std::isnan(many[i])));
            CHECK(std::isfinite(one[n - 1]));
        }
    }
}

void the_largest_is_found() {
    auto numbers = noise(700'001, 3, 50);
    numbers[699'999] = 51;
    numbers[5] = -1e30f;
    for (const int threads : {1, 3}) CHECK(candela::largest_of(numbers.data(), numbers.size(), threads) == 51);
    CHECK(candela::largest_of(numbers.data() + 5, 1, 1) == 0);
    for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
        numbers[300'000] = bad;
        CHECK(std::isnan(candela::largest_of(numbers.data(), numbers.size(), 2)));
    }
}

}  // namespace

int main() {
    rows_and_single_pixels_agree();
    nodes_are_found_again();
    means_of_one_number_are_it();
    pixels_see_their_neighbours();
    targets_are_those_of_the_formulas();
    planes_do_not_depend_on_threads();
    the_largest_is_found();
}
