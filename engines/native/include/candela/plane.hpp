// The guide plane on the side that makes it: relaxed, transformed, quantised and coded to a budget of bytes; and the
// grids that a picture is laid over. Twins of candela_engines/itm: guide, relax, coding/quantise, lattice, field.
//
// Results do not depend on the number of threads nor on the instruction set. `threads`: 0 for as many as the machine
// has. `isa`: of `dense_kernels`, empty for the one in use. Numbers that are not finite are refused by
// std::invalid_argument where it is said so.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "candela/picture.hpp"

namespace candela {

// A coded plane: samples (h, w, C) as any decoder gives them, their step over `plane_unit` and the bytes.
struct CodedPlane {
    std::vector<float> samples;
    int step = 0;
    std::vector<std::uint8_t> bytes;
};

// Codes one plane to any size; keeps what the last budget was relaxed for.
class PlaneCoder {
public:
    // plane, weight: (height, width, channels), finite; 1..4 channels, `most_samples` in all. weight: what a squared
    // error counts, at least 0, in any unit.
    PlaneCoder(const float* plane, const float* weight, int height, int width, int channels, std::string_view isa = {});
    ~PlaneCoder();

    // The best plane of at most `budget` bytes that a few codings find; none where none fits. draft: less care, for
    // trials. Calls from several threads wait for one another.
    std::optional<CodedPlane> code(std::int64_t budget, bool draft, int threads = 0);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// A grid of `channels` numbers a node, (height, width, channels), and how the pixels between the nodes read it:
// bilinearly at (y · scale + offset, x · scale + offset), or by inverse distance (Shepard 1968) from nodes that lie on
// every cell-th pixel. Outside the outermost nodes the value is theirs. itm/field.py and itm/lattice.py.
struct FieldOf {
    const float* nodes = nullptr;
    int height = 0, width = 0, channels = 1;
    double scale = 1, offset = 0;
    int cell = 0;  // of Shepard's lattice; 0 for a bilinear field
};

// Values (bottom − top, width, channels) of a strip of rows.
void field_rows(const FieldOf& field, int top, int bottom, int width, float* out, int threads = 0);

// Values (n, channels) at pixels, none negative.
void field_at(const FieldOf& field, const std::int64_t* ys, const std::int64_t* xs, std::size_t n, float* out,
              int threads = 0);

// Nodes on every cell-th pixel whose field comes nearest to `values` (height, width, channels), and how much each of
// them weighs: (ceil(height / cell), ceil(width / cell), channels) both. weight: of the squared error, like values. A
// part of a picture with `shepard_halo` nodes more on each side gives the nodes that the whole gives.
void fit_shepard(const float* values, const float* weight, int height, int width, int channels, int cell, float* nodes,
                 float* totals, int threads = 0);
inline constexpr int shepard_halo = 9;

// Means over squares of `cell` pixels centred on every cell-th one, the edge repeated: (nodes(height), nodes(width),
// channels) with nodes(size) = ceil((size − 1) / cell) + 1.
void cell_means(const float* values, int height, int width, int channels, int cell, float* out, int threads = 0);

// The same of max(R, G, B) of a picture (height, width, 3), for several cells: outs[i] for cells[i].
void cell_means_of_largest(const float* picture, int height, int width, const std::vector<int>& cells,
                           const std::vector<float*>& outs, int threads = 0);

// Means over squares of `cell` pixels from the corner on, the edge repeated to fill the last: (ceil(height / cell),
// ceil(width / cell), channels).
void square_means(const float* values, int height, int width, int channels, int cell, float* out, int threads = 0);

// Pixels (n, 3) of a picture, integers over full scale.
void pixels_at(const Source& picture, const std::int64_t* ys, const std::int64_t* xs, std::size_t n, float* out,
               int threads = 0);

// The dequantiser's whole step (n, 3) at pixels of a picture of codes; code: one code over full scale
// (itm/dequantise.py).
void steps_at(const Source& picture, float code, const std::int64_t* ys, const std::int64_t* xs, std::size_t n,
              float* out, int threads = 0);

// What the network sees of pixels (n, 4 + means + (channels + 1 with a plane)); codes: theirs, (n, 3). plane and
// plane_mean: both or none (itm/features.py).
void features_at(const float* codes, const std::int64_t* ys, const std::int64_t* xs, std::size_t n,
                 const std::vector<FieldOf>& means, const FieldOf* plane, const FieldOf* plane_mean, double spread,
                 float* out, int threads = 0);

}  // namespace candela
