// Planes for video encoders, as Python sees them.
#include <stdexcept>
#include <string>

#include "candela/video_out.hpp"
#include "pictures.hpp"

namespace {

using Plane = nb::ndarray<std::uint16_t, nb::ndim<2>, nb::device::cpu>;

candela::Chroma chroma_of(const std::string& name) {
    if (name == "444") return candela::Chroma::every;
    if (name == "422") return candela::Chroma::half;
    if (name == "420") return candela::Chroma::quarter;
    throw std::invalid_argument("chroma is 444, 422 or 420, not " + name);
}

void rgb_to_yuv(const GivenPicture& picture, int bits, const Plane& y, const Plane& cb, const Plane& cr, int out_bits,
                const std::string& chroma, double red, double blue, int threads) {
    const auto source = source_of(picture, bits);
    candela::YuvPlanes planes;
    planes.bits = out_bits;
    planes.chroma = chroma_of(chroma);
    const int across = planes.chroma == candela::Chroma::every ? 1 : 2;
    const int down = planes.chroma == candela::Chroma::quarter ? 2 : 1;
    const Plane* given[3] = {&y, &cb, &cr};
    for (int i = 0; i < 3; ++i) {
        const std::size_t width = source.width / (i ? across : 1), height = source.height / (i ? down : 1);
        if (given[i]->shape(0) != height || given[i]->shape(1) != width || given[i]->stride(1) != 1) {
            throw std::invalid_argument("planes of the picture's size, and of its halves, with samples side by side");
        }
        planes.data[i] = given[i]->data();
        planes.row[i] = given[i]->stride(0) * static_cast<std::ptrdiff_t>(sizeof(std::uint16_t));
    }
    nb::gil_scoped_release released;
    candela::rgb_to_yuv(source, planes, {red, blue}, threads);
}

}  // namespace

void bind_video_out(nb::module_& m) {
    m.def("rgb_to_yuv", &rgb_to_yuv, nb::arg("picture"), nb::arg("bits"), nb::arg("y"), nb::arg("cb"), nb::arg("cr"),
          nb::arg("out_bits"), nb::arg("chroma"), nb::arg("red"), nb::arg("blue"), nb::arg("threads") = 0);
}
