// The trainer against doubles: gradients of every kernel, SOAP's bases, threads, rounding, and drawing anew.
#include <atomic>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "../src/fit/crew.hpp"
#include "../src/fit/find.hpp"
#include "../src/fit/parameters.hpp"
#include "candela/dense.hpp"
#include "candela/fit.hpp"
#include "check.hpp"

namespace {

using candela::Parameters;

struct Problem {
    std::vector<int> sizes;
    std::vector<float> features, target, weight;
    Parameters start;
    std::size_t count;

    Problem(std::vector<int> given, std::size_t n, unsigned seed) : sizes(std::move(given)), count(n) {
        std::mt19937 random(seed);
        std::normal_distribution<float> normal;
        const auto fill = [&](std::vector<float>& to, std::size_t size, float spread, float mean) {
            to.resize(size);
            for (auto& v : to) v = mean + spread * normal(random);
        };
        fill(features, n * sizes.front(), 1.0f, 0.0f);
        fill(target, n * sizes.back(), 1.0f, 0.0f);
        fill(weight, n * sizes.back(), 0.2f, 1.0f);
        for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
            fill(start.weights.emplace_back(), static_cast<std::size_t>(sizes[l]) * sizes[l + 1],
                 1.0f / std::sqrt(float(sizes[l])), 0.0f);
            fill(start.biases.emplace_back(), sizes[l + 1], 0.3f, 0.0f);
        }
    }

    candela::Samples samples() const { return {features.data(), target.data(), weight.data(), count}; }

    // Gradients of half the sum of squared weighted errors, and outputs, in doubles.
    Parameters exact() const {
        const std::size_t depth = sizes.size() - 1;
        std::vector<std::vector<double>> gw(depth), gb(depth);
        for (std::size_t l = 0; l < depth; ++l) gw[l].resize(start.weights[l].size()), gb[l].resize(sizes[l + 1]);
        for (std::size_t i = 0; i < count; ++i) {
            std::vector<std::vector<double>> h{{&features[i * sizes[0]], &features[i * sizes[0]] + sizes[0]}};
            for (std::size_t l = 0; l < depth; ++l) {
                std::vector<double> y(start.biases[l].begin(), start.biases[l].end());
                for (int k = 0; k < sizes[l]; ++k) {
                    for (int j = 0; j < sizes[l + 1]; ++j) y[j] += h[l][k] * start.weights[l][k * sizes[l + 1] + j];
                }
                if (l + 1 < depth) {
                    for (auto& v : y) v = std::max(v, 0.0);
                }
                h.push_back(y);
            }
            std::vector<double> error = h[depth];
            for (int j = 0; j < sizes[depth]; ++j) {
                const double w = weight[i * sizes[depth] + j];
                error[j] = (error[j] - target[i * sizes[depth] + j]) * w * w;
            }
            for (std::size_t l = depth; l-- > 0;) {
                std::vector<double> before(sizes[l]);
                for (int k = 0; k < sizes[l]; ++k) {
                    for (int j = 0; j < sizes[l + 1]; ++j) {
                        gw[l][k * sizes[l + 1] + j] += h[l][k] * error[j];
                        if (h[l][k] > 0) before[k] += error[j] * start.weights[l][k * sizes[l + 1] + j];
                    }
                }
                for (int j = 0; j < sizes[l + 1]; ++j) gb[l][j] += error[j];
                error = before;
            }
        }
        Parameters out;
        for (std::size_t l = 0; l < depth; ++l) {
            out.weights.emplace_back(gw[l].begin(), gw[l].end());
            out.biases.emplace_back(gb[l].begin(), gb[l].end());
        }
        return out;
    }
};

void gradients_agree_with_doubles() {
    const std::vector<std::vector<int>> shapes = {{7, 3},       {9, 20, 3},      {2, 1, 1},
                                                  {3, 5, 6, 2}, {11, 33, 18, 3}, {10, 7, 5, 4, 3, 3}};
    for (const auto& isa : candela::dense_kernels()) {
        if (!isa.usable) continue;
        const candela::FitKernel& kernel = candela::find_fit_kernel(isa.name);
        unsigned seed = 0;
        for (const auto& sizes : shapes) {
            for (const std::size_t n : {1, 6, 97}) {
                const Problem problem(sizes, n, ++seed);
                const candela::NetworkShape shape(sizes);
                const auto numbers = candela::zeros(shape.size), found = candela::zeros(shape.size);
                const auto scratch = candela::zeros(candela::scratch_size(shape));
                candela::pack(shape, problem.start, numbers.get());
                const candela::Chunk chunk{problem.features.data(), problem.target.data(), problem.weight.data(),
                                           static_cast<int>(n), 1.0f};
                kernel.gradients(shape, numbers.get(), chunk, scratch.get(), found.get());
                const Parameters exact = problem.exact(), got = candela::unpack(shape, found.get());
                for (std::size_t l = 0; l < exact.weights.size(); ++l) {
                    const auto near = [&](const std::vector<float>& a, const std::vector<float>& b) {
                        for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) < 2e-4 * (10 + std::abs(b[i])));
                    };
                    near(got.weights[l], exact.weights[l]);
                    near(got.biases[l], exact.biases[l]);
                }
            }
        }
    }
}

void bases_stay_orthogonal_and_find_eigenvectors() {
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    const candela::Pace pace{0.95f, 0.95f, 0.0f, 1.0f, 0.05f};
    for (const auto& isa : candela::dense_kernels()) {
        if (!isa.usable) continue;
        const candela::FitKernel& kernel = candela::find_fit_kernel(isa.name);
        for (const auto& [m, n] : {std::pair{9, 20}, {20, 3}, {33, 48}, {1, 1}, {61, 5}}) {
            candela::SoapState s(m, n);
            const auto gradient = candela::zeros(static_cast<std::size_t>(m) * s.ld);
            const auto parameters = candela::zeros(static_cast<std::size_t>(m) * s.ld);
            // Three nearly parallel gradients: statistics of a low rank, singular for most shapes.
            for (int step = 0; step < 40; ++step) {
                for (int i = 0; i < m; ++i) {
                    for (int j = 0; j < n; ++j) {
                        gradient[static_cast<std::size_t>(i) * s.ld + j] =
                            std::sin(1.0f + i) * std::cos(2.0f * j) + 0.1f * std::sin(float((i * j) % 7)) +
                            (step % 3 == 0 ? 1e-3f * normal(random) : 0.0f);
                    }
                }
                kernel.soap(s, gradient.get(), parameters.get(), pace);
                kernel.turn(s);
            }
            const auto check = [](const float* q, const float* statistic, int size, int ld) {
                double off = 0, all = 0;
                std::vector<double> along(static_cast<std::size_t>(size) * size);  // statistic times q
                for (int i = 0; i < size; ++i) {
                    for (int j = 0; j < size; ++j) {
                        for (int b = 0; b < size; ++b) {
                            along[i * size + b] += static_cast<double>(statistic[i * ld + j]) * q[j * ld + b];
                        }
                    }
                }
                for (int a = 0; a < size; ++a) {
                    for (int b = 0; b < size; ++b) {
                        double product = 0, turned = 0;
                        for (int i = 0; i < size; ++i) {
                            product += static_cast<double>(q[i * ld + a]) * q[i * ld + b];
                            turned += q[i * ld + a] * along[i * size + b];
                        }
                        CHECK(std::abs(product - (a == b)) < 2e-5);
                        all += turned * turned;
                        if (a != b) off += turned * turned;
                    }
                }
                CHECK(off <= 1e-4 * all);
            };
            check(s.q_left.get(), s.left.get(), m, s.ld_left);
            check(s.q_right.get(), s.right.get(), n, s.ld);
        }
    }
}

Parameters fitted(const Problem& problem, int threads, int bits, candela::Optimiser optimiser) {
    candela::FitOptions options;
    options.steps = 60;
    options.bits = bits;
    options.threads = threads;
    options.optimiser = optimiser;
    candela::Trainer trainer(problem.samples(), problem.sizes, problem.start, options);
    while (trainer.run(25)) {
    }
    CHECK(trainer.done() == 60);
    if (bits) {
        // All are held by then: what is fitted is what is stored.
        const Parameters stored = candela::dequantise(trainer.rounded()), now = trainer.parameters();
        CHECK(stored.weights == now.weights && stored.biases == now.biases);
    }
    return trainer.parameters();
}

void threads_change_nothing() {
    const Problem problem({9, 32, 32, 3}, 3000, 5);
    for (const auto optimiser : {candela::Optimiser::soap, candela::Optimiser::adam}) {
        for (const int bits : {0, 6}) {
            const Parameters one = fitted(problem, 1, bits, optimiser);
            for (const int threads : {2, 3}) {
                const Parameters other = fitted(problem, threads, bits, optimiser);
                CHECK(one.weights == other.weights && one.biases == other.biases);
            }
        }
    }
}

void a_team_does_every_piece_once() {
    for (const int helpers : {0, 1, 5}) {
        candela::Team team(helpers);
        for (int round = 0; round < 200; ++round) {
            const int count = 1 + round % 37;
            std::vector<int> done(count);  // plain: pieces are handed over, not shared
            team.share(count, [&](int i, int) { ++done[i]; });
            for (const int times : done) CHECK(times == 1);
        }
    }
}

void what_is_no_number_ends() {
    Problem problem({9, 20, 3}, 600, 7);
    problem.features[40] = std::numeric_limits<float>::quiet_NaN();
    problem.target[90] = std::numeric_limits<float>::infinity();
    fitted(problem, 1, 5, candela::Optimiser::soap);
    const auto drawn = candela::resample(problem.samples(), problem.sizes, problem.start, 500, 1, 1, "");
    CHECK(drawn.features.size() == 500u * 9);
}

void draws_are_fair() {
    Problem problem({5, 8, 2}, 2000, 9);
    for (std::size_t i = 0; i < problem.count; i += 50) problem.target[2 * i] += 30.0f;  // hard ones
    const auto all = problem.samples();
    std::vector<float> error(problem.count * 2);
    candela::weighted_errors(all, problem.sizes, problem.start, error.data(), 1, "");
    const auto mean = [](const std::vector<float>& e) {
        double sum = 0;
        for (const float x : e) sum += static_cast<double>(x) * x;
        return sum / e.size();
    };
    const double before = mean(error);
    const auto drawn = candela::resample(all, problem.sizes, problem.start, 4001, 3, 1, "");
    CHECK(drawn.target == candela::resample(all, problem.sizes, problem.start, 4001, 3, 2, "").target);
    std::vector<float> again(4001 * 2);
    candela::weighted_errors({drawn.features.data(), drawn.target.data(), drawn.weight.data(), 4001}, problem.sizes,
                             problem.start, again.data(), 1, "");
    CHECK(std::abs(mean(again) - before) < 0.05 * before);
}

}  // namespace

int main() {
    gradients_agree_with_doubles();
    bases_stay_orthogonal_and_find_eigenvectors();
    threads_change_nothing();
    a_team_does_every_piece_once();
    what_is_no_number_ends();
    draws_are_fair();
}
