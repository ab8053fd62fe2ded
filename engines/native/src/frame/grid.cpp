// Grids, where pixels read them, and means of planes.
#include <algorithm>
#include <cmath>

#include "parts.hpp"

namespace candela {

Grid::Grid(int h, int w) : height(h), width(w), stride(w + padding), nodes(static_cast<std::size_t>(h) * stride) {}

void Grid::repeat_last_nodes() {
    for (int i = 0; i < height; ++i) std::fill_n(row(i) + width, padding, row(i)[width - 1]);
}

Axis::Axis(int count, double scale, double offset, int size) {
    const int padded = (count + tile_width - 1) / tile_width * tile_width;
    for (int i = 0; i < padded; ++i) {
        const double u = std::clamp(std::min(i, count - 1) * scale + offset, 0.0, static_cast<double>(size - 1));
        const int at = std::min(static_cast<int>(u), std::max(size - 2, 0));
        index.push_back(at);
        fraction.push_back(static_cast<float>(u - at));
    }
}

Grid cell_means(const float* plane, int height, int width, int step, int cell) {
    const auto nodes = [cell](int size) { return (size - 1 + cell - 1) / cell + 1; };
    Grid grid(nodes(height), nodes(width));
    const int half = cell / 2;
    std::vector<double> sums(width);
    for (int j = 0; j < grid.height; ++j) {
        std::fill(sums.begin(), sums.end(), 0.0);
        for (int i = 0; i < cell; ++i) {
            const int y = std::clamp(j * cell - half + i, 0, height - 1);
            const float* row = plane + static_cast<std::size_t>(y) * width * step;
            for (int x = 0; x < width; ++x) sums[x] += row[static_cast<std::size_t>(x) * step];
        }
        for (int k = 0; k < grid.width; ++k) {
            double sum = 0;
            for (int i = 0; i < cell; ++i) sum += sums[std::clamp(k * cell - half + i, 0, width - 1)];
            grid.row(j)[k] = static_cast<float>(sum / (static_cast<double>(cell) * cell));
        }
    }
    grid.repeat_last_nodes();
    return grid;
}

}  // namespace candela
