// The three kernels behind one interface.
#include "frames.hpp"

#include <stdexcept>

namespace candela {
namespace {

// Floats are what was once rounded to the payload's bits, whatever the host calls them.
Source with_bits(Source picture, int bits) {
    if (picture.sample == Sample::f16 || picture.sample == Sample::f32) picture.bits = bits;
    return picture;
}

const DenseKernel& dense_kernel_named(std::string_view isa) {
    if (isa.empty()) return dense_kernel();
    for (const auto& kernel : dense_kernels()) {
        if (kernel.usable && kernel.name == isa) return kernel;
    }
    throw std::invalid_argument("no " + std::string(isa) + " on this machine");
}

class StandardFrame : public FrameModel {
public:
    StandardFrame(const Standard& network, double place, int bits)
        : network_(network.layers_at(place), network.plane_at(place), network.options()),
          bits_(bits),
          width_(network.options().width),
          height_(network.options().height) {}

    int width() const override { return width_; }
    int height() const override { return height_; }

    std::shared_ptr<const Prepared> prepare(const Source& picture, int threads) const override {
        return std::make_shared<Prepared>(Prepared{Surroundings(picture, threads)});
    }

    std::shared_ptr<const Prepared> prepare(const Source& picture, const Region& region, int threads) const override {
        return std::make_shared<Prepared>(Prepared{Surroundings(picture, region, threads)});
    }

    Region needed(const Region& region) const override { return Surroundings::needed(region, width_, height_); }

    void render(const Source& picture, const Prepared& around, const Region& region, const Target& target,
                const RenderOptions& options) const override {
        render_standard(network_, picture, bits_, around, region, target, options);
    }

    const DefaultNetwork* default_network() const override { return &network_; }

private:
    DefaultNetwork network_;
    int bits_, width_, height_;
};

// `paper` and `gamma`: nothing to prepare, and every size.
template <class Network>
class SineFrame : public FrameModel {
public:
    SineFrame(Network&& network, int bits, int width, int height)
        : network_(std::move(network)), bits_(bits), width_(width), height_(height) {}

    int width() const override { return width_; }
    int height() const override { return height_; }

    std::shared_ptr<const Prepared> prepare(const Source&, int) const override { return std::make_shared<Prepared>(); }

    std::shared_ptr<const Prepared> prepare(const Source&, const Region&, int) const override {
        return std::make_shared<Prepared>();
    }

    Region needed(const Region& region) const override { return region; }

    void render(const Source& picture, const Prepared&, const Region& region, const Target& target,
                const RenderOptions& options) const override {
        network_.render(with_bits(picture, bits_), region, target, options.encoding, options.threads,
                        dense_kernel_named(options.isa));
    }

private:
    Network network_;
    int bits_, width_, height_;
};

}  // namespace

void render_standard(const DefaultNetwork& network, const Source& picture, int bits, const Prepared& around,
                     const Region& region, const Target& target, const RenderOptions& options) {
    if (!around.around) throw std::invalid_argument("render: prepared for another network");
    candela::render(network, with_bits(picture, bits), *around.around, region, target, options);
}

std::shared_ptr<const FrameModel> standard_frame(const Standard& network, double place, int bits) {
    return std::make_shared<StandardFrame>(network, place, bits);
}

std::shared_ptr<const FrameModel> paper_frame(const std::vector<float>& numbers, int bits, int width, int height) {
    return std::make_shared<SineFrame<Siren>>(Siren(numbers, height, width), bits, width, height);
}

std::shared_ptr<const FrameModel> gamma_frame(const GammaWeights& weights, const SdrColour& colour, int bits, int width,
                                              int height) {
    return std::make_shared<SineFrame<GammaMlp>>(GammaMlp(weights.numbers, weights.norms, height, width, colour), bits, width,
                                                 height);
}

}  // namespace candela
