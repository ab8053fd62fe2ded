// Counting for quality control, as Python sees it.
#include <stdexcept>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "candela/qc.hpp"
#include "pictures.hpp"

namespace {

using GivenU16 = nb::ndarray<const std::uint16_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using GivenF1 = nb::ndarray<const float, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Codes = nb::ndarray<std::uint16_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Before = nb::ndarray<const std::uint16_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

constexpr std::size_t keys = 65536, float_keys = 1 << 19;

template <class Array>
auto table(const nb::dict& from, const char* name, std::size_t size) -> decltype(nb::cast<Array>(nb::object()).data()) {
    if (!from.contains(name) || from[name].is_none()) return nullptr;
    const auto array = nb::cast<Array>(from[name]);
    if (array.size() != size) throw std::invalid_argument(std::string("the table ") + name + " has another size");
    return array.data();
}

candela::LightTables tables_of(const nb::dict& given) {
    candela::LightTables t;
    t.pq = nb::cast<bool>(given["pq"]);
    t.codes = table<GivenU16>(given, "codes", keys);
    t.scene = table<GivenF1>(given, "scene", keys);
    t.gain = table<GivenF1>(given, "gain", float_keys);
    t.from_nits = table<GivenU16>(given, "from_nits", float_keys);
    t.light = table<GivenF1>(given, "light", candela::light_codes);
    t.least = table<GivenU16>(given, "least", 3 * candela::light_codes);
    if (const float* p3 = table<GivenF1>(given, "p3", 9)) std::copy_n(p3, 9, t.p3);
    if (!t.light || (t.scene && (!t.gain || !t.from_nits))) throw std::invalid_argument("a table of light is missing");
    return t;
}

candela::LevelLimits limits_of(const nb::dict& given) {
    candela::LevelLimits l;
    const auto whole = [&](const char* name, int& to) { to = nb::cast<int>(given[name]); };
    whole("low", l.low), whole("high", l.high), whole("least", l.least), whole("most", l.most);
    whole("reserved_low", l.reserved_low), whole("reserved_high", l.reserved_high);
    whole("chroma_low", l.chroma_low), whole("chroma_high", l.chroma_high);
    l.below = nb::cast<float>(given["below"]), l.above = nb::cast<float>(given["above"]);
    return l;
}

nb::dict told(candela::FrameCounts&& c) {
    nb::dict out;
    out["top"] = array_of(std::move(c.top), {candela::light_codes});
    out["channels"] = array_of(std::move(c.channels), {3, candela::channel_codes});
    out["outside_tiles"] = array_of(std::move(c.outside_tiles), {candela::tiles_down, candela::tiles_across});
    out["rgb_tiles"] = array_of(std::move(c.rgb_tiles), {candela::tiles_down, candela::tiles_across});
    out["pixels"] = c.pixels, out["outside"] = c.outside, out["rgb_off"] = c.rgb_off;
    out["luma_low"] = c.luma_low, out["luma_high"] = c.luma_high, out["luma_off"] = c.luma_off;
    out["luma_reserved"] = c.luma_reserved, out["chroma_off"] = c.chroma_off, out["chroma_reserved"] = c.chroma_reserved;
    out["nonfinite"] = c.nonfinite, out["difference"] = c.difference, out["changed"] = c.changed;
    out["most"] = c.most, out["most_x"] = c.most_x, out["most_y"] = c.most_y;
    out["worst"] = c.worst, out["worst_x"] = c.worst_x, out["worst_y"] = c.worst_y;
    return out;
}

// Codes and those before, of the picture's size.
const std::uint16_t* before_of(const nb::object& before, const Codes& codes, std::size_t height, std::size_t width) {
    if (codes.shape(0) != height || codes.shape(1) != width) throw std::invalid_argument("codes are (height, width)");
    if (before.is_none()) return nullptr;
    const auto array = nb::cast<Before>(before);
    if (array.shape(0) != height || array.shape(1) != width) throw std::invalid_argument("the codes before have another size");
    return array.data();
}

// The planes of a movie, checked, and what they mean.
struct Movie {
    candela::VideoModel model;
    candela::VideoPlane planes[3];
    candela::Sample sample;
    int width, height;
};

Movie movie_of(const std::vector<GivenPicture>& planes, bool ycc, float offset, float scale, float middle,
               const std::vector<float>& matrix, int across, int down, float left, float top) {
    if (planes.size() != 3 || matrix.size() != 6) throw std::invalid_argument("three planes and six numbers of a matrix are needed");
    Movie out{{ycc, offset, scale, middle, {}, across, down, left, top}, {}, sample_of(planes[0]), 0, 0};
    std::copy(matrix.begin(), matrix.end(), out.model.matrix);
    const auto height = planes[0].ndim() == 2 ? planes[0].shape(0) : 0, width = planes[0].ndim() == 2 ? planes[0].shape(1) : 0;
    if (!height || !width || height > (1u << 24) || width > (1u << 24)) throw std::invalid_argument("planes are (height, width)");
    out.width = static_cast<int>(width), out.height = static_cast<int>(height);
    for (int p = 0; p < 3; ++p) {
        const bool small = ycc && p > 0 && across > 0 && down > 0;
        const std::size_t h = small ? candela::chroma_size(out.height, down) : height,
                          w = small ? candela::chroma_size(out.width, across) : width;
        const auto& plane = planes[p];
        if (plane.ndim() != 2 || plane.shape(0) != h || plane.shape(1) != w || sample_of(plane) != out.sample) {
            throw std::invalid_argument("planes are (height, width) of one type, chroma as its factors say");
        }
        const auto size = static_cast<std::ptrdiff_t>(plane.itemsize());
        out.planes[p] = {plane.data(), plane.stride(0) * size, plane.stride(1) * size};
    }
    return out;
}

nb::dict count_video(const std::vector<GivenPicture>& planes, bool ycc, float offset, float scale, float middle,
                     const std::vector<float>& matrix, int across, int down, float left, float top, const nb::dict& tables,
                     const nb::dict& limits, const Box& area, const Codes& codes, const nb::object& before, int threads,
                     const std::string& isa) {
    const Movie movie = movie_of(planes, ycc, offset, scale, middle, matrix, across, down, left, top);
    const auto t = tables_of(tables);
    if (!t.pq && !t.codes && !t.scene) throw std::invalid_argument("a table of codes is missing");
    const auto l = limits_of(limits);
    const std::uint16_t* old = before_of(before, codes, movie.height, movie.width);
    const auto [x, y, right, bottom] = area;
    candela::FrameCounts counts;
    {
        nb::gil_scoped_release released;
        counts = candela::count_video(movie.planes, movie.sample, movie.width, movie.height, movie.model, t, l,
                                      {x, y, right, bottom}, codes.data(), old, threads, isa);
    }
    return told(std::move(counts));
}

nb::dict count_picture(const GivenPicture& picture, const nb::dict& tables, const nb::dict& limits, const Box& area,
                       const Codes& codes, const nb::object& before, int threads, const std::string& isa) {
    const auto layout = layout_of(picture);
    const auto t = tables_of(tables);
    if (!t.codes && !t.scene) throw std::invalid_argument("a table of codes is missing");
    const auto l = limits_of(limits);
    const std::uint16_t* old = before_of(before, codes, picture.shape(0), picture.shape(1));
    const auto [x, y, right, bottom] = area;
    const auto sample = sample_of(picture);
    candela::FrameCounts counts;
    {
        nb::gil_scoped_release released;
        counts = candela::count_picture(picture.data(), sample, static_cast<int>(picture.shape(1)), static_cast<int>(picture.shape(0)),
                                        layout, t, l, {x, y, right, bottom}, codes.data(), old, threads, isa);
    }
    return told(std::move(counts));
}

ArrayF video_proxy(const std::vector<GivenPicture>& planes, bool ycc, float offset, float scale, float middle,
                   const std::vector<float>& matrix, int across, int down, const std::vector<std::int32_t>& rows,
                   const std::vector<std::int32_t>& columns, int cell_rows, int cell_columns) {
    const Movie movie = movie_of(planes, ycc, offset, scale, middle, matrix, across, down, 0, 0);
    if (cell_rows < 1 || cell_columns < 1) throw std::invalid_argument("a cell has rows and columns");
    const std::size_t high = rows.size() / cell_rows, wide = columns.size() / cell_columns;
    std::vector<float> out(high * wide * 3);
    {
        nb::gil_scoped_release released;
        candela::video_proxy(movie.planes, movie.sample, movie.width, movie.height, movie.model, rows, columns, cell_rows,
                             cell_columns, out.data());
    }
    return array_of(std::move(out), {high, wide, 3});
}

Array32 isolated_pixels(const Before& codes, const Box& area, int least, const std::string& isa) {
    const auto [x, y, right, bottom] = area;
    std::vector<std::int32_t> found;
    {
        nb::gil_scoped_release released;
        found = candela::isolated_pixels(codes.data(), static_cast<int>(codes.shape(1)), static_cast<int>(codes.shape(0)),
                                         {x, y, right, bottom}, least, isa);
    }
    const std::size_t count = found.size() / 3;
    return array_of(std::move(found), {count, 3});
}

}  // namespace

void bind_qc(nb::module_& m) {
    m.def("count_video", &count_video, nb::arg("planes"), nb::arg("ycc"), nb::arg("offset"), nb::arg("scale"), nb::arg("middle"),
          nb::arg("matrix"), nb::arg("across"), nb::arg("down"), nb::arg("left"), nb::arg("top"), nb::arg("tables"),
          nb::arg("limits"), nb::arg("area"), nb::arg("codes"), nb::arg("before").none(), nb::arg("threads") = 0, nb::arg("isa") = "");
    m.def("count_picture", &count_picture, nb::arg("picture"), nb::arg("tables"), nb::arg("limits"), nb::arg("area"), nb::arg("codes"),
          nb::arg("before").none(), nb::arg("threads") = 0, nb::arg("isa") = "");
    m.def("video_proxy", &video_proxy, nb::arg("planes"), nb::arg("ycc"), nb::arg("offset"), nb::arg("scale"), nb::arg("middle"),
          nb::arg("matrix"), nb::arg("across"), nb::arg("down"), nb::arg("rows"), nb::arg("columns"), nb::arg("cell_rows"),
          nb::arg("cell_columns"));
    m.def("isolated_pixels", &isolated_pixels, nb::arg("codes"), nb::arg("area"), nb::arg("least"), nb::arg("isa") = "");
}
