// Frames of the default network, as Python sees them.
#include <nanobind/stl/optional.h>

#include "frame.hpp"

void bind_frame(nb::module_& m) {
    nb::class_<candela::Surroundings>(m, "Surroundings")
        .def("__init__",
             [](candela::Surroundings* self, const GivenPicture& picture, int bits, int threads) {
                 const auto source = source_of(picture, bits);
                 nb::gil_scoped_release released;
                 new (self) candela::Surroundings(source, threads);
             },
             nb::arg("picture"), nb::arg("bits"), nb::arg("threads") = 0)
        .def("means", [](const candela::Surroundings& self) {
            std::vector<ArrayF> out;
            for (int i = 0; i < 3; ++i) {
                auto grid = self.means(i);
                const auto h = static_cast<std::size_t>(grid.height), w = static_cast<std::size_t>(grid.width);
                out.push_back(array_of(std::move(grid.nodes), {h, w, 1}));
            }
            return out;
        });
    nb::class_<Frame>(m, "Frame")
        .def(nb::init<const std::vector<GivenF>&, const std::vector<GivenF>&, const std::optional<GivenF>&,
                      const std::string&, int, float, const std::string&, int, double, int, int, const std::string&, double,
                      double, double, const std::vector<double>&>(),
             nb::arg("weights"), nb::arg("biases"), nb::arg("plane").none(), nb::arg("lattice"), nb::arg("shift"),
             nb::arg("spread"), nb::arg("domain"), nb::arg("strength"), nb::arg("ceiling"), nb::arg("width"),
             nb::arg("height"), nb::arg("transfer"), nb::arg("exponent"), nb::arg("scale"), nb::arg("offset"),
             nb::arg("matrix"))
        .def("render", &Frame::render, nb::arg("picture"), nb::arg("bits"), nb::arg("around"), nb::arg("out"),
             nb::arg("out_bits"), nb::arg("region"), nb::arg("encoding"), nb::arg("threads") = 0, nb::arg("fold") = true,
             nb::arg("isa") = "");
}
