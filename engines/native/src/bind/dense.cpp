// Layers evaluated densely, as Python sees them.
#include <stdexcept>
#include <string>

#include "candela/dense.hpp"
#include "pictures.hpp"

namespace {

ArrayF evaluate(const GivenF& features, const std::vector<GivenF>& weights, const std::vector<GivenF>& biases,
                int threads, const std::string& isa) {
    const candela::Layers layers = layers_of(weights, biases);
    if (features.ndim() != 2 || static_cast<int>(features.shape(1)) != layers.inputs()) {
        throw std::invalid_argument("features are (pixels, " + std::to_string(layers.inputs()) + ")");
    }
    const candela::DenseKernel& kernel = kernel_named(isa);
    std::vector<float> outputs(features.shape(0) * layers.outputs());
    {
        nb::gil_scoped_release released;
        candela::evaluate(layers, features.data(), features.shape(0), features.shape(1), outputs.data(), threads,
                          kernel);
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
