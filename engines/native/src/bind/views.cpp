// Means over blocks and windows, as Python sees them.
#include <algorithm>
#include <stdexcept>
#include <vector>

#include "arrays.hpp"
#include "candela/views.hpp"

namespace {

using Light = nb::ndarray<const float, nb::ndim<3>, nb::device::cpu>;
using GivenPlane = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

candela::LightView view_of(const Light& light, int k) {
    if (light.shape(2) != 3 || light.stride(2) != 1 || light.stride(1) != 3) {
        throw std::invalid_argument("light is (H, W, 3), the pixels of a row side by side");
    }
    if (k < 1 || light.shape(0) < static_cast<std::size_t>(k) || light.shape(1) < static_cast<std::size_t>(k)) {
        throw std::invalid_argument("a block is larger than the picture, or has no pixel");
    }
    return {light.data(), light.stride(0), static_cast<int>(light.shape(1)), static_cast<int>(light.shape(0))};
}

ArrayF block_excess(const Light& light, int k, const std::vector<float>& matrix, const std::vector<float>& luma, float dark,
                    int threads) {
    if (matrix.size() != 9 || luma.size() != 3) throw std::invalid_argument("nine numbers of a matrix and three of luma");
    const auto view = view_of(light, k);
    candela::GamutView gamut{};
    std::copy_n(matrix.data(), 9, gamut.matrix);
    std::copy_n(luma.data(), 3, gamut.luma);
    gamut.dark = dark;
    const auto down = static_cast<std::size_t>(view.height / k), across = static_cast<std::size_t>(view.width / k);
    std::vector<float> out;
    {
        nb::gil_scoped_release released;
        out.resize(down * across);
        candela::block_excess(view, k, gamut, out.data(), threads);
    }
    return array_of(std::move(out), {down, across});
}

ArrayF window_means(const GivenPlane& plane, int radius, int threads) {
    if (radius < 0 || radius > 1 << 15) throw std::invalid_argument("a radius is 0 to 32768");
    if (!plane.size()) throw std::invalid_argument("the plane is empty");
    std::vector<float> out;
    {
        nb::gil_scoped_release released;
        out.resize(plane.size());
        candela::window_means(plane.data(), static_cast<int>(plane.shape(1)), static_cast<int>(plane.shape(0)), radius,
                              out.data(), threads);
    }
    return array_of(std::move(out), {plane.shape(0), plane.shape(1)});
}

}  // namespace

void bind_views(nb::module_& m) {
    m.def("block_excess", &block_excess, nb::arg("light"), nb::arg("k"), nb::arg("matrix"), nb::arg("luma"),
          nb::arg("dark"), nb::arg("threads") = 0);
    m.def("window_means", &window_means, nb::arg("plane"), nb::arg("radius"), nb::arg("threads") = 0);
}
