// Nodes from pixels, by the normal equations of Shepard's field: each cell's pixels say once how much its four nodes
// mean to one another, and the rounds of Landweber's iteration then run over nodes alone.
//
// Of a cell there are 14 totals: the weighted values by its four nodes' shares, and the weights by the ten products of
// two shares. What a node weighs is the sum of its products, since shares add up to one.
#include <algorithm>
#include <vector>

#include "../rows/rows.hpp"
#include "field.hpp"
#include "pieces.hpp"

namespace candela {
namespace {

constexpr int rounds = 8, totals_of_a_cell = 14;
constexpr float pace = 1.9f;  // of the rounds; from 2 on they would diverge

// Place of the product of shares a and b among the totals.
constexpr int product(int a, int b) {
    constexpr int first[4] = {4, 8, 11, 13};
    return a <= b ? first[a] + b - a : product(b, a);
}

// One channel. Grids of nodes have a row and a column more, for what lies past the last: it counts as the last.
class Fit {
public:
    Fit(const float* values, const float* weight, int height, int width, int channels, int channel, int cell, int threads)
        : gh_((height + cell - 1) / cell), gw_((width + cell - 1) / cell), pitch_(gw_ + 1), threads_(threads),
          cells_(static_cast<std::size_t>(gh_) * totals_of_a_cell * gw_) {
        const auto shares = shepard_shares(cell);
        const RowLoops& loops = row_loops();
        const std::size_t line = static_cast<std::size_t>(gw_) * cell;
        in_pieces(gh_, rows_of(line * cell), threads, [&](std::size_t first, std::size_t last) {
            std::vector<float> v(line), w(line);  // the part of the last cell that is outside stays 0
            for (std::size_t i = first; i < last; ++i) {
                for (int p = 0; p < cell; ++p) {
                    const std::size_t y = i * cell + p;
                    if (y >= static_cast<std::size_t>(height)) break;
                    for (int x = 0; x < width; ++x) {
                        const std::size_t at = (y * width + x) * channels + channel;
                        v[x] = values[at];
                        w[x] = weight[at];
                    }
                    loops.gather(v.data(), w.data(), shares.data() + static_cast<std::size_t>(p) * cell * 4, cell, gw_,
                                 cell_totals(static_cast<int>(i)), gw_);
                }
            }
        });
    }

    void run(float* nodes, float* totals, int channels, int channel) const {
        std::vector<float> wanted = to_nodes([&](int i, int j, int a) { return cell_totals(i)[a * gw_ + j]; });
        std::vector<float> weight = to_nodes([&](int i, int j, int a) {
            float sum = 0;
            for (int b = 0; b < 4; ++b) sum += cell_totals(i)[product(a, b) * gw_ + j];
            return sum;
        });
        for (float& w : weight) w += 1e-9f;
        std::vector<float> x(wanted.size());
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = wanted[i] / weight[i];
        for (int round = 0; round < rounds; ++round) {
            repeat_edges(x);
            const std::vector<float> seen = to_nodes([&](int i, int j, int a) {
                const float* at = &x[static_cast<std::size_t>(i) * pitch_ + j];
                const float node[4] = {at[0], at[1], at[pitch_], at[pitch_ + 1]};
                float sum = 0;
                for (int b = 0; b < 4; ++b) sum += cell_totals(i)[product(a, b) * gw_ + j] * node[b];
                return sum;
            });
            for (std::size_t i = 0; i < x.size(); ++i) x[i] += pace * (wanted[i] - seen[i]) / weight[i];
        }
        for (int i = 0; i < gh_; ++i) {
            for (int j = 0; j < gw_; ++j) {
                const std::size_t at = (static_cast<std::size_t>(i) * gw_ + j) * channels + channel;
                nodes[at] = x[static_cast<std::size_t>(i) * pitch_ + j];
                totals[at] = weight[static_cast<std::size_t>(i) * pitch_ + j];
            }
        }
    }

private:
    float* cell_totals(int i) { return cells_.data() + static_cast<std::size_t>(i) * totals_of_a_cell * gw_; }
    const float* cell_totals(int i) const { return const_cast<Fit*>(this)->cell_totals(i); }

    // Adds up at each node what the cells around it have for it: of(i, j, a) for the a-th node of cell (i, j).
    template <class Of>
    std::vector<float> to_nodes(Of of) const {
        std::vector<float> out(static_cast<std::size_t>(gh_ + 1) * pitch_);
        in_pieces(gh_ + 1, rows_of(static_cast<std::size_t>(8) * gw_), threads_, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) {
                float* row = &out[i * pitch_];
                for (int up = 0; up < 2; ++up) {  // the cells below the node, then those above
                    const int cell = static_cast<int>(i) - up;
                    if (cell < 0 || cell >= gh_) continue;
                    for (int j = 0; j < gw_; ++j) row[j] += of(cell, j, 2 * up);
                    for (int j = 0; j < gw_; ++j) row[j + 1] += of(cell, j, 2 * up + 1);
                }
                row[gw_ - 1] += row[gw_];
            }
        });
        for (int j = 0; j < gw_; ++j) out[(gh_ - 1) * pitch_ + j] += out[gh_ * pitch_ + j];
        return out;
    }

    void repeat_edges(std::vector<float>& x) const {
        for (int i = 0; i < gh_; ++i) x[i * pitch_ + gw_] = x[i * pitch_ + gw_ - 1];
        std::copy_n(&x[(gh_ - 1) * pitch_], pitch_, &x[gh_ * pitch_]);
    }

    int gh_, gw_;
    std::size_t pitch_;
    int threads_;
    std::vector<float> cells_;  // by rows of cells: 14 rows of totals
};

}  // namespace

void fit_shepard(const float* values, const float* weight, int height, int width, int channels, int cell, float* nodes,
                 float* totals, int threads) {
    for (int c = 0; c < channels; ++c) {
        Fit(values, weight, height, width, channels, c, cell, threads).run(nodes, totals, channels, c);
    }
}

}  // namespace candela
