// Fidelity, as Python sees it.
#include <stdexcept>

#include "arrays.hpp"
#include "candela/fidelity.hpp"
#include "frame.hpp"

namespace {

using candela::Fidelity;

void add(Fidelity& self, int top, const GivenF& test, const GivenF& reference, int threads, const std::string& isa) {
    if (test.ndim() != 3 || reference.ndim() != 3 || test.shape(2) != 3 || reference.shape(2) != 3 ||
        test.shape(0) != reference.shape(0) || test.shape(1) != reference.shape(1)) {
        throw std::invalid_argument("both are light (h, W, 3) of one size");
    }
    if (test.shape(1) != static_cast<std::size_t>(self.width())) {
        throw std::invalid_argument("the rows have not the width of what is measured");
    }
    nb::gil_scoped_release released;
    self.add(top, static_cast<int>(test.shape(0)), test.data(), reference.data(), threads, isa);
}

void add_rendering(Fidelity& self, const Frame& frame, const GivenPicture& picture, int bits,
                   const candela::Surroundings& around, const GivenF& reference, int top, int rows, int threads,
                   const std::string& isa) {
    if (reference.ndim() != 3 || reference.shape(2) != 3 || reference.shape(0) != static_cast<std::size_t>(self.height()) ||
        reference.shape(1) != static_cast<std::size_t>(self.width())) {
        throw std::invalid_argument("the reference is light (H, W, 3) of the size that is measured");
    }
    const auto source = source_of(picture, bits);
    nb::gil_scoped_release released;
    self.add_rendering(frame.network, source, around, top, rows, reference.data(), threads, isa);
}

nb::ndarray<nb::numpy, double> tiles(const Fidelity& self) {
    return array_of(self.tiles(), {static_cast<std::size_t>(self.down()), static_cast<std::size_t>(self.across())});
}

}  // namespace

void bind_fidelity(nb::module_& m) {
    nb::class_<Fidelity>(m, "Fidelity")
        .def(nb::init<int, int>(), nb::arg("width"), nb::arg("height"))
        .def("add", &add, nb::arg("top"), nb::arg("test"), nb::arg("reference"), nb::arg("threads") = 0, nb::arg("isa") = "")
        .def("add_rendering", &add_rendering, nb::arg("frame"), nb::arg("picture"), nb::arg("bits"), nb::arg("around"),
             nb::arg("reference"), nb::arg("top"), nb::arg("rows"), nb::arg("threads") = 0, nb::arg("isa") = "")
        .def("tiles", &tiles)
        .def_prop_ro("delta_sum", &Fidelity::delta_sum)
        .def_prop_ro("delta_most", &Fidelity::delta_most)
        .def("histogram", [](const Fidelity& self) {
            auto counts = self.histogram();
            const std::size_t n = counts.size();
            return array_of(std::move(counts), {n});
        });
}
