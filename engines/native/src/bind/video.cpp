// Decoded video, as Python sees it.
#include <stdexcept>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "candela/video.hpp"
#include "pictures.hpp"

namespace {

using Rgb = nb::ndarray<float, nb::ndim<3>, nb::c_contig, nb::device::cpu>;

void video_to_rgb(const std::vector<GivenPicture>& planes, const Rgb& out, bool ycc, float offset, float scale, float middle,
                  const std::vector<float>& matrix, int across, int down, float left, float top, int threads,
                  const std::string& isa) {
    constexpr std::size_t most = 1u << 24;
    if (planes.size() != 3 || matrix.size() != 6) throw std::invalid_argument("three planes and six numbers of a matrix are needed");
    if (out.shape(2) != 3 || out.size() == 0 || out.shape(0) > most || out.shape(1) > most) {
        throw std::invalid_argument("the result is (height, width, 3)");
    }
    candela::VideoModel model{ycc, offset, scale, middle, {}, across, down, left, top};
    std::copy(matrix.begin(), matrix.end(), model.matrix);
    const int height = static_cast<int>(out.shape(0)), width = static_cast<int>(out.shape(1));
    candela::VideoPlane views[3];
    const candela::Sample sample = sample_of(planes[0]);
    for (int p = 0; p < 3; ++p) {
        const bool small = ycc && p > 0 && across > 0 && down > 0;
        const std::size_t h = small ? candela::chroma_size(height, down) : height, w = small ? candela::chroma_size(width, across) : width;
        const auto& plane = planes[p];
        if (plane.ndim() != 2 || plane.shape(0) != h || plane.shape(1) != w || sample_of(plane) != sample) {
            throw std::invalid_argument("planes are (height, width) of one type, chroma as its factors say");
        }
        const auto size = static_cast<std::ptrdiff_t>(plane.itemsize());
        views[p] = {plane.data(), plane.stride(0) * size, plane.stride(1) * size};
    }
    nb::gil_scoped_release released;
    candela::video_to_rgb(views, sample, width, height, model, out.data(), threads, isa);
}

}  // namespace

void bind_video(nb::module_& m) {
    m.def("video_to_rgb", &video_to_rgb, nb::arg("planes"), nb::arg("out"), nb::arg("ycc"), nb::arg("offset"), nb::arg("scale"),
          nb::arg("middle"), nb::arg("matrix"), nb::arg("across"), nb::arg("down"), nb::arg("left"), nb::arg("top"),
          nb::arg("threads") = 0, nb::arg("isa") = "");
}
