// Bands of rows, each with the rows around it that its chroma filter reaches: no thread waits for another.
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "candela/threads.hpp"
#include "candela/video_out.hpp"

namespace candela {
namespace {

constexpr int reach = 3;       // of the half-band filter, in samples to either side
constexpr int band_rows = 32;  // even
constexpr float centre = 0.5f, near = 0.28125f, far = 0.03125f;  // 16, 9 and -1 of 32

// A signal to its code: scale and offset, half a code for rounding among it, and the codes that may be used.
struct Quantiser {
    float scale, offset, low, high;
    Quantiser(double steps, double zero, int bits)
        : scale(static_cast<float>(steps * (1 << (bits - 8)))), offset(static_cast<float>(zero * (1 << (bits - 8)) + 0.5)),
          low(static_cast<float>(1 << (bits - 8))), high(static_cast<float>((255 << (bits - 8)) - 1) + 0.5f) {}

    std::uint16_t operator()(float signal) const {
        const float code = signal * scale + offset;
        return static_cast<std::uint16_t>(static_cast<int>(std::min(std::max(code, low), high)));
    }
};

float held(float v) {
    v = v == v ? v : 0.0f;
    return std::min(std::max(v, -1.0f), 2.0f);
}

template <class Number, class F>
void spread(const std::byte* at, const Layout& layout, int width, float* const (&to)[3], F f) {
    constexpr auto size = static_cast<std::ptrdiff_t>(sizeof(Number));
    if (layout.channel == size && layout.pixel == 3 * size) {
        for (int x = 0; x < width; ++x) {
            Number rgb[3];
            std::memcpy(rgb, at + x * 3 * size, sizeof rgb);
            for (int c = 0; c < 3; ++c) to[c][x] = f(rgb[c]);
        }
        return;
    }
    for (int c = 0; c < 3; ++c) {
        for (int x = 0; x < width; ++x) {
            Number number;
            std::memcpy(&number, at + x * layout.pixel + c * layout.channel, size);
            to[c][x] = f(number);
        }
    }
}

class Converter {
public:
    Converter(const Source& of, const YuvPlanes& to, const LumaWeights& weights)
        : rgb(of), out(to), kr(static_cast<float>(weights.red)), kg(static_cast<float>(1 - weights.red - weights.blue)),
          kb(static_cast<float>(weights.blue)), by_blue(static_cast<float>(0.5 / (1 - weights.blue))),
          by_red(static_cast<float>(0.5 / (1 - weights.red))), luma(219, 16, to.bits), chroma(224, 128, to.bits) {}

    int bands() const { return (rgb.height + band_rows - 1) / band_rows; }

    // What a thread works with: R, G, B, Cb and Cr of a row, and the rows of chroma that a band needs, halved already.
    struct Room {
        explicit Room(int width)
            : rows(3 * std::size_t(width) + 2 * (std::size_t(width) + 2 * reach)),
              halved(std::size_t(width) * (band_rows + 2 * reach)) {}
        std::vector<float> rows, halved;
    };

    void band(int index, Room& room) const {
        const int first = index * band_rows, last = std::min(first + band_rows, rgb.height);
        const bool quarter = out.chroma == Chroma::quarter;
        const int around = quarter ? reach : 0, half = rgb.width / 2;
        const int top = std::max(0, first - around), bottom = std::min(rgb.height, last + around);
        float* const channel[3] = {room.rows.data(), room.rows.data() + rgb.width, room.rows.data() + 2 * rgb.width};
        float* const blue = room.rows.data() + 3 * rgb.width + reach;
        float* const red = blue + rgb.width + 2 * reach;
        const auto halved = [&](int y, int c) { return room.halved.data() + (2 * (y - top) + c) * std::ptrdiff_t(half); };
        for (int y = top; y < bottom; ++y) {
            load(y, channel);
            differences(channel[0], channel[1], channel[2], blue, red, y >= first && y < last ? plane(0, y) : nullptr);
            if (out.chroma == Chroma::every) {
                codes(blue, rgb.width, plane(1, y));
                codes(red, rgb.width, plane(2, y));
                continue;
            }
            halve(blue, halved(y, 0));
            halve(red, halved(y, 1));
            for (int c = 0; !quarter && c < 2; ++c) codes(halved(y, c), half, plane(1 + c, y));
        }
        for (int y = first; quarter && y < last; y += 2) {
            for (int c = 0; c < 2; ++c) {
                const auto row = [&](int at) { return halved(std::clamp(at, 0, rgb.height - 1), c); };
                between(row(y - 3), row(y - 1), row(y), row(y + 1), row(y + 3), half, plane(1 + c, y / 2));
            }
        }
    }

private:
    Source rgb;
    YuvPlanes out;
    float kr, kg, kb, by_blue, by_red;
    Quantiser luma, chroma;

    std::uint16_t* plane(int which, int y) const {
        return reinterpret_cast<std::uint16_t*>(reinterpret_cast<std::byte*>(out.data[which]) + y * out.row[which]);
    }

    void load(int y, float* const (&to)[3]) const {
        const auto* at = static_cast<const std::byte*>(rgb.data) + y * rgb.layout.row;
        const float whole = 1.0f / static_cast<float>((1 << rgb.bits) - 1);
        if (rgb.sample == Sample::u16) {
            spread<std::uint16_t>(at, rgb.layout, rgb.width, to, [=](std::uint16_t v) { return static_cast<float>(v) * whole; });
        } else if (rgb.sample == Sample::f16) {
            spread<std::uint16_t>(at, rgb.layout, rgb.width, to, [](std::uint16_t v) { return held(half_to_float(v)); });
        } else {
            spread<float>(at, rgb.layout, rgb.width, to, [](float v) { return held(v); });
        }
    }

    void differences(const float* __restrict r, const float* __restrict g, const float* __restrict b, float* __restrict blue,
                     float* __restrict red, std::uint16_t* __restrict y) const {
        const float fr = kr, fg = kg, fb = kb, to_blue = by_blue, to_red = by_red;
        const Quantiser q = luma;
        for (int x = 0; x < rgb.width; ++x) {
            const float grey = (fr * r[x] + fg * g[x]) + fb * b[x];
            blue[x] = (b[x] - grey) * to_blue;
            red[x] = (r[x] - grey) * to_red;
            if (y) y[x] = q(grey);
        }
    }

    void codes(const float* __restrict from, int count, std::uint16_t* __restrict to) const {
        const Quantiser q = chroma;
        for (int x = 0; x < count; ++x) to[x] = q(from[x]);
    }

    // Every other sample of a row, filtered; there is room for `reach` more at either end.
    void halve(float* row, float* __restrict to) const {
        std::fill(row - reach, row, row[0]);
        std::fill(row + rgb.width, row + rgb.width + reach, row[rgb.width - 1]);
        const float* __restrict at = row;
        for (int x = 0; x < rgb.width / 2; ++x) {
            const float* p = at + 2 * x;
            to[x] = (centre * p[0] + near * (p[-1] + p[1])) - far * (p[-3] + p[3]);
        }
    }

    void between(const float* __restrict a, const float* __restrict b, const float* __restrict c, const float* __restrict d,
                 const float* __restrict e, int count, std::uint16_t* __restrict to) const {
        const Quantiser q = chroma;
        for (int x = 0; x < count; ++x) to[x] = q((centre * c[x] + near * (b[x] + d[x])) - far * (a[x] + e[x]));
    }
};

}  // namespace

void rgb_to_yuv(const Source& rgb, const YuvPlanes& out, const LumaWeights& weights, int threads) {
    if (rgb.sample == Sample::u8) throw std::invalid_argument("samples of 8 bits: uint16 or floats are taken");
    if (rgb.sample == Sample::u16 && (rgb.bits < 8 || rgb.bits > 16)) throw std::invalid_argument("codes of 8 to 16 bits are taken");
    if (out.bits < 8 || out.bits > 16) throw std::invalid_argument("planes of 8 to 16 bits are made");
    if (rgb.width < 1 || rgb.height < 1) throw std::invalid_argument("a picture without pixels");
    if ((out.chroma != Chroma::every && rgb.width % 2) || (out.chroma == Chroma::quarter && rgb.height % 2)) {
        throw std::invalid_argument("chroma of an odd size cannot be halved");
    }
    const Converter converter(rgb, out, weights);
    share_out(static_cast<std::size_t>(converter.bands()), thread_count(threads), [&] {
        return [&converter, room = Converter::Room(rgb.width)](std::size_t band) mutable {
            converter.band(static_cast<int>(band), room);
        };
    });
}

}  // namespace candela
