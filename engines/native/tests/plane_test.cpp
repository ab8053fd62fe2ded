// A plane is coded to its budget, the same by any number of threads and on any instruction set; what it says of its
// samples is what a decoder finds.
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "../src/plane/bands.hpp"
#include "candela/coding.hpp"
#include "candela/dense.hpp"
#include "candela/plane.hpp"
#include "check.hpp"

namespace {

struct Made {
    int height, width, channels;
    std::vector<float> plane, weight;
};

Made made(int height, int width, int channels, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    Made out{height, width, channels, {}, {}};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < channels; ++c) {
                out.plane.push_back(std::sin(x / 9.0f + c) * std::cos(y / 7.0f) + (x > y ? 0.7f : 0) + 0.05f * normal(random));
                out.weight.push_back(std::fabs(normal(random)));
            }
        }
    }
    return out;
}

std::vector<float> decoded(const candela::CodedPlane& coded, const Made& m) {
    const auto bands = candela::decode_bands(coded.bytes, m.height, m.width, m.channels);
    std::vector<float> out;
    for (std::int64_t v : candela::join_bands(bands, m.height, m.width, coded.step)) {
        out.push_back(static_cast<float>(static_cast<double>(v) / candela::plane_unit));
    }
    return out;
}

void planes_fit_their_budgets() {
    unsigned seed = 0;
    for (const auto& [h, w, c] : {std::tuple{1, 1, 1}, std::tuple{1, 40, 2}, std::tuple{11, 300, 1},
                                  std::tuple{70, 97, 3}, std::tuple{121, 64, 1}, std::tuple{150, 131, 2}}) {
        const Made m = made(h, w, c, ++seed);
        candela::PlaneCoder coder(m.plane.data(), m.weight.data(), h, w, c);
        for (const int budget : {900, 700, 40}) {
            for (const bool draft : {true, false}) {
                const auto coded = coder.code(budget, draft, 3);
                if (!coded) {
                    CHECK(budget == 40);
                    continue;
                }
                CHECK(coded->bytes.size() <= std::size_t(budget));
                CHECK(coded->samples == decoded(*coded, m));
            }
        }
    }
}

void threads_and_instruction_sets_agree() {
    const Made m = made(180, 201, 2, 9);
    std::vector<std::uint8_t> bytes;
    for (const auto& kernel : candela::dense_kernels()) {
        if (!kernel.usable) continue;
        for (const int threads : {1, 2, 5}) {
            candela::PlaneCoder coder(m.plane.data(), m.weight.data(), m.height, m.width, m.channels, kernel.name);
            const auto draft = coder.code(800, true, threads);
            const auto coded = coder.code(900, false, threads);
            CHECK(draft && coded);
            if (bytes.empty()) bytes = coded->bytes;
            CHECK(coded->bytes == bytes);
        }
    }
}

void bands_give_the_signal_back() {
    for (const auto& loops : candela::all_row_loops()) {
        if (!loops.usable) continue;
        for (const auto& [h, w] : {std::pair{1, 1}, std::pair{12, 13}, std::pair{33, 50}, std::pair{200, 161}}) {
            const Made m = made(h, w, 1, 4);
            candela::RowTeam team(3);
            candela::FloatBands bands(h, w);
            bands.split([&, w = w](int y, float* to) { std::memcpy(to, &m.plane[std::size_t(y) * w], sizeof(float) * w); }, {},
                        loops, team);
            std::vector<float> back(m.plane.size());
            bands.join([&, w = w](int y, const float* from) { std::memcpy(&back[std::size_t(y) * w], from, sizeof(float) * w); },
                       loops, team);
            for (std::size_t i = 0; i < back.size(); ++i) CHECK(std::fabs(back[i] - m.plane[i]) < 2e-5f);
        }
    }
}

// Numbers at which 32 bits end: the join says the same on either side.
void large_numbers_are_joined_in_64_bits() {
    for (const int size : {1, 100, 3000, 1 << 20}) {
        std::vector<candela::Channel> channels(1);
        std::mt19937 random(3);
        for (const auto shape : candela::band_shapes(40, 52)) {
            candela::Band band{shape.height, shape.width, {}};
            for (int i = 0; i < shape.height * shape.width; ++i) band.values.push_back(int(random() % (2 * size + 1)) - size);
            channels[0].push_back(band);
        }
        const auto one = candela::join_bands(channels, 40, 52, 1000);
        for (auto& band : channels[0]) {
            for (auto& v : band.values) v = -v;
        }
        const auto other = candela::join_bands(channels, 40, 52, 1000);
        for (std::size_t i = 0; i < one.size(); ++i) CHECK(std::llabs(one[i] + other[i]) < 40);
    }
}

void what_is_not_finite_is_refused() {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        for (const bool in_plane : {true, false}) {
            Made m = made(20, 30, 1, 2);
            (in_plane ? m.plane : m.weight)[77] = bad;
            bool found = false;
            try {
                candela::PlaneCoder(m.plane.data(), m.weight.data(), 20, 30, 1);
            } catch (const std::invalid_argument&) {
                found = true;
            }
            CHECK(found);
        }
    }
}

}  // namespace

int main() {
    planes_fit_their_budgets();
    threads_and_instruction_sets_agree();
    bands_give_the_signal_back();
    large_numbers_are_joined_in_64_bits();
    what_is_not_finite_is_refused();
}
