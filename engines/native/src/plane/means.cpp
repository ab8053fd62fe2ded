// Means over cells and squares of pixels, in double.
#include <algorithm>

#include "../rows/rows.hpp"
#include "candela/plane.hpp"
#include "pieces.hpp"

namespace candela {
namespace {

int nodes(int size, int cell) { return (size - 1 + cell - 1) / cell + 1; }

// A row of means from the sums of its columns: cells of which the first begins at `from`, the edge repeated.
void along(const std::vector<double>& sums, int width, int channels, int cell, int from, int count, int rows,
           float* out) {
    for (int k = 0; k < count; ++k) {
        const int first = k * cell + from;
        const bool inside = first >= 0 && first + cell <= width;
        for (int c = 0; c < channels; ++c) {
            double sum = 0;
            for (int i = first; i < first + cell; ++i) {
                const int x = inside ? i : std::clamp(i, 0, width - 1);
                sum += sums[static_cast<std::size_t>(x) * channels + c];
            }
            *out++ = static_cast<float>(sum / (static_cast<double>(cell) * rows));
        }
    }
}

// Means over cells, row j of them from pixel row j · cell + from on; row(y) gives a row of pixels.
template <class Row>
void means(Row row, int height, int width, int channels, int cell, int from, int j, int gw, float* out,
           std::vector<double>& sums, const RowLoops& loops) {
    sums.assign(static_cast<std::size_t>(width) * channels, 0.0);
    for (int i = 0; i < cell; ++i) {
        loops.gain(sums.data(), row(std::clamp(j * cell + from + i, 0, height - 1)), width * channels);
    }
    along(sums, width, channels, cell, from, gw, cell, out);
}

}  // namespace

void cell_means(const float* values, int height, int width, int channels, int cell, float* out, int threads) {
    const int gh = nodes(height, cell), gw = nodes(width, cell);
    const RowLoops& loops = row_loops();
    const auto n = static_cast<std::size_t>(width) * channels;
    in_pieces(gh, rows_of(n * cell), threads, [&](std::size_t first, std::size_t last) {
        std::vector<double> sums;
        for (std::size_t j = first; j < last; ++j) {
            means([&](int y) { return values + y * n; }, height, width, channels, cell, -(cell / 2), static_cast<int>(j), gw,
                  out + j * gw * channels, sums, loops);
        }
    });
}

void cell_means_of_largest(const float* picture, int height, int width, const std::vector<int>& cells,
                           const std::vector<float*>& outs, int threads) {
    const RowLoops& loops = row_loops();
    std::vector<float> top(static_cast<std::size_t>(height) * width);
    in_pieces(height, rows_of(static_cast<std::size_t>(width) * 3), threads, [&](std::size_t first, std::size_t last) {
        loops.largest(picture + first * 3 * width, top.data() + first * width, static_cast<int>((last - first) * width));
    });
    for (std::size_t i = 0; i < cells.size(); ++i) cell_means(top.data(), height, width, 1, cells[i], outs[i], threads);
}

void square_means(const float* values, int height, int width, int channels, int cell, float* out, int threads) {
    const int gh = (height + cell - 1) / cell, gw = (width + cell - 1) / cell;
    const RowLoops& loops = row_loops();
    const auto n = static_cast<std::size_t>(width) * channels;
    in_pieces(gh, rows_of(n * cell), threads, [&](std::size_t first, std::size_t last) {
        std::vector<double> sums;
        for (std::size_t j = first; j < last; ++j) {
            means([&](int y) { return values + y * n; }, height, width, channels, cell, 0, static_cast<int>(j), gw,
                  out + j * gw * channels, sums, loops);
        }
    });
}

}  // namespace candela
