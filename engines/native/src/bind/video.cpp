// Decoded video, as Python sees it.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "candela/shown.hpp"
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

using Shown = nb::ndarray<std::uint8_t, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using Cube = nb::ndarray<const std::uint64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Between = std::tuple<Given32, Given32, int>;  // as ShownBetween

candela::ShownBetween between_of(const Between& given, std::size_t count, std::size_t samples) {
    const auto& [low, high, quarters] = given;
    if (low.size() != count || high.size() != count || quarters < 0 || quarters > 4) {
        throw std::invalid_argument("for each block two places, and 0 to 4 quarters between them");
    }
    for (std::size_t n = 0; n < count; ++n) {
        const auto least = low.data()[0], most = high.data()[count - 1];
        for (const auto place : {low.data()[n], high.data()[n]}) {
            if (place < least || place > most || place < 0 || static_cast<std::size_t>(place) >= samples) {
                throw std::invalid_argument("places of chroma rise, and lie in the plane");
            }
        }
    }
    return {low.data(), high.data(), quarters};
}

void planes_shown(const std::vector<GivenPicture>& planes, const Shown& out, bool ycc, int bits, int step,
                  const Between& rows, const Between& columns, const Cube& cube, int threads) {
    if (planes.size() != 3 || cube.size() != candela::shown_places) throw std::invalid_argument("three planes and a cube of 65 places a side");
    if (out.shape(2) != 3 || out.size() == 0 || step < 1 || bits < 8 || bits > 16) {
        throw std::invalid_argument("the result is (height, width, 3), of blocks of samples of 8 to 16 bits");
    }
    const std::size_t height = out.shape(0), width = out.shape(1), block = static_cast<std::size_t>(step);
    candela::ShownAsk ask{{}, sample_of(planes[0]), ycc, bits, step, static_cast<int>(width), static_cast<int>(height), {}, {}, cube.data(), out.data()};
    if (ask.sample != candela::Sample::u8 && ask.sample != candela::Sample::u16) throw std::invalid_argument("samples of video are u8 or u16");
    for (int p = 0; p < 3; ++p) {
        const auto& plane = planes[p];
        if (plane.ndim() != 2 || sample_of(plane) != ask.sample) throw std::invalid_argument("planes are (height, width) of one type");
        if ((p == 0 || !ycc) && (plane.shape(0) / block < height || plane.shape(1) / block < width)) {
            throw std::invalid_argument("the result has more blocks than a plane");
        }
        const auto size = static_cast<std::ptrdiff_t>(plane.itemsize());
        ask.planes[p] = {plane.data(), plane.stride(0) * size, plane.stride(1) * size};
    }
    if (ycc) {
        ask.rows = between_of(rows, height, std::min(planes[1].shape(0), planes[2].shape(0)));
        ask.columns = between_of(columns, width, std::min(planes[1].shape(1), planes[2].shape(1)));
    }
    nb::gil_scoped_release released;
    candela::show_planes(ask, threads);
}

}  // namespace

void bind_video(nb::module_& m) {
    m.def("video_to_rgb", &video_to_rgb, nb::arg("planes"), nb::arg("out"), nb::arg("ycc"), nb::arg("offset"), nb::arg("scale"),
          nb::arg("middle"), nb::arg("matrix"), nb::arg("across"), nb::arg("down"), nb::arg("left"), nb::arg("top"),
          nb::arg("threads") = 0, nb::arg("isa") = "");
    m.def("planes_shown", &planes_shown, nb::arg("planes"), nb::arg("out"), nb::arg("ycc"), nb::arg("bits"), nb::arg("step"),
          nb::arg("rows"), nb::arg("columns"), nb::arg("cube"), nb::arg("threads") = 0);
}
