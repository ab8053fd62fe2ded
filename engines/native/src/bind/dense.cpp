// Layers evaluated densely, as Python sees them.
#include <stdexcept>
#include <string>

#include "arrays.hpp"
#include "candela/dense.hpp"

namespace {

ArrayF evaluate(const GivenF& features, const std::vector<GivenF>& weights, const std::vector<GivenF>& biases,
                int threads, const std::string& isa) {
    std::vector<int> sizes;
    std::vector<const float*> w, b;
    if (weights.empty() || weights.size() != biases.size()) throw std::invalid_argument("a bias for every layer");
    for (std::size_t l = 0; l < weights.size(); ++l) {
        if (weights[l].ndim() != 2 || biases[l].size() != weights[l].shape(1) ||
            (l && weights[l].shape(0) != weights[l - 1].shape(1))) {
            throw std::invalid_argument("layers are (inputs, outputs) and (outputs), each on the one before");
        }
        if (!l) sizes.push_back(static_cast<int>(weights[l].shape(0)));
        sizes.push_back(static_cast<int>(weights[l].shape(1)));
        w.push_back(weights[l].data());
        b.push_back(biases[l].data());
    }
    const candela::Layers layers(sizes, w, b);
    if (features.ndim() != 2 || static_cast<int>(features.shape(1)) != layers.inputs()) {
        throw std::invalid_argument("features are (pixels, " + std::to_string(layers.inputs()) + ")");
    }
    const candela::DenseKernel* kernel = &candela::dense_kernel();
    for (const auto& each : candela::dense_kernels()) {
        if (each.name == isa && each.usable) kernel = &each;
    }
    if (!isa.empty() && kernel->name != isa) throw std::invalid_argument("no " + isa + " on this machine");
    std::vector<float> outputs(features.shape(0) * layers.outputs());
    {
        nb::gil_scoped_release released;
        candela::evaluate(layers, features.data(), features.shape(0), features.shape(1), outputs.data(), threads,
                          *kernel);
    }
    return array_of(std::move(outputs), {features.shape(0), static_cast<std::size_t>(layers.outputs())});
}

std::vector<std::string> instruction_sets() {
    std::vector<std::string> names{std::string(candela::dense_kernel().name)};
    for (const auto& kernel : candela::dense_kernels()) {
        if (kernel.usable && kernel.name != names[0]) names.emplace_back(kernel.name);
    }
    return names;
}

}  // namespace

void bind_dense(nb::module_& m) {
    m.def("evaluate", &evaluate, nb::arg("features"), nb::arg("weights"), nb::arg("biases"), nb::arg("threads") = 0,
          nb::arg("isa") = "");
    m.def("instruction_sets", &instruction_sets);
}
