// A smooth function of the column, known at few nodes: how many it needs, where they are, and how to get from there to
// every column.
#pragma once

#include <span>
#include <vector>

namespace candela {

// Columns are taken by cells of tile_pixels, from the picture's first column on.
struct Nodes {
    int count = 0;              // in a cell
    std::vector<float> at;      // cells x count: places u of the nodes
    std::vector<float> basis;   // cells x count x tile_pixels: what a node weighs at a column
};

// Nodes of a picture's cells. columns: u of each column.
Nodes make_nodes(std::span<const float> columns, int count);

// Half the width of a cell in u.
double half_cell(int width);

// Chebyshev nodes on an interval of `half` on each side so that interpolation between them is off by at most `tolerance`;
// 0 where more than `most` are needed. bound(eta): what the function's size does not exceed anywhere within eta of the
// real line; it need not be finite for large eta.
template <class Bound>
int nodes_needed(Bound bound, double half, double tolerance, int most);

}  // namespace candela

#include <cmath>

namespace candela {

// Trefethen, Approximation Theory and Approximation Practice, theorem 8.2: on the ellipse of parameter rho around the
// interval, which reaches half (rho - 1/rho)/2 from the real line, a bound M leaves 4 M rho^(1 - n)/(rho - 1) to n nodes.
template <class Bound>
int nodes_needed(Bound bound, double half, double tolerance, int most) {
    double least = most + 1.0;
    for (double rho = 1.25; rho < 256; rho *= 1.05) {
        const double m = bound(half * (rho - 1 / rho) / 2);
        if (!std::isfinite(m)) break;
        least = std::fmin(least, 1 + std::log(std::fmax(4 * m / ((rho - 1) * tolerance), 1)) / std::log(rho));
    }
    const int count = static_cast<int>(std::ceil(least));
    return count > most ? 0 : count;
}

}  // namespace candela
