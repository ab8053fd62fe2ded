// The published reference networks, as Python sees them.
#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>

#include "candela/sine.hpp"
#include "pictures.hpp"

namespace {

using candela::GammaMlp, candela::GammaSamples, candela::Siren;
using Points32 = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Points64 = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Codes64 = nb::ndarray<const double, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using Array64F = nb::ndarray<nb::numpy, double>;

std::span<const float> span_of(const GivenF& numbers) { return {numbers.data(), numbers.size()}; }

void check(bool good, const char* what) {
    if (!good) throw std::invalid_argument(what);
}

ArrayF siren_points(const Siren& siren, const Points32& colour, const Points32& place, int threads,
                    const std::string& isa) {
    const std::size_t n = colour.shape(0);
    check(colour.shape(1) == 3 && place.shape(1) == 2 && place.shape(0) == n,
          "colours are (n, 3) and their places (n, 2)");
    const auto& kernel = kernel_named(isa);
    std::vector<float> codes(n * 3);
    {
        nb::gil_scoped_release released;
        siren.points(colour.data(), place.data(), n, codes.data(), threads, kernel);
    }
    return array_of(std::move(codes), {n, 3});
}

Array64F gamma_points(const GammaMlp& gamma, const Points64& inputs, int threads, const std::string& isa) {
    const std::size_t n = inputs.shape(0);
    check(inputs.shape(1) == 5, "inputs are (n, 5)");
    const auto& kernel = kernel_named(isa);
    std::vector<double> out(n * 3);
    {
        nb::gil_scoped_release released;
        gamma.points(inputs.data(), n, out.data(), threads, kernel);
    }
    return array_of(std::move(out), {n, 3});
}

template <class Network>
void render(const Network& network, const GivenPicture& picture, int bits, const TakenPicture& out, int out_bits,
            const Box& region, const std::string& encoding, int threads, const std::string& isa) {
    const auto source = source_of(picture, bits);
    const auto target = target_of(out, out_bits, region);
    const auto wanted = encoding_of(encoding);
    const auto& kernel = kernel_named(isa);
    const auto [left, top, right, bottom] = region;
    nb::gil_scoped_release released;
    network.render(source, {left, top, right, bottom}, target, wanted, threads, kernel);
}

void render_codes(const GammaMlp& network, const Codes64& s, const TakenPicture& out, int out_bits, const Box& region,
                  const std::string& encoding, int threads, const std::string& isa) {
    const auto target = target_of(out, out_bits, region);
    check(s.shape(0) == out.shape(0) && s.shape(1) == out.shape(1) && s.shape(2) == 3, "S is that of the region");
    const auto wanted = encoding_of(encoding);
    const auto& kernel = kernel_named(isa);
    const auto [left, top, right, bottom] = region;
    nb::gil_scoped_release released;
    network.render_codes(s.data(), {left, top, right, bottom}, target, wanted, threads, kernel);
}

candela::GammaNorms norms_of(const std::vector<double>& norms) {
    check(norms.size() == 4, "norms are four numbers");
    return {norms[0], norms[1], norms[2], norms[3]};
}

candela::SdrColour colour_of(const std::string& transfer, double exponent, double scale, double offset,
                             const std::vector<double>& matrix) {
    check(transfer == "power" || transfer == "srgb", "a transfer is power or srgb");
    check(matrix.size() == 9, "a matrix has nine numbers");
    candela::SdrColour colour;
    colour.transfer = transfer == "srgb" ? candela::Transfer::srgb : candela::Transfer::power;
    colour.exponent = exponent;
    colour.scale = scale;
    colour.offset = offset;
    std::copy(matrix.begin(), matrix.end(), colour.matrix);
    return colour;
}

std::tuple<double, ArrayF> siren_gradient(const GivenF& numbers, const Points32& colour, const Points32& place,
                                          const Points32& target, int threads, const std::string& isa) {
    const std::size_t n = colour.shape(0);
    check(colour.shape(1) == 3 && place.shape(1) == 2 && target.shape(1) == 3 && place.shape(0) == n &&
              target.shape(0) == n,
          "samples are colours (n, 3), places (n, 2) and targets (n, 3)");
    const auto& kernel = kernel_named(isa);
    std::vector<float> gradient(candela::siren_numbers);
    double loss;
    {
        nb::gil_scoped_release released;
        loss = candela::siren_gradient(span_of(numbers), colour.data(), place.data(), target.data(), n,
                                       gradient.data(), threads, kernel);
    }
    return {loss, array_of(std::move(gradient), {candela::siren_numbers})};
}

std::tuple<double, ArrayF> gamma_gradient(const GammaSamples& samples, const GivenF& numbers, std::size_t first,
                                          std::size_t count, int threads, const std::string& isa) {
    const auto& kernel = kernel_named(isa);
    std::vector<float> gradient(candela::gamma_numbers);
    double loss;
    {
        nb::gil_scoped_release released;
        loss = samples.gradient(span_of(numbers), first, count, gradient.data(), threads, kernel);
    }
    return {loss, array_of(std::move(gradient), {candela::gamma_numbers})};
}

ArrayF sines(const GivenF& x, const std::string& isa) {
    std::vector<float> out(x.size());
    candela::sines(x.data(), x.size(), out.data(), kernel_named(isa));
    return array_of(std::move(out), {x.size()});
}

}  // namespace

void bind_sine(nb::module_& m) {
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
        .def("render", &render<Siren>, nb::arg("picture"), nb::arg("bits"), nb::arg("out"), nb::arg("out_bits"),
             nb::arg("region"), nb::arg("encoding"), nb::arg("threads") = 0, nb::arg("isa") = "");
    nb::class_<GammaMlp>(m, "GammaMlp")
        .def("__init__",
             [](GammaMlp* self, const GivenF& numbers, const std::vector<double>& norms) {
                 new (self) GammaMlp(span_of(numbers), norms_of(norms));
             },
             nb::arg("numbers"), nb::arg("norms"))
        .def("__init__",
             [](GammaMlp* self, const GivenF& numbers, const std::vector<double>& norms, int height, int width,
                const std::string& transfer, double exponent, double scale, double offset,
                const std::vector<double>& matrix) {
                 new (self) GammaMlp(span_of(numbers), norms_of(norms), height, width,
                                     colour_of(transfer, exponent, scale, offset, matrix));
             },
             nb::arg("numbers"), nb::arg("norms"), nb::arg("height"), nb::arg("width"), nb::arg("transfer"),
             nb::arg("exponent"), nb::arg("scale"), nb::arg("offset"), nb::arg("matrix"))
        .def("points", &gamma_points, nb::arg("inputs"), nb::arg("threads") = 0, nb::arg("isa") = "")
        .def("render", &render<GammaMlp>, nb::arg("picture"), nb::arg("bits"), nb::arg("out"), nb::arg("out_bits"),
             nb::arg("region"), nb::arg("encoding"), nb::arg("threads") = 0, nb::arg("isa") = "")
        .def("render_codes", &render_codes, nb::arg("s"), nb::arg("out"), nb::arg("out_bits"), nb::arg("region"),
             nb::arg("encoding"), nb::arg("threads") = 0, nb::arg("isa") = "");
    nb::class_<GammaSamples>(m, "GammaSamples")
        .def("__init__",
             [](GammaSamples* self, const Points64& inputs, const Points32& targets, int threads,
                const std::string& isa) {
                 check(inputs.shape(1) == 5 && targets.shape(1) == 3 && inputs.shape(0) == targets.shape(0),
                       "samples are inputs (n, 5) and targets (n, 3)");
                 new (self)
                     GammaSamples(inputs.data(), targets.data(), inputs.shape(0), threads, kernel_named(isa));
             },
             nb::arg("inputs"), nb::arg("targets"), nb::arg("threads") = 0, nb::arg("isa") = "")
        .def("__len__", &GammaSamples::size)
        .def("gradient", &gamma_gradient, nb::arg("numbers"), nb::arg("first"), nb::arg("count"),
             nb::arg("threads") = 0, nb::arg("isa") = "");
    m.def("siren_gradient", &siren_gradient, nb::arg("numbers"), nb::arg("colour"), nb::arg("place"),
          nb::arg("target"), nb::arg("threads") = 0, nb::arg("isa") = "");
    m.def("sines", &sines, nb::arg("x"), nb::arg("isa") = "");
}
