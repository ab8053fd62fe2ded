// Weights in rows of one width, grids with where pixels read them, and room for the means of the picture.
#include "pack_network.hpp"

#include <algorithm>

#include "frame/parts.hpp"

namespace candela::plugin::gpu {
namespace {

using Parts = DefaultNetwork::Parts;

// What a field is read with.
Grid read_as(const Field& field, const Job& job, Tables& tables) {
    Grid out{};
    const auto side = [&](const Axis& axis, int count, int& index, int& fraction) {
        index = tables.add(axis.index, static_cast<std::size_t>(count));
        fraction = tables.add(axis.fraction.data(), static_cast<std::size_t>(count));
    };
    side(field.columns, job.frame_width, out.columns, out.column_fractions);
    side(field.rows, job.frame_height, out.rows, out.row_fractions);
    return out;
}

Grid grid_of(const Field& field, const Job& job, Tables& tables) {
    Grid out = read_as(field, job, tables);
    const candela::Grid& from = field.grid;
    std::vector<float> nodes;
    nodes.reserve(static_cast<std::size_t>(from.height) * from.width);
    for (int i = 0; i < from.height; ++i) nodes.insert(nodes.end(), from.row(i), from.row(i) + from.width);
    out.nodes = tables.add(nodes);
    out.width = from.width;
    out.height = from.height;
    return out;
}

void pack_layers(const Parts& net, Network& out, Tables& tables) {
    int widest = 1;
    for (const auto& layer : net.layers) widest = std::max({widest, layer.inputs, layer.outputs});
    out.width = widest <= 16 ? 16 : widest <= 32 ? 32 : widest <= 64 ? 64 : most_width;
    out.layers = static_cast<int>(net.layers.size());
    std::vector<float> all;
    const auto width = static_cast<std::size_t>(out.width);
    for (int l = 0; l < out.layers; ++l) {
        const auto& from = net.layers[static_cast<std::size_t>(l)];
        auto& to = out.layer[l];
        to = {from.inputs, from.outputs, static_cast<int>(all.size()), 0};
        const auto row = [&](const float* values) {
            all.insert(all.end(), values, values + from.outputs);
            all.resize(all.size() + width - static_cast<std::size_t>(from.outputs));
        };
        for (int k = 0; k < from.inputs; ++k) row(from.weights.data() + static_cast<std::size_t>(k) * from.padded);
        to.biases = static_cast<int>(all.size());
        row(from.biases.data());
    }
    out.weights = tables.add(all);
    out.weight_count = static_cast<int>(all.size());
}

void pack_plane(const Parts& net, const Job& job, Network& out, Tables& tables) {
    out.channels = static_cast<int>(net.plane.size());
    out.spread = net.spread;
    if (!out.channels) return;
    for (int c = 0; c < out.channels; ++c) out.plane[c] = grid_of(net.plane[static_cast<std::size_t>(c)], job, tables);
    out.plane_mean = grid_of(net.plane_mean[0], job, tables);
    std::copy(net.plane_to_output.begin(), net.plane_to_output.end(), out.to_output);
    if (net.shares.empty()) return;
    out.cell = net.cell;
    const int row = tile_width + net.cell;
    std::vector<float> shares;
    for (int y = 0; y < net.cell; ++y) {
        for (int x = 0; x < net.cell; ++x) {
            for (int k = 0; k < 4; ++k) shares.push_back(net.shares[(static_cast<std::size_t>(y) * 4 + k) * row + x]);
        }
    }
    out.shares = tables.add(shares);
}

// Where the means of a picture will be, and what they are made of.
void pack_means(Job& job, Tables& tables) {
    const int width = job.needed.right - job.needed.left, height = job.needed.bottom - job.needed.top;
    job.square_columns = (width + 1) / 2 + 2;
    job.square_rows = (height + 1) / 2 + 2;
    job.squares_at = 3 * static_cast<std::size_t>(width) * height;
    job.scratch_floats = job.squares_at + static_cast<std::size_t>(job.square_columns) * job.square_rows;
    for (int g = 0; g < 3; ++g) {
        const int cell = 4 << (2 * g);
        const auto nodes = [cell](int size) { return (size - 1 + cell - 1) / cell + 1; };
        const candela::Grid whole(1, nodes(job.frame_width));
        const Field field{whole, Axis(job.frame_width, 1.0 / cell, 0, nodes(job.frame_width)),
                          Axis(job.frame_height, 1.0 / cell, 0, nodes(job.frame_height))};
        Grid out = read_as(field, job, tables);
        out.width = nodes(width);
        out.height = nodes(height);
        // What is needed begins on a node of every grid.
        out.left = job.needed.left / cell;
        out.top = job.needed.top / cell;
        out.nodes = static_cast<int>(job.scratch_floats);
        job.scratch_floats += static_cast<std::size_t>(out.width) * out.height;
        job.network.means[g] = out;
    }
}

}  // namespace

void pack_network(const DefaultNetwork& from, Job& job, Tables& tables) {
    const Parts& net = from.parts();
    Network& out = job.network;
    out.features = net.features;
    pack_layers(net, out, tables);
    pack_plane(net, job, out, tables);
    pack_means(job, tables);
    out.domain = static_cast<int>(net.options.domain);
    out.offset = net.offset;
    out.ceiling = net.ceiling;
    out.highest = net.highest;
    out.strength = net.options.strength;
    out.nits = tables.curve(net.nits, {CurveKind::pq_nits});
    out.low_nits = tables.curve(net.low_nits, {CurveKind::pq_nits});

    Base& base = job.base;
    const SdrColour& colour = net.options.colour;
    base.srgb = colour.transfer == Transfer::srgb;
    base.plain = job.whole && !base.srgb && net.scale == 1 && net.shift == 0;
    base.scale = net.scale;
    base.shift = net.shift;
    const CurveFunction power{CurveKind::power, colour.exponent}, bent{CurveKind::srgb_bent};
    base.light = tables.curve(net.light, base.srgb ? bent : power);
    base.code = tables.curve(net.code, {CurveKind::pq_code, 10000});
    for (int i = 0; i < 9; ++i) {
        base.matrix[i] = net.matrix[i];
        base.placed[i] = static_cast<float>(colour.matrix[i] * (reference_white / 10000));
    }
}

}  // namespace candela::plugin::gpu
