// A default network of numpy's arrays, which frames are rendered with and measured.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>

#include "pictures.hpp"

struct Frame {
    candela::DefaultNetwork network;
    Frame(const std::vector<GivenF>& weights, const std::vector<GivenF>& biases, const std::optional<GivenF>& plane,
          const std::string& lattice, int shift, float spread, const std::string& domain, int strength, double ceiling,
          int width, int height, const std::string& transfer, double exponent, double scale, double offset,
          const std::vector<double>& matrix)
        : network(layers_of(weights, biases), plane_of(plane, lattice, shift, spread),
                  options_of(domain, strength, ceiling, width, height, transfer, exponent, scale, offset, matrix)) {}

    static candela::GuidePlane plane_of(const std::optional<GivenF>& samples, const std::string& lattice, int shift, float spread) {
        candela::GuidePlane plane;
        if (!samples) return plane;
        if (samples->ndim() != 3) throw std::invalid_argument("a plane is (height, width, channels)");
        plane.height = static_cast<int>(samples->shape(0));
        plane.width = static_cast<int>(samples->shape(1));
        plane.channels = static_cast<int>(samples->shape(2));
        plane.kind = lattice == "shepard" ? candela::LatticeKind::shepard : candela::LatticeKind::centred;
        plane.shift = shift;
        plane.spread = spread;
        plane.samples.assign(samples->data(), samples->data() + samples->size());
        return plane;
    }

    static candela::DefaultNetwork::Options options_of(const std::string& domain, int strength, double ceiling, int width,
                                                       int height, const std::string& transfer, double exponent,
                                                       double scale, double offset, const std::vector<double>& matrix) {
        candela::DefaultNetwork::Options o;
        o.domain = domain == "pq" ? candela::Domain::pq : domain == "gain" ? candela::Domain::gain : candela::Domain::ratio;
        o.strength = strength;
        o.ceiling = ceiling;
        o.width = width;
        o.height = height;
        o.colour.transfer = transfer == "srgb" ? candela::Transfer::srgb : candela::Transfer::power;
        o.colour.exponent = exponent;
        o.colour.scale = scale;
        o.colour.offset = offset;
        if (matrix.size() != 9) throw std::invalid_argument("a matrix has nine numbers");
        std::copy(matrix.begin(), matrix.end(), o.colour.matrix);
        return o;
    }

    std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t> render(
        const GivenPicture& picture, int bits, const candela::Surroundings& around, const TakenPicture& out, int out_bits,
        std::tuple<int, int, int, int> region, const std::string& encoding, int threads, bool fold, const std::string& isa) const {
        const auto [left, top, right, bottom] = region;
        // The result has the region alone: pixel (0, 0) of the whole picture lies before its first.
        const candela::Layout layout = layout_of(out);
        if (right < left || bottom < top || out.shape(0) != static_cast<std::size_t>(bottom - top) ||
            out.shape(1) != static_cast<std::size_t>(right - left)) {
            throw std::invalid_argument("the result has not the size of the region");
        }
        const auto source = source_of(picture, bits);
        const auto first = reinterpret_cast<std::uintptr_t>(out.data()) -
                           static_cast<std::uintptr_t>(top * layout.row + left * layout.pixel);
        const candela::Target target{reinterpret_cast<void*>(first), sample_of(out), out_bits, layout};
        candela::RenderOptions options;
        options.encoding = encoding == "nits" ? candela::Encoding::nits : candela::Encoding::pq;
        options.threads = threads;
        options.fold = fold;
        options.isa = isa;
        candela::Work work;
        {
            nb::gil_scoped_release released;
            work = candela::render(network, source, around, {left, top, right, bottom}, target, options);
        }
        return {work.pixels, work.tiles, work.dense_tiles, work.multiply_adds};
    }
};
