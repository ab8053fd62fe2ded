// Frames of random networks: every kernel against the layers as they stand, whatever the region, threads and strides.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "candela/frame.hpp"
#include "check.hpp"

namespace {

struct Case {
    int width, height, channels, shift;
    candela::LatticeKind kind;
    candela::Domain domain;
    int strength;
    std::vector<int> hidden;
};

candela::DefaultNetwork network_of(const Case& c, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<int> sizes{7 + (c.channels ? c.channels + 1 : 0)};
    sizes.insert(sizes.end(), c.hidden.begin(), c.hidden.end());
    sizes.push_back(3);
    std::vector<std::vector<float>> numbers;
    std::vector<const float*> weights, biases;
    for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
        std::vector<float> w(static_cast<std::size_t>(sizes[l]) * sizes[l + 1]), b(sizes[l + 1]);
        for (auto& v : w) v = normal(random) / std::sqrt(static_cast<float>(sizes[l]));
        for (auto& v : b) v = 0.3f * normal(random);
        numbers.push_back(std::move(w));
        numbers.push_back(std::move(b));
    }
    for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
        weights.push_back(numbers[2 * l].data());
        biases.push_back(numbers[2 * l + 1].data());
    }
    candela::GuidePlane plane;
    if (c.channels) {
        const int cell = 1 << c.shift;
        plane.kind = c.kind;
        plane.shift = c.shift;
        plane.channels = c.channels;
        plane.width = (c.width + cell - 1) / cell;
        plane.height = (c.height + cell - 1) / cell;
        plane.spread = 0.1f;
        plane.samples.resize(static_cast<std::size_t>(plane.width) * plane.height * c.channels);
        for (auto& v : plane.samples) v = 0.1f * normal(random);
    }
    candela::DefaultNetwork::Options options;
    options.domain = c.domain;
    options.strength = c.strength;
    options.width = c.width;
    options.height = c.height;
    options.ceiling = 0.75;
    return {candela::Layers(sizes, weights, biases), std::move(plane), options};
}

std::vector<std::uint16_t> picture_of(const Case& c, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::uint16_t> codes;
    for (int y = 0; y < c.height; ++y) {
        for (int x = 0; x < c.width; ++x) {
            for (int k = 0; k < 3; ++k) {
                const int smooth = 200 + 5 * x + 3 * y * k;
                codes.push_back(static_cast<std::uint16_t>(std::clamp<int>(smooth + (x > 40 ? static_cast<int>(random() % 60) : 0), 0, 1023)));
            }
        }
    }
    return codes;
}

void kernels_agree(const Case& c, unsigned seed) {
    const auto network = network_of(c, seed);
    const auto codes = picture_of(c, seed + 1);
    const candela::Source source{codes.data(), candela::Sample::u16, 10, c.width, c.height,
                                 candela::Layout::packed(c.width, candela::Sample::u16)};
    const candela::Surroundings around(source, 3);
    const std::size_t count = codes.size();
    const candela::Region all{0, 0, c.width, c.height};
    std::vector<float> plain(count);
    const auto target = [&](std::vector<float>& to) {
        return candela::Target{to.data(), candela::Sample::f32, 0, candela::Layout::packed(c.width, candela::Sample::f32)};
    };
    candela::RenderOptions options;
    options.fold = false;
    options.isa = "portable";
    candela::render(network, source, around, all, target(plain), options);
    for (const auto isa : candela::frame_kernels()) {
        options = {};
        options.isa = isa;
        std::vector<float> whole(count), parts(count, std::numeric_limits<float>::quiet_NaN());
        candela::render(network, source, around, all, target(whole), options);
        for (std::size_t i = 0; i < count; ++i) CHECK(std::fabs(whole[i] - plain[i]) < 4e-6f);
        options.threads = 3;
        for (int y = 0; y < c.height; y += 11) {
            for (int x = 0; x < c.width; x += 29) {
                const candela::Region part{x, y, std::min(x + 29, c.width), std::min(y + 11, c.height)};
                candela::render(network, source, around, part, target(parts), options);
            }
        }
        CHECK(parts == whole);
    }
}

using candela::Domain;
using candela::LatticeKind;

void strides_may_be_negative() {
    const Case c{70, 21, 1, 2, candela::LatticeKind::centred, candela::Domain::gain, 2, {12}};
    const auto network = network_of(c, 5);
    const auto codes = picture_of(c, 6);
    candela::Source source{codes.data(), candela::Sample::u16, 10, c.width, c.height,
                           candela::Layout::packed(c.width, candela::Sample::u16)};
    const candela::Surroundings around(source, 1);
    std::vector<float> whole(codes.size()), turned(codes.size());
    candela::Target target{whole.data(), candela::Sample::f32, 0, candela::Layout::packed(c.width, candela::Sample::f32)};
    const candela::Region all{0, 0, c.width, c.height};
    candela::render(network, source, around, all, target, {});
    // Pictures that stand on their head and run from right to left, B first.
    const auto flip = [](candela::Layout& at, int width, int height) {
        const std::ptrdiff_t last = (height - 1) * at.row + (width - 1) * at.pixel + 2 * at.channel;
        at = {-at.row, -at.pixel, -at.channel};
        return last;
    };
    std::vector<std::uint16_t> reversed(codes.rbegin(), codes.rend());
    source.data = reinterpret_cast<const std::byte*>(reversed.data()) + flip(source.layout, c.width, c.height);
    target.data = reinterpret_cast<std::byte*>(turned.data()) + flip(target.layout, c.width, c.height);
    candela::render(network, source, around, all, target, {});
    std::reverse(turned.begin(), turned.end());
    CHECK(turned == whole);
}

// A region from no more of the picture than it needs: what lies outside is no number, and every sample layout agrees.
void regions_read_what_they_need() {
    const Case c{401, 210, 1, 2, LatticeKind::shepard, Domain::pq, 4, {16, 16}};
    const auto network = network_of(c, 9);
    const auto codes = picture_of(c, 10);
    const std::size_t pixels = codes.size() / 3;
    std::vector<float> packed(codes.size()), four(4 * pixels, 0.25f);
    for (std::size_t i = 0; i < codes.size(); ++i) packed[i] = four[i / 3 * 4 + i % 3] = static_cast<float>(codes[i]) / 1023;
    const candela::Source whole{packed.data(), candela::Sample::f32, 10, c.width, c.height,
                                candela::Layout::packed(c.width, candela::Sample::f32)};
    const candela::Surroundings around(whole, 2);
    std::vector<float> wanted(codes.size());
    const candela::Region all{0, 0, c.width, c.height};
    candela::render(network, whole, around, all,
                    {wanted.data(), candela::Sample::f32, 0, candela::Layout::packed(c.width, candela::Sample::f32)}, {});
    const candela::Layout rgba{16 * c.width, 16, 4}, planar{4 * c.width, 4, static_cast<std::ptrdiff_t>(4 * pixels)};
    for (const candela::Region r : {candela::Region{0, 0, 1, 1}, {150, 70, 260, 130}, {385, 200, 401, 210}, {191, 0, 193, 210},
                                    all, {7, 7, 7, 9}}) {
        const auto need = candela::Surroundings::needed(r, c.width, c.height);
        std::vector<float> seen(four.size(), std::numeric_limits<float>::quiet_NaN());
        for (int y = need.top; y < need.bottom; ++y) {
            for (int x = need.left; x < need.right; ++x) {
                for (int k = 0; k < 4; ++k) seen[4 * (y * c.width + x) + k] = four[4 * (y * c.width + x) + k];
            }
        }
        const candela::Source part{seen.data(), candela::Sample::f32, 10, c.width, c.height, rgba};
        const candela::Surroundings its(part, r, 1);
        for (const candela::Layout& layout : {rgba, planar}) {
            std::vector<float> got(4 * pixels, -7.0f);
            candela::render(network, part, its, r, {got.data(), candela::Sample::f32, 0, layout}, {});
            for (int y = 0; y < c.height; ++y) {
                for (int x = 0; x < c.width; ++x) {
                    const bool in = x >= r.left && x < r.right && y >= r.top && y < r.bottom;
                    for (int k = 0; k < 4; ++k) {
                        const std::ptrdiff_t at = (y * layout.row + x * layout.pixel + k * layout.channel) / 4;
                        CHECK(got[at] == (in && k < 3 ? wanted[3 * (y * c.width + x) + k] : -7.0f));
                    }
                }
            }
        }
    }
}

}  // namespace

int main() {
    unsigned seed = 1;
    for (const Case& c : {
             Case{101, 43, 0, 0, LatticeKind::centred, Domain::pq, 0, {16, 16}},
             Case{97, 30, 1, 1, LatticeKind::centred, Domain::pq, 5, {20}},
             Case{64, 17, 3, 2, LatticeKind::shepard, Domain::gain, 0, {9, 33, 5}},
             Case{50, 20, 2, 3, LatticeKind::shepard, Domain::ratio, 8, {40, 40}},
             Case{1, 1, 1, 0, LatticeKind::centred, Domain::pq, 3, {7}},
             Case{49, 9, 1, 8, LatticeKind::centred, Domain::gain, 1, {}},
         }) {
        kernels_agree(c, seed += 10);
    }
    strides_may_be_negative();
    regions_read_what_they_need();
}
