// Grids read at a proxy's pixels, and integrals over parts of them.
#include "proxy.hpp"

#include <algorithm>
#include <cmath>

namespace candela {
namespace {

struct Between {
    int first, second;
    double fraction;
};

Between between(double u, int size) {
    u = std::clamp(u, 0.0, static_cast<double>(size - 1));
    const int first = std::min(static_cast<int>(u), std::max(size - 2, 0));
    return {first, std::min(first + 1, size - 1), u - first};
}

// Of values 0..n-1, each on a pixel of a proxy, the mean over the picture's pixels from..to-1; the ends repeat.
// sums[i]: of the values before i.
template <class Sums>
double mean_between(const Sums& sums, const ProxySide& side, double from, double to) {
    const double scale = static_cast<double>(side.count) / side.whole;
    const auto integral = [&](double t) {
        if (t <= 0) return t * (sums(1) - sums(0));
        if (t >= side.count) return sums(side.count) + (t - side.count) * (sums(side.count) - sums(side.count - 1));
        const int whole = static_cast<int>(t);
        return sums(whole) + (t - whole) * (sums(whole + 1) - sums(whole));
    };
    return (integral(to * scale) - integral(from * scale)) / ((to - from) * scale);
}

int nodes(int size, int cell) { return (size - 1 + cell - 1) / cell + 1; }

}  // namespace

Field field_of(Grid&& values) {
    values.repeat_last_nodes();
    const Axis columns(values.width, 1, 0, values.width), rows(values.height, 1, 0, values.height);
    return {std::move(values), columns, rows};
}

Grid bilinear_at(const Grid& from, const Proxy& proxy, double scale, double first) {
    Grid out(proxy.down.count, proxy.across.count);
    std::vector<Between> columns;
    for (int x = 0; x < out.width; ++x) columns.push_back(between((proxy.across.at(x) - first) * scale, from.width));
    for (int y = 0; y < out.height; ++y) {
        const Between rows = between((proxy.down.at(y) - first) * scale, from.height);
        const float *above = from.row(rows.first), *below = from.row(rows.second);
        for (int x = 0; x < out.width; ++x) {
            const auto& [left, right, f] = columns[static_cast<std::size_t>(x)];
            const double a = above[left] + (above[right] - above[left]) * f, b = below[left] + (below[right] - below[left]) * f;
            out.row(y)[x] = static_cast<float>(a + (b - a) * rows.fraction);
        }
    }
    return out;
}

Grid shepard_at(const Grid& from, const Proxy& proxy, int cell) {
    Grid out(proxy.down.count, proxy.across.count);
    const auto place = [cell](const ProxySide& side, int pixel, int size) -> Between {
        const double u = std::clamp(side.at(pixel), 0.0, side.whole - 1.0) / cell;
        const int first = std::min(static_cast<int>(u), size - 1);
        return {first, std::min(first + 1, size - 1), u - first};
    };
    for (int y = 0; y < out.height; ++y) {
        const Between rows = place(proxy.down, y, from.height);
        for (int x = 0; x < out.width; ++x) {
            const Between columns = place(proxy.across, x, from.width);
            double sum = 0, total = 0;
            for (int k = 0; k < 4; ++k) {
                const double near = 1 / std::max(std::hypot(rows.fraction - k / 2, columns.fraction - k % 2), 1e-9);
                sum += near * from.row(k / 2 ? rows.second : rows.first)[k % 2 ? columns.second : columns.first];
                total += near;
            }
            out.row(y)[x] = static_cast<float>(sum / total);
        }
    }
    return out;
}

Grid means_over(const Grid& values, const Proxy& proxy, int cell) {
    const double half = cell / 2;
    Grid out(nodes(proxy.down.whole, cell), nodes(proxy.across.whole, cell));
    const std::size_t width = static_cast<std::size_t>(out.width);
    // Rows first: of every row the means, summed up from the first row on.
    std::vector<double> sums((static_cast<std::size_t>(values.height) + 1) * width), along(static_cast<std::size_t>(values.width) + 1);
    for (int y = 0; y < values.height; ++y) {
        const float* row = values.row(y);
        for (std::size_t x = 0; x + 1 < along.size(); ++x) along[x + 1] = along[x] + row[x];
        const auto before = [&](int i) { return along[static_cast<std::size_t>(i)]; };
        double* to = sums.data() + (static_cast<std::size_t>(y) + 1) * width;
        for (int k = 0; k < out.width; ++k) {
            const double middle = static_cast<double>(k) * cell;
            to[k] = to[k - static_cast<std::ptrdiff_t>(width)] + mean_between(before, proxy.across, middle - half, middle + half);
        }
    }
    for (int j = 0; j < out.height; ++j) {
        const double middle = static_cast<double>(j) * cell;
        for (int k = 0; k < out.width; ++k) {
            const auto before = [&](int i) { return sums[static_cast<std::size_t>(i) * width + static_cast<std::size_t>(k)]; };
            out.row(j)[k] = static_cast<float>(mean_between(before, proxy.down, middle - half, middle + half));
        }
    }
    return out;
}

}  // namespace candela
