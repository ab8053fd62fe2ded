// Cell means of a picture: sums of 2x2 pixels once, from them all three sizes.
#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../common/aligned.hpp"
#include "candela/threads.hpp"
#include "parts.hpp"

namespace candela {
namespace {

constexpr int cells[] = {4, 16, 64};

int nodes(int size, int cell) { return (size - 1 + cell - 1) / cell + 1; }

// One row of nodes from the squares of the whole picture. squares: rows of `columns` + 2, the first that above the
// picture, the last that below. A cell of N pixels is N/2 squares, from square (j - 1/2) N/2 on.
void node_row(const std::vector<float>& squares, int rows, int columns, int cell, int j, double scale, float* out,
              int count, std::vector<float>& sums) {
    const int n = cell / 2, width = columns + 2;
    sums.assign(width, 0.0f);
    for (int i = 0; i < n; ++i) {
        const int row = std::clamp(j * n - n / 2 + i, -1, rows) + 1;
        const float* from = squares.data() + static_cast<std::size_t>(row) * width;
        for (int x = 0; x < width; ++x) sums[x] += from[x];
    }
    for (int k = 0; k < count; ++k) {
        double sum = 0;
        for (int i = 0; i < n; ++i) sum += sums[std::clamp(k * n - n / 2 + i, -1, columns) + 1];
        out[k] = static_cast<float>(sum * scale);
    }
}

}  // namespace

Surroundings::Surroundings(const Source& picture, int threads) : grids_(std::make_unique<Grids>()) {
    const int width = picture.width, height = picture.height;
    if (width < 1 || height < 1 || !picture.data) {
        throw std::invalid_argument("a picture of " + std::to_string(width) + "x" + std::to_string(height));
    }
    const bool whole = picture.sample == Sample::u8 || picture.sample == Sample::u16;
    if (whole && (picture.bits < 1 || picture.bits > (picture.sample == Sample::u8 ? 8 : 16))) {
        throw std::invalid_argument(std::to_string(picture.bits) + " bits in such samples");
    }
    grids_->width = width;
    grids_->height = height;
    const int columns = (width + 1) / 2, rows = (height + 1) / 2;
    // Sums of codes: whole numbers under 2^24, so that their order changes nothing.
    std::vector<float> squares(static_cast<std::size_t>(rows + 2) * (columns + 2));
    const FrameKernel& kernel = frame_kernel({});
    const std::size_t wanted = thread_count(threads);
    share_out((rows + 2 + 15) / 16, wanted, [&] {
        std::shared_ptr<float[]> room = aligned_floats(4 * (static_cast<std::size_t>(width) + 64));
        return [&, room](std::size_t part) {
            for (int r = static_cast<int>(part) * 16; r < std::min(rows + 2, static_cast<int>(part + 1) * 16); ++r) {
                kernel.sum_squares(picture, r - 1, room.get(), squares.data() + static_cast<std::size_t>(r) * (columns + 2));
            }
        };
    });
    std::vector<Field>& fields = grids_->fields;
    std::vector<std::pair<int, int>> work;  // field, first row of eight
    for (const int cell : cells) {
        const int h = nodes(height, cell), w = nodes(width, cell);
        fields.push_back({Grid(h, w), Axis(width, 1.0 / cell, 0, w), Axis(height, 1.0 / cell, 0, h)});
        for (int j = 0; j < h; j += 8) work.emplace_back(static_cast<int>(fields.size()) - 1, j);
    }
    const double full = whole ? (1 << picture.bits) - 1.0 : 1.0;
    share_out(work.size(), wanted, [&] {
        auto sums = std::make_shared<std::vector<float>>();
        return [&, sums](std::size_t item) {
            const auto [f, first] = work[item];
            Grid& grid = fields[f].grid;
            const double scale = 1.0 / (static_cast<double>(cells[f]) * cells[f] * full);
            for (int j = first; j < std::min(grid.height, first + 8); ++j) {
                node_row(squares, rows, columns, cells[f], j, scale, grid.row(j), grid.width, *sums);
            }
        };
    });
    for (auto& field : fields) field.grid.repeat_last_nodes();
}

Region Surroundings::needed(const Region& region, int width, int height) {
    if (region.left >= region.right || region.top >= region.bottom) return {};
    constexpr int largest = 64;
    const auto side = [](int first, int beyond, int tile, int size) -> std::pair<int, int> {
        // Whole tiles, then the nodes before and behind them, and half a cell around each.
        const int from = first / tile * tile, to = std::min((beyond + tile - 1) / tile * tile, size);
        return {std::max(from / largest * largest - largest, 0), std::min(((to - 1) / largest + 2) * largest, size)};
    };
    const auto [left, right] = side(region.left, region.right, tile_width, width);
    const auto [top, bottom] = side(region.top, region.bottom, tile_height, height);
    return {left, top, right, bottom};
}

Surroundings::Surroundings(const Source& picture, const Region& region, int threads) {
    const Region part = needed(region, picture.width, picture.height);
    if (part.left == 0 && part.top == 0 && part.right == picture.width && part.bottom == picture.height) {
        *this = Surroundings(picture, threads);
        return;
    }
    grids_ = std::make_unique<Grids>(Grids{picture.width, picture.height, {}});
    for (const int cell : cells) {
        const int h = nodes(picture.height, cell), w = nodes(picture.width, cell);
        grids_->fields.push_back({Grid(h, w), Axis(picture.width, 1.0 / cell, 0, w), Axis(picture.height, 1.0 / cell, 0, h)});
    }
    if (part.left >= part.right || part.top >= part.bottom) return;
    // The part as a picture of its own. It begins on a node of every grid, so that its nodes are those of the whole; along
    // its edges they are not, and no pixel of the region reads those.
    Source own = picture;
    own.data = static_cast<const std::byte*>(picture.data) + part.top * picture.layout.row + part.left * picture.layout.pixel;
    own.width = part.right - part.left;
    own.height = part.bottom - part.top;
    const Surroundings its(own, threads);
    for (std::size_t f = 0; f < grids_->fields.size(); ++f) {
        const Grid& from = its.grids().fields[f].grid;
        Grid& to = grids_->fields[f].grid;
        const int top = part.top / cells[f], left = part.left / cells[f];
        for (int i = 0; i < std::min(from.height, to.height - top); ++i) {
            std::copy_n(from.row(i), std::min(from.width, to.width - left), to.row(top + i) + left);
        }
        to.repeat_last_nodes();
    }
}

Surroundings& Surroundings::operator=(Surroundings&&) noexcept = default;

Surroundings::Means Surroundings::means(int index) const {
    const Grid& grid = grids_->fields.at(static_cast<std::size_t>(index)).grid;
    Means out{grid.height, grid.width, {}};
    out.nodes.reserve(static_cast<std::size_t>(grid.height) * grid.width);
    for (int i = 0; i < grid.height; ++i) out.nodes.insert(out.nodes.end(), grid.row(i), grid.row(i) + grid.width);
    return out;
}

Surroundings::Surroundings(std::unique_ptr<Grids> grids) : grids_(std::move(grids)) {}
Surroundings::~Surroundings() = default;
Surroundings::Surroundings(Surroundings&&) noexcept = default;

}  // namespace candela
