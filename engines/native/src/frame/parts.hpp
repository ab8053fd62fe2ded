// What a frame is rendered from, laid out for the kernel: grids and where pixels read them, layers, curves.
#pragma once

#include <vector>

#include "candela/frame.hpp"

namespace candela {

inline constexpr int tile_width = 48, tile_height = 8;
inline constexpr int tile_size = tile_width * tile_height;  // pixels; every variable of a tile is one array of them

// Nodes of one channel. Every row is followed by repeats of its last node, so that whole vectors can be read.
struct Grid {
    Grid(int height, int width);

    static constexpr int padding = 32;
    int height, width, stride;
    std::vector<float> nodes;

    float* row(int i) { return nodes.data() + static_cast<std::size_t>(i) * stride; }
    const float* row(int i) const { return nodes.data() + static_cast<std::size_t>(i) * stride; }
    void repeat_last_nodes();
};

// Where pixels 0..count-1 of a side read a grid of `size` nodes: between node `index` and the next, at `fraction`.
struct Axis {
    Axis(int count, double scale, double offset, int size);

    std::vector<int> index;       // padded to whole tiles
    std::vector<float> fraction;  // likewise
};

// A grid as pixels read it bilinearly (itm/field.py).
struct Field {
    Grid grid;
    Axis columns, rows;
};

// Means of a plane over squares of `cell` samples centred on every cell-th one, the edge repeated (field.cell_means).
Grid cell_means(const float* plane, int height, int width, int step, int cell);

struct Surroundings::Grids {
    int width, height;
    std::vector<Field> fields;  // cells of 4, 16, 64
};

struct DefaultNetwork::Parts {
    Options options;
    int features;

    // Layers by inputs: a row of `padded` outputs for every input, then one of biases.
    struct Layer {
        int inputs, outputs, padded;
        std::vector<float> weights, biases;
    };
    std::vector<Layer> layers;
    int most_variables;  // features and all units: what a tile can have to hold

    std::vector<Field> plane;       // a channel each; centred lattices
    std::vector<Field> plane_mean;  // of the first channel; one, or none without a plane
    int cell = 1;                   // of Shepard's lattice: pixels from one node to the next
    std::vector<float> shares;      // of its four nodes, by row of a cell: [cell][4][tile_width + cell]; empty where centred
    float spread = 1;
    std::vector<float> plane_to_output;  // channels x 3

    Curve light, code, nits, low_nits;
    float scale, shift;  // of codes over full scale to a signal
    float matrix[9];  // to BT.2020, over 10000 nit for `pq`, over 203 nit for gains
    float offset;     // of gains
    float ceiling;    // PQ code that is not exceeded
    float highest;    // its light over 203 nit

    Parts(const Layers& layers, const GuidePlane& plane, const Options& options);
};

// The kernel of one instruction set.
struct FrameJob {
    const DefaultNetwork::Parts& network;
    const Source& picture;
    const Surroundings::Grids& around;
    const Region& region;
    const Target& target;
    Encoding encoding;
    bool fold;
};
struct FrameKernel {
    std::string_view name;
    bool usable;
    // Renders the tiles of one row of tiles; room: `room_for` floats, aligned.
    void (*tile_row)(const FrameJob& job, int row, float* room, Work& work);
    std::size_t (*room_for)(const DefaultNetwork::Parts& network);
    // Sums of max(R, G, B) over squares of 2x2 pixels whose upper row is 2 * `row`; the edge repeats. out: the square
    // left of the picture, those of the picture, the one right of it. room: 4 * (width + 64) floats.
    void (*sum_squares)(const Source& picture, int row, float* room, float* out);
};
const std::vector<FrameKernel>& all_frame_kernels();
const FrameKernel& frame_kernel(std::string_view isa);  // std::invalid_argument where the machine has none such

}  // namespace candela
