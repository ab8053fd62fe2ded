// Fidelity: against the formulas, over strips and threads, and for what is no number.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "candela/dense.hpp"
#include "candela/fidelity.hpp"
#include "check.hpp"

namespace {

std::vector<float> light(std::size_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> out(n);
    for (auto& x : out) x = 0.001f * static_cast<float>(std::exp(16.0 * random() / 4294967296.0));
    out[0] = 0;
    out[1] = std::numeric_limits<float>::denorm_min();
    out[2] = -3;
    return out;
}

double code_difference(const float* a, const float* b) {
    constexpr double cones[3][3] = {{1688, 2146, 262}, {683, 2951, 462}, {99, 309, 3688}};
    double off[3];
    for (int i = 0; i < 3; ++i) {
        double of_a = 0, of_b = 0;
        for (int c = 0; c < 3; ++c) {
            of_a += cones[i][c] / 4096 * a[c];
            of_b += cones[i][c] / 4096 * b[c];
        }
        off[i] = candela::pq_code(of_a) - candela::pq_code(of_b);
    }
    const double i = (off[0] + off[1]) / 2, t = (3305 * off[0] - 6806.5 * off[1] + 3501.5 * off[2]) / 4096;
    const double p = (17933 * off[0] - 17390 * off[1] - 543 * off[2]) / 4096;
    return 720 * std::sqrt(i * i + t * t + p * p);
}

void deltas_are_those_of_the_formula() {
    const int width = 53, height = 21;
    const auto a = light(std::size_t(width) * height * 3, 1), b = light(a.size(), 2);
    double sum = 0, most = 0;
    for (std::size_t i = 0; i < a.size(); i += 3) {
        const double delta = code_difference(&a[i], &b[i]);
        sum += delta;
        most = std::max(most, delta);
    }
    for (const auto& kernel : candela::dense_kernels()) {
        if (!kernel.usable) continue;
        candela::Fidelity found(width, height);
        found.add(0, height, a.data(), b.data(), 2, kernel.name);
        CHECK(std::fabs(found.delta_sum() / sum - 1) < 1e-5);
        CHECK(std::fabs(found.delta_most() / most - 1) < 1e-5);
        std::int64_t count = 0;
        for (const auto n : found.histogram()) count += n;
        CHECK(count == width * height);
    }
}

void threads_and_strips_change_nothing() {
    const int width = 131, height = 77;
    const std::size_t row = std::size_t(width) * 3;
    const auto a = light(row * height, 3), b = light(row * height, 4);
    candela::Fidelity whole(width, height), strips(width, height);
    whole.add(0, height, a.data(), b.data(), 1);
    for (int y = 0; y < height; y += 11) strips.add(y, std::min(11, height - y), &a[y * row], &b[y * row], 3);
    CHECK(whole.tiles() == strips.tiles());
    CHECK(whole.tiles().size() == 6);
    CHECK(whole.delta_sum() == strips.delta_sum());
    CHECK(whole.histogram() == strips.histogram());
}

void what_is_no_number_is_said() {
    std::vector<float> a(30 * 3, 9.0f), b = a;
    candela::Fidelity same(10, 3), broken(10, 3);
    same.add(0, 3, a.data(), b.data());
    CHECK(same.delta_sum() == 0 && same.tiles()[0] == 0);
    a[17] = std::numeric_limits<float>::quiet_NaN();
    broken.add(0, 3, a.data(), b.data());
    CHECK(std::isnan(broken.delta_sum()) && std::isnan(broken.tiles()[0]));
}

}  // namespace

int main() {
    deltas_are_those_of_the_formula();
    threads_and_strips_change_nothing();
    what_is_no_number_is_said();
}
