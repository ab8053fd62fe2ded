// Means of a picture over a grid of single pixels: what cuts are found by.
#include <algorithm>
#include <stdexcept>

#include "candela/qc.hpp"

namespace candela {
namespace {

// Where the columns lie in the planes, in bytes: of the first plane, and of the others.
struct Places {
    std::vector<std::ptrdiff_t> first, second, third;
};

template <class T>
float sample_at(const char* row, std::ptrdiff_t place) {
    return static_cast<float>(*reinterpret_cast<const T*>(row + place));
}

inline float held(float v) { return std::min(std::max(v, -0.5f), 1.5f); }

// A row of the grid, added to what is above it in its cells, each number held within -0.5..1.5. sums: three to a column.
template <class T, bool ycc>
void add_row(const char* const (&rows)[3], const Places& places, const VideoModel& m, float* sums) {
    for (std::size_t i = 0; i < places.first.size(); ++i, sums += 3) {
        const float first = (sample_at<T>(rows[0], places.first[i]) - m.offset) / m.scale,
                    second = sample_at<T>(rows[1], places.second[i]), third = sample_at<T>(rows[2], places.third[i]);
        if constexpr (ycc) {
            const float cb = second - m.middle, cr = third - m.middle;
            for (int k = 0; k < 3; ++k) sums[k] += held(first + (m.matrix[2 * k] * cb + m.matrix[2 * k + 1] * cr));
        } else {
            sums[0] += held(first);
            sums[1] += held((second - m.offset) / m.scale);
            sums[2] += held((third - m.offset) / m.scale);
        }
    }
}

template <class T>
void means(const VideoPlane (&planes)[3], const VideoModel& model, const std::vector<std::int32_t>& rows, const Places& places,
           int down, int across, float* out) {
    const float share = 1.0f / static_cast<float>(down * across);
    std::vector<float> sums(3 * places.first.size());
    for (std::size_t top = 0; top < rows.size(); top += down) {
        std::ranges::fill(sums, 0.0f);
        for (int r = 0; r < down; ++r) {
            const int y = rows[top + r], small = model.ycc ? y / model.down : y;
            const auto start = [&](const VideoPlane& plane, int row) { return static_cast<const char*>(plane.data) + row * plane.row; };
            const char* const starts[3] = {start(planes[0], y), start(planes[1], small), start(planes[2], small)};
            (model.ycc ? &add_row<T, true> : &add_row<T, false>)(starts, places, model, sums.data());
        }
        // Then across the cell, in order: sums of floats have one.
        for (std::size_t left = 0; left < sums.size(); left += 3 * across) {
            for (int k = 0; k < 3; ++k) {
                float total = 0;
                for (int c = 0; c < across; ++c) total += sums[left + 3 * c + k];
                *out++ = total * share;
            }
        }
    }
}

}  // namespace

void video_proxy(const VideoPlane (&planes)[3], Sample sample, int width, int height, const VideoModel& model,
                 const std::vector<std::int32_t>& rows, const std::vector<std::int32_t>& columns, int down, int across, float* out) {
    const auto within = [](const std::vector<std::int32_t>& places, int size) {
        return std::ranges::all_of(places, [&](std::int32_t place) { return place >= 0 && place < size; });
    };
    if (down < 1 || across < 1 || rows.size() % down || columns.size() % across || !within(rows, height) || !within(columns, width)) {
        throw std::invalid_argument("rows and columns of a grid lie in the picture, so many to a cell");
    }
    if (model.across < 1 || model.down < 1) throw std::invalid_argument("a chroma sample has one or two pixels");
    Places places;
    for (const std::int32_t x : columns) {
        const int small = model.ycc ? x / model.across : x;
        places.first.push_back(x * planes[0].step);
        places.second.push_back(small * planes[1].step);
        places.third.push_back(small * planes[2].step);
    }
    if (sample == Sample::u8) return means<std::uint8_t>(planes, model, rows, places, down, across, out);
    if (sample == Sample::u16) return means<std::uint16_t>(planes, model, rows, places, down, across, out);
    throw std::invalid_argument("planes of a movie are uint8 or uint16");
}

}  // namespace candela
