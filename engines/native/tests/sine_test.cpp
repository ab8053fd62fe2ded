// Networks of sines: samples, strides, regions and threads, with weights that are sane and weights that are not.
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "candela/sine.hpp"
#include "check.hpp"

namespace {

using candela::Encoding, candela::GammaMlp, candela::Region, candela::Sample, candela::Siren;

std::vector<float> numbers_of(std::size_t count, float size, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(-size, size);
    std::vector<float> numbers(count);
    for (auto& each : numbers) each = uniform(random);
    return numbers;
}

// A picture of floats whose rows have something between them.
struct Picture {
    int width, height;
    std::vector<float> values;
    Picture(int w, int h) : width(w), height(h), values(numbers_of(static_cast<std::size_t>(h) * (w + 5) * 3, 0.5f, 7)) {
        for (auto& v : values) v += 0.5f;
    }
    candela::Source source() const {
        candela::Source source{values.data(), Sample::f32, 32, width, height, {}};
        source.layout = candela::Layout::packed(width + 5, Sample::f32);
        return source;
    }
};

template <class Network>
std::vector<float> rendered(const Network& network, const candela::Source& source, const Region& region, int threads,
                            const candela::DenseKernel& kernel, Encoding encoding = Encoding::pq) {
    std::vector<float> out(static_cast<std::size_t>(source.width) * source.height * 3, -1.0f);
    const candela::Target target{out.data(), Sample::f32, 32, candela::Layout::packed(source.width, Sample::f32)};
    network.render(source, region, target, encoding, threads, kernel);
    return out;
}

template <class Make>
void regions_and_threads_change_nothing(Make make) {
    for (const auto& kernel : candela::dense_kernels()) {
        if (!kernel.usable) continue;
        for (const auto& [width, height] : {std::pair{1, 1}, {95, 3}, {601, 4}}) {
            const Picture picture(width, height);
            const auto network = make(height, width);
            const auto whole = rendered(network, picture.source(), {0, 0, width, height}, 1, kernel);
            CHECK(whole == rendered(network, picture.source(), {0, 0, width, height}, 4, kernel));
            const Region part{width / 3, height / 3, width - width / 5, height};
            const auto some = rendered(network, picture.source(), part, 3, kernel);
            for (int y = 0; y < height; ++y) {
                for (int x = 0; x < width; ++x) {
                    const bool in = x >= part.left && x < part.right && y >= part.top && y < part.bottom;
                    const std::size_t at = (static_cast<std::size_t>(y) * width + x) * 3;
                    for (int c = 0; c < 3; ++c) CHECK(some[at + c] == (in ? whole[at + c] : -1.0f));
                }
            }
            const auto nits = rendered(network, picture.source(), {0, 0, width, height}, 2, kernel, Encoding::nits);
            for (std::size_t i = 0; i < nits.size(); ++i) {
                const double exact = candela::pq_nits(whole[i]);
                CHECK(std::fabs(nits[i] - exact) <= 1e-6 * exact + 1e-9);
            }
        }
    }
}

void every_sample_is_read_and_written() {
    const int width = 130, height = 3;
    const auto& kernel = candela::dense_kernel();
    const Siren network(numbers_of(candela::siren_numbers, 0.1f, 2), height, width);
    std::vector<std::uint8_t> bytes(width * height * 3);
    std::vector<std::uint16_t> words(bytes.size()), halves(bytes.size());
    std::vector<float> floats(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = words[i] = static_cast<std::uint8_t>(i * 37);
        floats[i] = static_cast<float>(bytes[i]) / 255.0f;
        halves[i] = candela::half_of_float(floats[i]);
    }
    const auto source = [&](const void* data, Sample sample, int bits) {
        return candela::Source{data, sample, bits, width, height, candela::Layout::packed(width, sample)};
    };
    const Region all{0, 0, width, height};
    const auto codes = rendered(network, source(bytes.data(), Sample::u8, 8), all, 2, kernel);
    CHECK(codes == rendered(network, source(words.data(), Sample::u16, 8), all, 2, kernel));
    CHECK(codes == rendered(network, source(floats.data(), Sample::f32, 32), all, 2, kernel));
    const auto near = rendered(network, source(halves.data(), Sample::f16, 16), all, 2, kernel);
    for (std::size_t i = 0; i < near.size(); ++i) CHECK(std::fabs(near[i] - codes[i]) < 0.1f);
    network.render(source(bytes.data(), Sample::u8, 8), all,
                   {words.data(), Sample::u16, 10, candela::Layout::packed(width, Sample::u16)}, Encoding::pq, 1, kernel);
    for (std::size_t i = 0; i < words.size(); ++i) CHECK(words[i] == std::nearbyint(codes[i] * 1023.0f));
}

void wild_weights_and_pixels_do_no_harm() {
    const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    for (const auto& kernel : candela::dense_kernels()) {
        if (!kernel.usable) continue;
        Picture picture(500, 2);
        for (std::size_t i = 0; i < picture.values.size(); i += 31) {
            picture.values[i] = std::vector{nan, inf, -inf, 1e30f, 1e-40f}[i % 5];
        }
        for (const float size : {0.0f, 65504.0f, inf}) {
            auto wild = numbers_of(candela::siren_numbers, 1.0f, 3);
            for (auto& each : wild) each *= size;
            rendered(Siren(wild, 2, 500), picture.source(), {0, 0, 500, 2}, 2, kernel, Encoding::nits);
            wild.resize(candela::gamma_numbers);
            const candela::GammaNorms norms{nan, 1e-6, 3, 1e3};
            rendered(GammaMlp(wild, norms, 2, 500, {}), picture.source(), {0, 0, 500, 2}, 2, kernel, Encoding::nits);
        }
    }
}

void gradients_do_not_depend_on_threads() {
    const auto numbers = numbers_of(candela::siren_numbers, 0.1f, 4);
    for (const auto& kernel : candela::dense_kernels()) {
        if (!kernel.usable) continue;
        for (const std::size_t n : {std::size_t{1}, std::size_t{577}, std::size_t{700}}) {
            const auto colours = numbers_of(3 * n, 1, 5), places = numbers_of(2 * n, 1, 6), wanted = numbers_of(3 * n, 1, 7);
            std::vector<float> one(numbers.size()), many(numbers.size()), codes(3 * n);
            const double loss = candela::siren_gradient(numbers, colours.data(), places.data(), wanted.data(), n,
                                                        one.data(), 1, kernel);
            CHECK(loss == candela::siren_gradient(numbers, colours.data(), places.data(), wanted.data(), n,
                                                  many.data(), 4, kernel));
            CHECK(one == many);
            Siren(numbers).points(colours.data(), places.data(), n, codes.data(), 2, kernel);
            double sum = 0;
            for (std::size_t i = 0; i < 3 * n; ++i) sum += std::pow(codes[i] - wanted[i], 2.0);
            CHECK(std::fabs(loss - sum / (3.0 * n)) < 1e-5 * loss);

            std::vector<double> inputs(5 * n);
            for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = std::sin(0.37 * i);
            const candela::GammaSamples samples(inputs.data(), wanted.data(), n, 3, kernel);
            const std::span<const float> weights(numbers.data(), candela::gamma_numbers);
            const std::size_t first = n / 7;
            const double again = samples.gradient(weights, first, n - first, one.data(), 1, kernel);
            CHECK(again == samples.gradient(weights, first, n - first, many.data(), 4, kernel));
            for (std::size_t i = 0; i < candela::gamma_numbers; ++i) CHECK(one[i] == many[i]);
        }
    }
}

}  // namespace

int main() {
    regions_and_threads_change_nothing([](int height, int width) {
        return Siren(numbers_of(candela::siren_numbers, 0.1f, 1), height, width);
    });
    regions_and_threads_change_nothing([](int height, int width) {
        return GammaMlp(numbers_of(candela::gamma_numbers, 0.3f, 1), {0.2, 0.5, 0.9, 0.6}, height, width, {});
    });
    every_sample_is_read_and_written();
    wild_weights_and_pixels_do_no_harm();
    gradients_do_not_depend_on_threads();
}
