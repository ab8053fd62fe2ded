// Grids as pixels read them. Twin of itm/field.py and of itm/lattice.py, the same operations in the same order.
#include "field.hpp"

#include <algorithm>
#include <cmath>

#include "../rows/rows.hpp"
#include "pieces.hpp"

namespace candela {

std::vector<float> shepard_shares(int cell) {
    std::vector<float> out;
    for (int y = 0; y < cell; ++y) {
        for (int x = 0; x < cell; ++x) {
            double near[4], sum = 0;
            for (int k = 0; k < 4; ++k) {
                const double dy = static_cast<double>(y) / cell - k / 2, dx = static_cast<double>(x) / cell - k % 2;
                near[k] = 1 / std::max(std::hypot(dy, dx), 1e-9);
            }
            for (double each : near) sum += each;
            for (double each : near) out.push_back(static_cast<float>(each / sum));
        }
    }
    return out;
}

namespace {

void bilinear_row(const FieldOf& f, const Place& y, const std::vector<Place>& columns, std::vector<float>& strip,
                  float* out) {
    const std::size_t n = static_cast<std::size_t>(f.width) * f.channels;
    const float *a = f.nodes + y.at * n, *b = f.nodes + y.next * n;
    for (std::size_t i = 0; i < n; ++i) strip[i] = a[i] + (b[i] - a[i]) * y.part;
    const auto c = static_cast<std::size_t>(f.channels);
    if (c == 1) {
        for (std::size_t x = 0; x < columns.size(); ++x) {
            const float left = strip[columns[x].at], right = strip[columns[x].next];
            out[x] = left + (right - left) * columns[x].part;
        }
        return;
    }
    for (std::size_t x = 0; x < columns.size(); ++x) {
        const float *left = &strip[columns[x].at * c], *right = &strip[columns[x].next * c];
        for (std::size_t k = 0; k < c; ++k) out[x * c + k] = left[k] + (right[k] - left[k]) * columns[x].part;
    }
}

// One row of one channel on Shepard's lattice: nodes side by side, the last one repeated.
void shepard_row(const FieldOf& f, int y, int width, const std::vector<float>& shares, std::vector<float>& room,
                 const RowLoops& loops, float* out) {
    const int i = std::min(y / f.cell, f.height - 1), below = std::min(i + 1, f.height - 1);
    const auto count = static_cast<std::size_t>(f.width);
    const float* share = shares.data() + static_cast<std::size_t>(y % f.cell) * f.cell * 4;
    float *a = room.data(), *b = a + count + 1, *line = b + count + 1;
    for (int c = 0; c < f.channels; ++c) {
        for (std::size_t j = 0; j < count; ++j) {
            a[j] = f.nodes[(i * count + j) * f.channels + c];
            b[j] = f.nodes[(below * count + j) * f.channels + c];
        }
        a[count] = a[count - 1];
        b[count] = b[count - 1];
        loops.spread(a, a + 1, b, b + 1, share, f.cell, f.width, line);
        const int reach = std::min(width, f.width * f.cell);
        for (int x = 0; x < reach; ++x) out[static_cast<std::size_t>(x) * f.channels + c] = line[x];
        for (int x = reach; x < width; ++x) {
            const float *s = share + x % f.cell * 4, above = a[count], under = b[count];
            out[static_cast<std::size_t>(x) * f.channels + c] = ((above * s[0] + above * s[1]) + under * s[2]) + under * s[3];
        }
    }
}

}  // namespace

void field_rows(const FieldOf& field, int top, int bottom, int width, float* out, int threads) {
    const auto n = static_cast<std::size_t>(width) * field.channels;
    const auto height = static_cast<std::size_t>(std::max(bottom - top, 0));
    if (field.cell) {
        const auto shares = shepard_shares(field.cell);
        const RowLoops& loops = row_loops();
        in_pieces(height, rows_of(n), threads, [&](std::size_t first, std::size_t last) {
            std::vector<float> room(2 * (static_cast<std::size_t>(field.width) + 1) +
                                    static_cast<std::size_t>(field.width) * field.cell);
            for (std::size_t y = first; y < last; ++y) {
                shepard_row(field, top + static_cast<int>(y), width, shares, room, loops, out + y * n);
            }
        });
        return;
    }
    std::vector<Place> columns;
    for (int x = 0; x < width; ++x) columns.push_back(place_of(x, field.width, field));
    in_pieces(height, rows_of(n), threads, [&](std::size_t first, std::size_t last) {
        std::vector<float> strip(static_cast<std::size_t>(field.width) * field.channels);
        for (std::size_t y = first; y < last; ++y) {
            bilinear_row(field, place_of(top + static_cast<std::int64_t>(y), field.height, field), columns, strip, out + y * n);
        }
    });
}

void field_at(const FieldOf& field, const std::int64_t* ys, const std::int64_t* xs, std::size_t n, float* out,
              int threads) {
    const Reader reader(field);
    in_pieces(n, 1 << 14, threads, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) reader.at(ys[i], xs[i], out + i * field.channels);
    });
}

}  // namespace candela
