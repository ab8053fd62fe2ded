// A frame of SDR codes to HDR with the default network: codes in, PQ codes or nits out, in one pass over the picture.
//
// docs/kernel.md has the mathematics. A tile of 48x8 pixels stays in the first-level cache from its codes to its
// result: the SDR's rounding undone, features, layers, base, transfer function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "candela/colour.hpp"
#include "candela/dense.hpp"
#include "candela/picture.hpp"

namespace candela {

// Where the network's output lives (itm/domain.py): PQ codes over a base, or log2 gains over the SDR's light with an
// offset of 1/1024 or of 2^-20, in units of 203 nit.
enum class Domain { pq, gain, ratio };

// How the pixels between the plane's samples read it (itm/lattice.py).
enum class LatticeKind { centred, shepard };

// The guide plane: samples (height, width, channels), one for 2^shift pixels a side.
struct GuidePlane {
    int height = 0, width = 0, channels = 0;
    LatticeKind kind = LatticeKind::centred;
    int shift = 0;
    float spread = 1;  // by which the network sees it divided
    std::vector<float> samples;
};

// A decoded default network: immutable, and safe to be used by any number of threads.
class DefaultNetwork {
public:
    struct Options {
        Domain domain = Domain::pq;
        int strength = 0;     // eighths of the dequantiser's step
        double ceiling = 1;   // PQ code that the result does not exceed
        int width = 0, height = 0;  // of the pictures that it is for
        SdrColour colour;
    };

    // layers: 7 inputs, or 8 + channels with a plane (itm/features.py); 3 outputs. std::invalid_argument where the
    // parts do not fit together.
    DefaultNetwork(const Layers& layers, GuidePlane plane, const Options& options);
    ~DefaultNetwork();
    DefaultNetwork(DefaultNetwork&&) noexcept;

    struct Parts;
    explicit DefaultNetwork(std::unique_ptr<Parts> parts);  // laid out already
    const Parts& parts() const { return *parts_; }

private:
    std::unique_ptr<Parts> parts_;
};

// Means of max(R, G, B) over cells of 4, 16 and 64 pixels: what a picture gives once, whatever region is rendered.
class Surroundings {
public:
    // By `threads` threads (0: as many as the machine has); their number does not change a bit.
    Surroundings(const Source& picture, int threads);
    // Those that a region needs, to the same bits; of the picture only `needed` is read.
    Surroundings(const Source& picture, const Region& region, int threads);
    // The pixels that a region is rendered from: its tiles with their neighbours, and all cells that these read.
    static Region needed(const Region& region, int width, int height);
    ~Surroundings();
    Surroundings(Surroundings&&) noexcept;
    Surroundings& operator=(Surroundings&&) noexcept;

    struct Grids;
    explicit Surroundings(std::unique_ptr<Grids> grids);  // known already
    const Grids& grids() const { return *grids_; }

    // A grid's nodes (height, width), over full scale: of cells of 4, 16 or 64.
    struct Means {
        int height = 0, width = 0;
        std::vector<float> nodes;
    };
    Means means(int grid) const;

private:
    std::unique_ptr<Grids> grids_;
};

enum class Encoding { pq, nits };  // of the result: full-range PQ codes 0..1, or light; both BT.2020

// What a rendering took.
struct Work {
    std::int64_t pixels = 0, tiles = 0;
    std::int64_t dense_tiles = 0;     // of which a layer was evaluated as it stands
    std::int64_t multiply_adds = 0;   // of the layers, over all pixels, after folding
};

struct RenderOptions {
    Encoding encoding = Encoding::pq;
    int threads = 1;             // 0: as many as the machine has
    bool fold = true;            // specialise tiles; the result is the same to within rounding
    std::string_view isa = {};   // of `frame_kernels`; the best by default
};

// Renders a region of the picture into `target`, whose data points at pixel (0, 0) of the whole picture. Neither the
// region nor the threads change a bit of a pixel. std::invalid_argument for a picture of another size, a region outside
// it, or a sample that a result cannot have.
Work render(const DefaultNetwork& network, const Source& picture, const Surroundings& around, const Region& region,
            const Target& target, const RenderOptions& options);

// Instruction sets that this build can use here, the best first.
std::vector<std::string_view> frame_kernels();

}  // namespace candela
