// Planes of movies: anchors of grey, strides of any kind, and bytes beside the planes that stay as they were.
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "candela/video_out.hpp"
#include "check.hpp"

using candela::Chroma;

namespace {

struct Result {
    std::vector<std::uint16_t> planes[3];
};

constexpr std::uint16_t untouched = 0xabcd;
constexpr int more = 3;  // samples behind each row that are not the plane's

Result planes_of(const candela::Source& rgb, Chroma chroma, int bits, int threads) {
    Result result;
    candela::YuvPlanes to;
    to.bits = bits;
    to.chroma = chroma;
    for (int i = 0; i < 3; ++i) {
        const int across = i && chroma != Chroma::every ? 2 : 1, down = i && chroma == Chroma::quarter ? 2 : 1;
        const int row = rgb.width / across + more;
        result.planes[i].assign(static_cast<std::size_t>(row) * (rgb.height / down), untouched);
        to.data[i] = result.planes[i].data();
        to.row[i] = row * 2;
    }
    candela::rgb_to_yuv(rgb, to, {}, threads);
    return result;
}

void grey_has_its_codes() {
    // PQ codes of 100, 203 and 1000 nit, over 65535.
    const std::uint16_t codes[3] = {33297, 38055, 49275};
    const int expected[3] = {509, 573, 723};
    for (int k = 0; k < 3; ++k) {
        std::vector<std::uint16_t> rgb(3 * 6 * 4, codes[k]);
        const candela::Source source{rgb.data(), candela::Sample::u16, 16, 6, 4, candela::Layout::packed(6, candela::Sample::u16)};
        for (const auto chroma : {Chroma::every, Chroma::half, Chroma::quarter}) {
            const Result result = planes_of(source, chroma, 10, 1);
            for (int i = 0; i < 3; ++i) {
                const int width = i && chroma != Chroma::every ? 3 : 6;
                for (std::size_t at = 0; at < result.planes[i].size(); ++at) {
                    const bool inside = static_cast<int>(at) % (width + more) < width;
                    CHECK(result.planes[i][at] == (inside ? (i ? 512 : expected[k]) : untouched));
                }
            }
        }
    }
}

void threads_and_strides_change_nothing() {
    const int width = 34, height = 70;
    std::vector<float> packed(3 * width * height), apart(3 * width * height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < 3; ++c) {
                const float v = static_cast<float>((x * 7 + y * 13 + c * 31) % 101) / 90 - 0.05f;
                packed[3 * (y * width + x) + c] = v;
                apart[c * width * height + (height - 1 - y) * width + x] = v;  // planes, from the bottom up
            }
        }
    }
    const candela::Source one{packed.data(), candela::Sample::f32, 32, width, height,
                              candela::Layout::packed(width, candela::Sample::f32)};
    const candela::Source other{apart.data() + (height - 1) * width, candela::Sample::f32, 32, width, height,
                                {-width * 4, 4, width * height * 4}};
    for (const auto chroma : {Chroma::every, Chroma::half, Chroma::quarter}) {
        const Result a = planes_of(one, chroma, 12, 1), b = planes_of(other, chroma, 12, 5);
        for (int i = 0; i < 3; ++i) CHECK(a.planes[i] == b.planes[i]);
    }
}

template <class F>
void refused(F f) {
    bool thrown = false;
    try {
        f();
    } catch (const std::invalid_argument&) {
        thrown = true;
    }
    CHECK(thrown);
}

void what_does_not_fit_is_refused() {
    std::vector<std::uint16_t> rgb(3 * 5 * 4);
    candela::Source source{rgb.data(), candela::Sample::u16, 16, 5, 4, candela::Layout::packed(5, candela::Sample::u16)};
    refused([&] { planes_of(source, Chroma::half, 10, 1); });
    refused([&] { planes_of(source, Chroma::every, 7, 1); });
    source.sample = candela::Sample::u8;
    refused([&] { planes_of(source, Chroma::every, 10, 1); });
}

}  // namespace

int main() {
    grey_has_its_codes();
    threads_and_strides_change_nothing();
    what_does_not_fit_is_refused();
}
