// Hard examples: samples drawn anew by what the layers get wrong.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "candela/fit.hpp"
#include "find.hpp"

namespace candela {
namespace {

constexpr double hard = 0.2;         // share that is drawn in proportion to the error
constexpr std::size_t streams = 64;  // draws of one sample follow one another: they are dealt out to so many places

// A number in [0, 1) for a seed and an index (splitmix64, Steele et al. 2014).
double uniform(std::uint64_t seed, std::uint64_t index) {
    std::uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return static_cast<double>((z ^ z >> 31) >> 11) * 0x1p-53;
}

}  // namespace

Resampled resample(const Samples& samples, const std::vector<int>& sizes, const Parameters& parameters,
                   std::size_t count, std::uint64_t seed, int threads, std::string_view isa) {
    if (!samples.count || !samples.target || !samples.weight) throw std::invalid_argument("there are no samples to draw from");
    const std::size_t n = samples.count;
    const auto in = static_cast<std::size_t>(sizes.front()), out = static_cast<std::size_t>(sizes.back());
    std::vector<float> error(n * out);
    weighted_errors(samples, sizes, parameters, error.data(), threads, isa);
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < out; ++j) sum += static_cast<double>(error[i * out + j]) * error[i * out + j];
        const double size = std::sqrt(sum);
        error[i] = static_cast<float>(std::isfinite(size) ? size : 0.0);  // i <= i * out: already read
        total += error[i];
    }
    const double even = total > 0 ? (1 - hard) / static_cast<double>(n) : 1.0 / static_cast<double>(n);
    const double share = total > 0 ? hard / total : 0.0;
    Resampled drawn{std::vector<float>(count * in), std::vector<float>(count * out), std::vector<float>(count * out)};
    // One draw in each of `count` equal parts of the odds, so that no two runs of luck add up.
    double reached = even + share * error[0];
    for (std::size_t i = 0, pick = 0; i < count; ++i) {
        const double wanted = (static_cast<double>(i) + uniform(seed, i)) / static_cast<double>(count);
        while (wanted >= reached && pick + 1 < n) reached += even + share * error[++pick];
        const std::size_t stream = i % streams, each = count / streams, more = count % streams;
        const std::size_t to = stream * each + std::min(stream, more) + i / streams;
        // Divided by the odds, the loss stays that of the picture.
        const auto fair = static_cast<float>(std::sqrt(1 / (static_cast<double>(n) * (even + share * error[pick]))));
        std::copy_n(samples.features + pick * in, in, drawn.features.data() + to * in);
        std::copy_n(samples.target + pick * out, out, drawn.target.data() + to * out);
        for (std::size_t j = 0; j < out; ++j) drawn.weight[to * out + j] = samples.weight[pick * out + j] * fair;
    }
    return drawn;
}

}  // namespace candela
