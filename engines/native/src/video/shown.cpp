// A row of blocks at a time: its codes, over 16 bits, then each colour between four places of the cube.
#include "candela/shown.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

#include "candela/threads.hpp"

namespace candela {
namespace {

constexpr int band = 8;  // rows of blocks that a thread takes at a time
using Codes = std::uint16_t;

template <class T>
std::uint32_t at(const char* row, std::ptrdiff_t place) {
    T found;
    std::memcpy(&found, row + place, sizeof found);
    return found;
}

const char* row_of(const VideoPlane& plane, std::ptrdiff_t y) { return static_cast<const char*>(plane.data) + y * plane.row; }

// Of each block the mean of four samples, a quarter and three quarters in.
template <class T>
void means(const VideoPlane& plane, std::ptrdiff_t tight, int y, const ShownAsk& ask, Codes* out) {
    const std::ptrdiff_t one = ask.step / 4, other = ask.step - 1 - ask.step / 4, by = ask.step * tight;
    const char *top = row_of(plane, std::ptrdiff_t{y} * ask.step + one), *low = row_of(plane, std::ptrdiff_t{y} * ask.step + other);
    const int shift = 16 - ask.bits;
    for (int x = 0; x < ask.width; ++x) {
        const std::ptrdiff_t a = x * by + one * tight, b = x * by + other * tight;
        const std::uint32_t sum = at<T>(top, a) + at<T>(low, a) + at<T>(top, b) + at<T>(low, b);
        out[x] = static_cast<Codes>((sum << shift) >> 2);
    }
}

// Chroma of a row of blocks: down the columns first, then along.
template <class T>
void between(const VideoPlane& plane, std::ptrdiff_t tight, int y, const ShownAsk& ask, Codes* line, Codes* out) {
    const int first = ask.columns.low[0], last = ask.columns.high[ask.width - 1], shift = 16 - ask.bits;
    const auto down = static_cast<std::uint32_t>(ask.rows.quarters), along = static_cast<std::uint32_t>(ask.columns.quarters);
    const char *low = row_of(plane, ask.rows.low[y]), *high = row_of(plane, ask.rows.high[y]);
    for (int x = first; x <= last; ++x) {
        const std::uint32_t here = at<T>(low, x * tight), there = at<T>(high, x * tight);
        line[x] = static_cast<Codes>((((here * (4 - down) + there * down) << shift) + 2) >> 2);
    }
    for (int x = 0; x < ask.width; ++x) {
        const std::uint32_t here = line[ask.columns.low[x]], there = line[ask.columns.high[x]];
        out[x] = static_cast<Codes>((here * (4 - along) + there * along + 2) >> 2);
    }
}

// 64 cells a side, 256 parts a cell. Which corners of a cell are passed on the way from its first to its last: the
// largest part first. Four weights of 256 in all, so that no colour runs over into the next.
void coloured(const Codes* first, const Codes* second, const Codes* third, const ShownAsk& ask, std::uint8_t* rgb) {
    constexpr std::uint32_t strides[3] = {shown_side * shown_side, shown_side, 1};
    constexpr std::uint32_t all = strides[0] + strides[1] + strides[2];
    for (int x = 0; x < ask.width; ++x, rgb += 3) {
        const std::uint32_t codes[3] = {first[x], second[x], third[x]};
        std::uint32_t part[3], place = 0;
        for (int c = 0; c < 3; ++c) {
            const std::uint32_t p = (codes[c] + 2) >> 2, cell = std::min<std::uint32_t>(p >> 8, shown_side - 2);
            part[c] = p - (cell << 8);
            place += cell * strides[c];
        }
        const std::uint32_t most = std::max(std::max(part[0], part[1]), part[2]);
        const std::uint32_t least = std::min(std::min(part[0], part[1]), part[2]);
        const std::uint32_t middle = part[0] + part[1] + part[2] - most - least;
        const std::uint32_t one = part[0] == most ? strides[0] : part[1] == most ? strides[1] : strides[2];
        const std::uint32_t last = part[2] == least ? strides[2] : part[1] == least ? strides[1] : strides[0];
        const std::uint64_t* corner = ask.cube + place;
        const std::uint64_t sum = corner[0] * (256 - most) + corner[one] * (most - middle) +
                                  corner[all - last] * (middle - least) + corner[all] * least + 0x008000800080u;
        rgb[0] = static_cast<std::uint8_t>(sum >> 8);
        rgb[1] = static_cast<std::uint8_t>(sum >> 24);
        rgb[2] = static_cast<std::uint8_t>(sum >> 40);
    }
}

template <class T>
void shown_rows(const ShownAsk& ask, int top, int bottom, Codes* room) {
    const auto wide = static_cast<std::size_t>(ask.width);
    Codes *first = room, *second = first + wide, *third = second + wide, *line = third + wide;
    constexpr auto packed = static_cast<std::ptrdiff_t>(sizeof(T));
    // A distance that is known when this is built lets the loops read several samples at once.
    const auto each = [&](const VideoPlane& plane, auto&& f) { plane.step == packed ? f(packed) : f(plane.step); };
    for (int y = top; y < bottom; ++y) {
        Codes* of[3] = {first, second, third};
        for (int p = 0; p < 3; ++p) {
            const VideoPlane& plane = ask.planes[p];
            each(plane, [&](std::ptrdiff_t tight) {
                if (p == 0 || !ask.ycc) means<T>(plane, tight, y, ask, of[p]);
                else between<T>(plane, tight, y, ask, line, of[p]);
            });
        }
        coloured(first, second, third, ask, ask.rgb + std::size_t{3} * wide * static_cast<std::size_t>(y));
    }
}

}  // namespace

void show_planes(const ShownAsk& ask, int threads) {
    const std::size_t line = ask.ycc ? static_cast<std::size_t>(ask.columns.high[ask.width - 1]) + 1 : 0;
    const std::size_t room = 3 * static_cast<std::size_t>(ask.width) + line;
    const auto bands = static_cast<std::size_t>((ask.height + band - 1) / band);
    const auto rows = ask.sample == Sample::u8 ? &shown_rows<std::uint8_t> : &shown_rows<std::uint16_t>;
    share_out(bands, thread_count(threads), [&] {
        return [&, codes = std::vector<Codes>(room)](std::size_t item) mutable {
            const int top = static_cast<int>(item) * band;
            rows(ask, top, std::min(top + band, ask.height), codes.data());
        };
    });
}

}  // namespace candela
