// A default network laid out for the kernel.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "parts.hpp"

namespace candela {
namespace {

constexpr int plane_cell = 16;  // pixels over which the plane's own mean is taken (itm/features.py)
constexpr int plain_features = 7;

// Rows: the mean, red against blue, green against both; orthonormal (itm/guide.py).
std::vector<float> axes(int channels) {
    const double rows[3][3] = {{1, 1, 1}, {1, 0, -1}, {1, -2, 1}}, length[3] = {3, 2, 6};
    std::vector<float> out;
    for (int c = 0; c < channels; ++c) {
        for (int k = 0; k < 3; ++k) out.push_back(static_cast<float>(rows[c][k] / std::sqrt(length[c])));
    }
    return out;
}

// Shares of the nodes above left, above right, below left and below right by inverse distance (itm/lattice.py).
std::vector<float> shepard_shares(int cell) {
    // A cell wider than a tile begins anywhere in it: a row of shares goes on for a cell more.
    const int width = tile_width + cell;
    std::vector<float> out(static_cast<std::size_t>(cell) * 4 * width);
    for (int y = 0; y < cell; ++y) {
        for (int x = 0; x < width; ++x) {
            const double v = static_cast<double>(y) / cell, u = static_cast<double>(x % cell) / cell;
            double near[4], sum = 0;
            for (int k = 0; k < 4; ++k) sum += near[k] = 1 / std::max(std::hypot(v - k / 2, u - k % 2), 1e-9);
            for (int k = 0; k < 4; ++k) out[(y * 4 + k) * width + x] = static_cast<float>(near[k] / sum);
        }
    }
    return out;
}

Grid channel_of(const GuidePlane& plane, int channel) {
    Grid grid(plane.height, plane.width);
    for (int y = 0; y < plane.height; ++y) {
        const float* from = plane.samples.data() + static_cast<std::size_t>(y) * plane.width * plane.channels + channel;
        for (int x = 0; x < plane.width; ++x) grid.row(y)[x] = from[static_cast<std::size_t>(x) * plane.channels];
    }
    grid.repeat_last_nodes();
    return grid;
}

void check(const Layers& layers, const GuidePlane& plane, const DefaultNetwork::Options& o) {
    const int wanted = plain_features + (plane.channels ? plane.channels + 1 : 0);
    const auto fail = [](const std::string& what) { throw std::invalid_argument("default network: " + what); };
    if (plane.channels < 0 || plane.channels > 3) fail(std::to_string(plane.channels) + " plane channels");
    if (layers.inputs() != wanted || layers.outputs() != 3) {
        fail(std::to_string(layers.inputs()) + " inputs and " + std::to_string(layers.outputs()) + " outputs, not " +
             std::to_string(wanted) + " and 3");
    }
    if (o.width < 1 || o.height < 1) fail("a picture of " + std::to_string(o.width) + "x" + std::to_string(o.height));
    if (o.strength < 0 || o.strength > 8) fail("a strength of " + std::to_string(o.strength));
    if (!(o.ceiling >= 0 && o.ceiling <= 1)) fail("a ceiling of " + std::to_string(o.ceiling));
    if (!plane.channels) return;
    if (plane.shift < 0 || plane.shift > 8) fail("a plane shift of " + std::to_string(plane.shift));
    const int cell = 1 << plane.shift;
    if (plane.width != (o.width + cell - 1) / cell || plane.height != (o.height + cell - 1) / cell ||
        plane.samples.size() != static_cast<std::size_t>(plane.width) * plane.height * plane.channels) {
        fail("a plane of " + std::to_string(plane.width) + "x" + std::to_string(plane.height) + " for such a picture");
    }
    if (!(plane.spread > 0)) fail("a plane spread of " + std::to_string(plane.spread));
}

}  // namespace

DefaultNetwork::Parts::Parts(const Layers& given, const GuidePlane& guide, const Options& o)
    : options(o),
      features(given.inputs()),
      light([c = o.colour](double x) {
          // The sRGB curve's straight part is apart; here is its power, of what the kernel makes of the signal.
          return c.transfer == Transfer::srgb ? std::pow(x, 2.4) : std::pow(x, c.exponent);
      }, 1, 0),
      code([](double y) { return pq_code(10000 * y); }, 1, 0),
      nits([](double v) { return pq_nits(v); }, 0, 2),
      low_nits([](double v) { return pq_nits(v); }, -16, 2) {
    most_variables = features;
    for (int l = 0; l < given.depth(); ++l) {
        const Layers::Layer from = given.layer(l);
        const int padded = (from.outputs + 15) / 16 * 16;
        Layer to{from.inputs, from.outputs, padded, std::vector<float>(static_cast<std::size_t>(from.inputs) * padded),
                 std::vector<float>(padded)};
        for (int j = 0; j < from.outputs; ++j) {
            for (int k = 0; k < from.inputs; ++k) {
                to.weights[static_cast<std::size_t>(k) * padded + j] = from.weights[static_cast<std::size_t>(j) * from.inputs + k];
            }
            to.biases[j] = from.biases[j];
        }
        if (l + 1 < given.depth()) most_variables += from.outputs;
        layers.push_back(std::move(to));
    }
    if (guide.channels) {
        spread = guide.spread;
        plane_to_output = axes(guide.channels);
        const bool shepard = guide.kind == LatticeKind::shepard && guide.shift > 0;
        const double size = 1 << guide.shift;
        // Where the first sample lies, in pixels: in the middle of its square, or on the first pixel.
        const double first = guide.kind == LatticeKind::shepard ? 0 : 0.5 * size - 0.5;
        const auto as_field = [&](Grid grid, double scale) {
            const Axis x(o.width, scale, -first * scale, grid.width), y(o.height, scale, -first * scale, grid.height);
            return Field{std::move(grid), x, y};
        };
        for (int c = 0; c < guide.channels; ++c) plane.push_back(as_field(channel_of(guide, c), 1 / size));
        if (shepard) {
            cell = 1 << guide.shift;
            shares = shepard_shares(cell);
            // Past the last node its value holds, and that node still comes first: no pixel lies between two.
            for (auto& field : plane) {
                for (auto* axis : {&field.columns, &field.rows}) {
                    const int count = static_cast<int>(axis->index.size());
                    const int last = (axis == &field.columns ? field.grid.width : field.grid.height) - 1;
                    for (int i = 0; i < count; ++i) axis->index[i] = std::min(i / cell, last);
                }
            }
        }
        const int mean_cell = std::max(1, plane_cell >> guide.shift);
        plane_mean.push_back(as_field(cell_means(guide.samples.data(), guide.height, guide.width, guide.channels, mean_cell),
                                      1.0 / (mean_cell * size)));
    }
    const double unit = o.domain == Domain::pq ? reference_white / 10000 : 1;
    for (int i = 0; i < 9; ++i) matrix[i] = static_cast<float>(o.colour.matrix[i] * unit);
    offset = o.domain == Domain::gain ? 1.0f / 1024 : 0x1p-20f;
    scale = static_cast<float>(o.colour.scale);
    shift = static_cast<float>(o.colour.offset);
    ceiling = static_cast<float>(o.ceiling);
    highest = static_cast<float>(pq_nits(o.ceiling) / reference_white);
}

DefaultNetwork::DefaultNetwork(const Layers& layers, GuidePlane plane, const Options& options) {
    check(layers, plane, options);
    parts_ = std::make_unique<Parts>(layers, plane, options);
}

DefaultNetwork::DefaultNetwork(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
DefaultNetwork::~DefaultNetwork() = default;
DefaultNetwork::DefaultNetwork(DefaultNetwork&&) noexcept = default;

}  // namespace candela
