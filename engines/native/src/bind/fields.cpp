// Grids laid over pictures, and pixels here and there, as Python sees them.
#include <nanobind/stl/optional.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>

#include "arrays.hpp"
#include "candela/plane.hpp"
#include "pictures.hpp"

namespace {

using Given64 = nb::ndarray<const std::int64_t, nb::c_contig, nb::device::cpu>;

// Nodes (h, w, C), scale, offset, and the cell of Shepard's lattice or 0.
using GivenField = std::tuple<GivenF, double, double, int>;

void demand(bool fits, const char* what) {
    if (!fits) throw std::invalid_argument(what);
}

candela::FieldOf field_of(const GivenField& given) {
    const auto& [nodes, scale, offset, cell] = given;
    demand(nodes.ndim() == 3 && nodes.size() > 0 && cell >= 0, "the nodes of a field are (h, w, C), and none of these is 0");
    return {nodes.data(), static_cast<int>(nodes.shape(0)), static_cast<int>(nodes.shape(1)),
            static_cast<int>(nodes.shape(2)), scale, offset, cell};
}

struct Picture {
    const float* data;
    int height, width, channels;
};

Picture picture_of(const GivenF& values, std::size_t channels = 0) {
    demand(values.ndim() == 3 && values.size() > 0 && (!channels || values.shape(2) == channels),
           channels ? "a picture is (H, W, 3), and none of these is 0" : "values are (H, W, C), and none of these is 0");
    return {values.data(), static_cast<int>(values.shape(0)), static_cast<int>(values.shape(1)),
            static_cast<int>(values.shape(2))};
}

// Places are those of pixels of a picture; without one they have to be positive.
void check_places(const Given64& ys, const Given64& xs, std::int64_t height = INT64_MAX, std::int64_t width = INT64_MAX) {
    demand(ys.ndim() == 1 && xs.ndim() == 1 && ys.size() == xs.size(), "places of pixels are ys (n) and xs (n)");
    bool inside = true;
    for (std::size_t i = 0; i < ys.size(); ++i) {
        inside &= (ys.data()[i] >= 0) & (ys.data()[i] < height) & (xs.data()[i] >= 0) & (xs.data()[i] < width);
    }
    demand(inside, "a pixel's place lies outside its picture");
}

// An array of n numbers that f writes without Python's lock.
template <class F>
ArrayF filled(std::initializer_list<std::size_t> shape, F f) {
    std::size_t n = 1;
    for (std::size_t side : shape) n *= side;
    auto* numbers = new float[n];
    nb::capsule owner(numbers, [](void* p) noexcept { delete[] static_cast<float*>(p); });
    {
        nb::gil_scoped_release released;
        f(numbers);
    }
    return ArrayF(numbers, shape.size(), shape.begin(), owner);
}

ArrayF field_rows(const GivenField& field, int top, int bottom, int width, int threads) {
    const auto f = field_of(field);
    demand(0 <= top && top <= bottom && width >= 0, "rows are 0 <= top <= bottom, and a width");
    return filled({std::size_t(bottom - top), std::size_t(width), std::size_t(f.channels)},
                  [&](float* out) { candela::field_rows(f, top, bottom, width, out, threads); });
}

ArrayF field_at(const GivenField& field, const Given64& ys, const Given64& xs, int threads) {
    const auto f = field_of(field);
    check_places(ys, xs);
    return filled({ys.size(), std::size_t(f.channels)},
                  [&](float* out) { candela::field_at(f, ys.data(), xs.data(), ys.size(), out, threads); });
}

std::tuple<ArrayF, ArrayF> fit_shepard(const GivenF& values, const GivenF& weight, int cell, int threads) {
    const auto v = picture_of(values), w = picture_of(weight);
    demand(v.height == w.height && v.width == w.width && v.channels == w.channels, "values and weights are of one shape");
    demand(cell >= 1, "a cell has 1 pixel a side at least");
    const std::size_t gh = (v.height + cell - 1) / cell, gw = (v.width + cell - 1) / cell, c = v.channels;
    std::vector<float> nodes(gh * gw * c), totals(gh * gw * c);
    {
        nb::gil_scoped_release released;
        candela::fit_shepard(v.data, w.data, v.height, v.width, v.channels, cell, nodes.data(), totals.data(), threads);
    }
    return {array_of(std::move(nodes), {gh, gw, c}), array_of(std::move(totals), {gh, gw, c})};
}

std::size_t nodes_of(int size, int cell) { return static_cast<std::size_t>((size - 1 + cell - 1) / cell + 1); }

ArrayF cell_means(const GivenF& values, int cell, int threads) {
    const auto v = picture_of(values);
    demand(cell >= 1, "a cell has 1 pixel a side at least");
    return filled({nodes_of(v.height, cell), nodes_of(v.width, cell), std::size_t(v.channels)}, [&](float* out) {
        candela::cell_means(v.data, v.height, v.width, v.channels, cell, out, threads);
    });
}

std::vector<ArrayF> cell_means_of_largest(const GivenF& picture, const std::vector<int>& cells, int threads) {
    const auto p = picture_of(picture, 3);
    std::vector<std::vector<float>> made;
    std::vector<float*> outs;
    for (int cell : cells) {
        demand(cell >= 1, "a cell has 1 pixel a side at least");
        outs.push_back(made.emplace_back(nodes_of(p.height, cell) * nodes_of(p.width, cell)).data());
    }
    {
        nb::gil_scoped_release released;
        candela::cell_means_of_largest(p.data, p.height, p.width, cells, outs, threads);
    }
    std::vector<ArrayF> out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        out.push_back(array_of(std::move(made[i]), {nodes_of(p.height, cells[i]), nodes_of(p.width, cells[i]), 1}));
    }
    return out;
}

ArrayF square_means(const GivenF& values, int cell, int threads) {
    const auto v = picture_of(values);
    demand(cell >= 1, "a cell has 1 pixel a side at least");
    return filled({std::size_t((v.height + cell - 1) / cell), std::size_t((v.width + cell - 1) / cell), std::size_t(v.channels)},
                  [&](float* out) { candela::square_means(v.data, v.height, v.width, v.channels, cell, out, threads); });
}

ArrayF pixels_at(const GivenPicture& picture, const Given64& ys, const Given64& xs, int bits, int threads) {
    const auto p = source_of(picture, bits);
    check_places(ys, xs, p.height, p.width);
    return filled({ys.size(), 3},
                  [&](float* out) { candela::pixels_at(p, ys.data(), xs.data(), ys.size(), out, threads); });
}

ArrayF steps_at(const GivenPicture& picture, float code, const Given64& ys, const Given64& xs, int bits, int threads) {
    const auto p = source_of(picture, bits);
    check_places(ys, xs, p.height, p.width);
    return filled({ys.size(), 3},
                  [&](float* out) { candela::steps_at(p, code, ys.data(), xs.data(), ys.size(), out, threads); });
}

ArrayF features_at(const GivenF& codes, const Given64& ys, const Given64& xs, const std::vector<GivenField>& means,
                   const std::optional<GivenField>& plane, const std::optional<GivenField>& plane_mean, double spread,
                   int threads) {
    demand(codes.ndim() == 2 && codes.shape(0) == ys.size() && codes.shape(1) == 3, "codes are (n, 3), as many as places");
    demand(plane.has_value() == plane_mean.has_value(), "a plane comes with its mean");
    check_places(ys, xs);
    std::vector<candela::FieldOf> fields;
    for (const auto& each : means) fields.push_back(field_of(each));
    const auto p = plane ? field_of(*plane) : candela::FieldOf{}, m = plane ? field_of(*plane_mean) : candela::FieldOf{};
    for (const auto& field : fields) demand(field.channels == 1, "means have one channel");
    demand(!plane || m.channels == 1, "means have one channel");
    const std::size_t count = 4 + fields.size() + (plane ? p.channels + 1 : 0);
    return filled({ys.size(), count}, [&](float* out) {
        candela::features_at(codes.data(), ys.data(), xs.data(), ys.size(), fields, plane ? &p : nullptr,
                             plane ? &m : nullptr, spread, out, threads);
    });
}

}  // namespace

void bind_fields(nb::module_& m) {
    m.def("field_rows", &field_rows, nb::arg("field"), nb::arg("top"), nb::arg("bottom"), nb::arg("width"), nb::arg("threads") = 0);
    m.def("field_at", &field_at, nb::arg("field"), nb::arg("ys"), nb::arg("xs"), nb::arg("threads") = 0);
    m.def("fit_shepard", &fit_shepard, nb::arg("values"), nb::arg("weight"), nb::arg("cell"), nb::arg("threads") = 0);
    m.def("cell_means", &cell_means, nb::arg("values"), nb::arg("cell"), nb::arg("threads") = 0);
    m.def("cell_means_of_largest", &cell_means_of_largest, nb::arg("picture"), nb::arg("cells"), nb::arg("threads") = 0);
    m.def("square_means", &square_means, nb::arg("values"), nb::arg("cell"), nb::arg("threads") = 0);
    m.def("pixels_at", &pixels_at, nb::arg("picture"), nb::arg("ys"), nb::arg("xs"), nb::arg("bits") = 8, nb::arg("threads") = 0);
    m.def("steps_at", &steps_at, nb::arg("picture"), nb::arg("code"), nb::arg("ys"), nb::arg("xs"),
          nb::arg("bits") = 8, nb::arg("threads") = 0);
    m.def("features_at", &features_at, nb::arg("codes"), nb::arg("ys"), nb::arg("xs"), nb::arg("means"), nb::arg("plane").none(),
          nb::arg("plane_mean").none(), nb::arg("spread"), nb::arg("threads") = 0);
}
