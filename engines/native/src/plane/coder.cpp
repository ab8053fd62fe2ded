// A plane coded to a budget, relaxed in two ways of which the better is kept.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "candela/plane.hpp"
#include "candela/threads.hpp"
#include "relaxed.hpp"

namespace candela {
namespace {

constexpr std::array<double, 2> shares = {0.05, 0.12};  // how hard a plane is relaxed: no one suits every picture

// The weight that 99 of 100 do not exceed: a few far heavier samples must not make all others light. By counting first,
// since numbers that are not negative are ordered as their bits are.
float heavy(const float* weight, std::size_t n) {
    std::size_t rank = 99 * (n - 1) / 100;
    std::vector<std::uint32_t> counts(1 << 15);
    const auto bin_of = [](float w) { return std::bit_cast<std::uint32_t>(w) >> 16; };
    for (std::size_t i = 0; i < n; ++i) ++counts[bin_of(weight[i])];
    std::uint32_t bin = 0;
    for (; rank >= counts[bin]; ++bin) rank -= counts[bin];
    std::vector<float> among;
    among.reserve(counts[bin]);
    for (std::size_t i = 0; i < n; ++i) {
        if (bin_of(weight[i]) == bin) among.push_back(weight[i]);
    }
    const auto at = among.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(among.begin(), at, among.end());
    return *at;
}

void check(const float* plane, const float* weight, int height, int width, int channels) {
    if (height < 1 || width < 1 || channels < 1 || channels > 4 ||
        static_cast<std::int64_t>(height) * width > most_samples / channels) {
        throw std::invalid_argument("a plane of " + std::to_string(width) + "x" + std::to_string(height) + "x" +
                                    std::to_string(channels) + " is outside the bounds of a payload");
    }
    const std::size_t n = static_cast<std::size_t>(height) * width * channels;
    bool finite = true, weighs = true;
    for (std::size_t i = 0; i < n; ++i) {
        finite &= std::fabs(plane[i]) < 1e30f;
        weighs &= weight[i] >= 0 && weight[i] < 1e30f;
    }
    if (!finite) throw std::invalid_argument("a plane has samples that are not finite: look at the pair that it is of");
    if (!weighs) throw std::invalid_argument("a plane's weights have to be finite and not negative");
}

// (h, w, C) to (C, h, w), each number as f makes it.
template <class F>
Planes by_channels(const float* given, int height, int width, int channels, F f) {
    Planes out{height, width, channels, std::vector<float>(static_cast<std::size_t>(height) * width * channels)};
    for (int c = 0; c < channels; ++c) {
        float* to = out.row(c, 0);
        for (std::size_t i = 0; i < out.area(); ++i) to[i] = f(given[i * channels + c]);
    }
    return out;
}

}  // namespace

struct PlaneCoder::State {
    const RowLoops& loops;
    Planes plane, weight;
    std::array<Relaxed, 2> calm;
    std::mutex lock;

    State(Planes p, Planes w, const RowLoops& l)
        : loops(l), plane(std::move(p)), weight(std::move(w)),
          calm{Relaxed(plane, weight, shares[0]), Relaxed(plane, weight, shares[1])} {}

    CodedPlane finished(Coding coding, RowTeam& team) const {
        auto samples = samples_of(coding, plane.height, plane.width, loops, team);
        return {std::move(samples), coding.step, std::move(coding.bytes)};
    }

    std::optional<CodedPlane> one(std::size_t which, std::int64_t budget, int tries, int passes, int threads) {
        RowTeam team(threads);
        auto coding = calm[which].code(budget, tries, passes, loops, team);
        if (!coding) return std::nullopt;
        return finished(std::move(*coding), team);
    }

    // Squared, weighed and summed in the order of the samples.
    double error(const CodedPlane& coded) const {
        double sum = 0;
        for (std::size_t i = 0, at = 0; i < plane.area(); ++i) {
            for (int c = 0; c < plane.channels; ++c, ++at) {
                const float off = coded.samples[at] - plane.row(c, 0)[i] / plane_unit;
                sum += weight.row(c, 0)[i] * (off * off);
            }
        }
        return sum;
    }
};

PlaneCoder::PlaneCoder(const float* plane, const float* weight, int height, int width, int channels,
                       std::string_view isa) {
    check(plane, weight, height, width, channels);
    const float top = std::max(heavy(weight, static_cast<std::size_t>(height) * width * channels), 1e-9f);
    state_ = std::make_unique<State>(by_channels(plane, height, width, channels, [](float x) { return x * plane_unit; }),
                                     by_channels(weight, height, width, channels,
                                                 [top](float w) { return std::min(w / top, 1.0f); }),
                                     row_loops(isa));
}

PlaneCoder::~PlaneCoder() = default;

std::optional<CodedPlane> PlaneCoder::code(std::int64_t budget, bool draft, int threads) {
    State& s = *state_;
    const std::lock_guard held(s.lock);
    threads = static_cast<int>(thread_count(threads));
    if (draft) return s.one(0, budget, 2, 1, threads);
    std::array<std::optional<CodedPlane>, 2> coded;
    std::exception_ptr failed;
    const auto second = [&](int own) {
        try {
            coded[1] = s.one(1, budget, 4, 2, own);
        } catch (...) {
            failed = std::current_exception();
        }
    };
    std::thread other;
    try {
        if (threads > 1) other = std::thread(second, threads / 2);
    } catch (const std::system_error&) {
        // No thread to be had: then one after the other.
    }
    std::exception_ptr mine;
    try {
        coded[0] = s.one(0, budget, 4, 2, threads > 1 ? threads - threads / 2 : 1);
    } catch (...) {
        mine = std::current_exception();
    }
    other.joinable() ? other.join() : second(1);
    if (mine) std::rethrow_exception(mine);
    if (failed) std::rethrow_exception(failed);
    if (!coded[0]) return std::move(coded[1]);
    if (!coded[1]) return std::move(coded[0]);
    return std::move(s.error(*coded[1]) < s.error(*coded[0]) ? coded[1] : coded[0]);
}

}  // namespace candela
