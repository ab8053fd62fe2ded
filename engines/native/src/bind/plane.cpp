// The guide plane's encoder, as Python sees it.
#include <nanobind/stl/optional.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>

#include "arrays.hpp"
#include "candela/plane.hpp"

namespace {

using Coded = std::optional<std::tuple<ArrayF, int, nb::bytes>>;

class Coder {
public:
    Coder(const GivenF& plane, const GivenF& weight, const std::string& isa)
        : shape_(shape_of(plane, weight)), coder_(plane.data(), weight.data(), shape_[0], shape_[1], shape_[2], isa) {}

    Coded code(std::int64_t budget, bool draft, int threads) {
        std::optional<candela::CodedPlane> coded;
        {
            nb::gil_scoped_release released;
            coded = coder_.code(budget, draft, threads);
        }
        if (!coded) return std::nullopt;
        const std::size_t h = shape_[0], w = shape_[1], c = shape_[2];
        nb::bytes bytes(coded->bytes.data(), coded->bytes.size());
        return std::tuple(array_of(std::move(coded->samples), {h, w, c}), coded->step, std::move(bytes));
    }

private:
    static std::array<int, 3> shape_of(const GivenF& plane, const GivenF& weight) {
        bool fit = plane.ndim() == 3 && weight.ndim() == 3;
        for (int i = 0; fit && i < 3; ++i) fit = plane.shape(i) == weight.shape(i) && plane.shape(i) < (1u << 23);
        if (!fit) throw std::invalid_argument("a plane and its weight are (h, w, C) both, of one shape");
        return {static_cast<int>(plane.shape(0)), static_cast<int>(plane.shape(1)), static_cast<int>(plane.shape(2))};
    }

    std::array<int, 3> shape_;
    candela::PlaneCoder coder_;
};

}  // namespace

void bind_plane(nb::module_& m) {
    nb::class_<Coder>(m, "PlaneCoder")
        .def(nb::init<const GivenF&, const GivenF&, const std::string&>(), nb::arg("plane"), nb::arg("weight"),
             nb::arg("isa") = "")
        .def("code", &Coder::code, nb::arg("budget"), nb::arg("draft") = false, nb::arg("threads") = 0);
}
