// Fitting, as Python sees it.
#include <nanobind/stl/optional.h>

#include <stdexcept>
#include <string>
#include <tuple>

#include "arrays.hpp"
#include "candela/fit.hpp"

namespace {

using Arrays = std::vector<GivenF>;
using Rounded = std::vector<std::tuple<Array32, Array32, Array32>>;

std::vector<int> sizes_of(const Arrays& weights) {
    std::vector<int> sizes;
    for (const GivenF& w : weights) {
        if (w.ndim() != 2 || (!sizes.empty() && static_cast<int>(w.shape(0)) != sizes.back())) {
            throw std::invalid_argument("layers are (inputs, outputs) and (outputs), each on the one before");
        }
        if (sizes.empty()) sizes.push_back(static_cast<int>(w.shape(0)));
        sizes.push_back(static_cast<int>(w.shape(1)));
    }
    return sizes;
}

candela::Parameters parameters_of(const Arrays& weights, const Arrays& biases) {
    candela::Parameters out;
    for (const GivenF& w : weights) out.weights.emplace_back(w.data(), w.data() + w.size());
    for (const GivenF& b : biases) out.biases.emplace_back(b.data(), b.data() + b.size());
    return out;
}

// Samples of the arrays, which have to fit one another and the layers.
candela::Samples samples_of(const GivenF& features, const GivenF* target, const GivenF* weight,
                            const std::vector<int>& sizes) {
    if (sizes.empty() || features.ndim() != 2 || static_cast<int>(features.shape(1)) != sizes.front()) {
        throw std::invalid_argument("features are (samples, " + std::to_string(sizes.empty() ? 0 : sizes.front()) + ")");
    }
    for (const GivenF* each : {target, weight}) {
        if (each && (each->ndim() != 2 || each->shape(0) != features.shape(0) ||
                     static_cast<int>(each->shape(1)) != sizes.back())) {
            throw std::invalid_argument("target and weight are (samples, " + std::to_string(sizes.back()) + ")");
        }
    }
    return {features.data(), target ? target->data() : nullptr, weight ? weight->data() : nullptr, features.shape(0)};
}

Rounded given(std::vector<candela::QuantisedLayer>&& layers) {
    Rounded out;
    for (auto& layer : layers) {
        const auto in = static_cast<std::size_t>(layer.inputs), n = static_cast<std::size_t>(layer.outputs);
        out.emplace_back(array_of(std::move(layer.weights), {in, n}), array_of(std::move(layer.biases), {n}),
                         array_of(std::move(layer.scales), {n}));
    }
    return out;
}

// Holds the arrays whose samples its trainer borrows.
struct Fit {
    GivenF features, target, weight;
    std::vector<int> sizes;
    candela::Trainer trainer;

    Fit(const GivenF& x, const GivenF& y, const GivenF& w, const Arrays& weights, const Arrays& biases,
        const candela::FitOptions& options)
        : features(x), target(y), weight(w), sizes(sizes_of(weights)),
          trainer(samples_of(features, &target, &weight, sizes), sizes, parameters_of(weights, biases), options) {}

    std::tuple<std::vector<ArrayF>, std::vector<ArrayF>> parameters() const {
        std::tuple<std::vector<ArrayF>, std::vector<ArrayF>> out;
        auto now = trainer.parameters();
        for (std::size_t l = 0; l < now.weights.size(); ++l) {
            const auto in = static_cast<std::size_t>(sizes[l]), n = static_cast<std::size_t>(sizes[l + 1]);
            std::get<0>(out).push_back(array_of(std::move(now.weights[l]), {in, n}));
            std::get<1>(out).push_back(array_of(std::move(now.biases[l]), {n}));
        }
        return out;
    }
};

candela::Optimiser optimiser_of(const std::string& name) {
    if (name == "soap") return candela::Optimiser::soap;
    if (name == "adam") return candela::Optimiser::adam;
    throw std::invalid_argument("an optimiser named " + name + ": soap and adam are there");
}

ArrayF weighted_errors(const GivenF& features, const Arrays& weights, const Arrays& biases,
                       const std::optional<GivenF>& target, const std::optional<GivenF>& weight, int threads,
                       const std::string& isa) {
    if (target.has_value() != weight.has_value()) throw std::invalid_argument("a target goes with a weight");
    const auto sizes = sizes_of(weights);
    const auto samples = samples_of(features, target ? &*target : nullptr, weight ? &*weight : nullptr, sizes);
    const auto parameters = parameters_of(weights, biases);
    const auto outputs = static_cast<std::size_t>(sizes.back());
    std::vector<float> out(samples.count * outputs);
    {
        nb::gil_scoped_release released;
        candela::weighted_errors(samples, sizes, parameters, out.data(), threads, isa);
    }
    return array_of(std::move(out), {samples.count, outputs});
}

std::tuple<ArrayF, ArrayF, ArrayF> resample(const GivenF& features, const GivenF& target, const GivenF& weight,
                                            const Arrays& weights, const Arrays& biases, std::size_t count,
                                            std::uint64_t seed, int threads, const std::string& isa) {
    const auto sizes = sizes_of(weights);
    const auto samples = samples_of(features, &target, &weight, sizes);
    const auto parameters = parameters_of(weights, biases);
    candela::Resampled drawn;
    {
        nb::gil_scoped_release released;
        drawn = candela::resample(samples, sizes, parameters, count, seed, threads, isa);
    }
    const auto in = static_cast<std::size_t>(sizes.front()), out = static_cast<std::size_t>(sizes.back());
    return {array_of(std::move(drawn.features), {count, in}), array_of(std::move(drawn.target), {count, out}),
            array_of(std::move(drawn.weight), {count, out})};
}

}  // namespace

void bind_fit(nb::module_& m) {
    nb::class_<Fit>(m, "Trainer")
        .def(
            "__init__",
            [](Fit* self, const GivenF& features, const GivenF& target, const GivenF& weight, const Arrays& weights,
               const Arrays& biases, std::int64_t steps, int batch, double rate, int bits, double quantised_from,
               double seconds, const std::string& optimiser, int threads, const std::string& isa) {
                candela::FitOptions options;
                options.steps = steps;
                options.batch = batch;
                options.rate = rate;
                options.bits = bits;
                options.quantised_from = quantised_from;
                options.seconds = seconds;
                options.optimiser = optimiser_of(optimiser);
                options.threads = threads;
                options.isa = isa;
                new (self) Fit(features, target, weight, weights, biases, options);
            },
            nb::arg("features"), nb::arg("target"), nb::arg("weight"), nb::arg("weights"), nb::arg("biases"),
            nb::kw_only(), nb::arg("steps"), nb::arg("batch") = 512, nb::arg("rate") = 1e-2, nb::arg("bits") = 0,
            nb::arg("quantised_from") = 0.75, nb::arg("seconds") = 0.0, nb::arg("optimiser") = "soap",
            nb::arg("threads") = 0, nb::arg("isa") = "")
        .def("run", [](Fit& self, int steps) { return self.trainer.run(steps); }, nb::arg("steps"),
             nb::call_guard<nb::gil_scoped_release>())
        .def_prop_ro("done", [](const Fit& self) { return self.trainer.done(); })
        .def_prop_ro("fraction", [](const Fit& self) { return self.trainer.fraction(); })
        .def("parameters", &Fit::parameters)
        .def_prop_ro("rounding", [](const Fit& self) { return self.trainer.rounding(); })
        .def("rounded", [](const Fit& self) { return given(self.trainer.rounded()); });
    m.def("weighted_errors", &weighted_errors, nb::arg("features"), nb::arg("weights"), nb::arg("biases"),
          nb::arg("target") = nb::none(), nb::arg("weight") = nb::none(), nb::arg("threads") = 0, nb::arg("isa") = "");
    m.def("resample", &resample, nb::arg("features"), nb::arg("target"), nb::arg("weight"), nb::arg("weights"),
          nb::arg("biases"), nb::kw_only(), nb::arg("count"), nb::arg("seed") = 0, nb::arg("threads") = 0,
          nb::arg("isa") = "");
}
