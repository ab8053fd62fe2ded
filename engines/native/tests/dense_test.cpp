// Every kernel that the machine has against doubles, at sizes that fill no block.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "candela/dense.hpp"
#include "check.hpp"

namespace {

struct Network {
    std::vector<int> sizes;
    std::vector<std::vector<float>> weights, biases;

    Network(std::vector<int> given, unsigned seed) : sizes(std::move(given)) {
        std::mt19937 random(seed);
        std::normal_distribution<float> normal;
        for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
            auto& w = weights.emplace_back();
            for (int i = 0; i < sizes[l] * sizes[l + 1]; ++i) w.push_back(normal(random) / std::sqrt(float(sizes[l])));
            auto& b = biases.emplace_back();
            for (int i = 0; i < sizes[l + 1]; ++i) b.push_back(0.3f * normal(random));
        }
    }

    candela::Layers layers() const {
        std::vector<const float*> w, b;
        for (const auto& each : weights) w.push_back(each.data());
        for (const auto& each : biases) b.push_back(each.data());
        return {sizes, w, b};
    }

    std::vector<double> exact(const float* x) const {
        std::vector<double> h(x, x + sizes[0]);
        for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
            std::vector<double> y(biases[l].begin(), biases[l].end());
            for (int k = 0; k < sizes[l]; ++k) {
                for (int j = 0; j < sizes[l + 1]; ++j) y[j] += h[k] * weights[l][std::size_t(k) * sizes[l + 1] + j];
            }
            if (l + 2 < sizes.size()) {
                for (auto& v : y) v = std::max(v, 0.0);
            }
            h = y;
        }
        return h;
    }
};

void kernels_agree_with_doubles() {
    const std::vector<std::vector<int>> shapes = {{7, 3},         {9, 20, 3},      {11, 32, 32, 3}, {8, 1, 3},
                                                  {1, 17, 5, 2},  {9, 48, 48, 3}, {10, 13, 13, 7, 3}};
    for (const auto& kernel : candela::dense_kernels()) {
        if (!kernel.usable) continue;
        unsigned seed = 0;
        for (const auto& shape : shapes) {
            const Network network(shape, ++seed);
            for (const std::size_t n : {std::size_t{1}, std::size_t{95}, std::size_t{97}, std::size_t{4001}}) {
                std::mt19937 random(seed);
                const std::size_t stride = shape[0] + 3;  // rows with something else between them
                std::vector<float> x(n * stride, std::numeric_limits<float>::quiet_NaN());
                for (std::size_t i = 0; i < n; ++i) {
                    for (int k = 0; k < shape[0]; ++k) x[i * stride + k] = float(random()) / 2147483648.0f - 1.0f;
                }
                const std::size_t out = shape.back();
                std::vector<float> one(n * out), many(n * out);
                const candela::Layers layers = network.layers();
                candela::evaluate(layers, x.data(), n, stride, one.data(), 1, kernel);
                candela::evaluate(layers, x.data(), n, stride, many.data(), 4, kernel);
                CHECK(one == many);
                for (std::size_t i = 0; i < n; i += 7) {
                    const auto exact = network.exact(&x[i * stride]);
                    for (std::size_t j = 0; j < out; ++j) CHECK(std::abs(one[i * out + j] - exact[j]) < 4e-6);
                }
            }
        }
    }
}

void a_bad_pixel_stays_alone() {
    const Network network({9, 20, 3}, 3);
    for (const auto& kernel : candela::dense_kernels()) {
        if (!kernel.usable) continue;
        std::vector<float> x(200 * 9, 0.25f), y(200 * 3), clean(200 * 3);
        candela::evaluate(network.layers(), x.data(), 200, 9, clean.data(), 1, kernel);
        x[50 * 9] = std::numeric_limits<float>::quiet_NaN();
        x[60 * 9 + 2] = std::numeric_limits<float>::infinity();
        x[70 * 9 + 1] = std::numeric_limits<float>::denorm_min();
        candela::evaluate(network.layers(), x.data(), 200, 9, y.data(), 1, kernel);
        for (int i = 0; i < 200; ++i) {
            if (i == 50 || i == 60 || i == 70) continue;
            for (int j = 0; j < 3; ++j) CHECK(y[i * 3 + j] == clean[i * 3 + j]);
        }
    }
}

}  // namespace

int main() {
    kernels_agree_with_doubles();
    a_bad_pixel_stays_alone();
}
