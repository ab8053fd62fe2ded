// Outputs and errors of many samples, chunk by chunk on threads.
#include "errors.hpp"

#include <algorithm>

#include "find.hpp"
#include "parameters.hpp"
#include "processor.hpp"

namespace candela {
namespace {

constexpr std::size_t piece_samples = 8 * chunk_samples;

}  // namespace

int team_size(int threads) {
    const int all = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    return std::min(threads > 0 ? threads : all, 64);
}

int pieces_of(std::size_t count) { return static_cast<int>((count + piece_samples - 1) / piece_samples); }

void errors_of_piece(const FitKernel& kernel, const NetworkShape& shape, const float* parameters,
                     const Samples& samples, int piece, float* scratch, float* out) {
    const std::size_t first = piece * piece_samples, end = std::min(samples.count, first + piece_samples);
    const auto in = static_cast<std::size_t>(shape.inputs()), n = static_cast<std::size_t>(shape.outputs());
    for (std::size_t at = first; at < end; at += chunk_samples) {
        const Chunk chunk{samples.features + at * in, samples.target ? samples.target + at * n : nullptr,
                          samples.weight ? samples.weight + at * n : nullptr,
                          static_cast<int>(std::min<std::size_t>(chunk_samples, end - at)), 1.0f};
        kernel.errors(shape, parameters, chunk, scratch, out + (at - first) * n);
    }
}

void weighted_errors(const Samples& samples, const std::vector<int>& sizes, const Parameters& parameters, float* out,
                     int threads, std::string_view isa) {
    check_sizes(sizes, parameters, most_fit_units);
    const FitKernel& kernel = find_fit_kernel(isa);
    const NetworkShape shape(sizes);
    const Numbers numbers = zeros(shape.size);
    pack(shape, parameters, numbers.get());
    const int pieces = pieces_of(samples.count);
    const int workers = std::max(1, std::min(team_size(threads), pieces / 4));  // no thread for a few samples
    std::vector<Numbers> scratch;
    for (int i = 0; i < workers; ++i) scratch.push_back(zeros(scratch_size(shape)));
    Team team(workers - 1);
    constexpr int at_once = 1 << 15;  // pieces that a team can share
    for (int begin = 0; begin < pieces; begin += at_once) {
        team.share(std::min(at_once, pieces - begin), [&](int i, int worker) {
            const int piece = begin + i;
            errors_of_piece(kernel, shape, numbers.get(), samples, piece, scratch[worker].get(),
                            out + piece * piece_samples * shape.outputs());
        });
    }
}

}  // namespace candela
