// Single pixels of a field.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "candela/plane.hpp"

namespace candela {

// Shares (cell, cell, 4) of the nodes above left, above right, below left and below right.
std::vector<float> shepard_shares(int cell);

// Between which nodes a pixel lies, and how far from the first.
struct Place {
    std::uint32_t at, next;
    float part;
};

inline Place place_of(std::int64_t pixel, int size, const FieldOf& field) {
    const double u = std::clamp(static_cast<double>(pixel) * field.scale + field.offset, 0.0, size - 1.0);
    const int i = std::min(static_cast<int>(u), std::max(size - 2, 0));
    return {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(std::min(i + 1, size - 1)), static_cast<float>(u - i)};
}

class Reader {
public:
    explicit Reader(const FieldOf& field) : field_(field) {
        if (field.cell) shares_ = shepard_shares(field.cell);
    }

    // Writes the channels at a pixel.
    void at(std::int64_t y, std::int64_t x, float* out) const {
        const std::size_t c = field_.channels, row = field_.width * c;
        if (field_.cell) {
            const std::int64_t cell = field_.cell;
            const std::size_t i = std::min<std::int64_t>(y / cell, field_.height - 1), j = std::min<std::int64_t>(x / cell, field_.width - 1);
            const std::size_t i1 = std::min<std::size_t>(i + 1, field_.height - 1), j1 = std::min<std::size_t>(j + 1, field_.width - 1);
            const float* s = &shares_[static_cast<std::size_t>(y % cell * cell + x % cell) * 4];
            const float *a = field_.nodes + i * row, *b = field_.nodes + i1 * row;
            for (std::size_t k = 0; k < c; ++k) {
                out[k] = ((a[j * c + k] * s[0] + a[j1 * c + k] * s[1]) + b[j * c + k] * s[2]) + b[j1 * c + k] * s[3];
            }
            return;
        }
        if (!rows_.empty()) return between(rows_[static_cast<std::size_t>(y)], columns_[static_cast<std::size_t>(x)], out);
        between(place_of(y, field_.height, field_), place_of(x, field_.width, field_), out);
    }

    // For many pixels: finds the places of rows and columns 0..count - 1 once.
    void learn_places(std::int64_t rows, std::int64_t columns) {
        if (field_.cell) return;
        for (std::int64_t y = 0; y < rows; ++y) rows_.push_back(place_of(y, field_.height, field_));
        for (std::int64_t x = 0; x < columns; ++x) columns_.push_back(place_of(x, field_.width, field_));
    }

private:
    void between(const Place& v, const Place& u, float* out) const {
        const std::size_t c = field_.channels, row = field_.width * c;
        const float *a = field_.nodes + v.at * row, *b = field_.nodes + v.next * row;
        for (std::size_t k = 0; k < c; ++k) {
            const float above = a[u.at * c + k] + (a[u.next * c + k] - a[u.at * c + k]) * u.part;
            const float below = b[u.at * c + k] + (b[u.next * c + k] - b[u.at * c + k]) * u.part;
            out[k] = above + (below - above) * v.part;
        }
    }

    FieldOf field_;
    std::vector<float> shares_;
    std::vector<Place> rows_, columns_;
};

}  // namespace candela
