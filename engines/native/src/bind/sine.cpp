// The published reference networks, as Python sees them.
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "arrays.hpp"
#include "candela/sine.hpp"

namespace {

template <class T>
using Picture = nb::ndarray<const T, nb::ndim<3>, nb::device::cpu>;
using Points32 = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Points64 = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Array64F = nb::ndarray<nb::numpy, double>;

const candela::DenseKernel& kernel_named(const std::string& isa) {
    if (isa.empty()) return candela::dense_kernel();
    for (const auto& each : candela::dense_kernels()) {
        if (each.name == isa && each.usable) return each;
    }
    throw std::invalid_argument("no " + isa + " on this machine");
}

std::span<const float> span_of(const GivenF& numbers) { return {numbers.data(), numbers.size()}; }

void check_points(bool good, const char* what) {
    if (!good) throw std::invalid_argument(what);
}

ArrayF siren_points(const candela::Siren& siren, const Points32& colour, const Points32& place, int threads,
                    const std::string& isa) {
    const std::size_t n = colour.shape(0);
    check_points(colour.shape(1) == 3 && place.shape(1) == 2 && place.shape(0) == n,
                 "colours are (n, 3) and their places (n, 2)");
    const auto& kernel = kernel_named(isa);
    std::vector<float> codes(n * 3);
    {
        nb::gil_scoped_release released;
        siren.points(colour.data(), place.data(), n, codes.data(), threads, kernel);
    }
    return array_of(std::move(codes), {n, 3});
}

Array64F gamma_points(const candela::GammaMlp& gamma, const Points64& inputs, int threads, const std::string& isa) {
    const std::size_t n = inputs.shape(0);
    check_points(inputs.shape(1) == 5, "inputs are (n, 5)");
    const auto& kernel = kernel_named(isa);
    std::vector<double> out(n * 3);
    {
        nb::gil_scoped_release released;
        gamma.points(inputs.data(), n, out.data(), threads, kernel);
    }
    return array_of(std::move(out), {n, 3});
}

// Codes of the region that `part` (h, w, 3) is of the picture.
template <class Network, class T>
ArrayF picture(const Network& network, const Picture<T>& part, int top, int left, int threads,
               const std::string& isa) {
    check_points(part.shape(2) == 3 && part.shape(0) <= 65536 && part.shape(1) <= 65536, "a picture is (h, w, 3)");
    const std::size_t h = part.shape(0), w = part.shape(1);
    const auto& kernel = kernel_named(isa);
    std::vector<float> codes(h * w * 3);
    {
        nb::gil_scoped_release released;
        network.picture({top, left, static_cast<int>(h), static_cast<int>(w)},
                        {part.data(), part.stride(0), part.stride(1), part.stride(2)},
                        {codes.data(), static_cast<std::ptrdiff_t>(w * 3), 3, 1}, threads, kernel);
    }
    return array_of(std::move(codes), {h, w, 3});
}

candela::GammaNorms norms_of(const std::vector<double>& norms) {
    if (norms.size() != 4) throw std::invalid_argument("norms are four numbers");
    return {norms[0], norms[1], norms[2], norms[3]};
}

ArrayF sines(const GivenF& x, const std::string& isa) {
    std::vector<float> out(x.size());
    candela::sines(x.data(), x.size(), out.data(), kernel_named(isa));
    return array_of(std::move(out), {x.size()});
}

}  // namespace

void bind_sine(nb::module_& m) {
    using candela::GammaMlp, candela::Siren;
    nb::class_<Siren>(m, "Siren")
        .def("__init__", [](Siren* self, const GivenF& numbers) { new (self) Siren(span_of(numbers)); },
             nb::arg("numbers"))
        .def("__init__",
             [](Siren* self, const GivenF& numbers, int height, int width) {
                 new (self) Siren(span_of(numbers), height, width);
             },
             nb::arg("numbers"), nb::arg("height"), nb::arg("width"))
        .def_prop_ro("nodes", &Siren::nodes)
        .def("points", &siren_points, nb::arg("colour"), nb::arg("place"), nb::arg("threads") = 0, nb::arg("isa") = "")
        .def("picture", &picture<Siren, float>, nb::arg("signal"), nb::arg("top") = 0, nb::arg("left") = 0,
             nb::arg("threads") = 0, nb::arg("isa") = "");
    nb::class_<GammaMlp>(m, "GammaMlp")
        .def("__init__",
             [](GammaMlp* self, const GivenF& numbers, const std::vector<double>& norms) {
                 new (self) GammaMlp(span_of(numbers), norms_of(norms));
             },
             nb::arg("numbers"), nb::arg("norms"))
        .def("__init__",
             [](GammaMlp* self, const GivenF& numbers, const std::vector<double>& norms, int height, int width) {
                 new (self) GammaMlp(span_of(numbers), norms_of(norms), height, width);
             },
             nb::arg("numbers"), nb::arg("norms"), nb::arg("height"), nb::arg("width"))
        .def("points", &gamma_points, nb::arg("inputs"), nb::arg("threads") = 0, nb::arg("isa") = "")
        .def("picture", &picture<GammaMlp, double>, nb::arg("s"), nb::arg("top") = 0, nb::arg("left") = 0,
             nb::arg("threads") = 0, nb::arg("isa") = "");
    m.def("sines", &sines, nb::arg("x"), nb::arg("isa") = "");
}
