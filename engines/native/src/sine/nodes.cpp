// Nodes in the cells of a row.
#include "nodes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "candela/dense.hpp"

namespace candela {

double half_cell(int width) { return (tile_pixels - 1) / 2.0 / std::max(width - 1, 1); }

Nodes make_nodes(std::span<const float> columns, int count) {
    const std::size_t width = columns.size(), cells = (width + tile_pixels - 1) / tile_pixels;
    const double half = half_cell(static_cast<int>(width));
    Nodes nodes{count, std::vector<float>(cells * count), std::vector<float>(cells * count * tile_pixels)};
    std::vector<double> weights(count), terms(count);
    for (std::size_t cell = 0; cell < cells; ++cell) {
        float* at = nodes.at.data() + cell * count;
        const double middle = columns[cell * tile_pixels] + half;
        for (int k = 0; k < count; ++k) {
            at[k] = static_cast<float>(middle - half * std::cos(std::numbers::pi * (k + 0.5) / count));
        }
        // Barycentric weights of the nodes as they were rounded (Berrut and Trefethen 2004).
        for (int k = 0; k < count; ++k) {
            double product = 1;
            for (int j = 0; j < count; ++j) {
                if (j != k) product *= 2 * (static_cast<double>(at[k]) - at[j]) / half;
            }
            weights[k] = 1 / product;
        }
        for (int p = 0; p < tile_pixels; ++p) {
            const double u = columns[std::min(cell * tile_pixels + p, width - 1)];
            float* basis = nodes.basis.data() + cell * count * tile_pixels + p;
            double sum = 0;
            int on = -1;
            for (int k = 0; k < count; ++k) {
                const double distance = u - at[k];
                if (distance == 0) on = k;
                terms[k] = distance == 0 ? 0 : weights[k] / distance;
                sum += terms[k];
            }
            for (int k = 0; k < count; ++k) {
                basis[k * tile_pixels] = static_cast<float>(on < 0 ? terms[k] / sum : k == on);
            }
        }
    }
    return nodes;
}

}  // namespace candela
