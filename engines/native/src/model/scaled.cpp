// A default network whose fields are read at a proxy's pixels.
#include "scaled.hpp"

#include <cmath>
#include <stdexcept>

#include "../frame/load.hpp"
#include "frames.hpp"
#include "proxy.hpp"

namespace candela {
namespace {

constexpr int plane_cell = 16, cells[] = {4, 16, 64};

// One channel of the plane's samples.
Grid channel_of(const GuidePlane& plane, int channel) {
    Grid out(plane.height, plane.width);
    const auto step = static_cast<std::size_t>(plane.channels);
    for (int y = 0; y < plane.height; ++y) {
        const float* from = plane.samples.data() + static_cast<std::size_t>(y) * plane.width * step + channel;
        for (int x = 0; x < plane.width; ++x) out.row(y)[x] = from[static_cast<std::size_t>(x) * step];
    }
    return out;
}

DefaultNetwork network_of(const Standard& network, double place, const Proxy& proxy) {
    const GuidePlane plane = network.plane_at(place);
    DefaultNetwork::Options options = network.options();
    options.width = proxy.across.count;
    options.height = proxy.down.count;
    options.strength = 0;
    GuidePlane its{options.height, options.width, plane.channels, LatticeKind::centred, 0, plane.spread, {}};
    const bool shepard = plane.kind == LatticeKind::shepard;
    const int size = 1 << plane.shift;
    const double first = shepard ? 0 : 0.5 * size - 0.5;
    its.samples.resize(static_cast<std::size_t>(its.height) * its.width * plane.channels);
    for (int c = 0; c < plane.channels; ++c) {
        const Grid nodes = channel_of(plane, c);
        const Grid values = shepard && plane.shift ? shepard_at(nodes, proxy, size) : bilinear_at(nodes, proxy, 1.0 / size, first);
        float* to = its.samples.data() + c;
        for (int y = 0; y < its.height; ++y) {
            for (int x = 0; x < its.width; ++x, to += plane.channels) *to = values.row(y)[x];
        }
    }
    auto parts = std::make_unique<DefaultNetwork::Parts>(network.layers_at(place), its, options);
    if (plane.channels) {
        const int cell = std::max(1, plane_cell >> plane.shift);
        const Grid means = cell_means(plane.samples.data(), plane.height, plane.width, plane.channels, cell);
        parts->plane_mean.assign(1, field_of(bilinear_at(means, proxy, 1.0 / (static_cast<double>(cell) * size), first)));
    }
    return DefaultNetwork(std::move(parts));
}

// The largest of R, G and B of every pixel, over full scale; what is infinite or no number counts as 0.
Grid largest_of(const Source& picture) {
    Grid out(picture.height, picture.width);
    std::vector<float> rows[3];
    for (auto& row : rows) row.resize(static_cast<std::size_t>(picture.width));
    const float full = 1 / full_scale(picture);
    for (int y = 0; y < picture.height; ++y) {
        with_samples(picture, [&]<class T>() {
            load_scattered<T>(picture, y, 0, picture.width, rows[0].data(), rows[1].data(), rows[2].data());
        });
        const auto sound = [](float v) { return std::isfinite(v) ? v : 0.0f; };
        for (std::size_t x = 0; x < rows[0].size(); ++x) {
            out.row(y)[x] = std::max({sound(rows[0][x]), sound(rows[1][x]), sound(rows[2][x])}) * full;
        }
    }
    return out;
}

class ScaledFrame : public FrameModel {
public:
    ScaledFrame(const Standard& network, double place, int bits, const Proxy& proxy)
        : proxy_(proxy), network_(network_of(network, place, proxy)), bits_(bits) {}

    int width() const override { return proxy_.across.count; }
    int height() const override { return proxy_.down.count; }

    std::shared_ptr<const Prepared> prepare(const Source& picture, int) const override {
        if (!picture.data || picture.width != width() || picture.height != height()) {
            throw std::invalid_argument("prepare: the picture has another size than the network");
        }
        auto grids = std::make_unique<Surroundings::Grids>();
        grids->width = picture.width;
        grids->height = picture.height;
        const Grid largest = largest_of(picture);
        for (const int cell : cells) {
            grids->fields.push_back(field_of(bilinear_at(means_over(largest, proxy_, cell), proxy_, 1.0 / cell, 0)));
        }
        return std::make_shared<Prepared>(Prepared{Surroundings(std::move(grids))});
    }

    // A proxy's means are integrals over all of it.
    std::shared_ptr<const Prepared> prepare(const Source& picture, const Region&, int threads) const override {
        return prepare(picture, threads);
    }

    Region needed(const Region&) const override { return {0, 0, width(), height()}; }

    void render(const Source& picture, const Prepared& around, const Region& region, const Target& target,
                const RenderOptions& options) const override {
        render_standard(network_, picture, bits_, around, region, target, options);
    }

private:
    Proxy proxy_;
    DefaultNetwork network_;
    int bits_;
};

}  // namespace

std::shared_ptr<const FrameModel> scaled_frame(const Standard& network, double place, int bits, int width, int height) {
    const auto& whole = network.options();
    return std::make_shared<ScaledFrame>(network, place, bits, Proxy{{width, whole.width}, {height, whole.height}});
}

}  // namespace candela
