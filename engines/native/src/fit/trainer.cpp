// A fit: batches, the schedule, updates. Twin of itm/learn.py.
#include <algorithm>
#include <cmath>
#include <optional>

#include "candela/fit.hpp"
#include "crew.hpp"
#include "errors.hpp"
#include "find.hpp"
#include "freeze.hpp"
#include "kernel.hpp"
#include "parameters.hpp"
#include "processor.hpp"

namespace candela {
namespace {

constexpr int freeze_every = 4;  // steps between two times that weights are rounded
constexpr double frozen_by = 0.97;  // share of the schedule by which all are
constexpr int turn_every = 10;                 // steps between two turns of SOAP's bases, after as many with one each
constexpr int warm_steps = 30;
constexpr double least_rate = 0.03;  // of the rate, at the end
constexpr double soap_beta = 0.95, follow = 0.05;
constexpr double adam_beta1 = 0.9, adam_beta2 = 0.99;
constexpr double shared_work = 6e5;  // multiply-adds of a step from which on a second thread helps

using Clock = std::chrono::steady_clock;

double mean_square_weight(const Samples& samples, std::size_t outputs) {
    double sum = 0;
    for (std::size_t i = 0; i < samples.count * outputs; ++i) {
        sum += static_cast<double>(samples.weight[i]) * samples.weight[i];
    }
    return sum / static_cast<double>(samples.count * outputs);
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

struct Trainer::State {
    State(const Samples& samples_, const std::vector<int>& sizes_, const Parameters& from, const FitOptions& options_)
        : samples(samples_), sizes(sizes_), options(options_), kernel(find_fit_kernel(options_.isa)), shape(sizes_),
          start(Clock::now()) {
        now = zeros(shape.size);
        pack(shape, from, now.get());
        first = zeros(shape.size);
        second = zeros(shape.size);
        batch = std::min(static_cast<std::size_t>(options.batch), samples.count);
        // Two chunks at least where that leaves each enough, so that two threads can share a batch.
        chunks = static_cast<int>((batch + chunk_samples - 1) / chunk_samples);
        if (chunks == 1 && batch >= chunk_samples) chunks = 2;
        chunk = (batch + chunks - 1) / chunks;
        chunk = (chunk + 15) / 16 * 16;
        for (int i = 0; i < chunks; ++i) gradients.push_back(zeros(shape.size));
        double work = 0;
        for (const auto& layer : shape.layers) {
            work += 3.0 * static_cast<double>(batch) * layer.inputs * layer.outputs;
            if (options.optimiser == Optimiser::soap) soap.emplace_back(layer.inputs, layer.outputs);
        }
        const int workers = work < shared_work ? 1 : std::min(team_size(options.threads), chunks);
        crew = Crew(workers);
        for (int i = 0; i < workers; ++i) {
            scratch.push_back(zeros(scratch_size(shape)));
            scratch_at.push_back(scratch.back().get());
        }
        scale = static_cast<float>(1.0 / mean_square_weight(samples, shape.outputs()) / static_cast<double>(batch));
    }

    Samples samples;
    std::vector<int> sizes;
    FitOptions options;
    const FitKernel& kernel;
    NetworkShape shape;
    Clock::time_point start;
    std::size_t batch = 0, chunk = 0, at = 0;
    int chunks = 0;
    Crew crew{1};
    float scale = 0;
    std::int64_t done = 0;
    double fraction = 0;
    Numbers now, first, second;
    std::vector<Numbers> gradients, scratch;
    std::vector<float*> scratch_at;
    std::vector<SoapState> soap;
    std::optional<Freezer> freezer;

    void step();
    void update(int layer, const Pace& pace);
    void freeze();
};

void Trainer::State::freeze() {
    if (!freezer) freezer.emplace(shape, sizes, now.get(), options.bits);
    const double through = (fraction - options.quantised_from) / std::max(frozen_by - options.quantised_from, 1e-9);
    if (done % freeze_every && through < 1) return;
    freezer->advance(std::sqrt(std::clamp(through, 0.0, 1.0)), now.get());
}

void Trainer::State::update(int l, const Pace& pace) {
    const auto& layer = shape.layers[l];
    const std::size_t end = layer.biases + layer.ld, area = layer.biases - layer.weights;
    float* gradient = gradients[0].get();
    for (int i = 1; i < chunks; ++i) {
        kernel.add(end - layer.weights, gradients[i].get() + layer.weights, gradient + layer.weights);
    }
    if (freezer) freezer->mask(layer, gradient);
    const auto adam = [&](std::size_t from, std::size_t count) {
        kernel.adam(count, gradient + from, now.get() + from, first.get() + from, second.get() + from, pace);
    };
    if (soap.empty()) {
        adam(layer.weights, area + layer.ld);
    } else {
        adam(layer.biases, layer.ld);
        kernel.soap(soap[l], gradient + layer.weights, now.get() + layer.weights, pace);
    }
    if (freezer) freezer->hold(layer, now.get());
    if (!soap.empty() && ( done < turn_every || (done + 1) % turn_every == 0)) kernel.turn(soap[l]);
}

void Trainer::State::step() {
    Team& team = crew.team();
    if (at + batch > samples.count) at = 0;
    if (options.bits && fraction >= options.quantised_from) freeze();
    const auto in = static_cast<std::size_t>(shape.inputs()), out = static_cast<std::size_t>(shape.outputs());
    team.share(chunks, [&](int i, int worker) {
        const std::size_t from = std::min(batch, i * chunk), end = std::min(batch, from + chunk);
        const std::size_t where = at + from;
        const Chunk part{samples.features + where * in, samples.target + where * out, samples.weight + where * out,
                         static_cast<int>(end - from), scale};
        kernel.gradients(shape, now.get(), part, scratch_at[worker], gradients[i].get());
    });
    at += batch;
    const double t = static_cast<double>(done + 1);
    const double warm = std::min(1.0, t / warm_steps);
    const double fall = std::max(std::sqrt(0.5 + 0.5 * std::cos(3.14159265358979323846 * fraction)), least_rate);
    const double beta1 = soap.empty() ? adam_beta1 : soap_beta, beta2 = soap.empty() ? adam_beta2 : soap_beta;
    const Pace pace{static_cast<float>(beta1), static_cast<float>(beta2),
                    static_cast<float>(options.rate * warm * fall / (1 - std::pow(beta1, t))),
                    static_cast<float>(1 / (1 - std::pow(beta2, t))), static_cast<float>(follow)};
    team.share(shape.depth(), [&](int l, int) { update(l, pace); });
    ++done;
    fraction = std::min(1.0, static_cast<double>(done) / static_cast<double>(options.steps));
    if (options.seconds > 0) fraction = std::min(1.0, std::max(fraction, seconds_since(start) / options.seconds));
}

Trainer::Trainer(const Samples& samples, const std::vector<int>& sizes, const Parameters& start,
                 const FitOptions& options) {
    check_sizes(sizes, start, most_fit_units);
    const auto refuse = [](bool when, const std::string& why) {
        if (when) throw std::invalid_argument(why);
    };
    refuse(!samples.count || !samples.features || !samples.target || !samples.weight, "there are no samples to fit");
    refuse(options.steps < 1, "a schedule of " + std::to_string(options.steps) + " steps");
    refuse(options.batch < 1 || options.batch > 65'536, "a batch of " + std::to_string(options.batch) + " samples");
    refuse(options.bits != 0 && (options.bits < 2 || options.bits > 16), "weights of " + std::to_string(options.bits) + " bits");
    refuse(!(options.rate > 0) || !std::isfinite(options.rate), "a rate of " + std::to_string(options.rate));
    state_ = std::make_unique<State>(samples, sizes, start, options);
}

Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;

bool Trainer::run(int steps) {
    State& s = *state_;
    const FlushDenormals flushed;
    s.crew.begin();
    for (int i = 0; i < steps && s.fraction < 1; ++i) {
        s.step();
        s.crew.step_done();
    }
    s.crew.end();
    return s.fraction < 1;
}

std::int64_t Trainer::done() const { return state_->done; }
double Trainer::fraction() const { return state_->fraction; }
Parameters Trainer::parameters() const { return unpack(state_->shape, state_->now.get()); }

bool Trainer::rounding() const { return state_->freezer.has_value(); }

std::vector<QuantisedLayer> Trainer::rounded() const {
    const State& s = *state_;
    if (!s.options.bits) return {};
    return quantise(parameters(), s.sizes, s.options.bits, s.freezer ? &s.freezer->codes() : nullptr);
}

}  // namespace candela
